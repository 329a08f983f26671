package desk

import (
	"encoding/json"
	"fmt"
	"strings"

	"uarweb/engine/report"
)

// Result is a finished report and what it is about.
type Result struct {
	Report *report.Report
	Spans  []report.Span // one a word
	Views  []*View
}

// Stale says that the views are no longer those of the report.
func (d *Desk) Stale() bool {
	if d.result == nil {
		return false
	}
	now := d.Views()
	if len(now) != len(d.result.Views) {
		return true
	}
	for i, v := range now {
		if v != d.result.Views[i] {
			return true
		}
	}
	return false
}

// Synthetic says that the report is about a synthetic picture.
func (r *Result) Synthetic() bool {
	for _, v := range r.Views {
		if v.Synthetic {
			return true
		}
	}
	return false
}

// CopyReport puts the report on the clipboard, with what it is.
func (d *Desk) CopyReport() { d.copy(d.result.text(), "The report is copied.") }

// CopyJSON puts the whole result on the clipboard.
func (d *Desk) CopyJSON() { d.copy(string(d.result.json()), "The JSON is copied.") }

func (d *Desk) copy(text, done string) {
	d.clear()
	go func() {
		err := d.screen.Copy(text)
		d.update(func() {
			if err != nil {
				t := trouble(codeClipboard, "")
				t.Detail = err.Error()
				d.fail(t)
				return
			}
			d.notice = done
			d.say(done)
		})
	}()
}

// SaveJSON offers the whole result as a file.
func (d *Desk) SaveJSON() {
	data := d.result.json()
	go d.screen.Save("report.json", "application/json", data)
}

// text is the report for a letter or a note: it never travels without saying
// what wrote it and what it is not.
func (r *Result) text() string {
	names := make([]string, len(r.Views))
	for i, v := range r.Views {
		names[i] = v.Name
	}
	m := r.Report
	return fmt.Sprintf("%s\n\nWritten by the model %s (SHA-256 %s, %s, %s) from %s.\n%s.\n%s\n",
		m.Text, m.Model.Format, m.Model.SHA256, m.Precision, m.Backend, strings.Join(names, " and "), m.Engine, report.Disclaimer)
}

// json is the report as the command prints it.
func (r *Result) json() []byte {
	data, err := json.MarshalIndent(r.Report, "", "  ")
	if err != nil {
		panic("desk: a report that came as JSON is none") // NaN, which JSON cannot bring
	}
	return append(data, '\n')
}

// Place is where among the report's views v stands, or −1.
func (r *Result) Place(v *View) int {
	for i, other := range r.Views {
		if v == other {
			return i
		}
	}
	return -1
}

// Grids returns a word's map for each of the report's views, or nil if the
// report does not fit them.
func (r *Result) Grids(word int, m Map) []Grid {
	w := r.Report.Words[word]
	if m == Mask {
		return split(w.Mask, len(r.Report.ImageTokens), len(r.Views), m)
	}
	return split(w.Attention, len(r.Report.ImageTokens), len(r.Views), m)
}

// named is what a view of a result is called now: by its slot, or by its file
// if it has left the desk.
func (d *Desk) named(v *View) string {
	for i, s := range d.slots {
		if s == v {
			return SlotNames[i] + " view"
		}
	}
	return v.Name
}

// Where says in words where a word's map lies.
func (d *Desk) Where(word int, m Map) string {
	grids := d.result.Grids(word, m)
	if grids == nil {
		return ""
	}
	names := make([]string, len(d.result.Views))
	for i, v := range d.result.Views {
		names[i] = d.named(v)
	}
	return describe(grids, names, m)
}

// describe says everything about a word in one breath.
func (d *Desk) describe(word int) string {
	r := d.result
	return fmt.Sprintf("%s, %s. %s", r.Spans[word].Text, Percent(r.Report.Words[word].LogProb), d.Where(word, d.mode))
}
