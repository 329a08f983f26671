package report

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMaxSize: the longest report of a shape is within the bound, and the bound
// is not much more than it.
func TestMaxSize(t *testing.T) {
	const id = 65535
	const small64, small32 = -math.SmallestNonzeroFloat64 * (1 << 52), float32(-1.1754944e-38)
	for _, c := range []struct{ words, longest, alternatives, tokens int }{
		{0, 5, 1, 1},
		{1, 5, 1, 1},
		{60, 19, 3, 392},
		{60, 128, 16, 392},
		{1024, 128, 16, 2},
		{3, 5, 1, 5000},
	} {
		word := strings.Repeat("<", c.longest)
		r := &Report{
			LogProb: small64, Alignment: small64, Backend: "portable", Precision: "int8",
			Model:       Model{SHA256: strings.Repeat("f", 64), Format: "uar/1"},
			Engine:      Engine{Version: "10.20.30", Commit: strings.Repeat("f", 41), SHA256: strings.Repeat("f", 64)},
			Seconds:     Seconds{small64, small64, small64, small64},
			Views:       slices.Repeat([]View{{Name: strings.Repeat("<", 4096), Format: "JPEG 2000", View: "frontal", SHA256: strings.Repeat("f", 64), Notes: slices.Repeat([]string{strings.Repeat("<", 200)}, 10)}}, 2),
			ImageTokens: [][]int{make([]int, c.tokens)}, Covered: make([]int, c.tokens),
		}
		for i := range c.tokens {
			r.ImageTokens[0][i], r.Covered[i] = id, id
		}
		var texts []string
		for range c.words {
			w := Word{Token: id, Text: word, LogProb: small64}
			for range c.alternatives {
				w.Alternatives = append(w.Alternatives, Alternative{id, word, small64})
			}
			for range c.tokens {
				w.Attention, w.Mask = append(w.Attention, small32), append(w.Mask, small32)
			}
			r.Words, r.Tokens, texts = append(r.Words, w), append(r.Tokens, id), append(texts, word)
		}
		r.Text = Text(texts)
		data, err := json.Marshal(r)
		require.NoError(t, err)
		most := MaxSize(c.words, c.longest, c.alternatives, c.tokens)
		assert.LessOrEqual(t, int64(len(data)), most, "%+v", c)
		assert.Less(t, most-restSize, 2*int64(len(data)), "%+v", c)
	}
	redacted, err := json.Marshal(Text([]string{"xxxx", Unknown, "xxxx"}))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(redacted), 3*(escapedSize*redactedSize+4))
}
