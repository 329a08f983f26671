//go:build !js

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The findings lead to their sentences. What the reader marks and writes stands beside
// the draft, leaves as theirs, and does not go without being asked. Chromium asks nobody
// about where it is written.
func TestYours(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.example()
	p.clickOn("#again .passages button")
	p.wait(`document.activeElement.matches("#report [data-word]")`)
	p.click("wrong")
	p.wait(`document.querySelectorAll("#report [data-wrong=true]").length > 1 && document.getElementById("wrong").ariaPressed === "true"`)

	draft := p.text("report")
	box := func() string { return eval[string](p, `document.querySelector("#your-text [role=textbox]").innerText`) }
	edits := func(element string) string {
		return eval[string](p, `[...document.querySelectorAll("#your-edits .edits `+element+`")].map((e) => e.textContent).join("|")`)
	}
	p.click("tab-yours")
	p.wait(`document.activeElement.id === "tab-yours"`)
	assert.Equal(t, draft, box())
	p.press(kb.Tab)
	p.press("Rotated film.\r") // from the beginning, where the caret is at first
	p.wait(`document.querySelector("#your-edits ins")?.textContent === "Rotated film."`)
	p.press("Second look. ") // at the caret, which the renders between have left where it was
	p.wait(`document.querySelector("#your-edits ins")?.textContent === "Rotated film.\nSecond look."`)
	assert.Equal(t, "Rotated film.\nSecond look. "+draft, box())
	p.press(strings.Repeat(kb.Delete, strings.Index(draft, " ")+1))
	p.wait(`document.querySelector("#your-edits del") !== null`)
	assert.Equal(t, draft[:strings.Index(draft, " ")], edits("del"))
	assert.Equal(t, draft, p.text("report"))
	p.click("export")
	assert.Contains(t, p.saved(func() { p.click("save-text") }), "The reader’s text, not the model’s:\nRotated film.\nSecond look. ")

	p.evaluate(`location.hash = "#queue"`)
	p.wait(`page.dataset.room === "queue"`)
	p.evaluate(`history.back()`)
	p.wait(`document.querySelector("#your-text [role=textbox]")?.innerText.startsWith("Rotated film.")`)
	p.click("back-to-draft")
	p.wait(`document.getElementById("your-edits").hidden`)
	assert.Equal(t, draft, box())
	assert.True(t, eval[bool](p, `!dispatchEvent(new Event("beforeunload", { cancelable: true }))`), "the mark would go")

	// Of a text area Chromium does ask, behind all that it could have asked before.
	assert.Empty(t, p.list(&p.foreign))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.foreign = slices.DeleteFunc(p.foreign, func(host string) bool { return host == "content-autofill.googleapis.com:443" })
	})
	p.evaluate(`document.body.append(document.createElement("textarea"))`)
	require.Eventually(t, func() bool { return len(p.list(&p.foreign)) > 0 }, patience, 20*time.Millisecond, "Chromium asks nobody any more: say so in SECURITY.md")
	p.evaluate(`document.querySelector("textarea").remove()`)

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
	p.wait(`page.dataset.run === "covered" && document.activeElement.id === "seen-0"`)
	assert.Empty(t, eval[[]string](p, `["draft", "report", "again", "contact", "details"].filter((id) => document.getElementById(id).getClientRects().length > 0)`))
	p.click("seen-4")
	p.wait(`!document.getElementById("answer").disabled`)
	p.click("answer")
	p.wait(`page.dataset.run === "done" && document.activeElement.id === "word-0"`)
	assert.Contains(t, p.text("again"), "You saw it.")
}
