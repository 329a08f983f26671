package desk

import (
	"fmt"
	"strings"
	"time"

	"uarweb/ui/say"
)

// Request is something that the page, or a worker of it, has asked for.
type Request struct {
	URL      string
	At       int64  // milliseconds since 1970
	Body     int    // bytes that went along
	Received int64  // bytes of the answer as they came, with its headers
	Local    bool   // answered in this browser, from its cache or its copy of the page
	Refused  string // what refused it, a directive of the page's policy or the lock, or empty
}

// Left says whether a request has left this browser.
func (r Request) Left() bool { return !r.Local && r.Refused == "" }

// Sent is how many bytes went along, in its body and behind the question mark of its
// address.
func (r Request) Sent() int {
	_, query, _ := strings.Cut(r.URL, "?")
	return r.Body + len(query)
}

// Name is the last part of its address, or all of one that is no file.
func (r Request) Name() string {
	name := r.URL[strings.LastIndexByte(r.URL, '/')+1:]
	if name == "" {
		return r.URL
	}
	return ShortName(name)
}

// ShortName is a file's name with the hashes in it cut short.
func ShortName(name string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		if len(p) == hashDigits && strings.Trim(p, "0123456789abcdef") == "" {
			parts[i] = ShortHash(p)
		}
	}
	return strings.Join(parts, ".")
}

// ShortHash is as much of a SHA-256 as tells two files apart at a glance.
func ShortHash(sha256 string) string {
	if len(sha256) < hashDigits {
		return sha256
	}
	return sha256[:8] + "…" + sha256[len(sha256)-4:]
}

// hashDigits is the length of a SHA-256 in hexadecimal digits.
const hashDigits = 64

// Inventory is what is stored in this browser.
type Inventory struct {
	Files     []Copied
	Usage     int64 // bytes of all that the page's host has stored, as the browser counts
	Databases int   // of the page's host (IndexedDB)

	Signer   string // the fingerprint of the key that signed the list of the files, empty if none did
	Verified bool   // whether the browser could check that
}

// SignedBy says which key has signed the list of the files.
func (i *Inventory) SignedBy() string { return signedBy(i.Signer, i.Verified) }

// Copied is a file of the copy of the page, as the list of its version has it.
type Copied struct {
	Path   string
	Size   int64 // bytes
	SHA256 string
	State  CopyState
}

// CopyState is what became of a file when it was read and hashed anew.
type CopyState string

// The states of a file.
const (
	Same    CopyState = "same"    // as its list says
	Altered CopyState = "altered" // never used: it is fetched anew
	Missing CopyState = "missing" // likewise
)

// Privacy is what the page can say of itself: what it has asked for, what it is made
// of, and what it keeps.
type Privacy struct {
	desk         *Desk
	requests     []Request // the oldest first
	opened       time.Time // the page
	film, report time.Time // the first of each, or zero
	closed       time.Time // the lock, or zero

	inventory  *Inventory // as last seen, or nil
	inspecting bool
	again      bool // whether things have changed meanwhile
	why        string
}

// Privacy is what the page can say of itself.
func (d *Desk) Privacy() *Privacy { return d.privacy }

func newPrivacy(d *Desk) *Privacy {
	p := &Privacy{desk: d, opened: time.Now()}
	d.screen.Log(func(asked []Request) { d.update(func() { p.log(asked) }) })
	return p
}

// log notes what was asked for. What workers have asked for comes later than it was.
func (p *Privacy) log(asked []Request) {
	for _, r := range asked {
		p.requests = append(p.requests, r)
		for i := len(p.requests) - 1; i > 0 && p.requests[i-1].At > r.At; i-- {
			p.requests[i-1], p.requests[i] = r, p.requests[i-1]
		}
	}
	if first := time.UnixMilli(p.requests[0].At); first.Before(p.opened) {
		p.opened = first
	}
}

// filmed notes that the reader has given the page a film.
func (p *Privacy) filmed() { once(&p.film) }

