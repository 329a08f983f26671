package backends_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device/backends"
	"uarweb/engine/status"
)

func TestOpenOpensTheOneThatIsNamed(t *testing.T) {
	for _, name := range []string{"simd", "portable"} {
		b, what, err := backends.Open(t.Context(), name)
		require.NoError(t, err)
		assert.Equal(t, name, b.Name())
		assert.NotEmpty(t, what)
		b.Close()
	}
	_, _, err := backends.Open(t.Context(), "abacus")
	assert.ErrorContains(t, err, `"abacus" is none of`)
	assert.Equal(t, status.NoBackend, status.CodeOf(err))
}

func TestAChoiceBeginsWithTheWish(t *testing.T) {
	b, what, err := backends.Choice{Wish: "portable", Limits: "on one thread"}.Open(t.Context())
	require.NoError(t, err)
	defer b.Close()
	assert.Equal(t, "portable", b.Name())
	assert.Equal(t, "Go without SIMD; on one thread", what)
}
