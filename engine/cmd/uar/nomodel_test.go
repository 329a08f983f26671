//go:build nomodel

package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A program without a model says in one sentence what it needs, and works with it.
func TestWithoutModel(t *testing.T) {
	dir := workspace(t)
	image := filepath.Join(dir, "images/a.png")
	for _, args := range [][]string{
		{"report", image}, {"trace", "-o", filepath.Join(dir, "trace"), image}, {"eval", "-data", dir}, {"bench"},
		{"compare", "-data", dir, "-reference", filepath.Join(dir, "model.safetensors")},
	} {
		code, out, errs := uar(t, args...)
		assert.Equal(t, 2, code)
		assert.Empty(t, out)
		assert.Equal(t, "uar: this program was built without a model: name one with -weights FILE\n", errs)
	}
	must(t, "report", "-weights", filepath.Join(dir, "model.safetensors"), image)
}
