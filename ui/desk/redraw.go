package desk

import (
	"context"
	"slices"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
	"uarweb/ui/say"
)

// Redraws is how many reports are drawn beside a draft.
const Redraws = 20

// Redraw is what reports that were drawn from the model's distribution, of the
// views of a draft, say of it.
type Redraw struct {
	State RedrawState
	Drawn int    // reports so far, of Redraws
	Seed  uint64 // that they follow from

	draft   string // cleaned
	reports []Drawn
	counts  []findings.Count
	samples *export.Samples // once nothing more is drawn, or nil
	cancel  context.CancelFunc
}

// newRedraw returns the Redraw of a draft, cleaned, that begins.
func newRedraw(draft string, seed uint64) *Redraw {
	return &Redraw{State: RedrawRunning, Seed: seed, draft: draft, counts: findings.Table(draft, nil)}
}

// RedrawState says how far a Redraw, or a Rewrite, is.
type RedrawState string

// The states.
const (
	RedrawRunning RedrawState = "running"
	RedrawDone    RedrawState = "done"
	RedrawStopped RedrawState = "stopped"
	RedrawFailed  RedrawState = "failed"
)

// Redraw draws reports of the draft's views, other ones than the last time. They
// run beside all else and give way to it.
func (d *Desk) Redraw() {
	if !d.CanRedraw() {
		return
	}
	seed := uint64(0)
	if before := d.redraw; before != nil {
		seed = before.Seed + 1
	}
	d.draw(seed)
}

// draw draws the reports that follow from a seed.
func (d *Desk) draw(seed uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	r := newRedraw(d.result.cleaned(), seed)
	r.cancel = cancel
	d.redraw = r
	views := d.result.Views
	go func() {
		err := d.engine.Sample(ctx, views, Redraws, r.Seed, func(drawn Drawn) {
			d.update(func() {
				r.add(drawn)
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
				r.State = RedrawDone
			case cancelled:
				r.State = RedrawStopped
			default:
				r.State = RedrawFailed
			}
			r.sum()
			if status.CodeOf(err) != status.Crashed {
				d.regain()
			}
		})
	}()
}

// regain loads the model again that what runs beside all else has cost its engine: by
// a fault, or a cancel that was not heeded.
func (d *Desk) regain() {
	if d.Model() == nil && d.running == nil && d.loading == nil {
		d.load(d.source)
	}
}

// add counts what one more report says.
func (r *Redraw) add(drawn Drawn) {
	r.Drawn++
	r.reports = append(r.reports, drawn)
	for i, c := range findings.Table(r.draft, []string{drawn.Cleaned}) {
		r.counts[i].Stated += c.Stated
		r.counts[i].Denied += c.Denied
	}
}

// sum brings what was drawn into the form in which it leaves, in the order of the
// reports' indices.
func (r *Redraw) sum() {
	if r.Drawn == 0 {
		return
	}
	var reports []report.Sample
	var cleaned []string
	for i := range Redraws {
		if at := slices.IndexFunc(r.reports, func(d Drawn) bool { return d.Index == i }); at >= 0 {
			reports, cleaned = append(reports, r.reports[at].Report), append(cleaned, r.reports[at].Cleaned)
		}
	}
	r.samples = findings.Samples(r.draft, reports, cleaned)
	r.samples.Draft, r.samples.Seed, r.samples.Temperature, r.samples.TopP = "beam", r.Seed, 1, 1
}

// stop ends a redraw, if one runs.
func (r *Redraw) stop() {
	if r != nil {
		r.cancel()
	}
}

// CanRedraw says whether Redraw would do anything: there is a draft of what is on
// the desk, by the model in use, and nothing else to do.
func (d *Desk) CanRedraw() bool {
	return d.current() && d.running == nil && d.loading == nil && !d.Redrawing() && !d.Rewriting()
}

// current says that there is a draft of what is on the desk, by the model in use.
func (d *Desk) current() bool {
	return d.result != nil && !d.Stale() && d.Model() != nil && d.Model().SHA256 == d.result.Report.Model.SHA256
}

// StopRedraw keeps what was drawn so far.
func (d *Desk) StopRedraw() { d.redraw.stop() }

// LastRedraw is that of the draft, or nil.
func (d *Desk) LastRedraw() *Redraw { return d.redraw }

// Redrawing says whether reports are being drawn.
func (d *Desk) Redrawing() bool { return d.redraw != nil && d.redraw.State == RedrawRunning }

// Automatic says whether each draft is redrawn without being asked to.
func (d *Desk) Automatic() bool { return !d.manual }

// SetAutomatic changes that.
func (d *Desk) SetAutomatic(on bool) { d.manual = !on }

// Again counts the redraws that name a finding. Without any it is 0.
func (r *Redraw) Again(l findings.Label) int {
	if r == nil {
		return 0
	}
	return r.counts[slices.Index(findings.Labels(), l)].Stated
}

// Said says how many redraws of how many name a finding, or nothing if there are none.
func (r *Redraw) Said(l findings.Label) string {
	if r == nil || r.Drawn == 0 {
		return ""
	}
	return say.F("%d of %d", r.Again(l), r.Drawn)
}

// Others are the findings that some redraws name and the draft does not, those
// that most of them name first. That there is none is no finding.
func (r *Redraw) Others() []findings.Count {
	if r == nil {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(r.counts), func(c findings.Count) bool {
		return c.Draft || c.Stated == 0 || c.Label == findings.NoFinding
	})
	slices.SortStableFunc(others, func(a, b findings.Count) int { return b.Stated - a.Stated })
	return others
}
