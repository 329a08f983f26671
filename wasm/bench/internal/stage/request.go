package stage

// Request is what the benchmark asks of its program in a Web Worker. Fields
// that Do does not mention are of no use to it.
type Request struct {
	Do string `json:"do"`

	Stage   string `json:"stage,omitempty"`
	Weights string `json:"weights,omitempty"` // URL of a safetensors file
	Beams   int    `json:"beams,omitempty"`
	Output  string `json:"output,omitempty"` // URL that takes the output as little-endian float32
	Runs    int    `json:"runs,omitempty"`
}

// What can be asked. All but Open are about the stage that was opened.
const (
	Open   = "open"   // load Stage from Weights for Beams
	Run    = "run"    // time one run
	Send   = "send"   // post a run's output to Output
	Grow   = "grow"   // Model.Grow, each the least of Runs
	Repeat = "repeat" // Model.Repeat, Runs reports
	Weigh  = "weigh"  // the program's memory
)

// Answer is what it answers, in so far as that was asked.
type Answer struct {
	Error        string     `json:"error,omitempty"`
	Backend      string     `json:"backend,omitempty"` // what computes, for people
	Milliseconds float64    `json:"ms,omitempty"`      // of Open and Run
	Growth       *Growth    `json:"growth,omitempty"`
	Text         string     `json:"text,omitempty"` // of Repeat's report
	Memory       *MemoryUse `json:"memory,omitempty"`

	// Of limit.js, which measures the GPU.
	GPU       string  `json:"gpu,omitempty"`
	Software  bool    `json:"software,omitempty"` // it is a program that acts as one
	GFLOPS    float64 `json:"gflops,omitempty"`
	Bandwidth float64 `json:"bandwidth,omitempty"` // GB/s, read and written
}

// MemoryUse is in bytes.
type MemoryUse struct {
	Wasm int64 `json:"wasm"` // the program's memory, which only grows
	Heap int64 `json:"heap"` // objects alive after a garbage collection
}
