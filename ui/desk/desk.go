// Package desk is the state of one reader's work and what can be done with it,
// without looks: Vugu components show it. It has no syscall/js. Engine and Screen
// are what it needs of the browser; wasm/app implements them, and package desktest
// fakes them.
package desk

import (
	"time"

	"github.com/vugu/vugu"

	"uarweb/engine/report/heatmap"
	"uarweb/ui/say"
)

// The slots for views.
const (
	Frontal = heatmap.Frontal
	Lateral = heatmap.Lateral
	Slots   = 2 // their number
)

// SlotName is that of a slot.
func SlotName(slot int) string {
	if slot == Lateral {
		return say.Text("Lateral")
	}
	return say.Text("Frontal")
}

// Desk is the state of one reader's work. Its exported methods are called with
// the lock of its EventEnv held, as event handlers do; what takes long is done
// in goroutines, which take the lock themselves and ask for a render.
type Desk struct {
	env    vugu.EventEnv
	engine Engine
	screen Screen

	at        Place
	slots     [Slots]*View
	examining int // calls of Add that do not know yet what their files are
	opening   int // images being decoded, each of which has a free slot kept
	choice    *Choice
	replacing bool // whether views are on their way that will take all slots
	due       bool // whether the report of the views is to be written once they and the model are there
	source    File // of the engine's model; nil is the shipped one
	failed    bool // whether the last load did, or the engine
	loading   *Job
	running   *Job
	result    *Result
	redraw    *Redraw  // of result, or nil
	rewrite   *Rewrite // likewise
	viewed    int      // views that a report was written of
	kept      *Result  // that the reader keeps, to compare others with it, or nil
	manual    bool     // whether redraws wait to be asked for
	queue     queue
	trouble   *Trouble
	notice    string
	isOpen    [panels]bool
	keysAsked int
	tab       Tab

	singleKeys bool // whether keys that are a letter, a digit or a sign mean something

	keeping  bool // whether Screen.Keep was called
	lab      *Lab
	learn    *Learn
	standing Standing
	privacy  *Privacy
	history  *History

	discarding func() // what is done if the reader agrees to lose what they said of result; nil if they are not asked
	lookFirst  bool
	answer     *Answer // to the report on its way, or that waits for it, or nil
	waiting    func()  // shows the report that is covered until then, or nil

	mode     Map
	strength int // of the map, in per cent
	selected int // a word of result, or None
	hovered  int // a word of result, or None

	active     int // the slot that the tools act on
	sideBySide bool
	full       bool

	language string // that is to be spoken, once its words are there; empty is the one that is

	announcement string
	announced    time.Time
	focus        Focus
}

// None stands for no word.
const None = -1

// New returns a desk with nothing on it.
func New(env vugu.EventEnv, e Engine, s Screen) *Desk {
	d := &Desk{env: env, engine: e, screen: s, at: Place{Room: rooms[0].Room}, strength: 100, tab: FindingsTab, singleKeys: true, selected: None, hovered: None}
	d.lab = newLab(d)
	d.learn = newLearn(d)
	d.privacy = newPrivacy(d)
	d.history = &History{desk: d}
	e.Watch(func(err error) { d.update(func() { d.fail(explain(err, "")) }) })
	return d
}

// Model is the one in use, or nil.
func (d *Desk) Model() *Model { return d.engine.Model() }

// View is that of a slot, or nil.
func (d *Desk) View(slot int) *View { return d.slots[slot] }

// Result is the last report, or nil.
func (d *Desk) Result() *Result { return d.result }

// Running is the report that is being written, or nil.
func (d *Desk) Running() *Job { return d.running }

// Loading is the model that is being loaded, or nil.
func (d *Desk) Loading() *Job { return d.loading }

// Trouble is the error to show, or nil.
func (d *Desk) Trouble() *Trouble { return d.trouble }

// Panel is a part of the page that opens and closes.
type Panel int

