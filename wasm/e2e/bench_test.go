//go:build !js

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/model"
)

// Anybody may time the engine in their browser, and has the result as JSON.
func TestBench(t *testing.T) {
	t.Parallel()
	p := openAt(t, product(t, model.FS), "/bench.html")
	text := eval[string](p, `(async () => {
		const element = (id) => document.getElementById(id);
		element("start").click();
		for (let tries = 0; tries < 6000 && element("result").hidden; tries++) await new Promise((later) => setTimeout(later, 50));
		return element("result").textContent || element("state").textContent;
	})()`)
	var result struct {
		Browser string
		Cores   int
		Rows    []struct {
			Way, Backend, Model, Text, Error string
			Loaded                           float64 `json:"loaded_ms"`
			Report, Redraws                  struct{ Median, Least, Most float64 }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &result), text)
	assert.Contains(t, result.Browser, "Chrome")
	assert.Positive(t, result.Cores)
	require.Len(t, result.Rows, 5)
	assert.Contains(t, result.Rows[4].Error, "the browser offers no GPU")
	for _, row := range result.Rows[:4] {
		require.Empty(t, row.Error, row.Way)
		assert.Equal(t, "simd", row.Backend)
		assert.Len(t, row.Model, 64)
		assert.Positive(t, row.Loaded)
		assert.Equal(t, result.Rows[0].Text, row.Text)
	}
	assert.Equal(t, 5, eval[int](p, `document.querySelectorAll("#rows tbody tr").length`))
	assert.Equal(t, "Done.", p.text("state"))
	p.evaluate(axeCore(t))
	p.checkAxe("of the bench")
}
