package desk

import (
	"context"
	"slices"
	"strings"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/say"
)

// Start loads the shipped model, and finds out what this browser remembers.
func (d *Desk) Start() {
	d.clear()
	d.load(nil)
	d.history.recall()
}

// load loads the weights in f, or the shipped ones if f is nil.
func (d *Desk) load(f File) {
	if d.running != nil {
		d.fail(trouble(codeBusy, ""))
		return
	}
	d.loading.stop() // the newest wish counts
	d.giveWay()
	ctx, cancel := context.WithCancel(context.Background())
	j := &Job{cancel: cancel}
	if f != nil {
		j.name = f.Name()
	}
	d.loading, d.failed, d.lab.trouble = j, false, nil
	before := d.Model()
	go func() {
		err := d.loadModel(ctx, f, d.follow(j))
		cancelled := ctx.Err() != nil
		cancel()
		d.update(func() {
			if d.loading == j {
				d.loading = nil
			}
			d.keep() // after what the reader waits for
			switch {
			case err == nil:
				d.source = f
				d.say(say.Text("The model is ready."))
				if f != nil {
					d.notice = say.F("Now using the model in “%s”.", j.name)
				}
			case !cancelled:
				d.failed = true
				d.fail(explain(err, j.name))
			case d.loading != nil: // replaced by another load
			case before != nil && d.Model() == nil:
				d.revive()
			default:
				d.notice = say.Text("Loading was cancelled.")
				d.say(d.notice)
			}
		})
	}()
}

// CanRun says whether Run would start, or else why not.
func (d *Desk) CanRun() (ok bool, why string) {
	switch {
	case d.Views() == nil && !d.Opening():
		return false, say.Text("Add a chest X-ray to begin.")
	case d.Opening():
		return false, say.Text("Reading the image…")
	case d.loading != nil:
		return false, say.Text("The model is still loading.")
	case d.Model() == nil:
		return false, say.Text("No model is loaded.")
	case d.Model().Views < len(d.Views()):
		return false, say.Text("This model writes about one image. Remove the other to begin.")
	}
	return d.running == nil, ""
}

// runDue writes the report that is due, unless something still comes that it needs.
func (d *Desk) runDue() {
	if d.due && !d.Opening() && d.loading == nil {
		d.due = false
		d.Run()
	}
}

// Run writes the report of the views on the desk. If the reader has said something of
// the one before, which would go, it asks first.
func (d *Desk) Run() {
	switch ok, _ := d.CanRun(); {
	case !ok:
	case d.marked():
		d.askToDiscard(func() {
			if ok, _ := d.CanRun(); ok {
				d.run()
			}
		})
	default:
		d.run()
	}
}

// run writes the report of the views on the desk.
func (d *Desk) run() {
	d.clear()
	d.giveWay()
	ctx, cancel := context.WithCancel(context.Background())
	j := &Job{cancel: cancel}
	d.running = j
	views, before, source := d.Views(), d.Model(), d.source
	result, redraw, rewrite := d.result, d.redraw, d.rewrite
	d.ask(views)
	go func() {
		r, err := d.write(ctx, views, source, d.follow(j))
		cancelled := ctx.Err() != nil
		cancel()
		d.update(func() {
			d.running = nil
			if err != nil && d.Asking() {
				d.answer, d.result, d.redraw, d.rewrite = nil, result, redraw, rewrite
			}
			switch {
			case err == nil:
				d.finish(r, views)
				if s := d.Reading(); s != nil {
					s.end(r, nil)
				}
				if d.Model() != before {
					d.notice = say.Text("A part of what computes here had failed; the report was written anew.")
				}
			case !cancelled || status.CodeOf(err) == status.Crashed:
				d.failed = d.Model() == nil
				d.fail(explain(err, ""))
			case d.Model() == nil:
				d.revive()
			default:
				d.notice = say.Text("Cancelled. Nothing else has changed.")
				d.say(d.notice)
			}
		})
	}()
}

// revive loads the model again that a cancel has cost: that of an engine which
// did not answer, or was being replaced.
func (d *Desk) revive() {
	d.load(d.source)
	d.notice = say.Text("Cancelled. The engine had to be started again for that, so the model is loaded again; nothing else has changed.")
	d.say(d.notice)
}

// attempts is how often something is tried where a part of what computes fails
// each time: on a GPU, again, on threads, on one, and without SIMD.
const attempts = 5

// lost says whether that is what happened.
func lost(err error) bool { return status.CodeOf(err) == status.BackendLost }

// loadModel loads the weights in f, or the shipped ones if f is nil.
func (d *Desk) loadModel(ctx context.Context, f File, progress func(status.Progress)) (err error) {
	for range attempts {
		if err = d.engine.Load(ctx, f, progress); !lost(err) {
			break
		}
	}
	return err
}

// write has the report of views written. Where a part of what computes fails, the
// same weights are loaded again from source.
func (d *Desk) write(ctx context.Context, views []*View, source File, progress func(status.Progress)) (*report.Report, error) {
	for attempt := 1; ; attempt++ {
		r, err := d.engine.Report(ctx, views, progress)
		if !lost(err) || attempt == attempts {
			return r, err
		}
		if err := d.loadModel(ctx, source, progress); err != nil {
			return nil, err
		}
	}
}

// SetProcessor has the engine compute with p; the model is loaded again for it.
func (d *Desk) SetProcessor(p Processor) {
	if !d.CanSetProcessor() {
		return
	}
	d.clear()
	d.loading.stop()
	d.giveWay()
	d.engine.SetProcessor(p)
	d.load(d.source)
}

// Processor says what the engine is to compute with.
func (d *Desk) Processor() Processor { return d.engine.Processor() }

// Threads is the most threads the engine can compute on.
func (d *Desk) Threads() int { return d.engine.Threads() }

// CanSetProcessor says whether SetProcessor would do anything.
func (d *Desk) CanSetProcessor() bool { return d.running == nil && !d.Opening() }

// finish shows a report, or covers it until the reader has said what they see.
func (d *Desk) finish(r *report.Report, views []*View) {
	d.privacy.reported()
	shown := func() {
		d.history.finished(r, views)
		d.show(r, views)
	}
	if d.Asking() {
		d.waiting = shown
		d.say(say.Text("The draft is written, and covered until you have said what you see."))
		return
	}
	shown()
}

// show makes r the report on the desk.
func (d *Desk) show(r *report.Report, views []*View) {
	var slots []int
	for _, v := range views {
		if v.number == 0 {
			d.viewed++
			v.number = d.viewed
		}
		slots = append(slots, max(Frontal, slices.Index(d.slots[:], v)))
	}
	d.result = newResult(r, views, slots)
	d.result.Answer = d.answer
	d.redraw, d.rewrite = nil, nil
	d.selected, d.hovered = None, None
	d.leaveChanged()
	if len(r.Words) > 0 {
		d.focus = Focus{WordID(0), IfNowhere}
	}
	d.say(strings.TrimSpace(say.Text("The report is finished.") + " " + d.result.Unlike() + " " + r.Text))
	if d.Automatic() {
		d.Redraw()
	}
}

// Cancel stops what runs, a report before a load.
func (d *Desk) Cancel() {
	if d.running != nil {
		d.running.stop()
		return
	}
	d.loading.stop()
}

// CanLoad says whether there is no model and none on its way.
func (d *Desk) CanLoad() bool { return d.loading == nil && d.Model() == nil }
