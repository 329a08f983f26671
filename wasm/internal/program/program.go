// Package program prepares a js/wasm program, mostly a test binary, for the
// commands that run it: chromeexec and nodeexec. They give a program that
// imports the kernels of the SIMD backend those of the checkout, as the page
// does (wasm/page/kernels.js).
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"uarweb/wasm/internal/module"
)

// Program is a linked Go program for js/wasm.
type Program struct {
	Path   string // of its file
	Shared []byte // the program with a shared memory; nil if it uses no kernels
}

// Wish is the last argument of Kernels.instantiate (wasm/page/kernels.js).
type Wish struct {
	SIMD    bool `json:"simd"`
	Relaxed bool `json:"relaxed"`
	Threads int  `json:"threads"`
}

// Flags defines the flags of a wish: everything, but on one thread.
func Flags(f *flag.FlagSet) *Wish {
	w := &Wish{}
	f.BoolVar(&w.SIMD, "simd", true, "give the program the SIMD kernels")
	f.BoolVar(&w.Relaxed, "relaxed", true, "with relaxed SIMD, if there is any")
	f.IntVar(&w.Threads, "threads", 1, "compute on `n` threads, 0: as many as the page would")
	return w
}

// Open reads the program at path.
func Open(path string) (*Program, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &Program{Path: path}
	uses, err := module.Imports(content, "kernels")
	if err == nil && uses {
		p.Shared, err = module.ShareMemory(content)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// UsesKernels says whether the program imports them.
func (p *Program) UsesKernels() bool { return p.Shared != nil }

// Files are the folders that a runner takes its scripts and modules from.
type Files struct {
	goroot, root string
}

// Find asks the go command for them; the working directory must be in this
// module.
func Find(ctx context.Context) (Files, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOMOD").Output()
	if err != nil {
		return Files{}, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(string(out), "\n")
	if len(lines) < 2 || lines[1] == "" || lines[1] == os.DevNull {
		return Files{}, errors.New("the working directory is in no module")
	}
	return Files{lines[0], filepath.Dir(strings.TrimSpace(lines[1]))}, nil
}

// WasmExec is the path of Go's own script.
func (f Files) WasmExec() string { return filepath.Join(f.goroot, "lib", "wasm", "wasm_exec.js") }

// Page is the folder of the page's scripts, of which kernels.js and pool.js
// bring the kernels, and codec.js a decoder.
func (f Files) Page() string { return filepath.Join(f.root, "wasm", "page") }

// Kernels is the folder of the modules.
func (f Files) Kernels() string { return filepath.Join(f.root, "engine", "device", "simd") }

// Codecs is the folder of the modules that decode compressed DICOM.
func (f Files) Codecs() string { return filepath.Join(f.root, "engine", "radiograph", "codec") }

// Dawn is the module that gives Node.js WebGPU, where npm has installed it.
func (f Files) Dawn() string {
	return filepath.Join(f.root, "engine", "device", "webgpu", "validate", "node_modules", "webgpu", "index.js")
}

// Tool is the folder of a command under wasm/tools.
func (f Files) Tool(name string) string { return filepath.Join(f.root, "wasm", "tools", name) }
