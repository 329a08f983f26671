//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		samples             []float64
		median, least, most float64
	}{
		{[]float64{3}, 3, 3, 3},
		{[]float64{4, 1}, 2.5, 1, 4},
		{[]float64{9, 1, 5}, 5, 1, 9},
		{[]float64{8, 2, 4, 6}, 5, 2, 8},
	} {
		median, least, most := spread(c.samples)
		assert.Equal(t, []float64{c.median, c.least, c.most}, []float64{median, least, most}, c.samples)
	}
}

func TestAgree(t *testing.T) {
	reference := []float32{3, 0, 0, 4, 0, 4}
	a, err := agree([]float32{3, 0, 0, 4, 0, 4}, []float32{3, 0, 4, 0, 0, 4}, reference, 2)
	require.NoError(t, err)
	assert.Zero(t, a.OursError)
	assert.InDelta(t, 0.883, a.PeerError, 0.001) // √32 / √41
	assert.Equal(t, 4.0, a.Difference)
	assert.Equal(t, 1.0, a.OursTokens)
	assert.InDelta(t, 2.0/3, a.PeerTokens, 1e-9)
	assert.Equal(t, 2, a.Distinct)

	a, err = agree(reference, reference, reference, 0)
	require.NoError(t, err)
	assert.Equal(t, &agreement{}, a)

	a, err = agree([]float32{3, 0, 0, 4, 4, 0}, nil, reference, 2)
	require.NoError(t, err)
	assert.InDelta(t, 0.883, a.OursError, 0.001)
	a.OursError = 0
	assert.Equal(t, &agreement{OursTokens: 2.0 / 3, Distinct: 2}, a)

	_, err = agree(reference, reference[:5], reference, 0)
	assert.EqualError(t, err, "outputs of 6 and 5 floats, 6 are due")
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{0: "–", 0.256: "0.26", 12.34: "12.3", 1234.5: "1234"} {
		assert.Equal(t, want, figure(v))
	}
}

// The parts that a study would consist of are those of its own threads, and the
// dVAE of 4-bit weights is int8.
func TestPeerStudy(t *testing.T) {
	config := stage.Small() // two views, 11 words
	c := &comparison{server: &server{config: config}, result: &result{}}
	add := func(name, precision string, threads, beams int, ms float64) *row {
		r := &row{Stage: name, Precision: precision, Threads: threads, Beams: beams, peerTimes: peerTimes{Peer: ms}}
		c.result.Rows = append(c.result.Rows, r)
		return r
	}
	add(stage.DVAE, precisionInt8, 1, 0, 100)
	add(stage.DVAE, precisionInt8, 2, 0, 7)
	add(stage.Encoder, precisionInt4, 1, 0, 30)
	add(stage.Decoder, precisionInt4, 1, 1, 9)
	study := &row{Stage: stage.Report, Precision: precisionInt4, Threads: 1, Beams: studyBeams}
	assert.Zero(t, c.peerStudy(study))
	add(stage.Decoder, precisionInt4, 1, studyBeams, 2)
	assert.Equal(t, 2*100.0+30+11*2, c.peerStudy(study))
}

func TestRelate(t *testing.T) {
	result := &result{}
	for _, r := range []row{
		{Stage: stage.DVAE, Precision: precisionInt8, Threads: 1, times: times{Ours: 4}, peerTimes: peerTimes{Peer: 8}},
		{Stage: stage.DVAE, Precision: precisionF32, Threads: 1, times: times{Ours: 8}, peerTimes: peerTimes{Peer: 16}},
		{Stage: stage.DVAE, Precision: precisionInt8, Threads: 2, times: times{Ours: 2}, peerTimes: peerTimes{Peer: 1}},
		{Stage: stage.Decoder, Precision: precisionInt8, Threads: 1, Beams: 1, times: times{Ours: 1}, peerTimes: peerTimes{Peer: 4}},
		{Stage: stage.Decoder, Precision: precisionInt8, Threads: 1, Beams: studyBeams, times: times{Ours: 2}, peerTimes: peerTimes{Peer: 10}},
		{Stage: stage.Decoder, Precision: precisionF32, Threads: 1, Beams: studyBeams, times: times{Ours: 3}, peerTimes: peerTimes{Peer: 5}},
		{Stage: stage.Encoder, Precision: precisionInt8, Threads: 1, Error: "failed"},
	} {
		result.Rows = append(result.Rows, &r)
	}
	result.relate()
	var got [][3]float64
	for _, r := range result.Rows {
		got = append(got, [3]float64{r.RatioToBest, r.Target, r.Speedup})
	}
	assert.Equal(t, [][3]float64{
		{0.5, 0.55, 0}, {1, 0.55, 0}, {2, 0, 2},
		{0.25, 0, 0}, {0.4, 0.35, 0}, {0.6, 0, 0},
		{0, 0, 0},
	}, got)
}

