package desk_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func TestRequest(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct {
		request desk.Request
		name    string
		sent    int
		left    bool
	}{
		{desk.Request{URL: "https://a.org/x/"}, "https://a.org/x/", 0, true},
		{desk.Request{URL: "https://a.org/x/app." + hash + ".wasm"}, "app.01234567…cdef.wasm", 0, true},
		{desk.Request{URL: "https://a.org/worker.js?threads=2", Body: 3}, "worker.js?threads=2", 12, true},
		{desk.Request{URL: "https://a.org/x.js", Local: true}, "x.js", 0, false},
		{desk.Request{URL: "inline", Refused: "script-src-elem"}, "inline", 0, false},
		{desk.Request{}, "", 0, true},
	} {
		assert.Equal(t, c.name, c.request.Name())
		assert.Equal(t, c.sent, c.request.Sent(), c.name)
		assert.Equal(t, c.left, c.request.Left(), c.name)
	}
	assert.Equal(t, "0123456789abcdef.safetensors", desk.ShortName("0123456789abcdef.safetensors"), "no SHA-256")
	assert.Equal(t, "ab", desk.ShortHash("ab"))
}

// Bytes are counted from the first film on and from the closing of the lock on,
// whatever order the workers' requests come to be known in.
func TestTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		p := b.Privacy()
		start := time.Now()
		ask := func(after time.Duration, r desk.Request) {
			r.At = start.Add(after).UnixMilli()
			b.Do(func() { go b.Screen.Asked([]desk.Request{r}) })
		}
		b.Do(b.Start)
		time.Sleep(time.Minute)
		ask(-time.Second, desk.Request{URL: "a/?threads=2", Received: 100})
		assert.True(t, p.Opened().Equal(start.Add(-time.Second)), "the page was there before its program")
		assert.Equal(t, "0 bytes sent", p.Sent(), "there is no film yet")
		assert.Zero(t, p.FirstFilm())

		b.Do(func() { b.Add(desktest.File{Named: "w.safetensors", Begin: desktest.Weights}) })
		assert.Zero(t, p.FirstFilm(), "weights are none")
		b.Do(func() { b.Add(desktest.File{Named: "a"}) })
		film := p.FirstFilm()
		assert.Equal(t, start.Add(time.Minute), film)
		assert.Zero(t, p.FirstReport())
		time.Sleep(time.Minute)
		b.Do(b.Example)
		assert.Equal(t, film, p.FirstFilm())
		assert.Equal(t, start.Add(2*time.Minute), p.FirstReport())

		ask(90*time.Second, desk.Request{URL: "a/b?12345", Body: 2, Received: 10})
		ask(30*time.Second, desk.Request{URL: "a/c", Received: 1000})
		ask(91*time.Second, desk.Request{URL: "a/d?secret", Local: true, Received: 10})
		ask(92*time.Second, desk.Request{URL: "b/e?secret", Refused: "img-src"})
		assert.Equal(t, desk.Traffic{Requests: 1, Sent: 7, Received: 10}, p.SinceFilm())
		assert.Equal(t, desk.Traffic{Requests: 2, Sent: 9, Received: 1100}, p.Between(p.Opened(), film))
		assert.Equal(t, "7 bytes sent", p.Sent())
		var order []string
		for _, r := range p.Requests() {
			order = append(order, r.URL)
		}
		assert.Equal(t, []string{"a/?threads=2", "a/c", "a/b?12345", "a/d?secret", "b/e?secret"}, order)

		b.Do(func() { go b.Screen.Stand(desk.Standing{Lockable: true, Locked: true}) })
		assert.Equal(t, start.Add(2*time.Minute), p.Closed())
		time.Sleep(time.Minute)
		b.Do(func() { go b.Screen.Stand(desk.Standing{Lockable: true, Locked: true, Refused: 1}) })
		assert.Equal(t, start.Add(2*time.Minute), p.Closed(), "it is still closed")
		assert.Zero(t, p.Between(p.Closed(), time.Time{}))
		b.Do(func() { go b.Screen.Stand(desk.Standing{Lockable: true}) })
		assert.Zero(t, p.Closed())
	})
}

// The inventory is taken when the reader comes, and when what it is of has changed; the
// hashes leave as sha256sum reads them; what the lock rests on is not erased.
func TestInventory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready()
		p := b.Privacy()
		b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "whole", Lockable: true, Locked: true}) })
		assert.Zero(t, b.Screen.Inspected, "nobody looks")
		b.Do(p.CopyHashes)
		b.Do(p.Erase)
		assert.Empty(t, b.Screen.Copied)

		b.Screen.Inventory = desk.Inventory{Files: []desk.Copied{{Path: "a.js", SHA256: "aa", State: desk.Same}, {Path: "model/b", SHA256: "bb", State: desk.Altered}}}
		b.Do(func() { b.Go(desk.Place{Room: desk.RoomPrivacy}) })
		assert.Equal(t, b.Screen.Inventory, *p.Inventory())
		b.Do(p.CopyHashes)
		assert.Equal(t, "aa  a.js\nbb  model/b\n", b.Screen.Copied)
		assert.Equal(t, "The hashes are copied.", b.Notice())

		b.Do(p.Erase)
		assert.Len(t, p.Inventory().Files, 2, "it is locked")
		b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "whole", Lockable: true}) })
		assert.Equal(t, 1, b.Screen.Inspected, "the copy is the same")
		b.Screen.Fault = errors.New("quota")
		b.Do(p.Erase)
		assert.Equal(t, "quota", p.Why())
		assert.True(t, p.CanErase())
		b.Screen.Fault = nil
		b.Do(p.Erase)
		assert.Empty(t, p.Inventory().Files)
		assert.Empty(t, p.Why())
		assert.False(t, p.CanErase())
		b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "erased"}) })
		assert.Equal(t, 3, b.Screen.Inspected)

		b.Do(p.Forget)
		assert.Equal(t, 1, b.Screen.Reopened)
	})
}
