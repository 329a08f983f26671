package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
	"uarweb/ui/say"
)

// queue is the studies that are written one after another, by the engine that the
// stage uses too: what a reader asks for there goes first.
type queue struct {
	studies  []*Study
	numbers  int     // that were given to studies
	writing  *Job    // what the engine is at, though it may have been told to leave it; or nil
	reading  *Study  // that was put on the stage last, or nil
	views    []*View // of it
	changing *Study  // whose films can be paired anew, or nil
	joining  *Study  // that is to get another film, or nil
	first    int     // of the studies that are shown
	looking  string  // how far files are looked through, or empty
}

// StudiesShown is how many studies are shown at a time.
const StudiesShown = 25

// The bounds of what is added at once.
const (
	maxFiles = 10_000
	maxDepth = 16 // folders in each other

	// What is listed at a time.
	batchFiles = 100
	batchBytes = 256 << 20
)

// forQueue says whether images are for the queue, instead of for the stage: three of
// them and more, and those of a folder.
func forQueue(images []File) bool {
	return len(images) > Slots || slices.ContainsFunc(images, func(f File) bool { return f.Path() != f.Name() })
}

// enlist finds the images in files, one of the calls that d.examining counts, and
// puts the studies that they make into the queue.
func (d *Desk) enlist(files []File) {
	shallow := slices.DeleteFunc(slices.Clone(files), func(f File) bool { return strings.Count(f.Path(), "/") > maxDepth })
	l, err := d.listAll(shallow)
	d.update(func() {
		d.examining--
		d.queue.looking = ""
		switch {
		case err != nil:
			whole, _, _ := strings.Cut(files[0].Path(), "/")
			d.fail(explain(err, whole))
		case len(l.Images) == 0:
			d.fail(trouble(codeNoImages, ""))
		default:
			d.enqueue(l, len(files)-len(shallow))
		}
	})
}

// listAll lists files, some at a time.
func (d *Desk) listAll(files []File) (*Listing, error) {
	if len(files) > maxFiles {
		return nil, fmt.Errorf("desk: %w: more than %d files", status.Errorf(status.LargeImage, "too many files"), maxFiles)
	}
	all := &Listing{}
	for begin, end := 0, 0; begin < len(files); begin = end {
		end = batch(files, begin)
		d.update(func() { d.queue.looking = say.F("Looking at file %d of %d…", begin+1, len(files)) })
		l, err := d.engine.List(context.Background(), files[begin:end])
		switch {
		case err == nil:
			all.Images = append(all.Images, l.Images...)
			all.Others += l.Others
			all.More += l.More
		case end-begin == 1 && len(files) > 1 && !explain(err, "").crashed():
			all.Others++ // this file is no image
		default:
			return nil, err
		}
	}
	return all, nil
}

// batch is where the files end that are listed together with that at begin. Those of
// a CD are listed all together, for its index is of them all.
func batch(files []File, begin int) (end int) {
	if slices.ContainsFunc(files, func(f File) bool { return strings.ToUpper(f.Name()) == "DICOMDIR" }) {
		return len(files)
	}
	bytes := int64(0)
	for end = begin; end < len(files) && end-begin < batchFiles; end++ {
		if bytes += files[end].Size(); bytes > batchBytes && end > begin {
			break
		}
	}
	return end
}

// enqueue puts the studies that images make at the end of the queue, and shows them.
func (d *Desk) enqueue(l *Listing, deeper int) {
	q := &d.queue
	studies := pair(l.Images)
	q.first = len(q.studies) / StudiesShown * StudiesShown
	for _, s := range studies {
		d.number(s)
	}
	q.studies = append(q.studies, studies...)
	d.notice = say.F("%s in %s, written one after another.", say.Count(len(l.Images), "image"), CountStudies(len(studies)))
	if l.Others > 0 {
		d.notice += " " + leftOut(l.Others)
	}
	if l.More > 0 {
		d.notice += " " + notListed(l.More)
	}
	if deeper > 0 {
		d.notice += " " + say.N(deeper, "%d file in more than %d folders, one in the other, is left out.", "%d files in more than %d folders, one in the other, are left out.", maxDepth)
	}
	d.say(d.notice)
	d.Go(Place{Room: RoomQueue})
}

