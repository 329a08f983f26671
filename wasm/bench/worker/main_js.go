// Command worker is the benchmark's program in a Web Worker: it answers package
// stage's requests (page/ours.js).
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall/js"
	"time"

	"uarweb/engine/device/backends"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/wasm/internal/browser"
	"uarweb/weights"
)

func main() {
	debug.SetGCPercent(20) // as the product's worker
	s := &server{}
	flag.StringVar(&s.backend, "backend", "simd", "what computes: simd, webgpu or portable")
	flag.Parse()
	js.Global().Set("request", js.FuncOf(func(_ js.Value, args []js.Value) any {
		text, done := args[0].String(), args[1]
		go func() { done.Invoke(s.serve(text)) }()
		return nil
	}))
	js.Global().Call("ready")
	select {}
}

type server struct {
	backend     string
	stage       stage.Stage
	description string // of the stage's backend
}

// serve answers one request, both as JSON. A fault is an error.
func (s *server) serve(text string) (answer string) {
	var a stage.Answer
	defer func() {
		if fault := recover(); fault != nil {
			a = stage.Answer{Error: fmt.Sprintf("fault: %v\n%s", fault, debug.Stack())}
		}
		encoded, err := json.Marshal(a)
		if err != nil {
			panic("worker: an answer is no JSON")
		}
		answer = string(encoded)
	}()
	var r stage.Request
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		a, err = s.answer(context.Background(), r)
	}
	if err != nil {
		a.Error = err.Error()
	}
	return
}

func (s *server) answer(ctx context.Context, r stage.Request) (a stage.Answer, err error) {
	if r.Do != stage.Open && s.stage == nil {
		return a, errors.New("worker: no stage is open")
	}
	a.Backend = s.description
	switch r.Do {
	case stage.Open:
		start := time.Now()
		err = s.open(ctx, r)
		a.Backend, a.Milliseconds = s.description, milliseconds(time.Since(start))
	case stage.Run:
		var took time.Duration
		took, err = s.stage.Run(ctx)
		a.Milliseconds = milliseconds(took)
	case stage.Send:
		err = s.send(ctx, r.Output)
	case stage.Grow:
		a.Growth, err = s.stage.(*stage.Model).Grow(ctx, r.Runs)
	case stage.Repeat:
		a.Text, err = s.stage.(*stage.Model).Repeat(ctx, r.Runs)
	case stage.Weigh:
		a.Memory = memory()
	default:
		err = fmt.Errorf("worker: %q is no request", r.Do)
	}
	return a, err
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

func (s *server) open(ctx context.Context, r stage.Request) error {
	text, err := fetch(ctx, r.Weights)
	if err != nil {
		return err
	}
	folder := strings.TrimSuffix(r.Weights, weights.ManifestName)
	checkpoint, err := weights.LoadManifest(ctx, text, func(ctx context.Context, name string) (io.ReadCloser, error) {
		return browser.Open(ctx, folder+name)
	}, nil)
	if err != nil {
		return err
	}
	b, what, err := backends.Open(ctx, s.backend)
	if err != nil {
		return err
	}
	s.description = what
	s.stage, err = stage.New(ctx, r.Stage, checkpoint, b, r.Beams, true)
	return err
}

// fetch returns the text at a URL.
func fetch(ctx context.Context, url string) ([]byte, error) {
	body, err := browser.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// send posts the output.
func (s *server) send(ctx context.Context, url string) error {
	output, err := s.stage.Output(ctx)
	if err != nil {
		return err
	}
	raw := make([]byte, 0, 4*len(output))
	for _, v := range output {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	_, err = browser.Await(js.Global().Call("fetch", url, map[string]any{"method": "POST", "body": browser.Uint8Array(raw)}))
	return err
}

func memory() *stage.MemoryUse {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return &stage.MemoryUse{Wasm: int64(js.Global().Call("memorySize").Int()), Heap: int64(m.HeapAlloc)}
}
