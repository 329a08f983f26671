package app

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/status"
	"uarweb/ui/desk"
)

// The page has a sentence for every code that the worker may send, but for a
// cancel, which is no error to the person who asked for it.
func TestEveryCodeIsExplained(t *testing.T) {
	for _, code := range status.Codes() {
		assert.Equal(t, code != status.Cancelled, desk.Explained(code), code)
	}
}
