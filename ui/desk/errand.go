package desk

import (
	"context"

	"uarweb/engine/status"
)

// errand is what a room has done for it that takes long, one thing at a time.
type errand struct {
	busy   bool // whether something is under way
	cancel context.CancelFunc
}

// begin begins an errand: the work goes on in a goroutine, and then ended is called
// under the lock, with whether it was given up meanwhile. A model that this has cost is
// loaded again.
func (e *errand) begin(d *Desk, work func(ctx context.Context) error, ended func(err error, stopped bool)) {
	ctx, cancel := context.WithCancel(context.Background())
	e.busy, e.cancel = true, cancel
	go func() {
		err := work(ctx)
		stopped := ctx.Err() != nil
		cancel()
		d.update(func() {
			e.busy = false
			ended(err, stopped)
			if err != nil && status.CodeOf(err) != status.Crashed {
				d.regain()
			}
		})
	}()
}

// stop gives up what is under way.
func (e *errand) stop() {
	if e.busy {
		e.cancel()
	}
}
