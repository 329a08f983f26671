//go:build !js

package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"uarweb/engine/device/portable"
	"uarweb/wasm/bench/internal/export"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights"
)

// Names of the workers, and of their outputs.
const (
	ours  = "ours"
	peer  = "peer"
	limit = "limit"
)

// warmUps are runs that do not count: the browser compiles a program anew while
// it runs.
const warmUps = 3

// pause lets the threads of the side that has run fall asleep: they spin for a
// while, on the cores that the other side needs.
const pause = 50 * time.Millisecond

// decoderRuns is how many runs one time of the peer's decoder step is the mean
// of: a single one is near the clock's grain.
const decoderRuns = 10

// targets are the most that the ratios should be, on one thread; the decoder's
// at the beam of the study, and to the peer's best precision.
var targets = map[string]float64{
	stage.DVAE + precisionF32:     0.55,
	stage.DVAE + precisionInt8:    0.55,
	stage.Encoder + precisionInt8: 0.7,
	stage.Decoder + precisionInt8: 0.35,
	stage.Report + precisionInt8:  0.5,
}

// targetGPU is the most that the ratio to the peer's best precision should be on
// a GPU, for every stage.
const targetGPU = 1 / 1.5

// studyBeams is the beam of the study.
const studyBeams = 3

// comparison compares stages in one browser.
type comparison struct {
	ctx      context.Context
	server   *server
	browser  *browser
	backend  string // of ours
	software bool   // the GPU may be
	runs     int
	note     func(format string, args ...any) // says how far it is
	result   *result

	references map[string][]float32 // outputs of the f32 model on the reference backend, by row.name
}

// onGPU says whether both sides compute on the GPU.
func (c *comparison) onGPU() bool { return c.backend == backendGPU }

// limits measures what the GPU can do at most.
func (c *comparison) limits() (*gpuLimits, error) {
	w, err := c.browser.start(limit, "limit.js", nil)
	if err != nil {
		return nil, err
	}
	defer w.end()
	a := w.started
	if a.Software && !c.software {
		return nil, fmt.Errorf("the browser offers no GPU but a program that acts as one, %s; -software -quick tries the benchmark on it", a.GPU)
	}
	c.note("%s: %.0f GFLOP/s, %.0f GB/s", a.GPU, a.GFLOPS, a.Bandwidth)
	return &gpuLimits{a.GPU, a.GFLOPS, a.Bandwidth}, nil
}

// stages compares the stages that wanted names, in every precision, on one
// thread and two, or on the GPU.
func (c *comparison) stages(wanted func(string) bool) {
	counts := []int{1, 2}
	if c.onGPU() {
		counts = []int{0}
	}
	for _, threads := range counts {
		for _, precision := range precisions {
			for _, r := range []row{
				{Stage: stage.DVAE}, {Stage: stage.Encoder},
				{Stage: stage.Decoder, Beams: 1}, {Stage: stage.Decoder, Beams: studyBeams}, {Stage: stage.Report, Beams: studyBeams},
			} {
				if !wanted(r.Stage) || r.Stage == stage.DVAE && precision == precisionInt4 { // it is int8
					continue
				}
				r.Precision, r.Threads = precision, threads
				first := c.row(r)
				switch { // once more without what a machine may not have
				case c.onGPU():
				case r.Precision == precisionF32 && r.Stage == stage.DVAE:
					r.Without = withoutRelaxed
					c.row(r)
				case r.Precision == precisionInt8 && strings.Contains(first.Backend, "byte dots"):
					r.Without = withoutDots
					c.row(r)
				}
			}
		}
	}
	c.result.relate()
}

// row measures a row and adds it to the result.
func (c *comparison) row(r row) row {
	if c.ctx.Err() != nil {
		return r
	}
	if err := c.measure(&r); err != nil {
		r.Error = err.Error()
		c.note("%s: %s", r.id(), r.Error)
	}
	c.result.Rows = append(c.result.Rows, &r)
	return r
}

