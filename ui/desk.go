package ui

import (
	"time"

	"github.com/vugu/vugu"
)

// The two slots for views.
const (
	Frontal = iota
	Lateral
)

var slotNames = [2]string{"Frontal", "Lateral"}

// Desk is the state of one reader's work. Its exported methods are called with
// the lock of its EventEnv held, as event handlers do; what takes long is done
// in goroutines, which take the lock themselves and ask for a render.
type Desk struct {
	env    vugu.EventEnv
	engine Engine
	screen Screen

	slots     [2]*View
	examining int // calls of Add that do not know yet what their files are
	opening   int // images being decoded, each of which has a free slot kept
	choice    *choice
	replacing bool // whether views are on their way that will take all slots
	source    File // of the engine's model; nil is the shipped one
	failed    bool // whether the last load did, or the engine
	loading   *job
	running   *job
	result    *Result
	trouble   *Trouble
	detailed  bool // whether the trouble's detail is open
	notice    string

	mode     Map
	selected int // a word of result, or none
	hovered  int // a word of result, or none

	announcement string
	announced    time.Time
	focus        Focus
}

// none stands for no word.
const none = -1

// NewDesk returns a desk with nothing on it.
func NewDesk(env vugu.EventEnv, e Engine, s Screen) *Desk {
	d := &Desk{env: env, engine: e, screen: s, selected: none, hovered: none}
	e.Watch(func(err error) { d.update(func() { d.fail(explain(err, "")) }) })
	return d
}

// model is the one in use, or nil.
func (d *Desk) model() *Model { return d.engine.Model() }

// update makes a change from a goroutine.
func (d *Desk) update(change func()) {
	d.env.Lock()
	change()
	d.env.UnlockRender()
}

// fail shows a trouble.
func (d *Desk) fail(t *Trouble) {
	d.trouble = t
	d.failed = d.failed || t.crashed()
}

// clear takes away what was said about the last thing done.
func (d *Desk) clear() { d.trouble, d.detailed, d.notice = nil, false, "" }

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
	if f.ID == "" {
		f.ID = d.next()
	}
	return f
}

// next is the element of what a person is most likely to do now.
func (d *Desk) next() string {
	switch ok, _ := d.CanRun(); {
	case d.running != nil || d.loading != nil:
		return "cancel"
	case d.trouble != nil && d.trouble.Action != "":
		return "error-restart"
	case d.choice != nil:
		return choiceID(0)
	case ok:
		return "run"
	case d.canLoad():
		return "load"
	}
	return "files"
}

// ModelState is the page's data-model.
func (d *Desk) ModelState() string {
	switch {
	case d.loading != nil:
		return "loading"
	case d.model() != nil:
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
	case d.result != nil:
		return "done"
	}
	return "idle"
}
