//go:build !js

package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"uarweb/engine"
	"uarweb/engine/device/simd"
	"uarweb/serve"
	"uarweb/wasm/bench/internal/export"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/wasm/internal/program"
	"uarweb/weights"
	"uarweb/weights/model"
)

// peerFolder holds the files of onnxruntime-web, from the root of the checkout.
const peerFolder = "wasm/bench/node_modules/onnxruntime-web/dist"

//go:embed page
var pageFiles embed.FS

// server gives the browser the page and its programs, the models and their
// inputs, and takes the outputs.
type server struct {
	config *engine.Config
	random func() (*randomModel, error)
	url    string
	worker string // the SHA-256 of its module

	folder string // of the models' shards, by precision and stage

	mu      sync.Mutex
	graphs  map[string][]byte    // the peer's, by precision and name
	outputs map[string][]float32 // by who sent them
}

// newServer builds the program of the worker and starts a server, which ends
// with ctx. The random model is made when it is first asked for.
func newServer(ctx context.Context, c *engine.Config, note func(format string, args ...any)) (*server, error) {
	if _, err := os.Stat(peerFolder); err != nil {
		return nil, fmt.Errorf("%s is missing: run ./build.sh bench", peerFolder)
	}
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { os.RemoveAll(folder) })
	s := &server{config: c, folder: folder, graphs: map[string][]byte{}, outputs: map[string][]float32{}}
	s.random = sync.OnceValues(func() (*randomModel, error) {
		note("making the random model")
		return newRandomModel(ctx, c)
	})
	handler, err := s.handler(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.url = "http://" + listener.Addr().String() + "/"
	h := &http.Server{Handler: serve.WithSecurityHeaders(handler)}
	context.AfterFunc(ctx, func() { h.Close() })
	go func() { _ = h.Serve(listener) }()
	return s, nil
}

func (s *server) handler(ctx context.Context) (http.Handler, error) {
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		return nil, err
	}
	files, err := program.Find(ctx)
	if err != nil {
		return nil, err
	}
	worker, err := buildWorker(ctx)
	if err != nil {
		return nil, err
	}
	s.worker = fmt.Sprintf("%x", sha256.Sum256(worker["worker.wasm"]))
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(page))
	mux.Handle("GET /peer/", http.StripPrefix("/peer/", http.FileServer(http.Dir(peerFolder))))
	for _, path := range []string{files.WasmExec(), filepath.Join(files.Page(), "kernels.js"), filepath.Join(files.Page(), "pool.js")} {
		mux.HandleFunc("GET /"+filepath.Base(path), func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
	}
	kernels := http.FileServer(http.Dir(files.Kernels()))
	for _, module := range simd.Modules() {
		mux.Handle("GET /"+module, kernels)
	}
	for name, content := range worker {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/wasm")
			_, _ = w.Write(content)
		})
	}
	answer := func(pattern string, content func(r *http.Request) ([]byte, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			data, err := content(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(data)
		})
	}
	answer("GET /weights/{precision}/{stage}/{file}", func(r *http.Request) ([]byte, error) {
		dir, err := s.shards(r.Context(), r.PathValue("precision"), r.PathValue("stage"))
		if err != nil {
			return nil, err
		}
		return fs.ReadFile(os.DirFS(dir), r.PathValue("file"))
	})
	answer("GET /onnx/{precision}/{graph}", func(r *http.Request) ([]byte, error) {
		return s.onnx(r.Context(), r.PathValue("precision"), r.PathValue("graph"))
	})
	answer("GET /input/{precision}/{name}", func(r *http.Request) ([]byte, error) {
		return s.input(r.Context(), r.PathValue("precision"), r.PathValue("name"))
	})
	answer("POST /output/{name}", func(r *http.Request) ([]byte, error) {
		return nil, s.take(r.PathValue("name"), r.Body)
	})
	return mux, nil
}

// buildWorker links the worker's program, and rewrites it for a shared memory.
func buildWorker(ctx context.Context) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "worker.wasm")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./wasm/bench/worker")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the worker: %w\n%s", err, out)
	}
	p, err := program.Open(path)
	if err != nil {
		return nil, err
	}
	own, err := os.ReadFile(path)
	return map[string][]byte{"worker.wasm": own, "worker-shared.wasm": p.Shared}, err
}

// shipped is the name of the shipped model among the precisions.
const shipped = "shipped"

// checkpoint is the random model of a precision, or the shipped one.
func (s *server) checkpoint(ctx context.Context, precision string) (*weights.Checkpoint, error) {
	if precision == shipped {
		return weights.OpenFS(ctx, model.FS, model.Manifest)
	}
	m, err := s.random()
	if err != nil {
		return nil, err
	}
	c := m.weights[precision]
	if c == nil {
		return nil, fmt.Errorf("there is no model of %s", precision)
	}
	return c, nil
}