// The panels.
const (
	Detail   Panel = iota // of the trouble
	Limits                // of the model
	Facts                 // about the model
	Exports               // the forms in which the report leaves
	Requests              // that the page has made
	Keys                  // what keys do
	panels
)

// IsOpen says whether a panel is open.
func (d *Desk) IsOpen(p Panel) bool { return d.isOpen[p] }

// Toggle opens a panel, or closes it.
func (d *Desk) Toggle(p Panel) { d.isOpen[p] = !d.isOpen[p] }

// Notice is a short message that is no error, or empty.
func (d *Desk) Notice() string { return d.notice }

// update makes a change from a goroutine, for which a room or the queue may have
// waited; the room goes first, since somebody looks at it.
func (d *Desk) update(change func()) {
	d.env.Lock()
	change()
	d.runDue()
	d.lab.next()
	d.learn.next()
	d.advance()
	d.env.UnlockRender()
}

// idle says whether there is a model that does nothing for now.
func (d *Desk) idle() bool {
	return d.Model() != nil && d.running == nil && d.loading == nil && !d.Redrawing() && !d.Rewriting() && d.queue.writing == nil
}

// fail shows a trouble, where it can be seen.
func (d *Desk) fail(t *Trouble) {
	d.SetFull(false)
	d.trouble = t
	d.failed = d.failed || t.crashed()
}

// clear takes away what was said about the last thing done.
func (d *Desk) clear() { d.trouble, d.isOpen[Detail], d.notice = nil, false, "" }

// Dismiss takes the error away.
func (d *Desk) Dismiss() { d.clear() }

// Help does what the error's button says.
func (d *Desk) Help() {
	t := d.trouble
	d.clear()
	if t != nil && t.crashed() {
		d.engine.Restart()
		d.load(d.source) // whose model was in use
		return
	}
	d.load(nil)
}

// say leaves a text for screen readers.
func (d *Desk) say(text string) {
	d.announcement = text
	d.announced = time.Now()
}

// Announcement is what a screen reader is to say next, when it is at leisure.
func (d *Desk) Announcement() string { return d.announcement }

// Alert is what a screen reader is to say at once, or empty.
func (d *Desk) Alert() string {
	if d.trouble == nil {
		return ""
	}
	return d.trouble.Sentence
}

// Focus is the element that the keyboard is to go to after a render.
type Focus struct {
	ID   string
	When When
}

// When says under which condition the keyboard goes somewhere else.
type When int

// The conditions.
const (
	IfGone    When = iota // if what it is on is hidden now
	IfNowhere             // also if it is on nothing
	Always
)

// TakeFocus returns where the keyboard is to go after the render: once to where
// the last action led, otherwise to what comes next.
func (d *Desk) TakeFocus() Focus {
	f := d.focus
	d.focus = Focus{}
	switch {
	case d.full && f.When == IfGone:
		f.ID = "full" // which is always there
	case f.ID == "":
		f.ID = d.next()
	}
	return f
}

// next is the element of what a person is most likely to do now.
func (d *Desk) next() string {
	switch ok, _ := d.CanRun(); {
	case d.at.Room == RoomRead && (d.running != nil || d.loading != nil):
		return "cancel"
	case d.trouble != nil && d.trouble.Action != "":
		return "error-restart"
	case d.at.Room != RoomRead:
		return d.at.TitleID()
	case d.choice != nil:
		return ChoiceID(0)
	case ok:
		return "run"
	case d.CanLoad():
		return "load"
	}
	return "files"
}

// ModelState is the page's data-model.
func (d *Desk) ModelState() string {
	switch {
	case d.loading != nil:
		return "loading"
	case d.Model() != nil:
		return "ready"
	case d.failed:
		return "failed"
	}
	return "none"
}

// RunState is the page's data-run.
func (d *Desk) RunState() string {
	switch {
	case d.running != nil && d.running.cancelling:
		return "cancelling"
	case d.running != nil:
		return "running"
	case d.waiting != nil:
		return "covered"
	case d.result != nil:
		return "done"
	}
	return "idle"
}
