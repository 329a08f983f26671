package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/simd"
)

// faulty is a backend whose every download after so many fails.
type faulty struct {
	device.Backend
	after int
	err   error
}

func (b *faulty) Download(ctx context.Context, copies ...device.Copy) error {
	if b.after--; b.after < 0 {
		return b.err
	}
	return b.Backend.Download(ctx, copies...)
}

// What computes may fail, which is no fault of the input: exit code 1, in every
// command that computes.
func TestFailuresOfTheBackendAreNotTheInputs(t *testing.T) {
	dir := workspace(t)
	weights, image, out := filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "images/a.png"), filepath.Join(dir, "out")
	commands := map[string][]string{
		"report":  {"report", "-weights", weights, image},
		"trace":   {"trace", "-weights", weights, "-o", out, image},
		"eval":    {"eval", "-weights", weights, "-data", dir},
		"compare": {"compare", "-weights", weights, "-reference", weights, "-data", dir},
		"bench":   {"bench", "-weights", weights},
	}
	defer func(before func(context.Context, string) (device.Backend, string, error)) { openBackend = before }(openBackend)
	for name, args := range commands {
		// Loading downloads nothing; a report does so several times.
		for _, failure := range []error{simd.ErrThreadLost, simd.ErrMemory} {
			openBackend = func(context.Context, string) (device.Backend, string, error) {
				return &faulty{portable.New(), 1, fmt.Errorf("download: %w", failure)}, "", nil
			}
			code, results, errs := uar(t, args...)
			assert.Equal(t, 1, code, name)
			assert.Empty(t, results, name)
			assert.Contains(t, errs, failure.Error(), name)
		}
		openBackend = func(context.Context, string) (device.Backend, string, error) {
			return nil, "", errors.New("selftest: wrong result: softmax: element 3 is 1, should be 2")
		}
		code, results, errs := uar(t, args...)
		assert.Equal(t, 1, code, name)
		assert.Empty(t, results, name)
		assert.Equal(t, "uar: the backend portable cannot be used: selftest: wrong result: softmax: element 3 is 1, should be 2\n", errs, name)
	}
}
