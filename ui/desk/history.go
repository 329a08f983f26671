package desk

import (
	"sync"
	"time"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/ui/say"
)

// Archive is where this browser remembers reports beyond the life of the page, if its
// reader wants that. It waits.
type Archive interface {
	// Recall returns all that is remembered, the newest first, and whether reports are
	// remembered at all.
	Recall() (reports []Remembered, on bool, err error)
	// Begin has reports remembered from now on.
	Begin() error
	// Remember adds a report with its document, and small pictures of the views that
	// have a Preview. Of more than the newest MaxHistory the oldest go.
	Remember(r Remembered, document []byte, views []*View) error
	// Document is that of a report.
	Document(id int64) ([]byte, error)
	// Forget erases a report.
	Forget(id int64) error
	// End erases all, and nothing is remembered any longer.
	End() error
}

// Remembered is a report of the history.
type Remembered struct {
	ID       int64    `json:"id"`       // when it was finished, in milliseconds since 1970; no two have the same
	Films    string   `json:"films"`    // their names
	Text     string   `json:"text"`     // the report as people read it
	Pictures []string `json:"pictures"` // URLs with the data of small pictures of its films
}

// Time is when it was finished.
func (r Remembered) Time() time.Time { return time.UnixMilli(r.ID) }

// MaxHistory is how many reports are remembered.
const MaxHistory = 40

// History is the reports that this browser remembers: none, unless the reader wants it.
type History struct {
	desk    *Desk
	on      bool
	reports []Remembered // the newest first
	last    int64        // ID that was given
	why     string
	asking  sync.Mutex // held while the archive is asked, by one at a time
}

// History is what this browser remembers.
func (d *Desk) History() *History { return d.history }

// On says whether reports are remembered.
func (h *History) On() bool { return h.on }

// Reports are those that are remembered, the newest first.
func (h *History) Reports() []Remembered { return h.reports }

// Why says why the browser did not do what it was asked for, or is empty.
func (h *History) Why() string { return h.why }

// do has the archive do something, and then recalls what it holds.
func (h *History) do(act func(Archive) error) {
	go func() {
		h.asking.Lock()
		defer h.asking.Unlock()
		archive := h.desk.screen
		err := act(archive)
		reports, on, failed := archive.Recall()
		if err == nil {
			err = failed
		}
		h.desk.update(func() {
			h.why = ""
			if err != nil {
				h.why = err.Error()
			}
			if failed == nil {
				h.reports, h.on = reports, on
			}
		})
	}()
}

// recall finds out what is remembered.
func (h *History) recall() { h.do(func(Archive) error { return nil }) }

// Toggle has reports remembered from now on, or erases all that are and remembers none
// any longer.
func (h *History) Toggle() {
	if h.on {
		h.do(Archive.End)
	} else {
		h.do(Archive.Begin)
	}
}

// Forget erases a report.
func (h *History) Forget(r Remembered) {
	h.desk.focus = Focus{"history-state", Always}
	h.do(func(a Archive) error { return a.Forget(r.ID) })
}

// Save offers a report as JSON.
func (h *History) Save(r Remembered) {
	go func() {
		h.asking.Lock()
		defer h.asking.Unlock()
		document, err := h.desk.screen.Document(r.ID)
		if err == nil {
			h.desk.screen.Save("report.json", "application/json", document)
		}
		h.desk.update(func() {
			if err != nil {
				h.why = err.Error()
			}
		})
	}()
}

// finished remembers a report that was written, with pictures of views, if it is to.
func (h *History) finished(r *report.Report, views []*View) {
	if !h.on {
		return
	}
	h.last = max(time.Now().UnixMilli(), h.last+1)
	entry := Remembered{ID: h.last, Films: r.Films(), Text: r.Text}
	document, err := export.JSON(export.Document{Report: r, Written: entry.Time().Truncate(time.Second)})
	if err != nil {
		panic("desk: a report that came as JSON is none") // NaN, which JSON cannot bring
	}
	h.do(func(a Archive) error { return a.Remember(entry, document, views) })
}

// State says what is remembered.
func (h *History) State() string {
	if !h.on {
		return say.Text("Off: no report outlives this tab.")
	}
	return say.F("On: %s remembered in this browser, of at most %d.", say.Count(len(h.reports), "report"), MaxHistory)
}
