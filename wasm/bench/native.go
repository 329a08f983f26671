//go:build !js

package main

import (
	"context"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights"
)

// nativeRuns is how many runs a native time is the median of, after one that
// does not count.
const nativeRuns = 3

// native times the engine outside the browser, on the portable backend and all
// cores: the stages of the random model, and a report of the shipped one.
func (r *result) native(ctx context.Context, s *server) error {
	random, err := s.checkpoint(ctx, precisionF32)
	if err != nil {
		return err
	}
	released, err := s.checkpoint(ctx, shipped)
	if err != nil {
		return err
	}
	for _, n := range []struct {
		nativeTimes
		checkpoint *weights.Checkpoint
	}{
		{nativeTimes{Stage: stage.DVAE}, random},
		{nativeTimes{Stage: stage.Encoder}, random},
		{nativeTimes{Stage: stage.Decoder, Beams: 1}, random},
		{nativeTimes{Stage: stage.Decoder, Beams: studyBeams}, random},
		{nativeTimes{Stage: stage.Report, Beams: studyBeams}, random},
		{nativeTimes{Stage: stage.Report, Beams: engine.DefaultBeam}, released},
	} {
		n.Model, n.Precision = "random", precisionF32
		if n.checkpoint == released {
			n.Model, n.Precision = shipped, precisionInt8
		}
		s, err := stage.New(ctx, n.Stage, n.checkpoint, portable.New(), n.Beams, false)
		if err != nil {
			return err
		}
		var samples []float64
		for run := range nativeRuns + 1 {
			took, err := s.Run(ctx)
			if err != nil {
				return err
			}
			if run > 0 {
				samples = append(samples, took.Seconds()*1000)
			}
		}
		s.Close()
		n.Ours, n.OursMin, n.OursMax = spread(samples)
		r.Native = append(r.Native, &n.nativeTimes)
	}
	return nil
}