// number gives a study the state and the number of a new one.
func (d *Desk) number(s *Study) {
	d.queue.numbers++
	s.number, s.State = d.queue.numbers, StudyWaiting
}

// EnqueueChoice puts all images of the list to choose from into the queue.
func (d *Desk) EnqueueChoice() {
	if c := d.choice; c != nil {
		d.clear()
		d.choice = nil
		d.enqueue(&c.Listing, 0)
		d.advance()
	}
}

// Looking says how far files that were added are looked through, or nothing.
func (d *Desk) Looking() string { return d.queue.looking }

// Studies are those of the queue.
func (d *Desk) Studies() []*Study { return d.queue.studies }

// StudiesNow are the studies that are shown, and the place of the first of them.
func (d *Desk) StudiesNow() (shown []*Study, first int) {
	all := d.queue.studies
	first = min(d.queue.first, max(len(all)-1, 0)/StudiesShown*StudiesShown)
	return all[first:min(first+StudiesShown, len(all))], first
}

// CanTurnStudies says whether there are studies behind those shown (step 1), or
// before them (step -1).
func (d *Desk) CanTurnStudies(step int) bool {
	_, first := d.StudiesNow()
	next := first + step*StudiesShown
	return next >= 0 && next < len(d.queue.studies)
}

// TurnStudies shows those.
func (d *Desk) TurnStudies(step int) {
	if d.CanTurnStudies(step) {
		_, first := d.StudiesNow()
		d.queue.first = first + step*StudiesShown
		d.focus = Focus{RoomQueue.TitleID(), Always}
	}
}

// InState is how many studies are in one of some states.
func (d *Desk) InState(states ...StudyState) int {
	n := 0
	for _, s := range d.queue.studies {
		if slices.Contains(states, s.State) {
			n++
		}
	}
	return n
}

// QueueSum says how the queue stands.
func (d *Desk) QueueSum() string {
	if len(d.queue.studies) == 0 {
		return ""
	}
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{d.InState(StudyDone), say.Key("%d done")}, {d.InState(StudyReading, StudyWriting), say.Key("%d being written")}, {d.InState(StudyWaiting), say.Key("%d waiting")},
		{d.InState(StudyFailed), say.Key("%d failed")}, {d.InState(StudyCancelled), say.Key("%d stopped")},
	} {
		if p.n > 0 {
			parts = append(parts, say.F(p.text, p.n))
		}
	}
	return CountStudies(len(d.queue.studies)) + ": " + strings.Join(parts, ", ")
}

// advance has the engine write the next study that waits, if it has nothing to do for
// the stage or the lab.
func (d *Desk) advance() {
	q := &d.queue
	if q.writing != nil || d.running != nil || d.loading != nil || d.replacing || d.Redrawing() || d.Rewriting() || d.lab.busy || d.Model() == nil {
		return
	}
	at := slices.IndexFunc(q.studies, func(s *Study) bool { return s.State == StudyWaiting })
	if at < 0 {
		return
	}
	s := q.studies[at]
	ctx, cancel := context.WithCancel(context.Background())
	j := &Job{cancel: cancel}
	s.State, s.job, q.writing = StudyReading, j, j
	films, source := slices.Clone(s.Films), d.source
	go func() {
		opened, bad := d.openFilms(ctx, d.engine.Decode, films)
		var r *report.Report
		if bad == nil {
			var views []*View
			d.update(func() {
				views = seated(seats(films, opened))
				if s.job == j {
					s.State = StudyWriting
				}
			})
			var err error
			if r, err = d.write(ctx, views, source, func(p status.Progress) { d.progressed(j, p) }); err != nil {
				bad = explain(err, "")
			}
			d.closeAll(opened)
		}
		cancel()
		d.update(func() {
			q.writing = nil
			if s.job == j {
				s.end(r, bad)
				d.ended(s, bad)
				if bad == nil {
					d.history.finished(r, nil)
				}
			}
			if bad == nil || !bad.crashed() {
				d.regain()
			}
		})
	}()
}

