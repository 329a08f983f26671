package desk

import (
	"context"
	"math"
	"slices"
	"strings"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
	"uarweb/ui/say"
)

// Rewrite is the report of the draft's films written otherwise, from what the model
// saw of them: with one thing changed; or a report that was kept. It stands beside the
// draft and never takes its place.
type Rewrite struct {
	Change Change
	Word   int // of the draft, that CoverPatches and FollowWord are about, or None
	State  RedrawState
	Other  *Result // once it is done

	trouble     *Trouble // if it has failed
	draft       *Result
	followed    string // by FollowWord, as people read it
	beam        int    // of OtherBeam
	job         *Job
	interrupted *Redraw // that has given way to it, or nil
	pairs       []int   // of each word of the draft the one of Other that stands for it, or None
}

// Change is what is changed in a Rewrite.
type Change int

// The changes.
const (
	CoverPatches Change = iota // the patches are covered that a word looked at most
	FollowWord                 // another word stands in a word's place, and the report goes on from there
	LeaveOutTIR                // the text-to-image mask is left out
	OtherBeam                  // the search is wider, or narrower
	KeptReport                 // nothing is written: it is a report that the reader keeps
)

// covered is the part of a study's patches that Cover covers, that of
// weights/train/deletion.py.
const covered = 0.1

// Cover covers the patches that the selected word looked at most, and has the report
// written anew (deletion: Petsiuk et al., RISE, 2018).
func (d *Desk) Cover() {
	if d.CanRewrite() && d.selected != None {
		if patches := d.result.mostLookedAt(d.selected); patches != nil {
			d.rewriteWith(&Rewrite{Change: CoverPatches, Word: d.selected}, Writing{Cover: patches})
		}
	}
}

// mostLookedAt returns the patches that a word looked at most, the tenth of those of
// the report's views: places among the image tokens, of all copies of a view. It
// returns nil if the report does not fit its views.
func (r *Result) mostLookedAt(word int) []int {
	grids := r.Grids(word, Attention)
	if grids == nil {
		return nil
	}
	var all []float32
	for _, g := range grids {
		all = append(all, g.Values...)
	}
	copies, tokens := len(r.Report.ImageTokens)/len(grids), len(grids[0].Values)
	var places []int
	for range max(1, int(math.Round(covered*float64(len(all))))) {
		most := slices.Index(all, slices.Max(all))
		for c := range copies {
			places = append(places, (most/tokens*copies+c)*tokens+most%tokens)
		}
		all[most] = -1 // less than any attention
	}
	return places
}

// CanFollow says whether an alternative of the selected word can be followed: another
// word that the report can go on from.
func (d *Desk) CanFollow(alternative int) bool {
	if d.result == nil || d.selected == None {
		return false
	}
	word := d.result.Report.Words[d.selected]
	a := word.Alternatives[alternative]
	return a.Token != word.Token && a.Text != report.End // behind which there is nothing
}

// Follow writes the report as if an alternative of the selected word stood in its
// place.
func (d *Desk) Follow(alternative int) {
	if !d.CanRewrite() || !d.CanFollow(alternative) {
		return
	}
	var prefix []int
	for _, w := range d.result.Report.Words[:d.selected] {
		prefix = append(prefix, w.Token)
	}
	a := d.result.Report.Words[d.selected].Alternatives[alternative]
	d.rewriteWith(&Rewrite{Change: FollowWord, Word: d.selected, followed: report.Spoken(a.Text)}, Writing{Prefix: append(prefix, a.Token)})
}

// rewriteWith has r written, the newest wish. Redraws give way to it, and begin anew
// when it is done.
func (d *Desk) rewriteWith(r *Rewrite, w Writing) {
	switch {
	case d.Redrawing():
		r.interrupted = d.redraw
	case d.Rewriting():
		r.interrupted = d.rewrite.interrupted
	}
	d.giveWay()
	ctx, cancel := context.WithCancel(context.Background())
	r.State, r.draft, r.job = RedrawRunning, d.result, &Job{cancel: cancel}
	d.rewrite, d.tab = r, CompareTab
	d.leaveChanged()
	d.say(say.F("%s: the report is being written.", r.Title()))
	go func() {
		other, err := d.engine.Rewrite(ctx, r.draft.Views, w, func(p status.Progress) {
			d.update(func() {
				r.job.progress = p
				if d.Stale() {
					cancel()
				}
			})
		})
		cancelled := ctx.Err() != nil
		cancel()
		d.update(func() {
			switch {
			case err == nil:
				r.finish(other)
				if d.rewrite == r {
					d.say(r.Title() + ": " + r.Verdict())
				}
			case cancelled:
				r.State = RedrawStopped
			default:
				r.State, r.trouble = RedrawFailed, explain(err, "")
				d.say(r.Failure())
			}
			if status.CodeOf(err) != status.Crashed {
				d.regain()
			}
			if r.interrupted != nil && d.redraw == r.interrupted && d.CanRedraw() {
				d.draw(r.interrupted.Seed)
			}
		})
	}()
}

