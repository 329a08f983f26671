//go:build !js

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// From the top of the page to a report and its maps with the keyboard alone.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.tabTo("example")
	p.press(kb.Enter)
	p.wait(`!run.disabled`)
	p.tabTo("run")
	p.press(kb.Enter)
	p.wait(`page.dataset.run === "done" && document.activeElement.id === "word-0"`)
	p.press(kb.ArrowRight)
	p.press(kb.ArrowRight)
	p.wait(`document.activeElement.id === "word-1" && document.getElementById("film-0").dataset.map === "1"`)
	p.wait(`document.getElementById("announce").textContent.length > 0`)
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
	for range 40 {
		p.press(kb.Tab)
		at := eval[string](p, `document.activeElement.id`)
		visible := eval[bool](p, `(() => {
			const at = document.activeElement;
			if (at === document.body) return true;
			// A hidden input shows its focus on its label or the label's text.
			return [at, at.closest("label"), at.nextElementSibling, document.querySelector("label[for='" + at.id + "']")].some((e) => {
				if (!e) return false;
				const style = getComputedStyle(e);
				return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
			});
		})()`)
		assert.True(p.t, visible, "the focus cannot be seen on %q", at)
		if at == id {
			return
		}
	}
	p.t.Fatalf("Tab does not reach #%s", id)
}

// named are the roles whose elements mean nothing without a name.
var named = map[string]bool{
	"button": true, "checkbox": true, "combobox": true, "dialog": true, "image": true, "img": true, "link": true, "listbox": true,
	"option": true, "progressbar": true, "radio": true, "radiogroup": true, "region": true, "RootWebArea": true, "slider": true, "textbox": true,
}

func TestAccessibility(t *testing.T) {
	t.Parallel()
	p := open(t)
	check := func(when string) {
		tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		require.NoError(t, err)
		roles := map[string]int{}
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil {
				continue
			}
			role := axString(node.Role)
			roles[role]++
			if named[role] {
				assert.NotEmpty(t, axString(node.Name), "%s: a %s has no name", when, role)
			}
		}
		assert.Equal(t, 1, roles["main"], when)
		assert.NotZero(t, roles["button"], when)
		assert.Equal(t, 1, eval[int](p, `document.querySelectorAll("h1").length`), when)
		assert.Empty(t, eval[[]string](p, `[...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)`), "%s: ids twice", when)
		assert.Empty(t, eval[[]string](p, `[...document.querySelectorAll("[aria-labelledby],[aria-describedby],[aria-controls]")]
			.flatMap((e) => ["aria-labelledby", "aria-describedby", "aria-controls"].flatMap((a) => (e.getAttribute(a) ?? "").split(" ")))
			.filter((id) => id && !document.getElementById(id))`), "%s: references to nothing", when)
	}
	assert.Equal(t, "en", eval[string](p, `document.documentElement.lang`))
	assert.Equal(t, "polite", eval[string](p, `document.getElementById("announce").ariaLive ?? ""`))
	assert.Equal(t, "alert", eval[string](p, `document.getElementById("alert").getAttribute("role")`))
	check("at the start")
	p.click("example")
	p.run()
	p.press(kb.ArrowRight)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	check("with a report")
	p.drop(write(t, "note.png", []byte("x")))
	p.wait(`!document.getElementById("error").hidden`)
	check("with an error")
}

func axString(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// On a narrow screen nothing needs sideways scrolling.
func TestNarrow(t *testing.T) {
	t.Parallel()
	p := open(t)
	check := func(when string) {
		for _, width := range []int64{320, 360} {
			p.do(chromedp.EmulateViewport(width, 740))
			when := fmt.Sprintf("%d pixels, %s", width, when)
			assert.LessOrEqual(t, eval[int64](p, `document.documentElement.scrollWidth`), width, when)
			assert.Empty(t, eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("body *:not(.visually-hidden):not(svg *)")]
				.filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && (r.right > %d || r.left < -1); })
				.map((e) => e.tagName + "#" + e.id + "." + e.className)`, width+1)), "%s: cut off at the side", when)
			assert.Empty(t, eval[[]string](p, `[...document.querySelectorAll("figure figcaption > *")]
				.filter((e) => e.getBoundingClientRect().right > e.closest("figure").getBoundingClientRect().right + 1)
				.map((e) => e.id || e.textContent)`), "%s: sticks out of its figure", when)
		}
	}
	check("at the start")
	p.click("example")
	p.run()
	p.press(kb.ArrowRight)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	check("with a report")
	p.drop(write(t, strings.Repeat("a-long-name-", 12)+".png", []byte("x")))
	p.wait(`!document.getElementById("error").hidden`)
	check("with an error")
}

// TestScreenshots takes pictures of the page, wide and narrow, light and dark,
// for people to look at: go test ./wasm/e2e -run Screenshots -artifacts -outputdir
// DIR keeps them. What it tests itself is that none is blank and all differ.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.click("example")
	p.run()
	for range 4 {
		p.press(kb.ArrowRight)
	}
	p.wait(`document.getElementById("film-0").dataset.map === "3"`)
	_, err := chromedp.Call(p.ctx, emulation.SetScrollbarsHidden, emulation.SetScrollbarsHiddenParams{Hidden: true})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			require.NoError(t, err)
			name := map[int64]string{1280: "wide", 360: "narrow"}[width] + "-" + scheme + ".png"
			p.do(chromedp.EmulateViewport(width, 900, chromedp.EmulateScale(2)))
			shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(t.ArtifactDir(), name), shot, 0o644))
			require.Greater(t, len(shot), 50_000, "a picture with X-rays and text")
			require.False(t, seen[string(shot)], name)
			seen[string(shot)] = true
		}
	}
}
