package dom

import (
	"slices"
	"sync"
	"syscall/js"
	"time"

	"github.com/vugu/vugu"
)

// Renderer renders one component, in place of an element of the document.
//
// Nodes are reused by their place: where such an element stands in the same place, it
// gets other attributes and children, and keeps its focus and what scripts have put
// into it. Attributes that a script has set stay, too, until what the component
// says of them changes.
type Renderer struct {
	document js.Value
	place    js.Value // what the component is to replace
	root     *node
	results  *vugu.BuildResults // of the render under way

	lock   sync.RWMutex
	wanted chan bool
	drawn  chan bool // the page is about to be, or was waited for long enough
	awake  js.Func   // says so
	env    vugu.EventEnv
}

// node is one of the document, and what it was built as.
type node struct {
	value     js.Value
	built     *vugu.VGNode
	listeners []listener
	children  []*node // none where built.InnerHTML says what is in it
}

// listener calls the handler of a type of event that the node was last built with.
type listener struct {
	kind string
	call js.Func
}

// New returns a renderer whose first render replaces an element.
func New(element js.Value) *Renderer {
	r := &Renderer{document: js.Global().Get("document"), place: element}
	// One render shows all that has changed before it.
	r.wanted, r.drawn = make(chan bool, 1), make(chan bool, 1)
	r.awake = js.FuncOf(func(js.Value, []js.Value) any {
		select {
		case r.drawn <- true:
		default:
		}
		return nil
	})
	r.env = vugu.NewEventEnvImpl(&r.lock, r.wanted)
	return r
}

// EventEnv is the lock under which what components show is changed. Events have it
// when their handlers run.
func (r *Renderer) EventEnv() vugu.EventEnv { return r.env }

// unseenPatience is how long a render is put off at most: a page that nobody sees is not drawn.
const unseenPatience = 100 * time.Millisecond

// Wait returns when something has changed since the last time and the page is about
// to be drawn, so that one render shows all that changes between two frames, and is a
// task of its own behind those of the changes.
func (r *Renderer) Wait() {
	<-r.wanted
	global := js.Global()
	frame := global.Call("requestAnimationFrame", r.awake)
	timer := global.Call("setTimeout", r.awake, unseenPatience.Milliseconds())
	<-r.drawn
	global.Call("cancelAnimationFrame", frame)
	global.Call("clearTimeout", timer)
	select {
	case <-r.wanted: // meanwhile
	default:
	}
}

// Render shows what was built. It must not be called under the lock.
func (r *Renderer) Render(built *vugu.BuildResults) {
	r.results = built
	n := r.resolve(built.Out.Out[0])
	if r.root != nil && fits(r.root, n) {
		r.update(r.root, n)
	} else {
		root := r.create(n)
		r.place.Call("replaceWith", root.value)
		if r.root != nil {
			r.root.release()
		}
		r.place, r.root = root.value, root
	}
	r.results = nil
}

// resolve returns what stands for a component, or n itself.
func (r *Renderer) resolve(n *vugu.VGNode) *vugu.VGNode {
	for n.Component != nil {
		n = r.results.ResultFor(n.Component).Out[0]
	}
	if n.JSCreateHandler != nil || n.JSPopulateHandler != nil {
		panic("dom: vg-js-create and vg-js-populate are not known")
	}
	return n
}

// fits says whether a node can become what was built. An element has its properties for
// good, such as its style, and one in which nothing was built is of one id, for a script
// may have put something into it.
func fits(at *node, n *vugu.VGNode) bool {
	was := at.built
	if was.Type != n.Type || n.Type != vugu.ElementNode {
		return was.Type == n.Type
	}
	return was.Data == n.Data && was.Namespace == n.Namespace &&
		slices.EqualFunc(was.Prop, n.Prop, func(a, b vugu.VGProperty) bool { return a.Key == b.Key }) &&
		(was.FirstChild != nil || was.InnerHTML != nil || id(was) == id(n))
}

func id(n *vugu.VGNode) string {
	for _, a := range n.Attr {
		if a.Key == "id" {
			return a.Val
		}
	}
	return ""
}

// create makes a node with all that is in it.
func (r *Renderer) create(n *vugu.VGNode) *node {
	at := &node{built: n}
	switch {
	case n.Type == vugu.TextNode:
		at.value = r.document.Call("createTextNode", n.Data)
		return at
	case n.Type == vugu.CommentNode:
		at.value = r.document.Call("createComment", n.Data)
		return at
	case n.Namespace != "":
		at.value = r.document.Call("createElementNS", namespace(n.Namespace), n.Data)
	default:
		at.value = r.document.Call("createElement", n.Data)
	}
	for _, a := range n.Attr {
		at.setAttribute(a)
	}
	r.listen(at, n.DOMEventHandlerSpecList)
	if n.InnerHTML != nil {
		at.value.Set("innerHTML", *n.InnerHTML)
	} else {
		r.fill(at, 0, n)
	}
	for _, p := range n.Prop { // a select's value is one of its options
		at.setProperty(p)
	}
	return at
}

