//go:build !js

package weights

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A signature stays with a model that is cut as before, and a manifest that was
// changed after it was signed is refused before a shard is opened.
func TestSign(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	dir := t.TempDir()
	m, err := WriteShards(dir, small(t))
	require.NoError(t, err)
	m.Sign(key)
	require.NoError(t, m.Save(filepath.Join(dir, ManifestName)))

	c, err := Open(t.Context(), filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	assert.True(t, c.Verified)
	assert.Equal(t, m.Signature, c.Signature)
	again, err := WriteShards(t.TempDir(), c)
	require.NoError(t, err)
	assert.Equal(t, m, again)
	other, err := writeShards(t.TempDir(), c, 300)
	require.NoError(t, err)
	assert.Nil(t, other.Signature, "it is of other shards")

	m.Size++
	m.Shards[0].Size++
	text, err := json.Marshal(m)
	require.NoError(t, err)
	_, err = LoadManifest(t.Context(), text, func(context.Context, string) (io.ReadCloser, error) {
		t.Error("a shard is opened")
		return nil, os.ErrNotExist
	}, nil)
	assert.ErrorIs(t, err, ErrSignature)
}
