package desk

import (
	"uarweb/engine/report/export"
	"uarweb/ui/say"
)

// Document is the report as it leaves the page, with what the reader says of
// it, and what redraws do once nothing more is drawn. There must be one.
func (d *Desk) Document() export.Document {
	document := export.Document{Report: d.result.Report, Written: d.result.Written, Reader: d.result.yours.reader()}
	if d.redraw != nil {
		document.Samples = d.redraw.samples
	}
	return document
}

// as is the report as a format encodes it.
func (d *Desk) as(encode func(export.Document) ([]byte, error)) []byte {
	data, err := encode(d.Document())
	if err != nil {
		panic("desk: a report that came as JSON is none") // NaN, which JSON cannot bring
	}
	return data
}

// CopyReport puts the report on the clipboard, with what it is.
func (d *Desk) CopyReport() { d.copy(string(d.as(export.Text)), say.Text("The report is copied.")) }

// CopyJSON puts the whole result on the clipboard.
func (d *Desk) CopyJSON() { d.copy(string(d.as(export.JSON)), say.Text("The JSON is copied.")) }

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

// Export offers the report as a file of a format.
func (d *Desk) Export(f export.Format) {
	data := d.as(f.Encode)
	d.say(say.F("%s is saved.", "report"+f.Extension))
	go d.screen.Save("report"+f.Extension, f.MIME, data)
}

// Print has the browser print the report.
func (d *Desk) Print() { go d.screen.Print() }

// CloseExports closes the list of formats, from within which the keyboard goes back
// to what opened it, and reports whether it was open.
func (d *Desk) CloseExports() bool {
	if !d.isOpen[Exports] {
		return false
	}
	d.isOpen[Exports] = false
	d.focus = Focus{"export", Always}
	return true
}
