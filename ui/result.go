package ui

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

// stale says that the views are no longer those of the report.
func (d *Desk) stale() bool {
	if d.result == nil {
		return false
	}
	now := d.views()
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

// synthetic says that the report is about a synthetic picture.
func (r *Result) synthetic() bool {
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
		panic("ui: a report that came as JSON is none") // NaN, which JSON cannot bring
	}
	return append(data, '\n')
}
