package browser

import (
	"sync"
	"syscall/js"

	"github.com/gowebapi/webapi/html/channel"
)

// Await waits until the promise p is settled and returns its value, or its
// reason as a js.Error. A value that is no promise is returned at once.
func Await(p js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	fulfilled := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{value: args[0]}
		return nil
	})
	defer fulfilled.Release()
	rejected := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{err: js.Error{Value: reason(args[0])}}
		return nil
	})
	defer rejected.Release()
	js.Global().Get("Promise").Call("resolve", p).Call("then", fulfilled, rejected)
	o := <-settled
	return o.value, o.err
}

// reason makes an Error of whatever a promise was rejected with: js.Error
// reads its message property.
func reason(v js.Value) js.Value {
	if v.Type() == js.TypeObject {
		return v
	}
	return js.Global().Get("Error").New(v)
}

// yielding is the message channel of Yield.
var yielding = sync.OnceValues(func() (post *channel.MessagePort, turns chan struct{}) {
	c := channel.NewMessageChannel()
	turns = make(chan struct{}, 1)
	c.Port1().SetOnMessage(func(*channel.MessageEvent, *channel.MessagePort) { turns <- struct{}{} })
	return c.Port2(), turns
})

var oneYields sync.Mutex

// Yield lets the browser deliver the events that wait, and returns after them:
// a message to oneself comes back in some 0.05 ms, where a timer takes 4 ms.
// Goroutines yield one after the other.
func Yield() {
	oneYields.Lock()
	defer oneYields.Unlock()
	post, turns := yielding()
	post.PostMessage(js.Null(), nil)
	<-turns
}
