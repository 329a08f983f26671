//go:build !js

// Command bench times the engine in headless Chromium, stage by stage, beside
// onnxruntime-web on the same weights:
//
//	./build.sh bench
//	./build.sh bench-gpu
//
// Both compute a random model of the paper's shape, in turns, on one thread and
// two, or on the GPU. On the CPU it also times a whole study as views, words and
// beams grow, the page from its address to the first report of the shipped model,
// and the engine outside the browser. It prints tables and writes JSON, and never
// fails on a time.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/wasm/internal/chrome"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

// Parts of the benchmark beside the stages.
const (
	partGrowth = "growth"
	partStart  = "start"
	partNative = "native"
)

var (
	partsGPU = []string{stage.DVAE, stage.Encoder, stage.Decoder, stage.Report}
	parts    = append(slices.Clone(partsGPU), partGrowth, partStart, partNative)
)

// options are the command's flags.
type options struct {
	stages    []string
	out       string
	backend   string
	software  bool
	quick     bool
	endurance int
}

// backendGPU is the backend that bench-gpu times.
const backendGPU = "webgpu"

func parse(c *command.Call) (*options, error) {
	o := &options{backend: "simd"}
	stages := c.Flags.String("stages", "", fmt.Sprintf("`what` to time, separated by commas, by default all: %s; on a GPU %s", strings.Join(parts, ","), strings.Join(partsGPU, ",")))
	c.Flags.StringVar(&o.out, "o", "", "`file` for the JSON, by default latest.json or latest-gpu.json in wasm/bench; with -quick none is written")
	c.Flags.Var(command.OneOf(&o.backend, "simd", "portable", backendGPU), "backend", "what `computes`: simd or portable, beside the peer's WebAssembly; webgpu, beside its WebGPU")
	c.Flags.BoolVar(&o.software, "software", false, "with -backend webgpu: on Chromium's software GPU, to try the benchmark itself; take -quick too")
	c.Flags.BoolVar(&o.quick, "quick", false, "a small model and few runs, to try the benchmark itself")
	c.Flags.Var(command.Within(&o.endurance, 0, math.MaxInt), "endurance", "also write `n` reports with the shipped model, one after the other, and watch the memory")
	if _, err := c.Parse("[flags]", "Times the engine in Chromium beside onnxruntime-web, prints tables and writes JSON.\n\"./build.sh bench\" builds and runs it, \"./build.sh bench-gpu\" with -backend webgpu.", 0, 0); err != nil {
		return nil, err
	}
	gpu := o.backend == backendGPU
	all := parts
	if gpu {
		all = partsGPU
	}
	o.stages = all
	if *stages != "" {
		o.stages = strings.Split(*stages, ",")
	}
	for _, name := range o.stages {
		if !slices.Contains(all, name) {
			return nil, command.BadInput(fmt.Errorf("-stages has %q, there are %s", name, strings.Join(all, ", ")))
		}
	}
	switch {
	case o.endurance > 0 && gpu:
		return nil, command.BadInput(errors.New("-endurance is not for a GPU"))
	case o.software && !gpu:
		return nil, command.BadInput(errors.New("-software is for -backend webgpu alone"))
	}
	if o.out == "" {
		o.out = "wasm/bench/latest.json"
		if gpu {
			o.out = "wasm/bench/latest-gpu.json"
		}
	}
	return o, nil
}

func main() {
	(&command.Program{Name: "bench", Run: func(ctx context.Context, c *command.Call) error {
		o, err := parse(c)
		if err != nil {
			return err
		}
		return run(ctx, o, c)
	}}).Main()
}

// Runs that a time is the median of.
const (
	fullRuns  = 7
	quickRuns = 3
)

