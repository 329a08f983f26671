//go:build nomodel

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A program without a model says in one sentence what it needs. That it serves
// other weights is TestWeights.
func TestWithoutModel(t *testing.T) {
	code, errs := fail(t, builtSite, "-addr", "127.0.0.1:0")
	assert.Equal(t, 2, code)
	assert.Equal(t, "uarweb: this program was built without a model: name one with -weights PATH", errs)
}
