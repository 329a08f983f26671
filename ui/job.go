package ui

import (
	"context"
	"fmt"
	"time"

	"uarweb/engine/status"
)

// job is work that takes long and can be cancelled.
type job struct {
	cancel     context.CancelFunc
	cancelling bool
	name       string // of the file, if there is one
	progress   status.Progress
}

func (j *job) stop() {
	if j != nil {
		j.cancelling = true
		j.cancel()
	}
}

// announceEvery is the pause between two announcements of the same stage, so
// that a screen reader is not talked over.
const announceEvery = 5 * time.Second

// follow returns the progress function of a job.
func (d *Desk) follow(j *job) func(status.Progress) {
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
func (j *job) Doing() string {
	if j.cancelling {
		return "Stopping…"
	}
	p := j.progress
	switch p.Stage {
	case status.StageFetch:
		return fmt.Sprintf("Fetching the model: %s of %s", megabytes(p.Done), megabytes(p.Total))
	case status.StageLoad:
		return "Preparing the model"
	case status.StageTokenize:
		return "Turning the image into visual tokens"
	case status.StageEncode:
		return "Relating the tokens to each other"
	case status.StageGenerate:
		return fmt.Sprintf("Writing word %d", p.Done)
	}
	return "Starting"
}

// Percent is how much of its stage a job has done.
func (j *job) Percent() int {
	if j.progress.Total == 0 {
		return 0
	}
	return int(100 * j.progress.Done / j.progress.Total)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
