package ui

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
	"uarweb/ui/say"
)

// What the page says is in the reader's language; the model's words, and what is printed of
// a report, are not, and are marked.
func TestSpanish(t *testing.T) {
	t.Cleanup(func() { say.In(say.English, nil) })
	script, err := os.ReadFile("../wasm/page/words.es.js")
	require.NoError(t, err)
	_, object, _ := strings.Cut(string(script), " = ")
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		require.NoError(t, json.Unmarshal([]byte(strings.TrimSuffix(object, ";\n")), &b.Screen.Words))
		b.Ready("a")
		b.Do(b.Run)
		before := html(b)
		b.Do(func() { b.SetLanguage("es") })
		page := html(b)
		for _, want := range []string{
			`aria-label="Salas"`, `<span>Leer</span>`, `<h2 id="draft-title">Informe</h2>`, ">Escribir de nuevo</button>", "Tapar lo que miró y reescribir", `>Escrito en 1,5 s.</p>`,
			`<option lang="es" selected="selected" value="es">`, `aria-label="Quitar la proyección frontal"`, `<span class="word" lang="en"`, "Borrador del modelo, que escribe en inglés",
		} {
			assert.Contains(t, page, want)
		}
		_, sheet, _ := strings.Cut(page, `<section class="sheet" lang="en"`)
		_, english, _ := strings.Cut(before, `<section class="sheet" lang="en"`)
		sheet, _, _ = strings.Cut(sheet, "</section>")
		english, _, _ = strings.Cut(english, "</section>")
		assert.Equal(t, english, sheet)
		assert.Contains(t, sheet, "Not for diagnosis.")

		b.Do(func() { b.Go(desk.Place{Room: desk.RoomLab}) })
		assert.Contains(t, html(b), "¿Lo nota el modelo?")
		b.Do(func() { b.Go(desk.Place{Room: desk.RoomRead}); b.SetLanguage("en") })
		assert.Equal(t, before, html(b))
	})
}
