package desk

import (
	"context"
	"strconv"

	"uarweb/engine/lesson"
	"uarweb/engine/trace"
	"uarweb/ui/say"
)

// Learn is the classroom: step by step what the model computes on the way from the films
// on the desk to the draft, in its own numbers. They are fetched when somebody looks,
// part by part, and give way to all that is done in other rooms.
type Learn struct {
	desk *Desk
	step lesson.Step // that the reader is at

	errand
	job     *Job     // of the part that is on its way, or nil
	trouble *Trouble // why no more is shown of this draft

	draft  *Result // that what follows is about, or nil
	shown  map[trace.Kind]shown
	search *lesson.Search     // of the search that is shown, or of one before, or nil
	chosen map[trace.Kind]int // patch and word

	head     int // among those of all layers, or lesson.Mean
	layer    int // whose mask is shown, or lesson.Last
	tenths   int // of the temperature
	width    int // of a search
	answered bool

	sheet lesson.Step // that is shown to be printed with all others, or 0
}

// shown is a part that was fetched last of its kind.
type shown struct {
	index int // of the patch or word; of reports how many; of a search its width
	trace.Shown
}

// stepKey is the parameter of an address of the room.
const stepKey = "step"

// StepPlace is where a step is.
func StepPlace(s lesson.Step) Place {
	return Place{Room: RoomLearn, Parameters: map[string]int{stepKey: int(s)}}
}

// The settings at first.
const (
	plainTemperature = 10 // tenths
	plainWidth       = 3
	// MaxTenths is the highest temperature of the slider, in tenths.
	MaxTenths = 30
	// MaxWidth is the width of the widest search of the slider.
	MaxWidth = 12
)

func newLearn(d *Desk) *Learn {
	return &Learn{desk: d, step: lesson.StepPixels, head: lesson.Mean, layer: lesson.Last, tenths: plainTemperature, width: plainWidth, shown: map[trace.Kind]shown{}, chosen: map[trace.Kind]int{}}
}

// Learn is the classroom.
func (d *Desk) Learn() *Learn { return d.learn }

// Step is the one that is shown.
func (l *Learn) Step() lesson.Step {
	if l.sheet != 0 {
		return l.sheet
	}
	return l.step
}

// arrive is called when the reader has come to the room, by a link that may name a
// step.
func (l *Learn) arrive() {
	d := l.desk
	l.sheet = 0
	if n, named := d.at.Parameters[stepKey]; named {
		if s := min(max(lesson.Step(n), lesson.StepPixels), lesson.Teacher); s != l.step {
			l.step, l.answered = s, false
			d.focus = Focus{RoomLearn.TitleID(), Always}
		}
	}
	d.at = StepPlace(l.step)
	l.next()
}

// Beside is the step so many steps on, or 0 if there is none.
func (l *Learn) Beside(by int) lesson.Step {
	s := l.step + lesson.Step(by)
	if s < lesson.StepPixels || s > lesson.Teacher {
		return 0
	}
	return s
}

// Turn goes so many steps on, and reports whether there is one.
func (l *Learn) Turn(by int) bool {
	s := l.Beside(by)
	if s != 0 {
		l.desk.Go(StepPlace(s))
	}
	return s != 0
}

// Answered says whether what the class's question comes to is shown: not on the sheets for
// a class.
func (l *Learn) Answered() bool { return l.answered && l.sheet == 0 }

// ToggleAnswer changes that.
func (l *Learn) ToggleAnswer() { l.answered = !l.answered }

// Needs says what has to be done for the numbers to be there, in a sentence, and
// whether Write does it; it is empty while they are there or on their way.
func (l *Learn) Needs() (why string, write bool) {
	d := l.desk
	switch {
	case d.Loading() != nil:
		return say.Text("The model is still loading."), false
	case d.Model() == nil:
		return say.Text("No model is loaded."), false
	case d.waiting != nil:
		return say.Text("The draft is covered until you have said in Read what you see."), false
	case d.due || d.running != nil || d.current():
		return "", false
	case d.Views() == nil:
		return say.Text("This step shows the numbers of a film and of its report. There is none on the desk."), true
	}
	return say.Text("This step shows the numbers of a report. That of the films on the desk is not written yet."), true
}

// Write writes the report of the films on the desk, or of the example if there are
// none.
func (l *Learn) Write() {
	d := l.desk
	if _, write := l.Needs(); !write || !d.CanExample() {
		return
	}
	l.trouble = nil
	if d.Views() == nil {
		d.Example()
		return
	}
	d.due = true
	d.runDue()
}

// Job is the part that is on its way, or nil.
func (l *Learn) Job() *Job { return l.job }

// Trouble is why no more is shown of this draft, or nil.
func (l *Learn) Trouble() *Trouble { return l.trouble }

// Again tries again what has failed.
func (l *Learn) Again() {
	l.trouble = nil
	l.next()
}

// stop gives up what is under way.
func (l *Learn) stop() {
	l.sheet = 0
	l.errand.stop()
}

