//go:build !js

// Package chrome starts the headless Chromium that tests run in.
package chrome

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"

	"github.com/chromedp/chromedp"
)

// ErrNotFound is returned by [Path] where there is no Chromium.
var ErrNotFound = errors.New("chrome: no Chromium found: install it (apt-get install chromium) or set CHROME to its path")

// Path is where Chromium is: the environment variable CHROME, or what is
// found on the PATH.
func Path() (string, error) {
	if path := os.Getenv("CHROME"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// SoftwareGPU are options of a browser whose WebGPU computes on the CPU, with
// SwiftShader: rightly, and slowly.
var SoftwareGPU = []chromedp.ExecAllocatorOption{
	chromedp.Flag("enable-unsafe-webgpu", true),
	chromedp.Flag("use-webgpu-adapter", "swiftshader"),
}

// RealGPU are options of a headless browser whose WebGPU is the machine's, as
// Chrome's documentation has them for servers: on Linux by Vulkan, which must not
// need a window.
func RealGPU() []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.Flag("disable-gpu", false),
		chromedp.Flag("enable-unsafe-webgpu", true),
		chromedp.Flag("ignore-gpu-blocklist", true),
	}
	if runtime.GOOS == "linux" {
		options = append(options,
			chromedp.Flag("use-angle", "vulkan"), chromedp.Flag("enable-features", "Vulkan"), chromedp.Flag("disable-vulkan-surface", true))
	}
	return options
}

// New prepares a browser of its own, with an empty profile, that starts with
// the first action and ends with the context. It asks nothing of the network
// but what the page asks.
func New(parent context.Context, options ...chromedp.ExecAllocatorOption) (context.Context, context.CancelFunc, error) {
	path, err := Path()
	if err != nil {
		return nil, nil, err
	}
	options = append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-sync", true),
	}, options...)
	if os.Geteuid() == 0 { // Chromium's sandbox refuses root
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(parent, options...)
	ctx, cancel := chromedp.NewContext(allocator)
	return ctx, func() { cancel(); cancelAllocator() }, nil
}
