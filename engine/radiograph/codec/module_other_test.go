//go:build !js

package codec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The modules can do nothing but compute, in memory that has an end.
func TestSandbox(t *testing.T) {
	for format, module := range compiled {
		m, err := module()
		require.NoError(t, err, format)
		assert.Empty(t, m.ImportedFunctions(), format)
		assert.Empty(t, m.ImportedMemories(), format)
		pages, bounded := m.ExportedMemories()["memory"].Max()
		assert.True(t, bounded, format)
		assert.EqualValues(t, 768<<20/65536, pages, format)
	}
}
