//go:build !js

package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/sweep"
	"uarweb/engine/score/sweep/run"
	"uarweb/weights"
	"uarweb/weights/golden"
)

// rested waits until all is done about the phantom of the lab.
func (p *page) rested() {
	p.t.Helper()
	p.wait(`document.getElementById("lab-state")?.dataset.busy === "false" && document.getElementById("lab-changed").textContent.includes(" of the ")`)
}

// A link opens a phantom, sliders change it, what is drawn is outlined and judged, and
// the sweep is that of the command.
func TestLab(t *testing.T) {
	t.Parallel()
	shards, _ := tiny(t)
	p := openAt(t, product(t, shards), "/?backend=portable#lab?seed=7&le=60&pm=1")
	p.rested()
	assert.Equal(t, "Phantom lab · uarweb", eval[string](p, `document.title`))
	assert.Equal(t, "left effusion, 60 %|pacemaker", eval[string](p, `[...document.querySelectorAll("#lab-verdicts td:nth-child(2)")].map((e) => e.textContent).filter((e) => e !== "no").join("|")`))
	assert.Equal(t, 4, eval[int](p, `document.querySelectorAll(".lab-outlines path").length`), "two things on two films")
	assert.Equal(t, "60", eval[string](p, `document.getElementById("slider-le").value`))
	assert.NotEmpty(t, p.text("lab-draft"))
	film, plain := p.canvas("#lab-film-0 canvas"), p.canvas("#lab-plain canvas")
	assert.NotEqual(t, film, plain)

	// By keyboard: a slider that is moved, the truth, and the sweep of that slider.
	p.focus("slider-no")
	p.press(strings.Repeat(kb.ArrowRight, 9))
	p.wait(`document.querySelector("#slider-no + output").textContent === "9 mm"`)
	p.wait(`location.hash === "#lab?seed=7&le=60&no=9&pm=1"`)
	p.press("t")
	p.wait(`document.querySelectorAll(".lab-outlines path").length === 0`)
	p.press("t")
	p.rested()
	p.wait(`document.querySelectorAll(".lab-outlines path").length === 6`)
	assert.NotEqual(t, film, p.canvas("#lab-film-0 canvas"))
	assert.Equal(t, plain, p.canvas("#lab-plain canvas"), "of the same seed")
	p.press("s")
	p.wait(`/^[2-9] of 11/.test(document.getElementById("sweep-state").textContent)`)
	p.click("sweep-stop")
	p.wait(`!document.getElementById("sweep-on").hidden`)
	got := p.saved(func() { p.click("sweep-csv") })

	checkpoint, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	m, err := engine.Load(t.Context(), checkpoint, portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()
	s, err := sweep.New(phantom.Chest{Seed: 7, LeftEffusion: 0.6, Pacemaker: true}, "nodule", 20)
	require.NoError(t, err)
	runner := run.New(m, engine.Options{})
	for _, value := range sweep.Values(0, 40, 11)[:strings.Count(got, "\n")-1] {
		point, err := runner.Point(t.Context(), s, value, nil)
		require.NoError(t, err)
		s.Points = append(s.Points, point)
	}
	var want strings.Builder
	require.NoError(t, s.WriteCSV(&want))
	assert.Equal(t, want.String(), got)

	p.click("lab-study")
	p.wait(`page.dataset.room === "read" && document.querySelectorAll("[id^=slot-][data-filled=true]").length === 2`)
	assert.Equal(t, eval[string](p, `location.hash`), "#read")
}
