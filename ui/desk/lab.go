package desk

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/ui/say"
)

// Lab is the phantom lab: a chest that a person describes is drawn, and the model
// reports on it. What the chest has is known, so that it is known what a report
// notices. One thing is done at a time, whatever comes next (Lab.next): it gives way
// to a change of the chest, and to all that is done in other rooms.
type Lab struct {
	desk    *Desk
	chest   phantom.Chest
	sketch  *View // of the chest while its films are not there: frontal, coarse
	sketchy bool  // whether a sketch is being drawn
	study   *DrawnStudy
	plain   *healthy
	sweep   *LabSweep
	of      string // what a sweep is to be of
	tally   map[phantom.Chest]outcome

	errand
	job       *Job     // of the draft that is being written, or nil
	measuring bool     // whether that is a point of the sweep
	trouble   *Trouble // why no more is done about this chest

	hideTruth, hideChanges bool
}

// DrawnStudy is a phantom with its films, and what the model says of it.
type DrawnStudy struct {
	Chest  phantom.Chest
	Views  []*View        // the frontal first; none while they are being drawn
	Report *report.Report // or nil
	Redraw *Redraw        // of the report, or nil
}

// healthy is the same patient without findings.
type healthy struct {
	chest  phantom.Chest
	views  []*View // closed
	report *report.Report
}

// Lab is the phantom lab.
func (d *Desk) Lab() *Lab { return d.lab }

func newLab(d *Desk) *Lab {
	l := &Lab{desk: d, chest: phantom.Chest{Seed: 5, LeftEffusion: 0.6}, of: "left-effusion", tally: map[phantom.Chest]outcome{}}
	l.study = &DrawnStudy{Chest: l.chest}
	return l
}

// Chest is what the phantom has.
func (l *Lab) Chest() phantom.Chest { return l.chest }

// Study is the phantom's, as far as it is.
func (l *Lab) Study() *DrawnStudy { return l.study }

// Film is the frontal view to show: that of the study, or until it is drawn a coarse
// one; nil if there is none yet.
func (l *Lab) Film() *View {
	if l.study.Views != nil {
		return l.study.Views[Frontal]
	}
	return l.sketch
}

// Lateral is the lateral view, or nil.
func (l *Lab) Lateral() *View {
	if len(l.study.Views) > Lateral {
		return l.study.Views[Lateral]
	}
	return nil
}

// Plain is the frontal view of the same patient without findings, or nil.
func (l *Lab) Plain() *View {
	if !l.compared() {
		return nil
	}
	return l.plain.views[Frontal]
}

// Job is the draft that is being written, or nil.
func (l *Lab) Job() *Job { return l.job }

// Trouble is why no more is done about this phantom, or nil.
func (l *Lab) Trouble() *Trouble { return l.trouble }

// arrive is called when the reader has come to the room, by a link that may describe
// a phantom.
func (l *Lab) arrive() {
	p := l.desk.at.Parameters
	if p != nil {
		l.set(chestOf(p))
	}
	l.desk.at.Parameters = parametersOf(l.chest)
	l.draw()
	l.next()
}

// set makes the phantom another one, which is drawn and reported on when it rests.
func (l *Lab) set(c phantom.Chest) {
	if c == l.chest {
		return
	}
	l.chest = c
	l.closeStudy()
	l.study, l.trouble = &DrawnStudy{Chest: c}, nil
	if l.sweep != nil && !l.sweep.about(c) {
		l.sweep = nil
	}
	l.stop()
	if l.desk.at.Room == RoomLab {
		l.desk.at.Parameters = parametersOf(c)
		l.draw()
		l.next()
	}
}

func (l *Lab) closeStudy() {
	for _, v := range l.study.Views {
		go l.desk.engine.Close(v)
	}
}

// Move moves a slider to a step. It is what a sweep will be of.
func (l *Lab) Move(s Slider, step int) {
	if l.sweep == nil || !l.sweep.Running() {
		l.of = s.Name
	}
	l.set(s.moved(l.chest, step))
}