// update brings a node to what was built, which fits it.
func (r *Renderer) update(at *node, n *vugu.VGNode) {
	was := at.built
	at.built = n
	if n.Type != vugu.ElementNode {
		if n.Data != was.Data {
			at.value.Set("data", n.Data)
		}
		return
	}
	if !slices.Equal(was.Attr, n.Attr) {
		for _, a := range was.Attr {
			if !slices.ContainsFunc(n.Attr, func(b vugu.VGAttribute) bool { return a.Key == b.Key }) {
				at.value.Call("removeAttribute", a.Key)
			}
		}
		for _, a := range n.Attr {
			if !slices.Contains(was.Attr, a) {
				at.setAttribute(a)
			}
		}
	}
	r.listen(at, n.DOMEventHandlerSpecList)
	switch {
	case n.InnerHTML == nil:
		if was.InnerHTML != nil {
			at.value.Set("innerHTML", "")
		}
		r.drop(at, r.fill(at, 0, n))
	case was.InnerHTML == nil:
		r.drop(at, 0)
		at.value.Set("innerHTML", *n.InnerHTML)
	case *was.InnerHTML != *n.InnerHTML:
		at.value.Set("innerHTML", *n.InnerHTML)
	}
	for _, p := range n.Prop {
		same := func(q vugu.VGProperty) bool { return p.Key == q.Key && string(p.JSONVal) == string(q.JSONVal) }
		if readersChange[p.Key] || !slices.ContainsFunc(was.Prop, same) {
			at.setProperty(p)
		}
	}
}

// readersChange are the properties that are set in every render: the reader may have
// changed them meanwhile.
var readersChange = map[string]bool{"value": true, "checked": true}

// fill brings the children of a node, from the i-th on, to those of what was built,
// and returns the number of the next.
func (r *Renderer) fill(parent *node, i int, n *vugu.VGNode) int {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c := r.resolve(child)
		switch {
		case c.IsTemplate():
			i = r.fill(parent, i, c)
			continue
		case i == len(parent.children):
			at := r.create(c)
			parent.value.Call("appendChild", at.value)
			parent.children = append(parent.children, at)
		case fits(parent.children[i], c):
			r.update(parent.children[i], c)
		default:
			at := r.create(c)
			parent.children[i].value.Call("replaceWith", at.value) // which is no fault if something else has moved it
			parent.children[i].release()
			parent.children[i] = at
		}
		i++
	}
	return i
}

// drop removes the children of a node from the i-th on.
func (r *Renderer) drop(parent *node, i int) {
	for _, c := range parent.children[i:] {
		c.value.Call("remove") // likewise
		c.release()
	}
	clear(parent.children[i:])
	parent.children = parent.children[:i]
}

// release frees the listeners of a node that is in the document no more, and of those in it.
func (at *node) release() {
	for _, l := range at.listeners {
		at.ignore(l)
	}
	for _, c := range at.children {
		c.release()
	}
}

func (at *node) setAttribute(a vugu.VGAttribute) {
	if a.Namespace == "" {
		at.value.Call("setAttribute", a.Key, a.Val)
		return
	}
	at.value.Call("setAttributeNS", namespace(a.Namespace), a.Key, a.Val)
}

func (at *node) setProperty(p vugu.VGProperty) {
	at.value.Set(p.Key, js.Global().Get("JSON").Call("parse", string(p.JSONVal)))
}

// listen has a node listen to the types of events that there are handlers for. A
// listener asks for the handler of the last render when the event comes.
func (r *Renderer) listen(at *node, handlers []vugu.DOMEventHandlerSpec) {
	handler := func(kind string) func(vugu.DOMEvent) {
		for _, h := range at.built.DOMEventHandlerSpecList {
			if h.EventType == kind {
				return h.Func
			}
		}
		return nil
	}
	at.listeners = slices.DeleteFunc(at.listeners, func(l listener) bool {
		if handler(l.kind) != nil {
			return false
		}
		at.ignore(l)
		return true
	})
	for _, h := range handlers {
		if h.Capture || h.Passive {
			panic("dom: .capture and .passive are not known")
		}
		kind := h.EventType
		if slices.ContainsFunc(at.listeners, func(l listener) bool { return l.kind == kind }) {
			continue
		}
		call := js.FuncOf(func(_ js.Value, args []js.Value) any {
			r.env.Lock()
			if handle := handler(kind); handle != nil {
				handle(event{args[0], r.env})
			}
			r.env.UnlockRender()
			return nil
		})
		at.value.Call("addEventListener", kind, call)
		at.listeners = append(at.listeners, listener{kind, call})
	}
}

// ignore ends a listener. An event that is on its way finds none then.
func (at *node) ignore(l listener) {
	at.value.Call("removeEventListener", l.kind, l.call)
	l.call.Release()
}

// namespace is the URI of a prefix of the HTML syntax.
func namespace(prefix string) string {
	switch prefix {
	case "svg":
		return "http://www.w3.org/2000/svg"
	case "math":
		return "http://www.w3.org/1998/Math/MathML"
	case "xlink":
		return "http://www.w3.org/1999/xlink"
	}
	panic("dom: a namespace that is not known")
}