// reported notes that a report was written.
func (p *Privacy) reported() { once(&p.report) }

func once(t *time.Time) {
	if t.IsZero() {
		*t = time.Now()
	}
}

// stands notes how the page now stands to its server.
func (p *Privacy) stands(before, now Standing) {
	switch {
	case !now.Locked:
		p.closed = time.Time{}
	case !before.Locked:
		p.closed = time.Now()
	}
	if now.Copy != before.Copy && p.desk.at.Room == RoomPrivacy {
		p.inspect()
	}
}

// Opened is when the page was.
func (p *Privacy) Opened() time.Time { return p.opened }

// FirstFilm is when the reader has given the page its first film, or zero.
func (p *Privacy) FirstFilm() time.Time { return p.film }

// FirstReport is when the first report was written, or zero.
func (p *Privacy) FirstReport() time.Time { return p.report }

// Closed is when the lock was closed, or zero.
func (p *Privacy) Closed() time.Time { return p.closed }

// Requests are all so far, the oldest first.
func (p *Privacy) Requests() []Request { return p.requests }

// Traffic sums requests that have left this browser.
type Traffic struct {
	Requests, Sent int
	Received       int64 // bytes, as Sent
}

// Between sums what has left from one time on, before another; the zero time is none.
func (p *Privacy) Between(from, to time.Time) Traffic {
	var t Traffic
	for _, r := range p.requests {
		if !r.Left() || r.At < from.UnixMilli() || !to.IsZero() && r.At >= to.UnixMilli() {
			continue
		}
		t.Requests++
		t.Sent += r.Sent()
		t.Received += r.Received
	}
	return t
}

// SinceFilm sums what has left since the first film was given to the page: nothing
// before there is one.
func (p *Privacy) SinceFilm() Traffic {
	if p.film.IsZero() {
		return Traffic{}
	}
	return p.Between(p.film, time.Time{})
}

// Sent says how many bytes have left since then.
func (p *Privacy) Sent() string { return say.F("%s sent", say.Count(p.SinceFilm().Sent, "byte")) }

// Inventory is what is stored in this browser, or nil while that is not known.
func (p *Privacy) Inventory() *Inventory { return p.inventory }

// Why says why the inventory could not be taken, or is empty.
func (p *Privacy) Why() string { return p.why }

// inspect takes the inventory, once more if it is being taken.
func (p *Privacy) inspect() {
	if p.inspecting {
		p.again = true
		return
	}
	p.inspecting = true
	go func() {
		inventory, err := p.desk.screen.Inspect()
		p.desk.update(func() {
			p.inspecting, p.why = false, ""
			if err != nil {
				p.why = err.Error()
			} else {
				p.inventory = inventory
			}
			if p.again {
				p.again = false
				p.inspect()
			}
		})
	}()
}

// CopyHashes puts the list of all files on the clipboard, as sha256sum -c reads it.
func (p *Privacy) CopyHashes() {
	if p.inventory == nil {
		return
	}
	var list strings.Builder
	for _, f := range p.inventory.Files {
		fmt.Fprintf(&list, "%s  %s\n", f.SHA256, f.Path)
	}
	p.desk.copy(list.String(), say.Text("The hashes are copied."))
}

// CanErase says whether the copy can be erased. The lock rests on it.
func (p *Privacy) CanErase() bool {
	return p.inventory != nil && len(p.inventory.Files) > 0 && !p.desk.standing.Locked
}

// Erase takes the copy of the page and of its model out of this browser.
func (p *Privacy) Erase() {
	if !p.CanErase() {
		return
	}
	go func() {
		err := p.desk.screen.Erase()
		p.desk.update(func() {
			if err != nil {
				p.why = err.Error()
				return
			}
			p.inspect()
		})
	}()
}

// Forget opens the page anew, which takes all films and reports.
func (p *Privacy) Forget() { go p.desk.screen.Reopen() }
