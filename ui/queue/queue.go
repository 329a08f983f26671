// Package queue is the room Queue: studies that are written one after another.
package queue

import (
	"slices"
	"strings"

	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Queue is the room.
type Queue struct{ Desk *desk.Desk }

// sum says how the queue stands, and why nothing is written though some is to be.
func (c *Queue) sum() string {
	d := c.Desk
	if text := d.Looking(); text != "" {
		return text
	}
	sum := d.QueueSum()
	switch {
	case d.InState(desk.StudyWaiting) == 0 || d.InState(desk.StudyReading, desk.StudyWriting) > 0:
		return sum
	case d.Loading() != nil:
		return sum + ". " + say.Text("It waits for the model to be loaded.")
	case d.Model() == nil:
		return sum + ". " + say.Text("It waits for a model.")
	}
	return sum + ". " + say.Text("It waits for the study on the stage.")
}

// truth is how far to trust the list.
func (c *Queue) truth() string {
	text := say.Text("A draft that names no finding does not mean that a film is normal.") + " "
	if m := c.Desk.Model(); m != nil {
		text += m.Card.Record.Sum()
	}
	return text + " " + say.Text("Not for diagnosis.")
}

// input is one of those for files.
type input struct {
	id, label string
	folder    bool
}

func (c *Queue) inputs() []input {
	return []input{{"queue-files", say.Text("Add X-rays"), false}, {"queue-folder", say.Text("A folder…"), true}}
}

// all is what can be done with all studies.
func (c *Queue) all() []piece.Button {
	d := c.Desk
	switch {
	case d.InState(desk.StudyWaiting, desk.StudyReading, desk.StudyWriting) > 0:
		return []piece.Button{{ID: "stop-all", Label: say.Text("Stop all"), Do: d.StopStudies}}
	case d.InState(desk.StudyCancelled) > 0:
		return []piece.Button{{ID: "write-all", Label: say.Text("Write all"), Do: d.WriteStudies}}
	}
	return nil
}

func (c *Queue) studies() []*desk.Study {
	shown, _ := c.Desk.StudiesNow()
	return shown
}

// shown says which studies are.
func (c *Queue) shown() string {
	shown, first := c.Desk.StudiesNow()
	return say.F("Studies %d to %d of %d", first+1, first+len(shown), len(c.Desk.Studies()))
}

// pages lead to the studies that are not shown, if there are any.
func (c *Queue) pages() []piece.Button {
	d := c.Desk
	if len(d.Studies()) <= desk.StudiesShown {
		return nil
	}
	return []piece.Button{
		{ID: "studies-before", Label: say.Text("Before"), Closed: !d.CanTurnStudies(-1), Do: func() { d.TurnStudies(-1) }},
		{ID: "studies-behind", Label: say.Text("Next"), Closed: !d.CanTurnStudies(1), Do: func() { d.TurnStudies(1) }},
	}
}

// forms are those in which the reports leave.
func (c *Queue) forms() []piece.Button {
	var all []piece.Button
	for _, f := range export.Forms() {
		all = append(all, piece.Button{ID: "save-" + f.Name, Label: say.F("Save %s", say.Text(f.Title)), Closed: c.Desk.InState(desk.StudyDone) == 0, Do: func() { c.Desk.SaveStudies(f) }})
	}
	return all
}

// facts says what the films of a study are taken for, how they came together, and
// where they lie.
func (c *Queue) facts(s *desk.Study) string {
	var says []string
	for _, f := range s.Films {
		says = append(says, f.Says())
	}
	facts := strings.Join(says, "; ") + " · " + say.Text(string(s.How))
	f := s.Films[0].Source
	if folder := strings.TrimSuffix(f.Path(), f.Name()); folder != "" {
		facts += " · " + folder
	}
	return facts
}

// state says in words what has become of a study.
func (c *Queue) state(s *desk.Study) string {
	switch s.State {
	case desk.StudyReading:
		return say.Text("Opening its films")
	case desk.StudyWriting:
		return s.Job().Doing()
	case desk.StudyDone:
		text := say.F("Done, %s", desk.Seconds(s.Report.Seconds.Total()))
		if m := c.Desk.Model(); m != nil && m.SHA256 != s.Report.Model.SHA256 {
			text += say.Text(", by another model")
		}
		return text
	case desk.StudyFailed:
		return say.Text("Not written")
	case desk.StudyCancelled:
		return say.Text("Stopped")
	}
	return say.Text("Waiting")
}

// said is what is written of a study: its first sentence, or what there is of it.
func (c *Queue) said(s *desk.Study) string {
	switch {
	case s.State == desk.StudyWriting:
		return s.Job().Text()
	case s.State != desk.StudyDone:
		return ""
	}
	d := s.Document()
	sentences := d.Sentences()
	switch len(sentences) {
	case 0:
		return ""
	case 1:
		return sentences[0]
	}
	return sentences[0] + " …"
}

// named says which findings a report names, or why there is none.
func (c *Queue) named(s *desk.Study) string {
	if s.State != desk.StudyDone {
		return s.Why
	}
	var names []string
	for _, l := range s.Named {
		if l != findings.NoFinding {
			names = append(names, say.Text(string(l)))
		}
	}
	switch {
	case len(s.Report.Words) == 0:
		return say.Text("The model wrote no words about these films.")
	case names == nil:
		return say.Text("Names no finding.")
	}
	return say.F("Names: %s.", strings.Join(names, ", "))
}

// actions are what can be done with a study, first what most likely is.
func (c *Queue) actions(s *desk.Study) []piece.Button {
	d := c.Desk
	name := s.Name()
	remove := piece.Button{Label: c.loses(say.Text("Remove"), s), About: name, Do: func() { d.RemoveStudy(s) }}
	var all []piece.Button
	switch s.State {
	case desk.StudyDone:
		all = append(all, piece.Button{Label: say.Text("Read"), About: name, Closed: !d.CanRead(), Do: func() { d.ReadStudy(s) }})
	case desk.StudyFailed:
		all = append(all, remove)
	case desk.StudyCancelled:
		all = append(all, piece.Button{Label: say.Text("Write"), About: name, Do: func() { d.WriteStudy(s) }})
	default:
		all = append(all, piece.Button{Label: say.Text("Stop"), About: name, Do: func() { d.StopStudy(s) }})
	}
	change := piece.Button{Label: say.Text("Change…"), About: name, Do: func() { d.ToggleChanging(s) }}
	if j := d.Joining(); j != nil && j != s && len(s.Films) < desk.Slots {
		change = piece.Button{Label: c.loses(say.F("Join with %s", j.Name()), s, j), About: name, Do: func() { d.JoinStudy(s) }}
	}
	if d.Changing() != s {
		return append(all, change)
	}
	change.Label = say.Text("Change nothing more")
	all = append(all, change)
	if len(s.Films) == desk.Slots {
		all = append(all, piece.Button{Label: c.loses(say.Text("Make two studies"), s), About: name, Do: func() { d.SplitStudy(s) }})
	} else {
		join := piece.Button{Label: say.Text("Join with another…"), About: name, Do: func() { d.JoinStudy(s) }}
		if d.Joining() == s {
			join.Label = say.Text("Join with none")
		}
		all = append(all, join)
	}
	all = append(all, piece.Button{Label: c.loses(swapLabel(s), s), About: name, Do: func() { d.SwapFilms(s) }})
	if s.State != desk.StudyFailed {
		all = append(all, remove)
	}
	return all
}

// loses is a label that says so, if what it does takes away what the reader has said of
// a study.
func (c *Queue) loses(label string, studies ...*desk.Study) string {
	if slices.ContainsFunc(studies, c.Desk.Holds) {
		return say.F("%s, and lose what you said of it", label)
	}
	return label
}

// swapLabel says what swapping the films of a study does.
func swapLabel(s *desk.Study) string {
	switch f := s.Films[0]; {
	case len(s.Films) == desk.Slots:
		return say.Text("Swap frontal and lateral")
	case f.Known != desk.ByOrder && f.Shows == desk.Lateral:
		return say.Text("Use as frontal")
	}
	return say.Text("Use as lateral")
}
