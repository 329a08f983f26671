package safetensors

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// Decode and Read agree on every file, and what they accept survives a round
// trip.
func FuzzDecode(f *testing.F) {
	for _, h := range hostile {
		if len(h.data) < 1000 {
			f.Add(h.data)
		}
	}
	f.Add(file(`{"__metadata__":{"format":"pt"},`+tensorJSON("a", "F32", "[1,2]", 0, 8)+","+tensorJSON("b", "I8", "[]", 8, 9)+"}  ", 9))
	f.Fuzz(func(t *testing.T, data []byte) {
		decoded, err := Decode(data)
		read, readErr := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			require.EqualError(t, readErr, err.Error())
			return
		}
		require.NoError(t, readErr)
		requireSame(t, decoded, read)

		var first, second bytes.Buffer
		require.NoError(t, Write(&first, decoded))
		again, err := Decode(first.Bytes())
		require.NoError(t, err)
		require.Equal(t, len(decoded.Entries), len(again.Entries))
		require.NoError(t, Write(&second, again))
		require.Equal(t, first.Bytes(), second.Bytes())
	})
}
