//go:build !js

package e2e

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/internal/firefox"
	"uarweb/weights/model"
)

// Another browser engine writes the same report.
func TestFirefox(t *testing.T) {
	if _, err := firefox.Path(); err != nil {
		t.Skip(err)
	}
	server := httptest.NewServer(product(t, model.FS))
	t.Cleanup(server.Close)
	b, err := firefox.Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Navigate(server.URL))

	text := func(expression string) string {
		var s string
		require.NoError(t, b.Evaluate(expression, &s))
		return s
	}
	wait := func(condition string) {
		t.Helper()
		for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			var holds bool
			require.NoError(t, b.Evaluate(`document.getElementById("page") !== null && (`+condition+`)`, &holds))
			if holds {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("waiting for %s; page:\n%s", condition, text(`document.body.innerText`))
			}
		}
	}
	wait(`page.dataset.model === "ready"`)
	t.Log(text(`navigator.userAgent + ": " + document.querySelector("#fact-backend dd").textContent`))
	text(`(document.getElementById("example").click(), "")`)
	wait(`!document.getElementById("run").disabled`)
	text(`(document.getElementById("run").click(), "")`)
	wait(`page.dataset.run === "done"`)
	assert.Equal(t, command(t, example(t)...).Text, text(`document.getElementById("report").textContent.trim()`))
	var alert string
	require.NoError(t, b.Evaluate(`document.getElementById("alert").textContent`, &alert))
	assert.Empty(t, alert)
}