// progressed notes how far a job of the queue is, with a render only where it is shown.
func (d *Desk) progressed(j *Job, p status.Progress) {
	d.env.Lock()
	j.progress = p
	if d.at.Room == RoomQueue {
		d.env.UnlockRender()
	} else {
		d.env.UnlockOnly()
	}
}

// openFilms opens the films of a study, all or none.
func (d *Desk) openFilms(ctx context.Context, open func(context.Context, Source) (*View, error), films []*Film) ([]*View, *Trouble) {
	var views []*View
	for _, f := range films {
		v, err := open(ctx, f.Source)
		if err != nil {
			d.closeAll(views)
			return nil, explain(err, f.Source.Name())
		}
		views = append(views, v)
	}
	return views, nil
}

func (d *Desk) closeAll(views []*View) {
	for _, v := range views {
		d.engine.Close(v)
	}
}

// seats puts the views of films into slots. What is known of a film and of its view,
// both then know.
func seats(films []*Film, views []*View) (slots [Slots]*View) {
	for i, v := range views {
		if f := films[i]; f.Known > v.Known {
			v.Shows, v.Known = f.Shows, f.Known
		} else {
			f.Shows, f.Known = v.Shows, v.Known
		}
		seat(&slots, v)
	}
	return slots
}

// end leaves a study with its report, or with why there is none.
func (s *Study) end(r *report.Report, bad *Trouble) {
	s.job = nil
	if bad != nil {
		s.State, s.Why = StudyFailed, bad.Sentence
		return
	}
	s.State, s.Why = StudyDone, ""
	s.Report, s.Written, s.yours = r, time.Now().Truncate(time.Second), yours{}
	s.Named = findings.Of(join(r.Words))
}

// ended tells what has become of a study, a failure of the engine for all to see.
func (d *Desk) ended(s *Study, bad *Trouble) {
	if bad == nil {
		d.privacy.reported()
	}
	left := d.InState(StudyWaiting)
	switch {
	case bad != nil && bad.crashed():
		d.fail(bad)
	case left == 0:
		d.say(say.Text("The queue has ended.") + " " + d.QueueSum() + ".")
	case time.Since(d.announced) >= announceEvery:
		d.say(d.QueueSum() + ".")
	}
}

// leave has the engine leave a study, which then is in that state.
func (s *Study) leave(state StudyState) {
	if s.job != nil {
		s.job.stop()
		s.job = nil
	}
	s.State = state
}

// giveWay has the engine leave what it does beside what comes next: redraws and
// rewrites of the draft, what rooms show, and what it writes of the queue, which then waits.
func (d *Desk) giveWay() {
	d.redraw.stop()
	d.rewrite.stop()
	d.lab.stop()
	d.learn.stop()
	for _, s := range d.queue.studies {
		if s.job != nil {
			s.leave(StudyWaiting)
		}
	}
}

// StopStudy keeps a study from being written.
func (d *Desk) StopStudy(s *Study) {
	s.leave(StudyCancelled)
	d.advance()
}

// WriteStudy has a study written that was stopped.
func (d *Desk) WriteStudy(s *Study) {
	s.State = StudyWaiting
	d.advance()
}

// StopStudies keeps all studies from being written that are not yet.
func (d *Desk) StopStudies() {
	for _, s := range d.queue.studies {
		if s.State == StudyWaiting || s.job != nil {
			s.leave(StudyCancelled)
		}
	}
	d.say(d.QueueSum() + ".")
}

// WriteStudies has all studies written that were stopped.
func (d *Desk) WriteStudies() {
	for _, s := range d.queue.studies {
		if s.State == StudyCancelled {
			s.State = StudyWaiting
		}
	}
	d.advance()
}