// shards returns the folder with the manifest and the shards of what a stage
// needs of a model, which it writes when they are first asked for. Ours loads
// them as the page loads the shipped model.
func (s *server) shards(ctx context.Context, precision, name string) (string, error) {
	c, err := s.checkpoint(ctx, precision)
	if err == nil {
		c, err = part(c, name)
	}
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Join(s.folder, precision, name)
	if _, err := os.Stat(filepath.Join(dir, weights.ManifestName)); err == nil {
		return dir, nil
	}
	_, err = weights.WriteShards(dir, c)
	return dir, err
}

// cross is the graph that goes before the decoder's.
const cross = "cross"

// prepare makes what a stage's sides will ask for, so that making it is no part
// of their times.
func (s *server) prepare(ctx context.Context, precision, name string, peer bool) error {
	_, err := s.shards(ctx, precision, name)
	if err == nil && peer {
		_, err = s.onnx(ctx, precision, name)
	}
	if err == nil && peer && name == stage.Decoder {
		_, err = s.onnx(ctx, precision, cross)
	}
	return err
}

// onnx returns a graph of the peer's, which is made when it is first asked for.
func (s *server) onnx(ctx context.Context, precision, graph string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := precision + "/" + graph
	if s.graphs[name] == nil {
		made, err := s.export(ctx, precision, graph)
		if err != nil {
			return nil, err
		}
		s.graphs[name] = made
	}
	return s.graphs[name], nil
}

func (s *server) export(ctx context.Context, precision, graph string) ([]byte, error) {
	c, err := s.checkpoint(ctx, precision)
	if err != nil {
		return nil, err
	}
	switch graph {
	case stage.DVAE:
		m, err := s.random()
		if err != nil {
			return nil, err
		}
		return export.DVAE(s.config, c, m.ranges)
	case stage.Encoder:
		return export.Encoder(s.config, c)
	case stage.Decoder:
		return export.Decoder(s.config, c)
	case cross:
		return export.Cross(s.config, c)
	}
	return nil, fmt.Errorf("there is no graph %s", graph)
}

// Inputs of the peer.
const (
	inputView     = "view"     // [channels, size, size]
	inputAligned  = "aligned"  // [N, d]
	inputMemory   = "memory"   // [N, d]
	inputEmbedded = "embedded" // and the number of beams: [steps, beams, d]
)

func (s *server) input(ctx context.Context, precision, name string) ([]byte, error) {
	var x []float32
	var err error
	switch name {
	case inputView:
		x = transpose(stage.View(s.config), s.config.Image.Channels)
	case inputAligned:
		x = stage.Aligned(s.config)
	case inputMemory:
		x = stage.Memory(s.config)
	default:
		beams, found := strings.CutPrefix(name, inputEmbedded)
		if !found {
			return nil, fmt.Errorf("there is no input %s", name)
		}
		n, convert := strconv.Atoi(beams)
		if convert != nil {
			return nil, convert
		}
		x, err = s.embedded(ctx, precision, n)
	}
	raw := make([]byte, 0, 4*len(x))
	for _, v := range x {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return raw, err
}

// embedded is what the decoder's first layer is given in each step: the words'
// rows of the table and of the positions.
func (s *server) embedded(ctx context.Context, precision string, beams int) ([]float32, error) {
	c, err := s.checkpoint(ctx, precision)
	if err != nil {
		return nil, err
	}
	table, err := values(c, "lsu.text_tokens.weight")
	if err != nil {
		return nil, err
	}
	positions, err := values(c, "lsu.text_positions.weight")
	if err != nil {
		return nil, err
	}
	d := s.config.Dim
	var x []float32
	for step := range s.config.MaxTokens {
		for _, word := range stage.Words(s.config, step, beams) {
			for i, v := range table[word*d : (word+1)*d] {
				x = append(x, v+positions[step*d+i])
			}
		}
	}
	return x, nil
}

func values(c *weights.Checkpoint, name string) ([]float32, error) {
	t, err := c.Tensor(name)
	if err != nil {
		return nil, err
	}
	return t.Floats()
}

// transpose turns rows of so many columns into columns of rows.
func transpose(x []float32, columns int) []float32 {
	rows := len(x) / columns
	r := make([]float32, len(x))
	for i, v := range x {
		r[i%columns*rows+i/columns] = v
	}
	return r
}

// maxOutput is more than any output's bytes.
const maxOutput = 1 << 26

func (s *server) take(name string, body io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(body, maxOutput+1))
	if err != nil {
		return err
	}
	if len(raw) > maxOutput || len(raw)%4 != 0 {
		return errors.New("the output is not float32, or too long")
	}
	x := make([]float32, len(raw)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outputs[name] = x
	return nil
}

func (s *server) output(name string) []float32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outputs[name]
}
