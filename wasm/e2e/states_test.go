//go:build !js

package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	printing "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/weights/model"
)

var shots = flag.String("shots", "", "a folder for pictures of every state of the page: at each width, light and dark, and in print")

// visits are all that the page can look like: each state is reached from the one
// before it.
var visits = []struct {
	name   string
	serves func(t *testing.T) http.Handler
	states []state
}{
	{"report", func(t *testing.T) http.Handler { return product(t, model.FS) }, []state{
		{"ready", func(p *page) { p.wait(`page.dataset.model === "ready"`) }},
		{"films", func(p *page) {
			p.drop(example(p.t)...)
			p.wait(`!run.disabled`)
		}},
		{"report", func(p *page) {
			p.run()
			p.wait(`document.getElementById("again-state").textContent === "20 redraws"`)
		}},
		{"word", func(p *page) {
			p.press(kb.ArrowRight)
			p.wait(`document.getElementById("film-0").dataset.map === "0"`)
		}},
		{"covered", func(p *page) {
			p.press("c")
			p.wait(`document.getElementById("rewrite-hint").textContent !== ""`)
		}},
		{"change", func(p *page) {
			p.click("compare-1")
			p.wait(`document.getElementById("rewrite-other-title").textContent === "With 1 beam" && document.getElementById("rewrite-hint").textContent !== ""`)
			p.focus("word-0")
			p.press("d")
			p.wait(`document.getElementById("map-change").checked`)
		}},
		{"mask", func(p *page) {
			p.press("m")
			p.wait(`document.getElementById("map-mask").checked`)
		}},
		{"contact sheet", func(p *page) {
			p.focus("contact-frames")
			p.press(kb.End)
			p.wait(`document.querySelector("#contact-frames > :last-child").dataset.pinned === "true"`)
		}},
		{"your text", func(p *page) {
			p.click("tab-yours")
			p.press(kb.Tab + "Rotated film." + strings.Repeat(kb.Delete, 15))
			p.wait(`document.querySelector("#your-edits ins") !== null && document.querySelector("#your-edits del") !== null`)
		}},
		{"wrong sentence", func(p *page) {
			p.click("wrong")
			p.click("run")
			p.wait(`document.activeElement.id === "discard"`)
		}},
		{"limits and facts", func(p *page) {
			p.click("limits-toggle")
			p.click("facts-toggle")
			p.wait(`!document.getElementById("limits").hidden && !document.getElementById("facts-panel").hidden`)
		}},
		{"formats", func(p *page) {
			p.click("export")
			p.wait(`!document.getElementById("exports").hidden`)
		}},
		{"full screen", func(p *page) {
			p.click("full")
			p.wait(`page.dataset.full === "true"`)
		}},
		{"error", func(p *page) {
			p.drop(write(p.t, strings.Repeat("a-long-name-", 12)+".png", []byte("x")))
			p.wait(`!document.getElementById("error").hidden`)
		}},
		{"notes", func(p *page) {
			p.click("error-dismiss")
			p.clear()
			p.drop(intake(p.t, "png-16-of-12-bits.png"))
			p.wait(`document.querySelectorAll("[data-filled=true] .slot-notes li").length > 1`)
		}},
		{"choice", func(p *page) {
			files := map[string][]byte{}
			for i := range uint64(3) {
				files[fmt.Sprintf("study/%d.dcm", i)] = radiographDICOM(radiograph.Phantom(i, 64, 64), "PA")
			}
			p.drop(writeZIP(p.t, "study.zip", files))
			p.wait(`!choice.hidden`)
		}},
		{"queue", func(p *page) {
			p.click("choice-queue")
			p.wait(`document.querySelectorAll(".study[data-state=done]").length === 3`)
		}},
		{"pairing", func(p *page) {
			p.clickOn(".study:nth-child(2) button:nth-of-type(2)")
			p.wait(`document.querySelectorAll(".study:nth-child(2) button").length > 2`)
		}},
		{"study of the queue", func(p *page) {
			p.clickOn(".study:nth-child(2) button")
			p.wait(`document.activeElement.id === "discard"`) // the sentence that was wrong is still there
			p.click("discard")
			p.wait(`page.dataset.room === "read" && !document.getElementById("position").hidden`)
		}},
	}},
	{"looking", func(t *testing.T) http.Handler { return product(t, model.FS) }, []state{
		{"look first", func(p *page) {
			p.wait(`page.dataset.model === "ready"`)
			eval[bool](p, `(document.getElementById("look-first").click(), true)`)
			p.click("example")
			p.wait(`page.dataset.run === "covered"`)
		}},
		{"looked first", func(p *page) {
			p.click("seen-0")
			p.click("answer")
			p.wait(`document.getElementById("again-state").textContent === "20 redraws"`)
		}},
		{"keys", func(p *page) {
			p.click("keys-toggle")
			p.wait(`document.getElementById("keys").matches(":modal")`)
		}},
		{"image words", func(p *page) {
			p.press(kb.Escape)
			p.evaluate(`location.hash = "#learn/3"`)
			p.wait(`(document.getElementById("learn-now")?.textContent ?? "") !== ""`)
		}},
		{"heads", func(p *page) {
			p.evaluate(`location.hash = "#learn/6"`)
			p.wait(`document.getElementById("learn-head") !== null`)
			p.click("learn-head-0")
		}},
		{"choosing words", func(p *page) {
			p.evaluate(`location.hash = "#learn/8"`)
			p.wait(`document.getElementById("learn-chances") !== null`)
			p.click("learn-answer-toggle")
		}},
		{"for teachers", func(p *page) {
			p.click("learn-teacher")
			p.wait(`document.querySelectorAll(".learn-teacher section").length === 9`)
		}},
	}},
	{"lab", func(t *testing.T) http.Handler { return product(t, model.FS) }, []state{
		{"lab", func(p *page) {
			p.evaluate(`location.hash = "#lab?seed=5&h=56&le=60&no=12&nz=2&pm=1"`)
			p.rested()
		}},
		{"sweep", func(p *page) {
			p.click("sweep-start")
			p.wait(`!document.getElementById("sweep-stop").hidden && document.getElementById("sweep-state").textContent.startsWith("2 of")`)
			p.click("sweep-stop")
			p.wait(`!document.getElementById("sweep-on").hidden`)
		}},
	}},
	{"privacy", func(t *testing.T) http.Handler { return product(t, model.FS) }, []state{
		{"privacy at first", func(p *page) {
			p.wait(`page.dataset.model === "ready"`)
			p.click("sent")
			p.wait(`page.dataset.room === "privacy" && document.activeElement.id === "privacy-title"`)
		}},
		{"privacy", func(p *page) {
			p.evaluate(`location.hash = "#read"`)
			p.example()
			p.wait(`!document.getElementById("lock").hidden`)
			p.click("lock")
			p.click("sent")
			p.wait(`page.dataset.room === "privacy" && document.querySelectorAll("[data-state=same]").length > 0`)
			p.clickOn("#at-now button")
			p.wait(`document.getElementById("request-0") !== null`)
		}},
	}},
	{"slow", func(t *testing.T) http.Handler { return endless(product(t, model.FS)) }, []state{
		{"loading", func(p *page) { p.wait(`page.dataset.model === "loading" && !cancel.hidden`) }},
		{"loading stopped", func(p *page) {
			p.click("cancel")
			p.wait(`page.dataset.model === "none" && !document.getElementById("load").hidden`)
		}},
		{"empty queue", func(p *page) {
			p.evaluate(`location.hash = "#queue"`)
			p.wait(`page.dataset.room === "queue"`)
		}},
	}},
	{"busy", func(t *testing.T) http.Handler { return inWorker(hangs)(product(t, model.FS)) }, []state{
		{"writing", func(p *page) {
			p.wait(`page.dataset.model === "ready"`)
			p.click("example")
			p.wait(`page.dataset.run === "running"`)
		}},
	}},
}

