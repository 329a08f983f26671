//go:build !js

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
)

// From the top of the page to a report and its maps with the keyboard alone.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.tabTo("example")
	p.press(kb.Enter)
	p.wait(`page.dataset.run === "done" && document.activeElement.id === "word-0"`)
	p.press(kb.ArrowRight)
	p.press(kb.ArrowRight)
	p.wait(`document.activeElement.id === "word-1" && document.getElementById("film-0").dataset.map === "1"`)
	p.wait(`document.getElementById("announce").textContent.length > 0`)

	// The list of keys keeps the keyboard, and gives it back.
	p.press("?")
	p.wait(`document.getElementById("keys").matches(":modal") && document.activeElement.closest("#keys") !== null`)
	p.press(kb.Escape)
	p.wait(`!document.getElementById("keys").open && document.activeElement.id === "word-1"`)
	p.press("?")
	p.wait(`document.getElementById("keys").matches(":modal")`)
	p.press(kb.Enter) // on its button
	p.wait(`!document.getElementById("keys").open && document.activeElement.id === "word-1"`)
	p.click("keys-toggle")
	p.wait(`document.getElementById("keys").matches(":modal")`)
	p.press(kb.Escape)
	p.wait(`!document.getElementById("keys").open && document.activeElement.id === "keys-toggle"`)
	p.focus("word-1")

	// Asked for again before the browser has told of its closing, it stays.
	p.press("?")
	p.wait(`document.getElementById("keys").matches(":modal")`)
	assert.True(t, eval[bool](p, `new Promise((told) => {
		const keys = document.getElementById("keys");
		const frames = (n) => n ? requestAnimationFrame(() => frames(n - 1)) : told(keys.matches(":modal"));
		keys.addEventListener("close", () => frames(3), { once: true });
		keys.close();
		document.getElementById("word-1").dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
	})`))
	p.press(kb.Escape)
	p.wait(`!document.getElementById("keys").open && document.activeElement.id === "word-1"`)

	attention := p.text("word-where")
	p.tabTo("map-attention")
	p.press(kb.ArrowRight)
	p.wait(fmt.Sprintf(`document.getElementById("map-mask").checked && document.getElementById("word-where").textContent.trim() !== %q`, attention))
	p.tabTo("swap")
	p.press(" ")
	p.tabTo("remove-0")
	p.press(kb.Enter)
	p.wait(`document.getElementById("slot-0").dataset.filled === "false"`)
}

// tabTo presses Tab until the element of that id has the focus, and checks that
// each stop on the way can be seen.
func (p *page) tabTo(id string) {
	p.t.Helper()
	p.tabToAny("#" + id)
}

// tabToAny is tabTo for the first element of a selector.
func (p *page) tabToAny(selector string) {
	p.t.Helper()
	for range 150 {
		p.press(kb.Tab)
		stop := eval[struct {
			ID             string
			There, Visible bool
		}](p, fmt.Sprintf(`(() => {
			const at = document.activeElement;
			// A hidden input shows its focus on its label or the label's text.
			const visible = at === document.body || [at, at.closest("label"), at.nextElementSibling, document.querySelector("label[for='" + at.id + "']")].some((e) => {
				if (!e) return false;
				const style = getComputedStyle(e);
				return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
			});
			return { ID: at.id, There: at === document.querySelector(%q), Visible: visible };
		})()`, selector))
		assert.True(p.t, stop.Visible, "the focus cannot be seen on %q", stop.ID)
		if stop.There {
			return
		}
	}
	p.t.Fatalf("Tab does not reach %s", selector)
}
