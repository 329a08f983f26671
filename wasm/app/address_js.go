package app

import (
	"time"

	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// address is what the page's address was last seen to be, or is about to be.
type address struct {
	hash string
	room desk.Room
}

// settle is how long what a room is set to must rest before the address says it.
const settle = 500 * time.Millisecond

// listenToAddress has the desk go where the page's address leads, now and whenever
// a reader follows a link, or goes back or forward.
func (s *stage) listenToAddress() {
	arrive := func(hash string) {
		s.desk.Arrive(hash)
		s.address = address{hash, s.desk.Place().Room}
	}
	arrive(browser.Hash())
	browser.OnHash(func(hash string) { s.change(func() { arrive(hash) }) })
}

// follow brings the address to where the reader is: another room is a new entry of
// the page's history, another setting of the same room is not.
func (s *stage) follow(p desk.Place) {
	next := address{p.Address(), p.Room}
	if next == s.address {
		return
	}
	moved := next.room != s.address.room
	s.address = next
	if moved {
		browser.PushHash(next.hash)
		return
	}
	was := browser.Hash()
	time.AfterFunc(settle, func() {
		if s.address == next && browser.Hash() == was { // or a link leads elsewhere, of which the browser is about to tell
			browser.ReplaceHash(next.hash)
		}
	})
}