// RemoveStudy takes a study out of the queue, and its report with it.
func (d *Desk) RemoveStudy(s *Study) {
	s.leave(StudyCancelled)
	q := &d.queue
	q.studies = slices.DeleteFunc(q.studies, func(other *Study) bool { return other == s })
	q.changing, q.joining = nil, nil
	d.focus = Focus{RoomQueue.TitleID(), IfNowhere}
	d.say(say.F("%s is removed.", s.Name()))
	d.advance()
}

// Changing is the study whose films can be paired anew, or nil.
func (d *Desk) Changing() *Study { return d.queue.changing }

// ToggleChanging makes that a study, or none.
func (d *Desk) ToggleChanging(s *Study) {
	if d.queue.changing == s {
		s = nil
	}
	d.queue.changing, d.queue.joining = s, nil
}

// SwapFilms takes the frontal film of a study for the lateral one, and the other way.
func (d *Desk) SwapFilms(s *Study) {
	s.swap()
	d.anew(s, s.How)
}

// SplitStudy makes a study of each of the two films of one.
func (d *Desk) SplitStudy(s *Study) {
	if len(s.Films) < Slots {
		return
	}
	other := &Study{Films: s.Films[1:], How: PartedByHand}
	d.number(other)
	s.Films = s.Films[:1:1]
	q := &d.queue
	at := slices.Index(q.studies, s) + 1
	q.studies = slices.Concat(q.studies[:at], []*Study{other}, q.studies[at:])
	d.anew(s, PartedByHand)
}

// Joining is the study of one film that is to get another, or nil.
func (d *Desk) Joining() *Study { return d.queue.joining }

// JoinStudy first makes that the study to join, or none again, and then joins the film of
// another to it.
func (d *Desk) JoinStudy(s *Study) {
	q := &d.queue
	switch {
	case len(s.Films) == Slots:
	case q.joining == nil:
		q.joining = s
	case q.joining == s:
		q.joining = nil
	default:
		to := q.joining
		s.leave(StudyCancelled)
		q.studies = slices.DeleteFunc(q.studies, func(other *Study) bool { return other == s })
		to.Films = slices.Concat(to.Films, s.Films)
		q.changing, q.joining = to, nil
		d.focus = Focus{to.ID(), Always}
		d.anew(to, PairedByHand)
	}
}

// anew has a study written whose films have changed, and forgets what was written of
// those before.
func (d *Desk) anew(s *Study, how Pairing) {
	s.leave(StudyWaiting)
	s.How, s.Report, s.Named, s.Why, s.yours = how, nil, nil, "", yours{}
	if d.queue.reading == s { // what is on the stage is no longer this study
		d.queue.reading = nil
	}
	d.say(s.Name() + ", " + say.Text(string(how)) + ".")
	d.advance()
}

// Reading is the study of the queue that is on the stage, as it was put there, or nil.
func (d *Desk) Reading() *Study {
	if q := d.queue; q.reading != nil && slices.Contains(q.studies, q.reading) && slices.Equal(q.views, d.Views()) {
		return q.reading
	}
	return nil
}

// CanRead says whether ReadStudy would do anything.
func (d *Desk) CanRead() bool { return d.running == nil && !d.Opening() }

// stands says whether a study's report is to be read as it is: it is by the model in
// use, or the reader has said something of it.
func (s *Study) stands(m *Model) bool {
	return s.Report != nil && (m != nil && s.Report.Model.SHA256 == m.SHA256 || s.yours.reader() != nil)
}

