package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"uarweb/engine"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

// benchmark is what bench prints.
type benchmark struct {
	Engine    report.Engine `json:"engine"`
	Model     report.Model  `json:"model"`
	Precision string        `json:"precision"`
	Backend   string        `json:"backend"`
	Machine   string        `json:"machine"`
	Views     int           `json:"views"`
	Beam      int           `json:"beam"`
	Words     int           `json:"words"` // of the report, eos included
	Runs      int           `json:"runs"`
	Rows      []benchRow    `json:"rows"`
	Memory    benchMemory   `json:"memory"`
}

// benchRow is the time of one stage over all runs.
type benchRow struct {
	Stage  string  `json:"stage"`
	Median float64 `json:"median_ms"`
	Low    float64 `json:"min_ms"`
	High   float64 `json:"max_ms"`
}

// benchMemory is in bytes; Peak is 0 where the system does not tell it.
type benchMemory struct {
	Weights   int64  `json:"weights"`    // as stored
	Loaded    uint64 `json:"loaded"`     // heap in use by the loaded model
	PerReport uint64 `json:"per_report"` // allocated in the course of one report
	Peak      uint64 `json:"peak"`       // largest resident set of the process
}

func runBench(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	b := benchmark{Runs: 7}
	c.Flags.Var(command.Within(&b.Runs, 1, 1000), "runs", "`n` runs to take the median of")
	asJSON := c.Flags.Bool("json", false, "print JSON in place of a table")
	if _, err := c.Parse("[flags]",
		"Times the stages of a report of a synthetic study: the median, least and most of several runs after one\nthat does not count, and the memory they take.", 0, 0); err != nil {
		return err
	}
	b.Engine, b.Beam = thisEngine(), m.beam
	b.Machine = fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), runtime.Version())
	if err := b.run(ctx, m, c.Progress); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(b)
	}
	return b.print(c.Out)
}

func (b *benchmark) run(ctx context.Context, m *modelFlags, p progress) error {
	checkpoint, err := m.checkpoint(ctx)
	if err != nil {
		return err
	}
	b.Memory.Weights = checkpoint.Size()
	before := heap()
	start := time.Now()
	model, err := loadModel(ctx, checkpoint, m.backend, m.name(), p)
	if err != nil {
		return err
	}
	defer model.Close()
	loaded := time.Since(start).Seconds()
	b.Memory.Loaded = max(heap(), before) - before
	runtime.KeepAlive(checkpoint) // it is in before
	b.Model, b.Precision, b.Backend = model.Identity(), model.Precision(), model.Backend()
	b.Views = model.Config().Image.Views
	study := phantomStudy(b.Views)

	times := map[string][]float64{"load": {loaded}}
	for i := range b.Runs + 1 {
		p("run %d/%d", i, b.Runs)
		var start, end runtime.MemStats
		runtime.ReadMemStats(&start)
		r, err := model.Report(ctx, study, m.options(nil))
		if err != nil {
			return blame(err)
		}
		runtime.ReadMemStats(&end)
		if i == 0 {
			continue
		}
		b.Memory.PerReport = end.TotalAlloc - start.TotalAlloc
		b.Words = len(r.Tokens)
		s := r.Seconds
		times["tokenize"] = append(times["tokenize"], s.Tokenize)
		times["encode"] = append(times["encode"], s.Encode)
		times["generate"] = append(times["generate"], s.Generate)
		times["word"] = append(times["word"], s.Generate/float64(max(1, len(r.Tokens))))
		times["report"] = append(times["report"], s.Tokenize+s.Encode+s.Generate)
	}
	for _, stage := range []string{"load", "tokenize", "encode", "generate", "word", "report"} {
		t := times[stage]
		slices.Sort(t)
		b.Rows = append(b.Rows, benchRow{stage, 1000 * t[len(t)/2], 1000 * t[0], 1000 * t[len(t)-1]})
	}
	b.Memory.Peak = peakMemory()
	return nil
}

func (b *benchmark) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "%s weights on %s, model %.12s, uarweb %s; %s\n%d views, beam %d, %d words, %d runs\n\n",
		b.Precision, b.Backend, b.Model.SHA256, version.String(), b.Machine, b.Views, b.Beam, b.Words, b.Runs)
	fmt.Fprintln(w, "stage\tmedian ms\tmin\tmax\t")
	for _, r := range b.Rows {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t\n", r.Stage, r.Median, r.Low, r.High)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	mb := func(n uint64) float64 { return float64(n) / 1e6 }
	_, err := fmt.Fprintf(out, "\nmemory, MB: weights %.1f, loaded %.1f, allocated a report %.1f, peak of the process %.1f\n",
		mb(uint64(b.Memory.Weights)), mb(b.Memory.Loaded), mb(b.Memory.PerReport), mb(b.Memory.Peak))
	return err
}

// phantomStudy is a synthetic study of one or two views.
func phantomStudy(views int) engine.Study {
	s := engine.Study{Views: []*radiograph.Radiograph{{Name: "phantom, frontal", Pixels: radiograph.Phantom(1, 1024, 1024)}}}
	if views > 1 {
		s.Views = append(s.Views, &radiograph.Radiograph{Name: "phantom, lateral", Pixels: radiograph.PhantomLateral(1, 1024, 1024)})
	}
	return s
}

// heap is the memory in use by live objects.
func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// peakMemory reads the process's largest resident set where Linux tells it.
func peakMemory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseUint(strings.Fields(value)[0], 10, 64)
			return kb * 1024
		}
	}
	return 0
}
