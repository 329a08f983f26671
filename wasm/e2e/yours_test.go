//go:build !js

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
)

// The findings lead to their sentences. What the reader marks does not go without being
// asked.
func TestWrong(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.click("example")
	p.run()
	p.do(chromedp.Click(chromedp.CSS("#again .passages button")))
	p.wait(`document.activeElement.matches("#report [data-word]")`)
	p.click("wrong")
	p.wait(`document.querySelectorAll("#report [data-wrong=true]").length > 1 && document.getElementById("wrong").ariaPressed === "true"`)

	p.click("run")
	p.wait(`document.activeElement.id === "discard"`)
	p.tabTo("keep-yours")
	p.press(kb.Enter)
	p.wait(`document.activeElement.id === "run" && document.querySelector("[data-wrong=true]") !== null`)
	p.click("run")
	p.wait(`!document.querySelector(".discard").hidden`)
	p.click("discard")
	p.wait(`page.dataset.run === "done" && document.querySelector("[data-wrong=true]") === null`)
}

// Who looks first sees what the model says only beside what they saw themselves.
func TestLookFirst(t *testing.T) {
	t.Parallel()
	p := open(t)
	eval[bool](p, `(document.getElementById("look-first").click(), true)`)
	p.click("example")
	p.wait(`!run.disabled`)
	p.click("run")
	p.wait(`page.dataset.run === "covered" && document.activeElement.id === "seen-0"`)
	assert.Empty(t, eval[[]string](p, `["draft", "report", "again", "contact", "details"].filter((id) => document.getElementById(id).getClientRects().length > 0)`))
	p.click("seen-4")
	p.wait(`!document.getElementById("answer").disabled`)
	p.click("answer")
	p.wait(`page.dataset.run === "done" && document.activeElement.id === "word-0"`)
	assert.Contains(t, p.text("again"), "You saw it.")
}
