package say_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/say"
)

// spanish speaks a language of few words until the test ends.
func spanish(t *testing.T) {
	t.Cleanup(func() { say.In(say.English, nil) })
	say.In("es", map[string]string{
		".": ",", "%d word": "%d palabra", "%d words": "%d palabras", "Close": "Cerrar",
		"%.1f s, %s": "%.1f s, %s", "%d of %s": "de %[2]s, %[1]d",
	})
}

func TestText(t *testing.T) {
	assert.Equal(t, "Close", say.Text("Close"))
	assert.Equal(t, "1 word", say.Count(1, "word"))
	assert.Equal(t, "0.5 s, a.png", say.F("%.1f s, %s", 0.5, "a.png"))
	assert.Equal(t, "0.5 %", say.Number("0.5 %"))
	assert.Equal(t, "<b>Close</b>", say.Markup("<b>Close</b>"))

	spanish(t)
	assert.Equal(t, "es", say.Language())
	assert.Equal(t, "Cerrar", say.Text("Close"))
	assert.Equal(t, "Open", say.Text("Open"), "what a catalogue lacks stays English")
	assert.Equal(t, "1 palabra", say.Count(1, "word"))
	assert.Equal(t, "0 palabras", say.Count(0, "word"))
	assert.Equal(t, "0,5 s, a.png", say.F("%.1f s, %s", 0.5, "a.png"), "numbers alone")
	assert.Equal(t, "-1,25 of", say.F("%+.2f of", float32(-1.25)))
	assert.Equal(t, "de 4, 3", say.F("%d of %s", 3, "4"), "in another order")
	assert.Equal(t, "0,5 %", say.Number("0.5 %"))
	assert.Equal(t, "Close 0.5", say.InEnglish(func() string { return say.F("%s %.1f", say.Text("Close"), 0.5) }))
	assert.Equal(t, "Cerrar", say.Text("Close"), "again")
}

func TestMarkup(t *testing.T) {
	spanish(t)
	assert.Equal(t, "\n\tCerrar ", say.Within("\n\tClose "))
	assert.Equal(t, " ", say.Within(" "))
	assert.Equal(t, `<tr class="Close"><th>Cerrar</th> Cerrar<br/>log p</tr>`, say.Markup(`<tr class="Close"><th>Close</th> Close<br/>log p</tr>`))
}
