//go:build !nomodel

package model

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
)

// TestShipped: the embedded shards are those of the manifest, no more and no
// fewer, whole and unaltered, and say what they were made of.
func TestShipped(t *testing.T) {
	c, err := weights.OpenFS(t.Context(), FS, Manifest)
	require.NoError(t, err)
	assert.NotEmpty(t, c.Metadata["uar.config"])
	assert.Contains(t, c.Metadata["uar.card"], "research and teaching, non-commercial")
	assert.Contains(t, c.Metadata["uar.card"], `"record":{"studies":296,`)
	assert.LessOrEqual(t, c.Size(), int64(40e6), "the whole download")
	for _, name := range c.Names() {
		w, err := c.Tensor(name)
		require.NoError(t, err)
		require.NoError(t, w.Valid())
	}

	text, err := fs.ReadFile(FS, Manifest)
	require.NoError(t, err)
	m, err := weights.ParseManifest(text)
	require.NoError(t, err)
	files, err := fs.Glob(FS, "*.safetensors")
	require.NoError(t, err)
	var named []string
	for _, s := range m.Shards {
		named = append(named, s.Name)
	}
	assert.ElementsMatch(t, named, files)
}