// SetSeed makes the patient another one.
func (l *Lab) SetSeed(seed int) {
	c := l.chest
	c.Seed = uint64(min(max(seed, 0), MaxSeed))
	l.set(c)
}

// Another makes the patient one at random.
func (l *Lab) Another() { l.SetSeed(rand.IntN(MaxSeed + 1)) }

// SetPacemaker gives the patient one, or takes it away.
func (l *Lab) SetPacemaker(on bool) {
	c := l.chest
	c.Pacemaker = on
	l.set(c)
}

// SetOpacityZone says where the opacity is.
func (l *Lab) SetOpacityZone(zone int) {
	c := l.chest
	c.OpacityZone = zoneOf(zone)
	l.set(c)
}

// SetNoduleZone says where the nodule is.
func (l *Lab) SetNoduleZone(zone int) {
	c := l.chest
	c.NoduleZone = zoneOf(zone)
	l.set(c)
}

// Clear takes all findings away.
func (l *Lab) Clear() { l.set(phantom.Chest{Seed: l.chest.Seed}) }

// Again tries again what has failed.
func (l *Lab) Again() {
	l.trouble = nil
	l.next()
}

// ReadAsStudy puts the phantom on the desk, and goes there.
func (l *Lab) ReadAsStudy() {
	d := l.desk
	if !d.CanExample() {
		return
	}
	d.replaceByPhantom(l.chest)
	d.Go(Place{Room: RoomRead})
}

// ShowsTruth says whether the films show where it is what the phantom has.
func (l *Lab) ShowsTruth() bool { return !l.hideTruth }

// ToggleTruth changes that.
func (l *Lab) ToggleTruth() { l.hideTruth = !l.hideTruth }

// ShowsChanges says whether the films show which image words have changed.
func (l *Lab) ShowsChanges() bool { return !l.hideChanges }

// ToggleChanges changes that.
func (l *Lab) ToggleChanges() { l.hideChanges = !l.hideChanges }

// rest is how long a phantom must be left alone before its films are drawn and
// reported on.
const rest = 400 * time.Millisecond

// sketchSize is the side of a film in pixels that is drawn while a slider moves.
const sketchSize = 384

// draw sketches the phantom, unless its films are there: one sketch at a time, of what
// it is by then.
func (l *Lab) draw() {
	if l.sketchy || l.study.Views != nil {
		return
	}
	l.sketchy = true
	chest, d := l.chest, l.desk
	go func() {
		v, err := d.engine.Phantom(context.Background(), chest, false, sketchSize)
		d.update(func() {
			l.sketchy = false
			if err != nil { // the films will say why
				return
			}
			go d.engine.Close(v) // its picture stays
			l.sketch = v
			if chest != l.chest {
				l.draw()
			}
		})
	}()
}

// next does what comes next, if nothing of the lab's is under way. It is called
// whenever something has ended, in this room or another.
func (l *Lab) next() {
	d, s := l.desk, l.study
	if l.busy || l.trouble != nil || d.at.Room != RoomLab {
		return
	}
	if s.Views == nil {
		l.open(s)
		return
	}
	if !d.idle() {
		return
	}
	if len(s.Views) > d.Model().Views { // of another model
		l.closeStudy()
		l.study = &DrawnStudy{Chest: l.chest}
		l.open(l.study)
		return
	}
	switch {
	case s.Report == nil || s.Report.Model.SHA256 != d.Model().SHA256:
		l.write(s)
	case s.Redraw == nil || s.Redraw.State != RedrawDone:
		l.redraw(s)
	case !l.compared():
		l.compare(s)
	case l.sweep != nil && l.sweep.next() >= 0:
		l.measure(l.sweep)
	}
}

// do does something that takes long. done is called when it has ended, unless it was
// given up.
func (l *Lab) do(work func(ctx context.Context) error, done func(err error)) {
	l.begin(l.desk, work, func(err error, stopped bool) {
		l.measuring, l.job = false, nil
		if !stopped {
			done(err)
		}
	})
}

