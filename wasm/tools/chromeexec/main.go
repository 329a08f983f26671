//go:build unix

// Command chromeexec runs a js/wasm test binary in headless Chromium:
//
//	GOOS=js GOARCH=wasm go test -exec="$PWD/bin/chromeexec" ./...
//
// The page has the product's security headers, so what works in a test works
// under its Content-Security-Policy and cross-origin isolation. The binary has
// the files that a native test would have: system calls on files are answered
// by this process, in the test's folder, over HTTP.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/chromedp/chromedp"

	"uarweb/serve"
	"uarweb/wasm/internal/chrome"
	"uarweb/wasm/internal/program"
)

//go:embed run.js
var script []byte

const page = `<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,">` +
	`<script src="wasm_exec.js"></script><script src="run.js"></script>`

// config tells run.js about this process.
type config struct {
	Arguments   []string          `json:"argv"`
	Environment map[string]string `json:"env"`
	Directory   string            `json:"cwd"`
	Constants   map[string]int    `json:"constants"` // of open(2)
	Kernels     *program.Wish     `json:"kernels"`   // nil: the binary uses none
}

func main() {
	wish := program.Flags(flag.CommandLine)
	gpu := flag.Bool("webgpu", false, "with WebGPU, which computes on the CPU")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: chromeexec [flags] TEST.wasm [ARGUMENT…]")
		flag.PrintDefaults()
		os.Exit(2)
	}
	var options []chromedp.ExecAllocatorOption
	if *gpu {
		options = chrome.SoftwareGPU
	}
	code, err := run(context.Background(), *wish, flag.Args(), os.Stdout, options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chromeexec:", err)
		code = 2
	}
	os.Exit(code)
}

// run returns the exit code of the test binary argv[0]. What the binary and the
// page's console print goes to output, from several goroutines. The options are
// the browser's.
func run(ctx context.Context, wish program.Wish, argv []string, output io.Writer, options ...chromedp.ExecAllocatorOption) (int, error) {
	files, err := program.Find(ctx)
	if err != nil {
		return 0, err
	}
	decoders, err := filepath.Glob(filepath.Join(files.Codecs(), "*.wasm"))
	if err != nil {
		return 0, err
	}
	binary, err := program.Open(argv[0])
	if err != nil {
		return 0, err
	}
	directory, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	settings := config{
		Arguments: argv,
		// Not the whole environment: wasm_exec.js has room for 8 KB.
		Environment: map[string]string{"PWD": directory, "TMPDIR": os.TempDir()},
		Directory:   directory,
		Constants: map[string]int{
			"O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR, "O_CREAT": os.O_CREATE, "O_TRUNC": os.O_TRUNC,
			"O_APPEND": os.O_APPEND, "O_EXCL": os.O_EXCL, "O_DIRECTORY": syscall.O_DIRECTORY,
		},
	}
	if binary.UsesKernels() {
		settings.Kernels = &wish
	}
	exited := make(chan int, 1)

	mux := http.NewServeMux()
	serveBytes := func(path, contentType string, content []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(content)
		})
	}
	serveFile := func(path, name string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })
	}
	serveBytes("/{$}", "text/html", []byte(page))
	serveBytes("/run.js", "text/javascript", script)
	serveFile("/wasm_exec.js", files.WasmExec())
	serveFile("/test.wasm", argv[0])
	serveBytes("/test-shared.wasm", "application/wasm", binary.Shared)
	serveFile("/kernels.js", filepath.Join(files.Page(), "kernels.js"))
	serveFile("/pool.js", filepath.Join(files.Page(), "pool.js"))
	serveFile("/codec.js", filepath.Join(files.Page(), "codec.js"))
	serveFile("/requests.js", filepath.Join(files.Page(), "requests.js"))
	for _, module := range decoders {
		serveFile("/"+filepath.Base(module), module)
	}
	mux.Handle("GET /", http.FileServer(http.Dir(files.Kernels())))
	mux.HandleFunc("GET /config.json", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(settings) })
	mux.Handle("POST /fs/{call}", newDisk(output))
	mux.HandleFunc("POST /exit", func(_ http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.FormValue("code"))
		if err != nil {
			code = 2
		}
		exited <- code
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	// No other page that a browser on this machine has open may use the disk.
	server := &http.Server{Handler: http.NewCrossOriginProtection().Handler(serve.WithSecurityHeaders(mux))}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	ctx, cancel, err := chrome.New(ctx, options...)
	if err != nil {
		return 0, err
	}
	defer cancel()
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			fmt.Fprintln(output, "console:", m)
		}
	}()
	if err := chromedp.Do(ctx, chromedp.Navigate("http://"+listener.Addr().String()+"/")); err != nil {
		return 0, err
	}
	detached, err := chromedp.Detached(ctx)
	if err != nil {
		return 0, err
	}
	select {
	case code := <-exited:
		return code, nil
	case <-detached:
		return 0, errors.New("the page crashed")
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
