//go:build !js

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
	"uarweb/weights/model"
)

// leftovers lists the texts of a catalogue that stand on the page in English, outside of
// what is marked as English, and of the live region, which also reads a report.
const leftovers = `(() => {
	const patterns = Object.entries(Languages.words.es)
		.filter(([english, said]) => english !== said && /\p{L}{3}/u.test(english.replace(/%[+.\d*]*[a-z%]/g, "")))
		.map(([english]) => new RegExp("^" + english.split(/%[+.\d*]*[a-z]/).map((part) => RegExp.escape(part.replaceAll("%%", "%"))).join(".+") + "$"));
	const said = [];
	for (const element of document.querySelectorAll("body *")) {
		if (element.closest("[lang=en], script, style, #announce") !== null) continue;
		for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext"]) said.push(element.getAttribute(name) ?? "");
		for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) said.push(node.data);
	}
	return said.map((text) => text.trim()).filter((text) => text !== "" && patterns.some((p) => p.test(text)));
})()`

// choose takes an option of a list.
func (p *page) choose(id, value string) {
	p.t.Helper()
	p.evaluate(fmt.Sprintf(`(() => {
		const list = document.getElementById(%q);
		list.value = %q;
		list.dispatchEvent(new Event("change", { bubbles: true }));
	})()`, id, value))
}

// In Spanish nothing is left in English in any room but what the model wrote and what is
// said to be English, and all of it fits a small screen; and the way back is as short.
func TestSpanish(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if os.IsNotExist(err) {
		t.Skip("axe-core is not there: run npm ci in wasm/e2e")
	}
	require.NoError(t, err)
	p := openWith(t, product(t, model.FS))
	p.evaluate(string(axe))
	p.wait(`page.dataset.model === "ready"`)
	assert.NotContains(t, p.list(&p.asked), "/words.es.js", "what is not spoken is not fetched")
	p.choose("language", "es")
	p.wait(`document.documentElement.lang === "es" && document.getElementById("settings-title").textContent === "Ajustes"`)
	for _, s := range []state{
		{"read", func(*page) {}},
		{"settings", func(p *page) { p.click("facts-toggle") }},
		{"report", func(p *page) {
			p.example()
			p.wait(`document.getElementById("again-state").textContent === "20 repeticiones"`)
			p.click("export")
			p.click("limits-toggle")
		}},
		{"word", func(p *page) {
			p.click("word-1")
			p.press("c")
			p.wait(`document.getElementById("rewrite-hint").textContent !== ""`)
		}},
		{"your text", func(p *page) { p.click("tab-yours") }},
		{"keys", func(p *page) {
			p.click("keys-toggle")
			p.wait(`document.getElementById("keys").matches(":modal")`)
		}},
		{"queue", func(p *page) {
			p.evaluate(`document.querySelector("#keys button").click(); location.hash = "#queue"`)
			p.wait(`page.dataset.room === "queue"`)
		}},
		{"privacy", func(p *page) {
			p.evaluate(`location.hash = "#privacy"`)
			p.wait(`document.querySelectorAll("[data-state=same]").length > 0`)
			p.do(chromedp.Click(chromedp.CSS("#at-now button")))
			p.wait(`document.getElementById("request-0") !== null`)
		}},
		{"lab", func(p *page) {
			p.evaluate(`location.hash = "#lab?seed=5&h=56&le=60&no=12&nz=2&pm=1"`)
			p.wait(`document.getElementById("lab-state")?.dataset.busy === "false" && document.getElementById("lab-changed").textContent.includes("palabras visuales de estas placas")`)
		}},
		{"step 1", learnt(1)}, {"step 2", learnt(2)}, {"step 3", learnt(3)}, {"step 4", learnt(4)}, {"step 5", learnt(5)}, {"step 6", learnt(6)},
		{"step 7", learnt(7)}, {"step 8", learnt(8)}, {"step 9", learnt(9)},
		{"for teachers", func(p *page) {
			p.click("learn-teacher")
			p.wait(`document.querySelectorAll(".learn-teacher section").length === 9`)
		}},
	} {
		p.look(1280, "light")
		s.reach(p)
		assert.Empty(t, eval[[]string](p, leftovers), s.name)
		p.checkNames(s.name)
		p.checkWidth(s.name)
		p.look(360, "dark")
		p.checkAxe(s.name)
		if *shots != "" {
			p.shoot(filepath.Join(*shots, "es-"+s.name))
		}
	}
	p.look(1280, "light")
	p.choose("language", "en")
	p.wait(`document.documentElement.lang === "en" && document.getElementById("settings-title").textContent === "Settings"`)
}

// learnt leads to a step of the classroom.
func learnt(step int) func(p *page) {
	return func(p *page) {
		p.evaluate(fmt.Sprintf(`location.hash = "#learn/%d"`, step))
		p.wait(fmt.Sprintf(`document.querySelector("#learn-title")?.textContent.startsWith("%d") && document.getElementById("learn-now").textContent !== ""`, step))
	}
}

// A browser that asks for Spanish gets the page in it from the first moment, also from the
// copy that is kept.
func TestSpanishWithoutTheServer(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	shards, _ := tiny(t)
	product(t, model.FS)
	b, err := startChromium(t, t.TempDir(), chromedp.Flag("accept-lang", "es-ES,es"))
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	h.serve(below(t, serve.Site(), shards))
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`document.getElementById("offline").dataset.copy === "whole"`)
	assert.Equal(t, "Funciona sin red", v.text(`document.querySelector("#offline span").textContent`))

	h.stop()
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`page.dataset.model === "ready"`)
	assert.Equal(t, "Leer · uarweb", v.text(`document.title`))
	assert.Equal(t, "es", v.text(`document.documentElement.lang`))
}
