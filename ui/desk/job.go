package desk

import (
	"context"
	"time"

	"uarweb/engine/status"
	"uarweb/ui/say"
)

// Job is work that takes long and can be cancelled.
type Job struct {
	cancel     context.CancelFunc
	cancelling bool
	name       string // of the file, if there is one
	progress   status.Progress
}

func (j *Job) stop() {
	if j != nil {
		j.cancelling = true
		j.cancel()
	}
}

// announceEvery is the pause between two announcements of the same stage, so
// that a screen reader is not talked over.
const announceEvery = 5 * time.Second

// follow returns the progress function of a job.
func (d *Desk) follow(j *Job) func(status.Progress) {
	return func(p status.Progress) {
		d.update(func() {
			fresh := p.Stage != j.progress.Stage
			j.progress = p
			if fresh || time.Since(d.announced) >= announceEvery {
				d.say(j.Doing())
			}
		})
	}
}

// Doing says in words what a job is at.
func (j *Job) Doing() string {
	if j.cancelling {
		return say.Text("Stopping…")
	}
	p := j.progress
	switch p.Stage {
	case status.StageFetch:
		return say.F("Fetching the model: %s of %s", Megabytes(p.Done), Megabytes(p.Total))
	case status.StageLoad:
		return say.Text("Preparing the model")
	case status.StageTokenize:
		return say.Text("Turning the image into visual tokens")
	case status.StageEncode:
		return say.Text("Relating the tokens to each other")
	case status.StageGenerate:
		return say.F("Writing word %d", p.Done)
	}
	return say.Text("Starting")
}

// Stage is the part of the work that a job is at, empty before the first.
func (j *Job) Stage() status.Stage { return j.progress.Stage }

// Text is what a report is so far.
func (j *Job) Text() string { return j.progress.Text }

// Cancelling says whether a job has been told to stop.
func (j *Job) Cancelling() bool { return j.cancelling }

// Percent is how much of its stage a job has done.
func (j *Job) Percent() int {
	if j.progress.Total == 0 {
		return 0
	}
	return int(100 * j.progress.Done / j.progress.Total)
}