// relate sets what the rows say about each other, and their targets.
func (r *result) relate() {
	for _, a := range r.Rows {
		if a.Ours == 0 {
			continue
		}
		if a.Operations > 0 && r.GPU != nil {
			a.GFLOPS = a.Operations / a.Ours / 1e6
			a.OfLimit = a.GFLOPS / r.GPU.GFLOPS
		}
		best := math.Inf(1)
		for _, b := range r.Rows {
			if b.Stage != a.Stage || b.Beams != a.Beams {
				continue
			}
			if b.Threads == a.Threads && b.Peer > 0 {
				best = min(best, b.Peer)
			}
			if b.Threads == 1 && a.Threads == 2 && b.Precision == a.Precision && b.Without == a.Without {
				a.Speedup = b.Ours / a.Ours
			}
		}
		if math.IsInf(best, 1) {
			continue
		}
		a.RatioToBest = a.Ours / best
		if r.GPU != nil {
			a.Target = targetGPU
		}
		if a.Threads == 1 && a.Without == "" && (a.Stage != stage.Decoder || a.Beams == studyBeams) {
			a.Target = targets[a.Stage+a.Precision]
		}
	}
}

// measure fills in a row. The two sides take turns, so that whatever else the
// machine does slows both.
func (c *comparison) measure(r *row) error {
	r.Operations = stage.Operations(c.server.config, r.Stage, r.Beams)
	if err := c.server.prepare(c.ctx, r.Precision, r.Stage, c.peerHas(r)); err != nil {
		return err // made before the clock starts
	}
	start := time.Now()
	mine, err := c.startOurs(r)
	if err != nil {
		return err
	}
	r.OursOpen = time.Since(start).Seconds() * 1000
	defer mine.end()
	sides := []*worker{mine}
	if c.peerHas(r) {
		start := time.Now()
		other, err := c.startPeer(r)
		if err != nil {
			return err
		}
		r.PeerOpen = time.Since(start).Seconds() * 1000
		defer other.end()
		sides = append(sides, other)
	}
	samples := make([][]float64, len(sides))
	for run := range warmUps + c.runs {
		for i, side := range sides {
			time.Sleep(pause)
			answer, err := side.ask(stage.Request{Do: stage.Run})
			if err != nil {
				return err
			}
			switch {
			case run >= warmUps:
				samples[i] = append(samples[i], answer.Milliseconds)
			case run == 0 && i == 0:
				r.OursFirst = answer.Milliseconds
			case run == 0:
				r.PeerFirst = answer.Milliseconds
			}
		}
	}
	r.Ours, r.OursMin, r.OursMax = spread(samples[0])
	switch {
	case r.Stage == stage.Report:
		r.Peer = c.peerStudy(r)
		err = c.weigh(r, mine)
	case len(sides) > 1:
		r.Peer, r.PeerMin, r.PeerMax = spread(samples[1])
		err = c.agreement(r, mine, sides[1])
	default:
		err = c.agreement(r, mine, nil)
	}
	if r.Peer > 0 {
		r.Ratio = r.Ours / r.Peer
	}
	c.note("%s: ours %s ms, peer %s ms, ratio %s", r.id(), figure(r.Ours), figure(r.Peer), figure(r.Ratio))
	return err
}

// peerHas says whether the peer computes a stage by itself. Its WebGPU has no
// integer products of the kind that its int8 models consist of, and would leave
// them to the CPU.
func (c *comparison) peerHas(r *row) bool {
	return r.Stage != stage.Report && !(c.onGPU() && r.Precision == precisionInt8)
}

// startOurs opens a row's stage in our worker.
func (c *comparison) startOurs(r *row) (*worker, error) {
	w, err := c.browser.start(ours, "ours.js", map[string]any{"backend": c.backend, "threads": max(r.Threads, 1), "relaxed": r.Without != withoutRelaxed, "dots": r.Without != withoutDots})
	if err != nil {
		return nil, err
	}
	answer, err := w.ask(stage.Request{Do: stage.Open, Stage: r.Stage, Weights: "weights/" + r.Precision + "/" + r.Stage + "/" + weights.ManifestName, Beams: r.Beams})
	if err != nil {
		w.end()
		return nil, err
	}
	r.Backend = answer.Backend
	if r.Threads > 0 {
		r.Backend, _, _ = strings.Cut(answer.Backend, ",") // the row has the threads
	}
	return w, nil
}

// provider is the peer's.
func (c *comparison) provider() string {
	if c.onGPU() {
		return backendGPU
	}
	return "wasm"
}

// peerTensor is an input of the peer's.
type peerTensor struct {
	URL   string `json:"url"`
	Shape []int  `json:"shape"`
}

// weigh fills in the memory that our worker has taken.
func (c *comparison) weigh(r *row, mine *worker) error {
	answer, err := mine.ask(stage.Request{Do: stage.Weigh})
	if err != nil {
		return err
	}
	checkpoint, err := c.server.checkpoint(c.ctx, r.Precision)
	if err != nil {
		return err
	}
	r.Memory, r.MemoryTarget = answer.Memory.Wasm, targetMemory(checkpoint.Size())
	return nil
}

