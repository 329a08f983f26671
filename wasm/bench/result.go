//go:build !js

package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"uarweb/engine/report"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights/version"
)

// result is what the benchmark finds: latest.json.
type result struct {
	Engine  report.Engine `json:"engine"` // ours, with the hash of the worker's module
	Machine string        `json:"machine"`
	Browser string        `json:"browser"`
	Peer    string        `json:"peer"`
	Go      string        `json:"go"`
	Date    string        `json:"date"`
	Model   string        `json:"model"`
	Runs    int           `json:"runs"` // of which a time is the median

	GPU *gpuLimits `json:"gpu,omitempty"` // nil: the CPU computes

	Rows      []*row         `json:"rows"`
	Growth    []*growth      `json:"growth,omitempty"`
	Start     *startTimes    `json:"start,omitempty"`
	Endurance *enduranceRun  `json:"endurance,omitempty"`
	Native    []*nativeTimes `json:"native,omitempty"`
}

// row compares a stage. Times are the medians of Runs, with the least and the
// most; what was not measured is 0 and left out.
type row struct {
	Stage     string `json:"stage"`
	Precision string `json:"precision"`
	Threads   int    `json:"threads,omitempty"` // 0 on a GPU
	Beams     int    `json:"beams,omitempty"`
	Without   string `json:"without,omitempty"` // what ours has to do without
	Backend   string `json:"backend,omitempty"` // ours
	times
	peerTimes
	coldTimes
	Operations   float64    `json:"operations,omitempty"`          // of floating point, see stage.Operations
	GFLOPS       float64    `json:"gflops,omitempty"`              // ours, on a GPU
	OfLimit      float64    `json:"of_limit,omitempty"`            // ours of the GPU's
	Ratio        float64    `json:"ratio,omitempty"`               // ours to the peer's
	RatioToBest  float64    `json:"ratio_to_best,omitempty"`       // ours to the peer's in its best precision
	Target       float64    `json:"target,omitempty"`              // the most that it should be; the decoder's and a GPU's are for RatioToBest
	Speedup      float64    `json:"speedup,omitempty"`             // ours on two threads over one
	Memory       int64      `json:"memory_bytes,omitempty"`        // of our worker, after a study
	MemoryTarget int64      `json:"memory_target_bytes,omitempty"` //
	Agreement    *agreement `json:"agreement,omitempty"`
	Error        string     `json:"error,omitempty"` // why there are no times
}

// What a row may do without, as a machine that does not have it.
const (
	withoutRelaxed = "relaxed SIMD"
	withoutDots    = "byte dots"
)

type times struct {
	Ours    float64 `json:"ours_ms,omitempty"`
	OursMin float64 `json:"ours_min_ms,omitempty"`
	OursMax float64 `json:"ours_max_ms,omitempty"`
}

type peerTimes struct {
	Peer    float64 `json:"peer_ms,omitempty"`
	PeerMin float64 `json:"peer_min_ms,omitempty"`
	PeerMax float64 `json:"peer_max_ms,omitempty"`
}

// coldTimes are from nothing to a stage that is open, its weights loaded, and of
// its first run: of ours in the decoder four reports' last steps, of the peer's
// ten last steps, after the report before them, which belongs to its opening.
type coldTimes struct {
	OursOpen  float64 `json:"ours_open_ms,omitempty"`
	OursFirst float64 `json:"ours_first_ms,omitempty"`
	PeerOpen  float64 `json:"peer_open_ms,omitempty"`
	PeerFirst float64 `json:"peer_first_ms,omitempty"`
}

// gpuLimits are what the GPU can do at most, as limit.js measures it.
type gpuLimits struct {
	Name      string  `json:"name"`
	GFLOPS    float64 `json:"gflops"`         // of f32
	Bandwidth float64 `json:"bandwidth_gb_s"` // read and written
}

// agreement says how near both sides come to the f32 model on the reference
// backend, and to each other.
type agreement struct {
	OursError  float64 `json:"ours_error"` // ‖x − reference‖ / ‖reference‖
	PeerError  float64 `json:"peer_error,omitempty"`
	Difference float64 `json:"max_difference,omitempty"` // the largest |ours − peer|
	OursTokens float64 `json:"ours_tokens,omitempty"`    // share of rows whose largest column is the reference's
	PeerTokens float64 `json:"peer_tokens,omitempty"`    //
	Distinct   int     `json:"token_values,omitempty"`   // different tokens in the reference
}

// agree compares outputs; those whose rows are logits have so many columns,
// others 0. The peer may have none, nil.
func agree(ours, peer, reference []float32, columns int) (*agreement, error) {
	if len(ours) != len(reference) || peer != nil && len(peer) != len(reference) {
		return nil, fmt.Errorf("outputs of %d and %d floats, %d are due", len(ours), len(peer), len(reference))
	}
	a := &agreement{OursError: distance(ours, reference)}
	if peer != nil {
		a.PeerError = distance(peer, reference)
	}
	for i, v := range peer {
		a.Difference = max(a.Difference, math.Abs(float64(ours[i])-float64(v)))
	}
	if columns > 0 {
		right := argMax(reference, columns)
		a.OursTokens = share(argMax(ours, columns), right)
		if peer != nil {
			a.PeerTokens = share(argMax(peer, columns), right)
		}
		slices.Sort(right)
		a.Distinct = len(slices.Compact(right))
	}
	return a, nil
}

