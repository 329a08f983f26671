//go:build !js

package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A draft is redrawn by itself, from what the worker has seen of its films; what the
// redraws and the model's card say stands beside it. A new report does not wait.
func TestRedraw(t *testing.T) {
	t.Parallel()
	p := open(t)
	assert.Regexp(t, `Checked on 296 studies, it named 35 of 137 common findings; 60 of the 95 it named were not there\.`, p.text("record"))
	p.example()
	text := p.text("report")
	p.wait(`document.getElementById("again-state").textContent === "20 redraws"`)
	assert.Regexp(t, `Said again in \d+ of 20`, p.text("again"))
	assert.Equal(t, text, p.text("report"))
	first := p.text("again")

	// Stopped, and asked for by key.
	eval[bool](p, `(document.getElementById("automatic").click(), true)`)
	p.run()
	p.wait(`page.dataset.run === "done" && document.getElementById("again-state").textContent === "not redrawn"`)
	p.press("r")
	p.wait(`document.getElementById("again-state").textContent === "20 redraws"`)
	assert.Equal(t, first, p.text("again"), "the same seed, the same reports")

	p.click("redraw")
	p.wait(`document.getElementById("again-state").textContent.startsWith("redrawing")`)
	p.run()
	p.wait(`page.dataset.run === "done" && document.getElementById("again-state").textContent === "not redrawn"`)
	assert.Equal(t, text, p.text("report"))
	p.wait(`document.getElementById("error").hidden`)
}