// finish takes the other report in.
func (r *Rewrite) finish(other *report.Report) {
	r.stand(newResult(other, r.draft.Views, r.draft.Slots))
}

// stand puts the other report beside the draft.
func (r *Rewrite) stand(other *Result) {
	r.State, r.Other = RedrawDone, other
	r.pairs = align(texts(r.draft.Report.Words), texts(other.Report.Words))
}

// stop ends a rewrite, if one runs.
func (r *Rewrite) stop() {
	if r != nil {
		r.job.stop()
	}
}

// CanRewrite says whether the draft can be written otherwise: it is of what is on the
// desk, by the model in use, and there is nothing else to do.
func (d *Desk) CanRewrite() bool { return d.current() && d.running == nil && d.loading == nil }

// StopRewrite stops the last rewrite.
func (d *Desk) StopRewrite() { d.rewrite.stop() }

// LastRewrite is that of the draft, or nil.
func (d *Desk) LastRewrite() *Rewrite { return d.rewrite }

// Rewriting says whether the draft is being written otherwise.
func (d *Desk) Rewriting() bool { return d.rewrite != nil && d.rewrite.State == RedrawRunning }

// Of the words that follow, those of the draft are the Rewrite's, and those of what is
// written otherwise Other's.

// Doing says in words what a rewrite is at.
func (r *Rewrite) Doing() string { return r.job.Doing() }

// Failure says why a rewrite has failed.
func (r *Rewrite) Failure() string {
	if r.trouble.Code == status.BackendLost { // which loads the model again
		return say.Text("This failed, and a part of what computes with it; the rest goes on.")
	}
	return say.Text("This failed.") + " " + r.trouble.Sentence
}

// Text is what is written so far.
func (r *Rewrite) Text() string { return r.job.Text() }

// Title says what is changed.
func (r *Rewrite) Title() string {
	switch r.Change {
	case CoverPatches:
		return say.F("With what “%s” looked at covered", r.word())
	case FollowWord:
		return say.F("If it had said “%s” for “%s”", r.followed, r.word())
	}
	if r.Change == KeptReport {
		return say.Text("The report that is kept") + r.Other.differs(r.draft)
	}
	return sentenceCase(Comparison{r.Change, r.beam}.Name())
}

func (r *Rewrite) word() string { return report.Spoken(r.draft.Report.Words[r.Word].Text) }

// Verdict says what has come of a rewrite that is done, above all of the findings.
func (r *Rewrite) Verdict() string {
	if r.Change != CoverPatches {
		return r.findingsChanged()
	}
	gone, still := r.tested()
	switch {
	case gone == nil && still == nil && r.saysAgain():
		return say.Text("Still says this sentence, word for word.")
	case gone == nil && still == nil:
		return say.Text("No longer says this sentence as it was.")
	case gone == nil:
		return say.F("Still names %s.", list(still))
	case still == nil:
		return say.F("No longer names %s.", list(gone))
	}
	return say.F("No longer names %s, but still %s.", list(gone), list(still))
}

// Meaning says what follows from the verdict on covered patches, in one sentence.
func (r *Rewrite) Meaning() string {
	if r.Change != CoverPatches {
		return ""
	}
	gone, still := r.tested()
	if gone == nil && (still != nil || r.saysAgain()) {
		return say.Text("So it does not rest on these patches alone: it comes from elsewhere on the films, or from habit.")
	}
	return say.Text("So it rested on these patches, or is so unsteady that any change undoes it: how often redraws say it again tells.")
}

// tested are the findings that the word's sentence names, and the other report no
// longer or still.
func (r *Rewrite) tested() (gone, still []findings.Label) {
	for _, l := range r.draft.NamedBeside(r.Word) {
		if slices.Contains(r.Other.Named, l) {
			still = append(still, l)
		} else {
			gone = append(gone, l)
		}
	}
	return gone, still
}