// fail says why no more is done about this phantom. What computes and is lost is
// replaced, and asked again.
func (l *Lab) fail(err error) {
	if !lost(err) {
		l.trouble = explain(err, "")
	}
}

// open draws the films of a study that rests.
func (l *Lab) open(s *DrawnStudy) {
	d, views := l.desk, l.desk.viewsTaken()
	var drawn []*View
	l.do(func(ctx context.Context) error {
		select {
		case <-time.After(rest):
		case <-ctx.Done():
			return ctx.Err()
		}
		var err error
		if drawn, err = d.films(ctx, s.Chest, views); err == nil && ctx.Err() != nil {
			d.closeAll(drawn)
		}
		return err
	}, func(err error) {
		if err != nil {
			l.fail(err)
			return
		}
		s.Views, l.sketch = drawn, nil
	})
}

// films draws so many views of a chest.
func (d *Desk) films(ctx context.Context, c phantom.Chest, views int) ([]*View, error) {
	var drawn []*View
	for i := range views {
		v, err := d.engine.Phantom(ctx, c, i == Lateral, sweep.Size)
		if err != nil {
			d.closeAll(drawn)
			return nil, err
		}
		drawn = append(drawn, v)
	}
	return drawn, nil
}

// write writes the report of a study.
func (l *Lab) write(s *DrawnStudy) {
	d := l.desk
	l.job = &Job{}
	follow, source := d.follow(l.job), d.source
	var r *report.Report
	l.do(func(ctx context.Context) (err error) {
		r, err = d.write(ctx, s.Views, source, follow)
		return err
	}, func(err error) {
		if err != nil {
			l.fail(err)
			return
		}
		s.Report, s.Redraw = r, nil
		d.say(say.Text("The report is finished.") + " " + r.Text)
	})
}

// redraw draws reports of a study, those of a sweep.
func (l *Lab) redraw(s *DrawnStudy) {
	d, r := l.desk, newRedraw(join(s.Report.Words), s.Chest.Seed)
	s.Redraw = r
	l.do(func(ctx context.Context) error {
		return d.engine.Sample(ctx, s.Views, Redraws, r.Seed, func(drawn Drawn) { d.update(func() { r.add(drawn) }) })
	}, func(err error) {
		if err != nil {
			r.State = RedrawFailed
			l.fail(err)
			return
		}
		r.State = RedrawDone
		l.count(s)
	})
}

// compared says whether the report of the same patient without findings is known, of
// the model in use.
func (l *Lab) compared() bool {
	return l.plain != nil && l.plain.chest == l.chest.Plain() && l.desk.Model() != nil && l.plain.report.Model.SHA256 == l.desk.Model().SHA256
}

// compare has the model report on the same patient without findings.
func (l *Lab) compare(s *DrawnStudy) {
	d, source := l.desk, l.desk.source
	p := &healthy{chest: s.Chest.Plain()}
	if s.Chest.IsPlain() {
		p.views, p.report = s.Views, s.Report
		l.plain = p
		l.next()
		return
	}
	l.do(func(ctx context.Context) (err error) {
		if p.views, err = d.films(ctx, p.chest, len(s.Views)); err != nil {
			return err
		}
		p.report, err = d.write(ctx, p.views, source, func(status.Progress) {})
		d.closeAll(p.views)
		return err
	}, func(err error) {
		if err != nil {
			l.fail(err)
			return
		}
		l.plain = p
	})
}

// PlainReport is that of the same patient without findings, or nil.
func (l *Lab) PlainReport() *report.Report {
	if !l.compared() {
		return nil
	}
	return l.plain.report
}