func run(ctx context.Context, o *options, call *command.Call) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gpu := o.backend == backendGPU
	wanted := func(name string) bool { return slices.Contains(o.stages, name) }
	r := &result{Machine: machine(), Go: runtime.Version(), Date: time.Now().Format(time.DateOnly), Runs: fullRuns, Model: "the paper's shape, random weights"}
	config := stage.Paper()
	if o.quick {
		config, r.Runs, r.Model = stage.Small(), quickRuns, "a small model, random weights"
	}
	s, err := newServer(ctx, config, call.Note)
	if err != nil {
		return err
	}
	r.Engine = report.Engine{Version: version.Version, Commit: version.Commit, SHA256: s.worker}
	var options []chromedp.ExecAllocatorOption
	switch {
	case o.software:
		options = chrome.SoftwareGPU
	case gpu:
		options = chrome.RealGPU()
	}
	b, closeBrowser, err := openBrowser(ctx, s.url, options...)
	if err != nil {
		return err
	}
	defer closeBrowser()
	if r.Browser, err = evaluate[string](b, `navigator.userAgent.match(/Chrome\S*/)[0]`); err != nil {
		return err
	}
	if r.Peer, err = peerVersion(); err != nil {
		return err
	}
	c := &comparison{ctx: ctx, server: s, browser: b, backend: o.backend, software: o.software, runs: r.Runs, note: call.Note, result: r, references: map[string][]float32{}}
	if gpu {
		if r.GPU, err = c.limits(); err != nil {
			return err
		}
	}
	c.stages(wanted)
	// What fails leaves the rest to be reported.
	var failed []error
	attempt := func(name string, f func() error) {
		if err := f(); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	if wanted(partGrowth) {
		attempt(partGrowth, func() error { return errors.Join(c.growth(1), c.growth(2)) })
	}
	if o.endurance > 0 {
		attempt("endurance", func() error { return c.endurance(o.endurance) })
	}
	closeBrowser()
	if wanted(partStart) {
		attempt(partStart, func() (err error) { r.Start, err = start(ctx, r.Runs, call.Note); return err })
	}
	if wanted(partNative) {
		attempt(partNative, func() error { return r.native(ctx, s) })
	}
	if err := ctx.Err(); err != nil {
		return err // what is missing was not measured
	}
	if err := r.print(call.Out); err != nil {
		return err
	}
	if !o.quick {
		encoded, err := json.MarshalIndent(r, "", " ")
		if err == nil {
			err = weights.WriteFile(o.out, func(w io.Writer) error { _, err := w.Write(append(encoded, '\n')); return err })
		}
		failed = append(failed, err)
	}
	for _, row := range r.Rows {
		if row.Error != "" {
			failed = append(failed, fmt.Errorf("%s failed", row.id()))
		}
	}
	return errors.Join(failed...)
}

// peerVersion is the name of the peer, by its package.
func peerVersion() (string, error) {
	text, err := os.ReadFile(peerFolder + "/../package.json")
	if err != nil {
		return "", err
	}
	var p struct{ Name, Version string }
	if err := json.Unmarshal(text, &p); err != nil {
		return "", fmt.Errorf("package.json of the peer: %w", err)
	}
	return p.Name + " " + p.Version, nil
}

// growthRuns is how many reports a time of the growth is the least of.
const growthRuns = 3

// growth measures how a study grows in int8, the precision that is shipped.
func (c *comparison) growth(threads int) error {
	r := &row{Stage: stage.Report, Precision: precisionInt8, Threads: threads, Beams: studyBeams}
	w, err := c.startOurs(r)
	if err != nil {
		return err
	}
	defer w.end()
	for range warmUps {
		if _, err := w.ask(stage.Request{Do: stage.Run}); err != nil {
			return err
		}
	}
	answer, err := w.ask(stage.Request{Do: stage.Grow, Runs: growthRuns})
	if err != nil {
		return err
	}
	c.result.Growth = append(c.result.Growth, &growth{
		Precision: r.Precision, Threads: threads,
		Views: milliseconds(answer.Growth.Views), Beams: milliseconds(answer.Growth.Beams), Words: milliseconds(answer.Growth.Words),
	})
	c.note("growth, threads %d: done", threads)
	return nil
}

func milliseconds(times []time.Duration) []float64 {
	var ms []float64
	for _, t := range times {
		ms = append(ms, t.Seconds()*1000)
	}
	return ms
}

// endurancePace is after how many reports the memory is looked at.
const endurancePace = 100

// endurance writes n reports with the shipped model on two threads.
func (c *comparison) endurance(n int) error {
	const threads = 2
	w, err := c.startOurs(&row{Stage: stage.Report, Precision: shipped, Threads: threads, Beams: engine.DefaultBeam})
	if err != nil {
		return err
	}
	defer w.end()
	checkpoint, err := c.server.checkpoint(c.ctx, shipped)
	if err != nil {
		return err
	}
	e := &enduranceRun{Threads: threads, Weights: checkpoint.Size()}
	c.result.Endurance = e
	for done := 0; done < n; {
		more := min(endurancePace, n-done)
		answer, err := w.ask(stage.Request{Do: stage.Repeat, Runs: more})
		if err != nil {
			return err
		}
		if done > 0 && answer.Text != e.Text {
			return fmt.Errorf("after %d reports the text is %q, before it %q", done, answer.Text, e.Text)
		}
		done += more
		e.Text = answer.Text
		if answer, err = w.ask(stage.Request{Do: stage.Weigh}); err != nil {
			return err
		}
		e.Points = append(e.Points, enduranceMemory{done, *answer.Memory})
		c.note("endurance: %d reports, memory %.1f MB, heap %.1f MB", done, megabytes(answer.Memory.Wasm), megabytes(answer.Memory.Heap))
	}
	return nil
}

// targetMemory is the most that the worker's memory should be.
func targetMemory(weights int64) int64 { return 2*weights + 150e6 }
