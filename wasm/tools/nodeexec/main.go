//go:build unix

// Command nodeexec runs a js/wasm test binary in Node.js:
//
//	GOOS=js GOARCH=wasm go test -exec="$PWD/bin/nodeexec" ./engine
//
// Where a binary needs no browser, this is the quicker way, and another engine
// version for the SIMD kernels, which it gives to a binary that imports them.
// The flags -threads, -relaxed and -simd say what it gets. With -webgpu it has the
// WebGPU of Dawn, which is Chromium's, on whatever Vulkan driver there is, or the
// one that VK_ICD_FILENAMES names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"uarweb/wasm/internal/program"
)

// config tells run.js what to run.
type config struct {
	WasmExec string        `json:"wasmExec"` // path of Go's script
	Page     string        `json:"page"`     // folder of kernels.js
	Modules  string        `json:"modules"`  // folder of the kernels
	Own      string        `json:"own"`      // path of the program
	Shared   string        `json:"shared"`   // and of its form with a shared memory
	Kernels  *program.Wish `json:"kernels"`  // nil: the program uses none
	Dawn     string        `json:"dawn"`     // path of Dawn's module; empty: no WebGPU
}

func main() {
	wish := program.Flags(flag.CommandLine)
	gpu := flag.Bool("webgpu", false, "with WebGPU, on the Vulkan driver that there is")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: nodeexec [flags] TEST.wasm [ARGUMENT…]")
		flag.PrintDefaults()
		os.Exit(2)
	}
	code, err := run(context.Background(), *wish, *gpu, flag.Args(), os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "nodeexec:", err)
		code = 2
	}
	os.Exit(code)
}

// run returns the exit code of the test binary argv[0].
func run(ctx context.Context, wish program.Wish, gpu bool, argv []string, stdout, stderr io.Writer) (int, error) {
	files, err := program.Find(ctx)
	if err != nil {
		return 0, err
	}
	binary, err := program.Open(argv[0])
	if err != nil {
		return 0, err
	}
	settings := config{WasmExec: files.WasmExec(), Page: files.Page(), Modules: files.Kernels(), Own: binary.Path}
	if binary.UsesKernels() {
		folder, err := os.MkdirTemp("", "nodeexec")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(folder)
		settings.Kernels, settings.Shared = &wish, filepath.Join(folder, "shared.wasm")
		if err := os.WriteFile(settings.Shared, binary.Shared, 0o600); err != nil {
			return 0, err
		}
	}
	if gpu {
		settings.Dawn = files.Dawn()
		if _, err := os.Stat(settings.Dawn); err != nil {
			return 0, fmt.Errorf("%w; install it: npm ci --ignore-scripts --prefix engine/device/webgpu/validate", err)
		}
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return 0, err
	}
	// Go's code recurses deeper than Node's stack is by default.
	arguments := append([]string{"--stack-size=8192", filepath.Join(files.Tool("nodeexec"), "run.js"), string(text)}, argv...)
	node := exec.CommandContext(ctx, "node", arguments...)
	node.Stdout, node.Stderr = stdout, stderr
	err = node.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