// Changed says which image words of a view of the study differ from those of the same
// patient without findings, row-major over their grid; nil while that is not known.
func (l *Lab) Changed(view int) []bool {
	s, plain := l.study, l.PlainReport()
	if plain == nil || s.Report == nil || view >= len(plain.ImageTokens) || view >= len(s.Report.ImageTokens) {
		return nil
	}
	before, now := plain.ImageTokens[view], s.Report.ImageTokens[view]
	if len(before) != len(now) {
		return nil
	}
	changed := make([]bool, len(now))
	for i := range now {
		changed[i] = now[i] != before[i]
	}
	return changed
}

// Noticing is what a report makes of a finding that may be there.
type Noticing string

// What a report makes of a finding.
const (
	Unanswered Noticing = ""
	Noticed    Noticing = "noticed"
	Missed     Noticing = "missed"
	Invented   Noticing = "invented"
)

// Verdict is what the model makes of a finding that is drawn, or that its report names.
type Verdict struct {
	Label  findings.Label
	Drawn  []string // what is drawn of it
	Answer Noticing // of the draft
	Denied bool     // by the draft, which then misses it
	Anyway bool     // the draft of the same patient without findings names it, too
	Again  int      // redraws that name it
}

// Verdicts are those of all findings drawn or named in the draft, in the order of the
// labels.
func (l *Lab) Verdicts() []Verdict {
	var all []Verdict
	s := l.study
	var named, denied, anyway []findings.Label
	if s.Report != nil {
		draft := join(s.Report.Words)
		named, denied = findings.Of(draft), findings.Denied(draft)
	}
	if plain := l.PlainReport(); plain != nil {
		anyway = findings.Of(join(plain.Words))
	}
	for _, label := range findings.Labels()[1:] { // without "no finding"
		v := Verdict{Label: label, Again: s.again(label)}
		for _, f := range l.chest.Findings() {
			if f.Label == string(label) {
				v.Drawn = append(v.Drawn, f.Name)
			}
		}
		switch said := slices.Contains(named, label); {
		case v.Drawn == nil && !said:
			continue
		case s.Report == nil:
		case v.Drawn == nil:
			v.Answer = Invented
		case said:
			v.Answer, v.Anyway = Noticed, slices.Contains(anyway, label)
		default:
			v.Answer, v.Denied = Missed, slices.Contains(denied, label)
		}
		all = append(all, v)
	}
	return all
}

func (s *DrawnStudy) again(l findings.Label) int {
	if s.Redraw == nil {
		return 0
	}
	return s.Redraw.Again(l)
}

// Others are the findings that are not drawn, that the draft does not name, and that
// some redraws do.
func (l *Lab) Others() []findings.Count {
	drawn := l.chest.Findings()
	return slices.DeleteFunc(l.study.Redraw.Others(), func(c findings.Count) bool {
		return slices.ContainsFunc(drawn, func(f phantom.Finding) bool { return f.Label == string(c.Label) })
	})
}

// outcome counts what the model made of one phantom.
type outcome struct{ drawn, noticed, again, redraws, invented int }

// count counts what the model makes of a study.
func (l *Lab) count(s *DrawnStudy) {
	var o outcome
	for _, v := range l.Verdicts() {
		switch v.Answer {
		case Invented:
			o.invented++
			continue
		case Noticed:
			o.noticed++
		}
		o.drawn++
		o.again += v.Again
		o.redraws += s.Redraw.Drawn
	}
	l.tally[s.Chest] = o
}

// Tally says what the model has noticed of all phantoms since the page was opened, or
// nothing if nothing was drawn.
func (l *Lab) Tally() string {
	var all outcome
	for _, o := range l.tally {
		all.drawn += o.drawn
		all.noticed += o.noticed
		all.again += o.again
		all.redraws += o.redraws
		all.invented += o.invented
	}
	if all.drawn == 0 {
		return ""
	}
	return say.F("On the %s drawn since this page was opened, the drafts noticed %d of %s, and redraws named them %d of %d times. %s not there.",
		say.Count(len(l.tally), "phantom"), all.noticed, say.Count(all.drawn, "finding"), all.again, all.redraws, invented(all.invented))
}

func invented(n int) string {
	return say.N(n, "%d that they named was", "%d that they named were")
}
