package lab

import (
	"strconv"
	"strings"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Answers are what the model makes of the phantom.
type Answers struct{ Desk *desk.Desk }

func (c *Answers) lab() *desk.Lab { return c.Desk.Lab() }

// drawn says what is drawn of a finding.
func (c *Answers) drawn(v desk.Verdict) string {
	if v.Drawn == nil {
		return say.Text("no")
	}
	var all []string
	for _, name := range v.Drawn {
		all = append(all, sayDrawn(c.lab().Chest(), name))
	}
	return strings.Join(all, "; ")
}

func answer(v desk.Verdict) string {
	switch {
	case v.Answer == desk.Unanswered:
		return "–"
	case v.Denied:
		return say.Text("denied")
	case v.Anyway:
		return say.Text("named anyway")
	}
	return say.Text(string(v.Answer))
}

// mark is the data of an SVG path: a tick, a cross or an exclamation mark.
func mark(v desk.Verdict) string {
	switch v.Answer {
	case desk.Noticed:
		return "m3 8.5 3.5 3.5L13 4.5"
	case desk.Missed:
		return "m4 4 8 8M12 4l-8 8"
	case desk.Invented:
		return "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.1"
	}
	return ""
}

// redraws is how many redraws there are.
func (c *Answers) redraws() int {
	if r := c.lab().Study().Redraw; r != nil {
		return r.Drawn
	}
	return 0
}

func (c *Answers) again(v desk.Verdict) string {
	if c.redraws() == 0 {
		return "–"
	}
	return strconv.Itoa(v.Again)
}

// againTitle heads the column of redraws.
func (c *Answers) againTitle() string {
	if c.redraws() == 0 {
		return say.Text("Redraws that name it")
	}
	return say.F("Redraws that name it, of %d", c.redraws())
}

// others says what only redraws name.
func (c *Answers) others() string {
	var names []string
	for _, o := range c.lab().Others() {
		names = append(names, say.Text(string(o.Label))+" "+strconv.Itoa(o.Stated))
	}
	if names == nil {
		return ""
	}
	return say.F("Not drawn and not in the draft, but in some redraws: %s of %d.", strings.Join(names, ", "), c.redraws())
}

// none says that there is nothing to notice and nothing was invented.
func (c *Answers) none() string {
	switch {
	case len(c.lab().Verdicts()) > 0:
		return ""
	case c.lab().Study().Report == nil:
		return say.Text("Nothing is drawn that a report could name.")
	}
	return say.Text("Nothing is drawn that a report could name, and the draft names nothing.")
}

// draft is the report, or what of it is written.
func (c *Answers) draft() string {
	switch l := c.lab(); {
	case l.Study().Report != nil:
		return l.Study().Report.Text
	case l.Job() != nil:
		return l.Job().Text()
	}
	return ""
}

// plain is the draft of the same patient without findings, if it differs.
func (c *Answers) plain() string {
	drafted, plain := c.lab().Study().Report, c.lab().PlainReport()
	if drafted == nil || plain == nil || plain.Text == drafted.Text {
		return ""
	}
	return plain.Text
}

// same says whether what is drawn changes no word of the draft.
func (c *Answers) same() bool {
	return c.lab().PlainReport() != nil && c.plain() == "" && !c.lab().Chest().IsPlain()
}

// state says what is being done.
func (c *Answers) state() string {
	d, l := c.Desk, c.lab()
	s := l.Study()
	switch {
	case l.Trouble() != nil:
		return l.Trouble().Sentence
	case s.Views == nil:
		return say.Text("Drawing the films")
	case d.Model() == nil && d.Loading() == nil:
		return say.Text("No model is loaded.")
	case d.Loading() != nil:
		return say.Text("The report is written once the model is loaded.")
	case d.Running() != nil:
		return say.Text("The report is written after that in Read.")
	case l.Job() != nil:
		return l.Job().Doing()
	case s.Redraw != nil && s.Redraw.State == desk.RedrawRunning:
		return say.F("Redrawing, %d of %d", s.Redraw.Drawn, desk.Redraws)
	case s.Report == nil:
		return say.Text("Starting")
	case c.busy():
		return say.Text("Writing about the same patient without findings")
	}
	return say.F("Written in %s.", desk.Seconds(s.Report.Seconds.Total()))
}

// busy says whether more is to come about this phantom.
func (c *Answers) busy() bool {
	s := c.lab().Study()
	return c.lab().Trouble() == nil && (s.Redraw == nil || s.Redraw.State != desk.RedrawDone || c.lab().PlainReport() == nil)
}

// changes counts the image words that have changed.
func (c *Answers) changes() string {
	count, all := 0, 0
	for slot := range c.lab().Study().Views {
		changed := c.lab().Changed(slot)
		all += len(changed)
		for _, is := range changed {
			if is {
				count++
			}
		}
	}
	if all == 0 {
		return say.Text("Which image words change is known once the model has looked.")
	}
	return say.F("%d of the %d image words of these films differ from those of the same patient without findings. Where none changes, the model cannot notice.", count, all)
}