func distance(x, reference []float32) float64 {
	var difference, norm float64
	for i, r := range reference {
		d := float64(x[i]) - float64(r)
		difference += d * d
		norm += float64(r) * float64(r)
	}
	return math.Sqrt(difference / norm)
}

func argMax(x []float32, columns int) []int {
	var r []int
	for row := range slices.Chunk(x, columns) {
		best := 0
		for i, v := range row {
			if v > row[best] {
				best = i
			}
		}
		r = append(r, best)
	}
	return r
}

func share(x, right []int) float64 {
	n := 0
	for i, v := range x {
		if v == right[i] {
			n++
		}
	}
	return float64(n) / float64(len(x))
}

// spread is the median, the least and the most.
func spread(samples []float64) (median, least, most float64) {
	s := slices.Sorted(slices.Values(samples))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2, s[0], s[len(s)-1]
}

// growth is how a study's time grows, in milliseconds.
type growth struct {
	Precision string    `json:"precision"`
	Threads   int       `json:"threads"`
	Views     []float64 `json:"views_ms"` // of 1, 2 … views
	Beams     []float64 `json:"beams_ms"` // of a beam of 1, 2 …
	Words     []float64 `json:"words_ms"` // until the word of that number
}

// startTimes are from the navigation to the site, in milliseconds: the medians
// of several visits with everything in the browser's cache.
type startTimes struct {
	Ready     float64 `json:"ready_ms"` // the shipped model is loaded
	ReadyMin  float64 `json:"ready_min_ms"`
	ReadyMax  float64 `json:"ready_max_ms"`
	Opened    float64 `json:"opened_ms"` // the example's images are drawn, and open
	OpenedMin float64 `json:"opened_min_ms"`
	OpenedMax float64 `json:"opened_max_ms"`
	Report    float64 `json:"report_ms"` // the report of the example is there
	ReportMin float64 `json:"report_min_ms"`
	ReportMax float64 `json:"report_max_ms"`
	Model     string  `json:"model"` // as the page names it
	Text      string  `json:"text"`

	Steps []startStep `json:"steps"` // on the way, in the order of time
}

// startStep is when something was there.
type startStep struct {
	Name string  `json:"name"`
	At   float64 `json:"ms"`
}

// enduranceRun is many reports of the shipped model in one worker.
type enduranceRun struct {
	Threads int               `json:"threads"`
	Weights int64             `json:"weights_bytes"`
	Text    string            `json:"text"` // of every report
	Points  []enduranceMemory `json:"points"`
}

type enduranceMemory struct {
	Reports int `json:"reports"`
	stage.MemoryUse
}

// nativeTimes are this engine's on the portable backend, outside the browser.
type nativeTimes struct {
	Stage     string `json:"stage"`
	Model     string `json:"model"`
	Precision string `json:"precision"`
	Beams     int    `json:"beams,omitempty"`
	times
}

