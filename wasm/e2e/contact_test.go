//go:build !js

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
)

// The contact sheet has a frame for each word of the draft, with the word's map on a
// film, and pins as the draft does.
func TestContact(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.do(chromedp.EmulateViewport(1280, 900))
	assert.True(t, eval[bool](p, `document.getElementById("contact").hidden`))
	p.example()
	p.wait(`[...document.querySelectorAll(".frame-picture")].every((canvas) => canvas.width > 1) && !document.getElementById("again-state").textContent.includes(" of ")`)
	// Pointing at a word shows its map for as long, and leaves the document alone else.
	p.evaluate(`
		globalThis.changes = 0;
		new MutationObserver((records) => { changes += records.length; })
			.observe(page, { subtree: true, childList: true, attributes: true, characterData: true })`)
	x, y := p.middle("word-2")
	p.do(chromedp.MouseEvent("mouseMoved", x, y))
	p.wait(`document.getElementById("film-0").dataset.map === "2"`)
	p.do(chromedp.MouseEvent("mouseMoved", 5, 5))
	p.wait(`document.getElementById("film-0").dataset.map === ""`)
	assert.Less(t, eval[int](p, `changes`), 100, "of a page of a thousand elements, twice")

	words := eval[[]string](p, `[...document.querySelectorAll("#report [data-word]")].map((e) => e.textContent)`)
	assert.Equal(t, words, eval[[]string](p, `[...document.querySelectorAll("#contact-frames [data-frame]")].map((e) => e.textContent)`))
	grey, coloured := 0, 0
	for _, f := range eval[[][2]int](p, `[...document.querySelectorAll(".frame-picture")].map((canvas) => {
		const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
		let grey = 0, coloured = 0;
		for (let i = 0; i < pixels.length; i += 4) pixels[i] === pixels[i + 2] ? grey++ : coloured++;
		return [grey, coloured];
	})`) {
		grey, coloured = grey+min(f[0], 1), coloured+min(f[1], 1)
	}
	assert.Equal(t, len(words), grey, "each has a film")
	assert.Equal(t, len(words), coloured, "and a map on it")

	// A frame under the pointer shows its map on the films, a click pins it, and keys
	// step on from there. The keyboard stays on the sheet until Enter.
	p.do(chromedp.MouseEvent("mouseMoved", p.frame(2)[0], p.frame(2)[1]))
	p.wait(`document.getElementById("film-0").dataset.map === "2" && document.querySelector("[data-frame='2']").dataset.shown === "true"`)
	p.do(chromedp.MouseClickXY(p.frame(1)[0], p.frame(1)[1]))
	p.wait(`document.querySelector("#word-1[aria-current=true]") && document.querySelector("[data-frame='1']").dataset.pinned === "true"`)
	p.press(kb.End)
	last := len(words) - 1
	p.wait(fmt.Sprintf(`document.querySelector("#word-%d[aria-current=true]") && document.activeElement.id === "contact-frames"`, last))
	p.wait(fmt.Sprintf(`document.activeElement.ariaValueNow === "%d" && document.querySelector("[data-frame='%d']").getBoundingClientRect().right < innerWidth`, last+1, last))
	assert.Contains(t, eval[string](p, `document.activeElement.ariaValueText`), "sentence")
	p.press(kb.Enter)
	p.wait(fmt.Sprintf(`document.activeElement.id === "word-%d"`, last))
	p.press(kb.Escape)
	p.wait(`document.querySelector("[data-pinned=true]") === null && document.querySelector("[data-shown=true]") === null`)
}

// frame is the middle of a word's frame, in pixels of the window.
func (p *page) frame(word int) []float64 {
	p.t.Helper()
	return eval[[]float64](p, fmt.Sprintf(`(({ x, y, width, height }) => [x + width / 2, y + height / 2])(document.querySelector("[data-frame='%d']").getBoundingClientRect())`, word))
}