// ReadStudy puts a study on the stage: its films, which are decoded anew, and its
// report, if that stands. Otherwise it is written.
// What the reader says of a draft stays with its study; of one that is of no study it
// would go, so they are asked first.
func (d *Desk) ReadStudy(s *Study) {
	switch {
	case !d.CanRead():
		return
	case d.marked() && d.leaving() == nil:
		d.askToDiscard(func() {
			d.result.yours = yours{}
			d.ReadStudy(s)
		})
		return
	}
	d.clear()
	d.choice = nil
	if s.job != nil {
		s.leave(StudyWaiting)
	}
	d.replacing, d.due = true, false
	films := slices.Clone(s.Films)
	go func() {
		opened, bad := d.openFilms(context.Background(), d.engine.Open, films)
		d.update(func() {
			d.replacing = false
			if bad != nil {
				s.end(nil, bad)
				d.fail(bad)
				return
			}
			if !slices.Equal(films, s.Films) { // they were paired anew meanwhile
				go d.closeAll(opened)
				return
			}
			d.keepYours()
			for slot := range d.slots {
				d.remove(slot)
			}
			d.slots = seats(films, opened)
			d.queue.reading, d.queue.views = s, d.Views()
			if ok, _ := d.CanRun(); s.stands(d.Model()) {
				written := s.Written
				d.show(s.Report, d.Views())
				d.result.Written, d.result.yours = written, s.yours.clone()
			} else if ok {
				d.run()
			}
			d.Go(Place{Room: RoomRead})
			d.say(s.Name() + ". " + d.announcement)
		})
	}()
}

// leaving is the study whose report is the draft on the stage, or nil.
func (d *Desk) leaving() *Study {
	if s := d.Reading(); s != nil && d.result != nil && d.result.Report == s.Report {
		return s
	}
	return nil
}

// Holds says whether a study alone holds something that the reader has said of its draft,
// which goes when it is removed or its films are paired anew.
func (d *Desk) Holds(s *Study) bool { return s.yours.reader() != nil && d.leaving() != s }

// keepYours leaves what the reader says of the draft with its study.
func (d *Desk) keepYours() {
	if s := d.leaving(); s != nil {
		s.yours = d.result.yours.clone()
	}
}

// neighbour is the study before that on the stage (step -1) or behind it (step 1) that
// can be read, or nil.
func (d *Desk) neighbour(step int) *Study {
	s := d.Reading()
	if s == nil {
		return nil
	}
	all := d.queue.studies
	for at := slices.Index(all, s) + step; at >= 0 && at < len(all); at += step {
		if all[at].State != StudyFailed {
			return all[at]
		}
	}
	return nil
}

// CanReadNext says whether ReadNext would do anything.
func (d *Desk) CanReadNext(step int) bool { return d.CanRead() && d.neighbour(step) != nil }

// ReadNext puts the study before that on the stage there (step -1), or that behind it
// (step 1), and reports whether there is one.
func (d *Desk) ReadNext(step int) bool {
	s := d.neighbour(step)
	if s != nil {
		d.ReadStudy(s)
	}
	return s != nil
}

// Position says which of the queue's studies is on the stage, or nothing.
func (d *Desk) Position() string {
	s := d.Reading()
	if s == nil {
		return ""
	}
	return say.F("Study %d of %d", slices.Index(d.queue.studies, s)+1, len(d.queue.studies))
}

// Document is the report of a study that is done, as it leaves the page.
func (s *Study) Document() export.Document {
	return export.Document{Report: s.Report, Written: s.Written, Reader: s.yours.reader()}
}

// SaveStudies offers the reports of the queue as a file of a form.
func (d *Desk) SaveStudies(f export.Form) {
	d.keepYours()
	var studies []export.Study
	for _, s := range d.queue.studies {
		if s.State != StudyDone {
			continue
		}
		e := export.Study{Document: s.Document()}
		denied := findings.Denied(join(s.Report.Words))
		for _, l := range findings.Labels() {
			says := "not mentioned"
			switch {
			case slices.Contains(s.Named, l):
				says = "named"
			case slices.Contains(denied, l):
				says = "denied"
			}
			e.Verdicts = append(e.Verdicts, export.Verdict{Finding: string(l), Says: says})
		}
		studies = append(studies, e)
	}
	data, err := f.Encode(studies)
	if err != nil {
		panic("desk: a report that came as JSON is none") // NaN, which JSON cannot bring
	}
	d.say(say.F("%s is saved.", "reports"+f.Extension))
	go d.screen.Save("reports"+f.Extension, f.MIME, data)
}
