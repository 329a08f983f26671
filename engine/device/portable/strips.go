package portable

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// strips calls f for every strip of at most stripRows of the rows, on all
// cores; it returns when all are done.
func strips(rows int, f func(first, n int)) {
	count := (rows + stripRows - 1) / stripRows
	run := func(i int) { f(i*stripRows, min(stripRows, rows-i*stripRows)) }
	workers := min(count, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range count {
			run(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				run(i)
			}
		})
	}
	wait.Wait()
}