// next does what comes next, if nothing of the room's is under way. It is called
// whenever something has ended, in this room or another.
func (l *Learn) next() {
	d := l.desk
	if l.busy || d.at.Room != RoomLearn {
		return
	}
	if !d.current() {
		l.sheet = 0
		return
	}
	if !d.idle() {
		return
	}
	if l.draft != d.result {
		l.draft, l.trouble, l.sheet = d.result, nil, 0
		clear(l.shown)
		clear(l.chosen)
		l.chosen[trace.OfWord] = d.selected
		if d.selected == None {
			l.chosen[trace.OfWord] = lesson.LeastSure(d.result.Report.Words)
		}
	}
	if l.trouble != nil {
		return
	}
	if p, index, missing := l.missing(); missing {
		l.fetch(p, index)
	}
}

// missing is a part that the step shows and that is not there, with what it is to be of
// its kind.
func (l *Learn) missing() (p trace.Part, index int, missing bool) {
	not := func(kind trace.Kind, index int) bool {
		s, there := l.shown[kind]
		return !there || s.index != index
	}
	for _, kind := range []trace.Kind{trace.OfStudy, trace.OfPatch, trace.OfWord} {
		if index := l.chosen[kind]; not(kind, index) {
			return trace.Part{Kind: kind, Index: index}, index, true
		}
	}
	step := l.Step()
	if (step == lesson.StepChoose || step == lesson.Teacher) && not(trace.OfSearch, l.width) {
		return trace.Part{Kind: trace.OfSearch, Width: l.width}, l.width, true
	}
	if step < lesson.StepFind {
		return trace.Part{}, 0, false
	}
	reports := l.candidates()
	p = trace.Part{Kind: trace.OfReports}
	for _, r := range reports {
		p.Reports = append(p.Reports, r.tokens)
	}
	return p, len(reports), not(trace.OfReports, len(reports))
}

// fetch fetches a part, which is what its kind has of that index.
func (l *Learn) fetch(p trace.Part, index int) {
	d, draft := l.desk, l.draft
	l.job = &Job{}
	follow := d.follow(l.job)
	var part trace.Shown
	l.begin(d, func(ctx context.Context) (err error) {
		part, err = d.engine.Show(ctx, draft.Views, p, follow)
		return err
	}, func(err error, stopped bool) {
		l.job = nil
		switch {
		case stopped || l.draft != draft:
		case err == nil:
			l.shown[p.Kind] = shown{index, part}
			if p.Kind == trace.OfStudy {
				l.chosen[trace.OfPatch] = lesson.Middle(part.Study)
			}
		case !lost(err):
			l.trouble = explain(err, "")
			l.StopPrint()
		}
	})
}

// Study is the whole study, or nil while it is not there.
func (l *Learn) Study() *trace.Study {
	if l.draft == nil || l.draft != l.desk.result {
		return nil
	}
	return l.shown[trace.OfStudy].Study
}

// ChosenWord is the place of the word that is chosen.
func (l *Learn) ChosenWord() int { return l.chosen[trace.OfWord] }

// ChooseWord chooses a word of the draft, or what stands behind the last, and leads the
// keyboard there.
func (l *Learn) ChooseWord(place int) {
	if s := l.Study(); s != nil {
		l.choose(trace.OfWord, min(max(place, 0), len(s.Words)))
		l.desk.focus = Focus{LearnWordID(l.ChosenWord()), Always}
	}
}

// LearnWordID is the element of a word to choose.
func LearnWordID(place int) string { return "learn-word-" + strconv.Itoa(place) }

// ChosenPatch is the place of the patch that is chosen, among the N.
func (l *Learn) ChosenPatch() int { return l.chosen[trace.OfPatch] }

// ChoosePatch chooses a patch by its place among the N.
func (l *Learn) ChoosePatch(place int) {
	if s := l.Study(); s != nil && place >= 0 && place < len(s.Tokens) {
		l.choose(trace.OfPatch, place)
	}
}

// movePatch moves the chosen patch on the film of a view by columns and rows. From the
// other film it comes to this one, where it was on that.
func (l *Learn) movePatch(view, columns, rows int) bool {
	s := l.Study()
	if s == nil {
		return false
	}
	was, row, column := s.Place(l.ChosenPatch())
	if was == view {
		row, column = min(max(row+rows, 0), s.Grid-1), min(max(column+columns, 0), s.Grid-1)
	}
	l.ChoosePatch((view*s.Grid+row)*s.Grid + column)
	return true
}

// PointAt chooses the patch at a place of a view's film, in parts of its width and height,
// and reports whether that is another one than before.
func (l *Learn) PointAt(view int, x, y float64) bool {
	s := l.Study()
	if s == nil || !(x >= 0 && x < 1 && y >= 0 && y < 1) {
		return false
	}
	before := l.ChosenPatch()
	l.ChoosePatch((view*s.Grid+int(y*float64(s.Grid)))*s.Grid + int(x*float64(s.Grid)))
	return l.ChosenPatch() != before
}

func (l *Learn) choose(kind trace.Kind, index int) {
	if l.chosen[kind] != index {
		l.chosen[kind] = index
		l.next()
	}
}