// state is something that the page can look like, and the way there.
type state struct {
	name  string
	reach func(p *page)
}

// endless serves the model's manifest and none of its weights, until nobody waits.
func endless(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".safetensors") {
			<-r.Context().Done()
			return
		}
		h.ServeHTTP(w, r)
	})
}

// In every state all has a name, fits a small screen, and axe-core finds nothing, wide
// and light, narrow and dark; where pictures are taken it looks at the other two, too.
func TestStates(t *testing.T) {
	t.Parallel()
	axe := axeCore(t)
	type look struct {
		width  int64
		scheme string
	}
	looks := []look{{1280, "light"}, {360, "dark"}}
	if *shots != "" {
		looks = append(looks, look{1280, "dark"}, look{360, "light"})
	}
	for _, v := range visits {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			p := openWith(t, v.serves(t))
			p.evaluate(axe)
			for _, s := range v.states {
				p.look(1280, "light")
				s.reach(p)
				p.checkNames(s.name)
				p.checkWidth(s.name)
				for _, l := range looks {
					p.look(l.width, l.scheme)
					p.checkAxe(fmt.Sprintf("%s, %s, %d pixels", s.name, l.scheme, l.width))
				}
				if *shots != "" {
					p.shoot(filepath.Join(*shots, strings.ReplaceAll(s.name, " ", "-")))
				}
			}
		})
	}
}