// startPeer opens a row's stage in the peer's worker.
func (c *comparison) startPeer(r *row) (*worker, error) {
	w, err := c.browser.start(peer, "peer.js", map[string]any{"do": "init", "provider": c.provider(), "threads": max(r.Threads, 1)})
	if err != nil {
		return nil, err
	}
	config, input := c.server.config, "input/"+r.Precision+"/"
	visual := []int{config.ImageTokens(), config.Dim}
	request := map[string]any{"do": "open", "model": "onnx/" + r.Precision + "/" + r.Stage, "runs": 1}
	switch r.Stage {
	case stage.DVAE:
		request["input"] = peerTensor{input + inputView, []int{1, config.Image.Channels, config.Image.Size, config.Image.Size}}
		request["fetched"] = []string{"tokens"}
	case stage.Encoder:
		request["input"] = peerTensor{input + inputAligned, visual}
	case stage.Decoder:
		past := map[string]string{} // what is past to the next step, by what is present
		for i := range config.DecoderLayers {
			past[export.PresentKey(i)] = export.PastKey(i)
			past[export.PresentValue(i)] = export.PastValue(i)
		}
		request["do"], request["runs"] = "decode", decoderRuns
		request["cross"] = "onnx/" + r.Precision + "/" + cross
		request["memory"] = peerTensor{input + inputMemory, visual}
		request["embedded"] = input + inputEmbedded + fmt.Sprint(r.Beams)
		request["past"] = past
		request["beams"], request["heads"], request["width"] = r.Beams, config.Heads, config.Dim/config.Heads
	}
	if _, err := w.ask(request); err != nil {
		w.end()
		return nil, err
	}
	return w, nil
}

// outputs are the names of the peer's outputs.
var outputs = map[string]string{stage.DVAE: "logits", stage.Encoder: "memory", stage.Decoder: "logits"}

// agreement compares the outputs. There may be no other.
func (c *comparison) agreement(r *row, mine, other *worker) error {
	if _, err := mine.ask(stage.Request{Do: stage.Send, Output: "output/" + ours}); err != nil {
		return err
	}
	var theirs []float32
	if other != nil {
		if _, err := other.ask(map[string]string{"do": "send", "name": outputs[r.Stage], "output": "output/" + peer}); err != nil {
			return err
		}
		theirs = c.server.output(peer)
		if r.Stage == stage.DVAE {
			theirs = transpose(theirs, c.server.config.ViewTokens()) // channels first
		}
	}
	reference, err := c.reference(r)
	if err != nil {
		return err
	}
	columns := 0
	switch r.Stage {
	case stage.DVAE:
		columns = c.server.config.DVAE.Vocab
	case stage.Decoder:
		columns = len(c.server.config.Vocab)
	}
	r.Agreement, err = agree(c.server.output(ours), theirs, reference, columns)
	return err
}

// reference is the output of a row's stage in f32 on the reference backend.
func (c *comparison) reference(r *row) ([]float32, error) {
	if known := c.references[r.name()]; known != nil {
		return known, nil
	}
	checkpoint, err := c.server.checkpoint(c.ctx, precisionF32)
	if err != nil {
		return nil, err
	}
	s, err := stage.New(c.ctx, r.Stage, checkpoint, portable.New(), r.Beams, false)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	output, err := s.Output(c.ctx)
	c.references[r.name()] = output
	return output, err
}

// peerStudy is what a study would take the peer: the dVAE for each view, the
// encoder once, and a decoder step for each word; 0 if one was not measured.
func (c *comparison) peerStudy(study *row) float64 {
	part := func(name, precision string, beams int) float64 {
		i := slices.IndexFunc(c.result.Rows, func(r *row) bool {
			return r.Stage == name && r.Precision == precision && r.Threads == study.Threads && r.Beams == beams
		})
		if i < 0 {
			return 0
		}
		return c.result.Rows[i].Peer
	}
	tokenizer := study.Precision
	if tokenizer == precisionInt4 {
		tokenizer = precisionInt8
		if c.onGPU() { // where the peer has none
			tokenizer = precisionF32
		}
	}
	dvae, encoder, step := part(stage.DVAE, tokenizer, 0), part(stage.Encoder, study.Precision, 0), part(stage.Decoder, study.Precision, study.Beams)
	if dvae == 0 || encoder == 0 || step == 0 {
		return 0
	}
	config := c.server.config
	return float64(config.Image.Views)*dvae + encoder + float64(config.MaxTokens-1)*step
}
