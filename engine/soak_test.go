//go:build !js

package engine_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/weights"
	"uarweb/weights/golden"
)

// soak is how many times the rounds of TestSoak are done: 200 in ./build.sh trust.
var soak = flag.Int("soak", 1, "`times` the rounds of TestSoak")

// Over many reports, loads and cancels no memory is lost, and reports stay the same.
func TestSoak(t *testing.T) {
	whole, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	load := func() *engine.Model {
		m, err := engine.Load(t.Context(), whole, portable.New(), engine.LoadOptions{})
		require.NoError(t, err)
		return m
	}
	study := engine.Study{Views: []*radiograph.Radiograph{
		{Name: "frontal", Pixels: radiograph.Phantom(1, 64, 64)}, {Name: "lateral", Pixels: radiograph.PhantomLateral(1, 64, 64)},
	}}
	same := func(r *report.Report) string {
		r.Seconds = report.Seconds{}
		return fmt.Sprintf("%+v", *r)
	}
	write := func(m *engine.Model) string {
		r, err := m.Report(t.Context(), study, engine.Options{})
		require.NoError(t, err)
		return same(r)
	}
	m := load()
	defer m.Close()
	want := write(m)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name   string
		rounds int
		round  func() (same bool)
	}{
		{"reports", 50, func() bool { return write(m) == want }},
		{"loads and unloads", 2, func() bool {
			other := load()
			defer other.Close()
			return write(other) == want
		}},
		{"cancels at random moments", 3, func() bool {
			ctx, cancel := context.WithCancel(t.Context())
			left := rng.IntN(40)
			_, err := m.Report(ctx, study, engine.Options{Progress: func(status.Progress) {
				if left--; left < 0 {
					cancel()
				}
			}})
			cancel()
			if err != nil {
				assert.ErrorIs(t, err, context.Canceled)
			}
			return write(m) == want
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var differences int
			var heap []string
			most := uint64(0)
			c.round() // takes what is kept for good
			first := liveHeap()
			rounds := c.rounds * *soak
			for i := range rounds {
				if !c.round() {
					differences++
				}
				if (i+1)*10/rounds > i*10/rounds { // ten times in all
					now := liveHeap()
					most = max(most, now)
					heap = append(heap, fmt.Sprintf("%.2f", float64(now)/1e6))
				}
			}
			assert.Zero(t, differences)
			assert.Less(t, most, first+1<<20, "bytes of heap, from %d", first)
			t.Attr("soak", fmt.Sprintf("%d %s, natively: heap in MB %s, at the start %.2f", rounds, c.name, strings.Join(heap, " "), float64(first)/1e6))
			t.Attr("differences", fmt.Sprint(differences))
		})
	}
}

// liveHeap is how many bytes are in use once nothing is left to collect.
func liveHeap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