// print writes the tables for people.
func (r *result) print(out io.Writer) error {
	fmt.Fprintf(out, "%s\n%s, %s\nours: uarweb %s; peer: %s; medians of %d\n", r.Machine, r.Browser, r.Model, version.String(), r.Peer, r.Runs)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	if r.GPU != nil {
		fmt.Fprintf(out, "%s; at most %.0f GFLOP/s, %.0f GB/s\n", r.GPU.Name, r.GPU.GFLOPS, r.GPU.Bandwidth)
		r.printGPU(w)
		return w.Flush()
	}
	if len(r.Rows) > 0 {
		fmt.Fprintln(w, "\nstage\tweights\tthreads\tours\tms\tmin\tmax\tpeer ms\tmin\tmax\tratio\tto best\ttarget\tspeedup\tMB\ttarget\tours error\tpeer error\ttokens\t")
	}
	for _, row := range r.Rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t", row.name(), row.Precision, row.Threads, row.Backend)
		for _, v := range []float64{
			row.Ours, row.OursMin, row.OursMax, row.Peer, row.PeerMin, row.PeerMax, row.Ratio, row.RatioToBest, row.Target,
			row.Speedup, megabytes(row.Memory), megabytes(row.MemoryTarget),
		} {
			fmt.Fprintf(w, "%s\t", figure(v))
		}
		fmt.Fprintln(w, row.outcome())
	}
	for _, g := range r.Growth {
		fmt.Fprintf(w, "\nstudy, %s, threads %d\tms\t\n", g.Precision, g.Threads)
		for i, v := range g.Views {
			fmt.Fprintf(w, "views %d\t%s\t\n", i+1, figure(v))
		}
		for i, v := range g.Beams {
			fmt.Fprintf(w, "beam %d\t%s\t\n", i+1, figure(v))
		}
		for i := wordStep - 1; i < len(g.Words); i += wordStep {
			fmt.Fprintf(w, "words %d\t%s\t\n", i+1, figure(g.Words[i]))
		}
	}
	if len(r.Native) > 0 {
		fmt.Fprintln(w, "\nnative, portable\tmodel\tweights\tms\tmin\tmax\t")
	}
	for _, n := range r.Native {
		name := row{Stage: n.Stage, Beams: n.Beams}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t\n", name.name(), n.Model, n.Precision, figure(n.Ours), figure(n.OursMin), figure(n.OursMax))
	}
	if s := r.Start; s != nil {
		fmt.Fprintf(w, "\npage, warm cache: %s\tms\tmin\tmax\ttarget\t\n", s.Model)
		for _, step := range s.Steps {
			fmt.Fprintf(w, "  %s\t%s\t\t\t\t\n", step.Name, figure(step.At))
		}
		fmt.Fprintf(w, "model ready\t%s\t%s\t%s\t%d\t\n", figure(s.Ready), figure(s.ReadyMin), figure(s.ReadyMax), targetReady)
		fmt.Fprintf(w, "example open\t%s\t%s\t%s\t\t\n", figure(s.Opened), figure(s.OpenedMin), figure(s.OpenedMax))
		fmt.Fprintf(w, "first report\t%s\t%s\t%s\t%d\t\n", figure(s.Report), figure(s.ReportMin), figure(s.ReportMax), targetReport)
	}
	if e := r.Endurance; e != nil {
		fmt.Fprintf(w, "\nreports, threads %d\tmemory MB\theap MB\ttarget MB\t\n", e.Threads)
		for _, p := range e.Points {
			fmt.Fprintf(w, "%d\t%.1f\t%.1f\t%.1f\t\n", p.Reports, megabytes(p.Wasm), megabytes(p.Heap), megabytes(targetMemory(e.Weights)))
		}
	}
	return w.Flush()
}

// printGPU prints the rows of a GPU.
func (r *result) printGPU(w io.Writer) {
	fmt.Fprintln(w, "\nstage\tweights\topen\tfirst\tms\tmin\tmax\tGFLOP/s\tof limit\tpeer open\tfirst\tms\tmin\tmax\tratio\tto best\ttarget\tours error\tpeer error\ttokens\t")
	for _, row := range r.Rows {
		fmt.Fprintf(w, "%s\t%s\t", row.name(), row.Precision)
		for _, v := range []float64{row.OursOpen, row.OursFirst, row.Ours, row.OursMin, row.OursMax, row.GFLOPS} {
			fmt.Fprintf(w, "%s\t", figure(v))
		}
		fmt.Fprintf(w, "%s\t", known("%.1f %%", 100*row.OfLimit))
		for _, v := range []float64{
			row.PeerOpen, row.PeerFirst, row.Peer, row.PeerMin, row.PeerMax, row.Ratio, row.RatioToBest, row.Target,
		} {
			fmt.Fprintf(w, "%s\t", figure(v))
		}
		fmt.Fprintln(w, row.outcome())
	}
	if i := slices.IndexFunc(r.Rows, func(row *row) bool { return row.Backend != "" }); i >= 0 {
		fmt.Fprintf(w, "\nours: %s\t\n", r.Rows[i].Backend)
	}
}

// outcome is the last columns of a row: the errors, and the tokens that are
// right, of both, or why there are no times.
func (r *row) outcome() string {
	a := r.Agreement
	if r.Error != "" || a == nil {
		line, _, _ := strings.Cut(r.Error, "\n")
		return line + "\t\t\t"
	}
	text := fmt.Sprintf("%.1e\t%s\t", a.OursError, known("%.1e", a.PeerError))
	if a.Distinct > 0 {
		text += fmt.Sprintf("%.0f / %s", 100*a.OursTokens, known("%.0f %%", 100*a.PeerTokens))
	}
	return text + "\t"
}

// known is a number in some format, – if it was not measured.
func known(format string, v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// wordStep is the distance of the words that the table shows.
const wordStep = 10

// id names a row among all.
func (r *row) id() string {
	id := r.name() + ", " + r.Precision
	if r.Threads > 0 {
		id += fmt.Sprintf(", threads %d", r.Threads)
	}
	if r.Without != "" {
		id += ", without " + r.Without
	}
	return id
}

func (r *row) name() string {
	if r.Beams > 0 {
		return fmt.Sprintf("%s, beam %d", r.Stage, r.Beams)
	}
	return r.Stage
}

// figure is a number in three digits, – if it was not measured.
func figure(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// machine says what this runs on.
func machine() string {
	name := runtime.GOARCH
	if file, err := os.Open("/proc/cpuinfo"); err == nil {
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", name, runtime.NumCPU(), runtime.GOOS)
}
