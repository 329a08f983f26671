package app

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/protocol"
)

// More files than a message may name are refused before one is sent, which would
// end the worker.
func TestTooManyFiles(t *testing.T) {
	_, err := (&engine{}).List(t.Context(), make([]desk.File, protocol.MaxFiles+1))
	assert.Equal(t, status.LargeImage, status.CodeOf(err))
	assert.Equal(t, "more than 10000 files", status.Reason(err))
}