// look sets how wide the window is and which colours the user prefers.
func (p *page) look(width int64, scheme string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		// Without motion no colour is on its way to another.
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	require.NoError(p.t, err)
	p.do(chromedp.EmulateViewport(width, 900))
}

// evaluate runs a script in the page, whatever it returns.
func (p *page) evaluate(script string) {
	p.t.Helper()
	eval[bool](p, script+"\n;true")
}

// axeCore is axe-core's script.
func axeCore(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if os.IsNotExist(err) {
		t.Skip("axe-core is not there: run npm ci in wasm/e2e")
	}
	require.NoError(t, err)
	return string(axe)
}

// checkAxe checks that axe-core finds nothing.
func (p *page) checkAxe(when string) {
	p.t.Helper()
	assert.Empty(p.t, eval[[]string](p, `axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
		violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + ": " + n.failureSummary)))`), when)
}

// named are the roles whose elements mean nothing without a name.
var named = map[string]bool{
	"button": true, "checkbox": true, "combobox": true, "dialog": true, "image": true, "img": true, "link": true, "listbox": true,
	"option": true, "progressbar": true, "radio": true, "radiogroup": true, "region": true, "RootWebArea": true, "slider": true, "textbox": true,
}

// checkNames checks what a screen reader is told: names, ids and references.
func (p *page) checkNames(when string) {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	require.NoError(p.t, err)
	roles := map[string]int{}
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role := axString(node.Role)
		roles[role]++
		if named[role] {
			assert.NotEmpty(p.t, axString(node.Name), "%s: a %s has no name", when, role)
		}
	}
	assert.Equal(p.t, 1, eval[int](p, `document.querySelectorAll("main").length`), when) // it is in no tree behind a dialog
	assert.NotZero(p.t, roles["button"], when)
	assert.Equal(p.t, 1, eval[int](p, `document.querySelectorAll("h1").length`), when)
	assert.Contains(p.t, []string{"en", "es"}, eval[string](p, `document.documentElement.lang`))
	assert.Equal(p.t, "polite", eval[string](p, `document.getElementById("announce").ariaLive ?? ""`))
	assert.Equal(p.t, "alert", eval[string](p, `document.getElementById("alert").getAttribute("role")`))
	assert.Empty(p.t, eval[[]string](p, `[...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)`), "%s: ids twice", when)
	assert.Empty(p.t, eval[[]string](p, `[...document.querySelectorAll("[aria-labelledby],[aria-describedby],[aria-controls]")]
		.flatMap((e) => ["aria-labelledby", "aria-describedby", "aria-controls"].flatMap((a) => (e.getAttribute(a) ?? "").split(" ")))
		.filter((id) => id && !document.getElementById(id))`), "%s: references to nothing", when)
}

func axString(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// checkWidth checks that on a narrow screen nothing needs sideways scrolling.
func (p *page) checkWidth(when string) {
	p.t.Helper()
	for _, width := range []int64{320, 360} {
		p.do(chromedp.EmulateViewport(width, 740))
		when := fmt.Sprintf("%s, %d pixels", when, width)
		assert.LessOrEqual(p.t, eval[int64](p, `document.documentElement.scrollWidth`), width, when)
		// The films, and the tree of a search, stand in a strip of their own, which scrolls.
		assert.Empty(p.t, eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("body *:not(.visually-hidden):not(svg *):not(.slots *):not(.learn-tree *)")]
			.filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && (r.right > %d || r.left < -1); })
			.map((e) => e.tagName + "#" + e.id + "." + e.className)`, width+1)), "%s: cut off at the side", when)
		assert.Empty(p.t, eval[[]string](p, `[...document.querySelectorAll("figure figcaption > *")]
			.filter((e) => e.getBoundingClientRect().right > e.closest("figure").getBoundingClientRect().right + 1)
			.map((e) => e.id || e.textContent)`), "%s: sticks out of its figure", when)
	}
}

// shoot writes pictures of the page as it is, whose names begin with path.
func (p *page) shoot(path string) {
	p.t.Helper()
	write := func(name string, content []byte) {
		require.NoError(p.t, os.WriteFile(path+name, content, 0o644))
	}
	for _, width := range []int64{360, 768, 1280, 1920} {
		for _, scheme := range []string{"light", "dark"} {
			p.look(width, scheme)
			shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
			require.NoError(p.t, err)
			write(fmt.Sprintf("-%d-%s.png", width, scheme), shot)
		}
	}
	print, err := chromedp.Call(p.ctx, printing.PrintToPDF, printing.PrintToPDFParams{PrintBackground: new(true)})
	require.NoError(p.t, err)
	write(".pdf", print.Data)
}
