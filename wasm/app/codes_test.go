package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/ui"
	"uarweb/wasm/internal/protocol"
)

// The page has a sentence for every code that the worker may send, but for a
// cancel, which is no error to the person who asked for it.
func TestEveryCodeIsExplained(t *testing.T) {
	for _, code := range protocol.Codes {
		assert.Equal(t, code != protocol.Cancelled, ui.Explained(string(code)), code)
	}
}