func example() *result {
	return &result{
		Machine: "a computer, 2 cores, linux", Browser: "Chrome/1", Peer: "peer 1.0", Model: "a model", Runs: 7,
		Rows: []*row{
			{Stage: stage.DVAE, Precision: precisionInt8, Threads: 1, times: times{400, 390, 410}, peerTimes: peerTimes{800, 790, 820}, Ratio: 0.5, RatioToBest: 0.6, Target: 0.55,
				Backend: "relaxed SIMD", Speedup: 1.75, Memory: 200e6, MemoryTarget: 330e6,
				Agreement: &agreement{OursError: 0.001, PeerError: 0.02, OursTokens: 1, PeerTokens: 0.98, Distinct: 30}},
			{Stage: stage.Decoder, Precision: precisionF32, Threads: 2, Beams: 3, Error: "no\nstack"},
		},
		Growth: []*growth{{Precision: precisionInt8, Threads: 1, Views: []float64{10, 20}, Beams: []float64{15}, Words: make([]float64, 25)}},
		Start: &startTimes{Ready: 400, ReadyMin: 390, ReadyMax: 410, Report: 900, ReportMin: 890, ReportMax: 910,
			Steps: trace(map[string][]float64{"page drawn": {110, 100, 120}, "worker ready": {90}})},
		Endurance: &enduranceRun{Threads: 2, Weights: 8e6, Points: []enduranceMemory{{100, stage.MemoryUse{Wasm: 82e6, Heap: 20e6}}}},
		Native:    []*nativeTimes{{Stage: stage.Report, Model: shipped, Precision: precisionInt8, Beams: 3, times: times{500, 490, 510}}},
	}
}

func TestPrint(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, example().print(&out))
	for _, want := range []string{
		"a computer, 2 cores, linux\nChrome/1, a model\nours: uarweb " + regexp.QuoteMeta(version.String()) + "; peer: peer 1.0; medians of 7\n",
		` dvae +int8 +1 +relaxed SIMD +400 +390 +410 +800 +790 +820 +0\.50 +0\.60 +0\.55 +1\.75 +200 +330 +1\.0e-03 +2\.0e-02 +100 / 98 %\n`,
		` decoder_step, beam 3 +f32 +2 +– .*– +no +\n`,
		` views 2 +20\.0\n`, ` beam 1 +15\.0\n`, ` words 10 .*\n +words 20 .*\n`,
		` worker ready +90\.0 +\n +page drawn +110 +\n +model ready +400 +390 +410 +600\n`, ` first report +900 +890 +910 +1500\n`,
		` 100 +82\.0 +20\.0 +166\.0\n`,
		` study, beam 3 +shipped +int8 +500 +490 +510\n`,
	} {
		assert.Regexp(t, want, out.String())
	}
}

func TestPrintGPU(t *testing.T) {
	r := example()
	r.GPU = &gpuLimits{"acme one", 12000, 500}
	r.Rows = []*row{
		{Stage: stage.DVAE, Precision: precisionF32, times: times{10, 9, 11}, peerTimes: peerTimes{20, 19, 22}, coldTimes: coldTimes{300, 40, 700, 80}, Operations: 52e9, Ratio: 0.5},
		{Stage: stage.DVAE, Precision: precisionInt8, times: times{8, 7, 9}, coldTimes: coldTimes{200, 30, 0, 0}, Operations: 52e9,
			Agreement: &agreement{OursError: 0.001, OursTokens: 1, Distinct: 30}},
		{Stage: stage.Encoder, Precision: precisionInt4, Error: "lost"},
	}
	r.relate()
	var out bytes.Buffer
	require.NoError(t, r.print(&out))
	for _, want := range []string{
		"medians of 7\nacme one; at most 12000 GFLOP/s, 500 GB/s\n",
		` dvae +f32 +300 +40\.0 +10\.0 +9\.00 +11\.0 +5200 +43\.3 % +700 +80\.0 +20\.0 +19\.0 +22\.0 +0\.50 +0\.50 +0\.67 +\n`,
		` dvae +int8 +200 +30\.0 +8\.00 +7\.00 +9\.00 +6500 +54\.2 % +(– +){6}0\.40 +0\.67 +1\.0e-03 +– +100 / –\n`,
		` encoder +int4 .* lost +\n`,
	} {
		assert.Regexp(t, want, out.String())
	}
}

// The JSON has the fields that others read.
func TestJSON(t *testing.T) {
	encoded, err := json.Marshal(example())
	require.NoError(t, err)
	var back struct {
		Machine string
		Rows    []map[string]any
	}
	require.NoError(t, json.Unmarshal(encoded, &back))
	assert.Equal(t, "a computer, 2 cores, linux", back.Machine)
	first := back.Rows[0]
	for key, want := range map[string]any{"stage": "dvae", "precision": "int8", "threads": 1.0, "ours_ms": 400.0, "peer_ms": 800.0, "ratio": 0.5} {
		assert.Equal(t, want, first[key], key)
	}
	assert.NotContains(t, back.Rows[1], "ours_ms")
}

func TestParse(t *testing.T) {
	var o *options
	p := command.Program{Name: "bench", Run: func(_ context.Context, c *command.Call) (err error) {
		o, err = parse(c)
		return err
	}}
	parsed := func(args ...string) int { return p.Execute(t.Context(), args, io.Discard, io.Discard) }
	require.Zero(t, parsed("-stages", "dvae,study", "-quick"))
	assert.Equal(t, []string{"dvae", "study"}, o.stages)
	assert.True(t, o.quick)
	assert.Equal(t, "wasm/bench/latest.json", o.out)
	require.Zero(t, parsed("-backend", "webgpu", "-software"))
	assert.Equal(t, "wasm/bench/latest-gpu.json", o.out)
	for _, wrong := range [][]string{{"-stages", "cra"}, {"-backend", "cuda"}, {"-software"}, {"-backend", "webgpu", "-stages", "growth"}, {"-backend", "webgpu", "-endurance", "5"}, {"-endurance", "-1"}, {"more"}, {"-fast"}} {
		assert.Equal(t, 2, parsed(wrong...), wrong)
	}
}

func TestTranspose(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6}
	assert.Equal(t, []float32{1, 4, 2, 5, 3, 6}, transpose(x, 3))
	assert.Equal(t, x, transpose(transpose(x, 3), 2))
}