// saysAgain says whether the other report has the word's sentence, word for word.
func (r *Rewrite) saysAgain() bool {
	return slices.Contains(r.Other.sentences(), r.draft.sentences()[r.draft.Spans[r.Word].Sentence])
}

// Instead returns the sentence of the other report that has most words of that of
// Word, and nothing if none has any but its stop.
func (r *Rewrite) Instead() string {
	sentences := r.Other.sentences()
	shared := make([]int, len(sentences))
	for i, s := range r.draft.Spans {
		if other := r.pairs[i]; s.Sentence == r.draft.Spans[r.Word].Sentence && other != None && s.Text != "." {
			shared[r.Other.Spans[other].Sentence]++
		}
	}
	if len(shared) == 0 || slices.Max(shared) == 0 {
		return ""
	}
	return sentences[slices.Index(shared, slices.Max(shared))]
}

// findingsChanged compares what both reports name.
func (r *Rewrite) findingsChanged() string {
	var sentences []string
	if added := without(r.Other.Named, r.draft.Named); added != nil {
		sentences = append(sentences, say.F("Names %s, which the draft does not.", list(added)))
	}
	if gone := without(r.draft.Named, r.Other.Named); gone != nil {
		sentences = append(sentences, say.F("Does not name %s, which the draft does.", list(gone)))
	}
	if sentences == nil {
		return say.Text("Names the same findings as the draft.")
	}
	return strings.Join(sentences, " ")
}

// without returns the findings of some that others lack.
func without(some, others []findings.Label) (left []findings.Label) {
	for _, l := range some {
		if l != findings.NoFinding && !slices.Contains(others, l) {
			left = append(left, l)
		}
	}
	return left
}

// list is findings in a sentence.
func list(labels []findings.Label) string {
	var names []string
	for _, l := range labels {
		names = append(names, say.Text(string(l)))
	}
	if n := len(names) - 1; n > 0 {
		return say.F("%s and %s", strings.Join(names[:n], ", "), names[n])
	}
	return strings.Join(names, "")
}

// Shared says how many words of the draft stand in the other report, in their order.
func (r *Rewrite) Shared() string {
	if r.Other.Report.Text == r.draft.Report.Text {
		return say.Text("It is the draft, word for word.")
	}
	all, shared := 0, 0
	for i, w := range r.draft.Report.Words {
		if w.Text == "." {
			continue
		}
		all++
		if r.pairs[i] != None {
			shared++
		}
	}
	return say.F("Of the draft’s %s %d stand in it, in their order.", say.Count(all, "word"), shared)
}

// Run is words of a report that both have, or that one has alone.
type Run struct {
	Text        string
	SpaceBefore bool
	Differs     bool
}

// Runs are both reports as people read them. While the other is being written nothing
// differs.
func (r *Rewrite) Runs() (draft, other []Run) {
	if r.Other == nil {
		return []Run{{Text: r.draft.Report.Text}}, []Run{{Text: r.Text()}}
	}
	paired := make([]bool, len(r.Other.Spans))
	for _, other := range r.pairs {
		if other != None {
			paired[other] = true
		}
	}
	return runs(r.draft.Spans, func(i int) bool { return r.pairs[i] == None }),
		runs(r.Other.Spans, func(i int) bool { return !paired[i] })
}

func runs(spans []report.Span, differs func(i int) bool) []Run {
	var all []Run
	for i, s := range spans {
		last := len(all) - 1
		switch {
		case last < 0 || all[last].Differs != differs(i):
			all = append(all, Run{s.Text, s.SpaceBefore, differs(i)})
		case s.SpaceBefore:
			all[last].Text += " " + s.Text
		default:
			all[last].Text += s.Text
		}
	}
	return all
}

// Grids returns the map of how a word's attention changed, for each view: that of the
// word that stands for it in the other report less the draft's, for None the
// difference of the means. It is nil if there is no such word or report, or if that is
// of other films.
func (r *Rewrite) Grids(word int) []Grid {
	if r.Other == nil || !r.Other.sameFilms(r.draft) {
		return nil
	}
	other := None
	if word != None {
		if other = r.pairs[word]; other == None {
			return nil
		}
	}
	before, after := r.draft.Grids(word, Attention), r.Other.Grids(other, Attention)
	if len(before) != len(after) {
		return nil
	}
	for i, g := range after {
		if g.Side != before[i].Side {
			return nil
		}
		for j := range g.Values {
			g.Values[j] -= before[i].Values[j]
		}
	}
	return after
}
