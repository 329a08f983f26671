//go:build !js

package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	printing "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/lesson"
)

// way is how somebody goes about on a page.
type way interface {
	use(selector string)   // a button, a link, a check box, a word or a film
	slide(selector string) // a slider, far to the right
}

// keys is the keyboard alone.
type keys struct{ *page }

func (k keys) use(selector string) {
	k.t.Helper()
	k.tabToAny(selector)
	switch {
	case eval[bool](k.page, `document.activeElement.type === "checkbox"`):
		k.press(" ")
	case eval[bool](k.page, `document.activeElement.getAttribute("role") === "slider"`): // a film
		k.press(kb.ArrowUp)
	default:
		k.press(kb.Enter)
	}
}

func (k keys) slide(selector string) {
	k.t.Helper()
	k.tabToAny(selector)
	k.press(kb.End)
}

// finger is one finger alone.
type finger struct{ hand *hand }

func (f finger) use(selector string) { f.hand.t.Helper(); f.tap(selector, 0.5) }

func (f finger) slide(selector string) { f.hand.t.Helper(); f.tap(selector, 0.97) }

// tap taps an element at a part of its width, which nothing covers and a finger hits.
func (f finger) tap(selector string, part float64) {
	f.hand.t.Helper()
	at := eval[struct {
		X, Y, Width, Height float64
		Over                string
		Inline              bool // a word, as high as its line
	}](f.hand.page, fmt.Sprintf(`(async () => {
		const e = document.querySelector(%q);
		const target = e.closest("label") ?? e;
		let r, x, y, over;
		for (let tries = 100; tries > 0 && !target.contains(over); tries--) { // what is drawn meanwhile moves it
			target.scrollIntoView({ block: "center", behavior: "instant" });
			await %s;
			r = target.getBoundingClientRect(), x = r.x + %v * r.width, y = r.y + r.height / 2;
			over = document.elementFromPoint(x, y);
		}
		return { X: x, Y: y, Width: r.width, Height: r.height, Over: target.contains(over) ? "" : over?.outerHTML.slice(0, 200) ?? "nothing", Inline: getComputedStyle(target).display === "inline" };
	})()`, selector, frames, part))
	require.Empty(f.hand.t, at.Over, "%s lies under something", selector)
	assert.True(f.hand.t, at.Inline || min(at.Width, at.Height) >= 24, "%s is too small for a finger", selector)
	f.hand.touch(input.DispatchTouchEventTypeTouchStart, at.X, at.Y)
	f.hand.touch(input.DispatchTouchEventTypeTouchEnd)
}

// Somebody who shows the page, and a teacher with a class, need a keyboard alone.
func TestPathsByKeyboard(t *testing.T) {
	t.Parallel()
	p := openPath(t)
	walk(p, keys{p})
}

// Or a finger alone, on a small screen.
func TestPathsByTouch(t *testing.T) {
	t.Parallel()
	p := openPath(t)
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	walk(p, finger{&hand{page: p, clock: time.Now()}})
}

func openPath(t *testing.T) *page {
	t.Helper()
	shards, _ := tiny(t)
	p := openAt(t, product(t, shards), "/?backend=portable")
	p.wait(`page.dataset.model === "ready" && !document.getElementById("lock").hidden`)
	return p
}

// walk goes the paths of somebody who shows the page, and of a teacher with a class.
func walk(p *page, w way) {
	t := p.t
	t.Helper()
	room := func(name string) {
		t.Helper()
		w.use(`.rooms a[href="#` + name + `"]`)
		p.wait(`page.dataset.room === "` + name + `"`)
	}

	// Nothing has left; it is locked, and an example is read all the same.
	w.use("#sent")
	p.wait(`page.dataset.room === "privacy" && document.activeElement.id === "privacy-title"`)
	w.use("#privacy-lock button")
	p.wait(`document.getElementById("offline").dataset.locked === "true"`)
	asked := len(p.list(&p.asked))
	room("read")
	w.use("#example")
	p.wait(`!run.disabled`)
	w.use("#run")
	p.drawn()
	p.wait(`page.dataset.run === "done"`)
	w.use(`#report [data-word][tabindex="0"]`)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	w.use("#sent")
	p.wait(`page.dataset.room === "privacy" && document.getElementById("at-film").textContent.includes("Since then 0 requests left this browser")`)
	p.evaluate(`navigator.clipboard.writeText = async (text) => { window.copied = text; }`)
	w.use("#files-state button")
	p.wait(`/^[0-9a-f]{64}  /.test(window.copied)`)

	// A phantom has an effusion, which the model notices or not, and is read as a study.
	room("lab")
	p.rested()
	w.slide("#slider-le")
	p.wait(`/^(9\d|100) %$/.test(document.querySelector("#slider-le + output").textContent)`)
	p.rested()
	p.wait(`document.querySelector("#lab-verdicts [data-finding][data-answer]") !== null`)
	w.use("#sweep-start")
	p.wait(`/^[1-9] of 11/.test(document.getElementById("sweep-state").textContent)`)
	w.use("#sweep-stop")
	p.wait(`!document.getElementById("sweep-on").hidden`)
	w.use("#lab-study")
	p.wait(`page.dataset.room === "read" && !run.disabled`)
	w.use("#run")
	p.drawn()
	p.wait(`page.dataset.run === "done" && document.getElementById("again-state").textContent === "20 redraws"`)
	w.use(`#report [data-word][tabindex="0"]`)
	p.wait(`document.getElementById("cover").checkVisibility() && !document.getElementById("cover").disabled`)
	w.use("#cover")
	p.wait(`document.getElementById("rewrite-hint").textContent !== ""`)

	// The steps: image words, the temperature, and all of them on paper.
	room("learn")
	w.use(`.learn-steps a[href="#learn/3"]`)
	p.wait(`location.hash === "#learn/3" && document.getElementById("learn-now").textContent.startsWith("z")`)
	before := p.text("learn-entropy")
	w.use("#learn-film-1")
	p.wait(fmt.Sprintf(`document.getElementById("learn-entropy").textContent !== %q`, before))
	w.use(`.learn-steps a[href="#learn/8"]`)
	p.wait(`document.getElementById("learn-temperature") !== null`)
	w.slide("#learn-temperature")
	p.wait(`/at τ = (2\.[5-9]|3\.0) /.test(document.getElementById("learn-now").textContent)`)
	now := p.text("learn-now")
	p.evaluate(`window.printed = 0; window.print = () => { window.printed++; }`)
	w.use("#learn-print-all")
	p.wait(`window.printed === 1 && document.activeElement.id === "learn-print-all"`)
	assert.Equal(t, now, p.text("learn-now"))
	p.evaluate(`addEventListener("beforeprint", () => {
		const sheets = [...document.querySelectorAll("#learn-sheets > article")];
		window.sheets = {
			Titles: sheets.map((e) => e.querySelector("h2").textContent), Now: sheets.map((e) => e.querySelector(".learn-now").textContent),
			Blank: [...document.querySelectorAll("#learn-sheets .learn-films:not([hidden]) canvas")].filter((e) => e.width < 2).length,
			IDs: document.querySelectorAll("#learn-sheets [id]").length,
		};
	})`)
	pdf, err := chromedp.Call(p.ctx, printing.PrintToPDF, printing.PrintToPDFParams{})
	require.NoError(t, err)
	sheets := eval[struct {
		Titles, Now []string
		Blank, IDs  int
	}](p, `window.sheets`)
	require.Len(t, sheets.Titles, int(lesson.Teacher))
	for i, title := range sheets.Titles {
		assert.True(t, strings.HasSuffix(title, lesson.Step(i+1).Page().Title), title)
		assert.Equal(t, lesson.Step(i+1) == lesson.Teacher, sheets.Now[i] == "")
	}
	assert.Equal(t, now, sheets.Now[lesson.StepChoose-1])
	assert.Zero(t, sheets.Blank)
	assert.Zero(t, sheets.IDs)
	assert.InDelta(t, len(sheets.Titles)+1, len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf.Data, -1)), 1, "a page a step, and some for the teacher")
	assert.Zero(t, eval[int](p, `document.getElementById("learn-sheets").childElementCount`))

	// The class looks first.
	room("read")
	w.use("#facts-toggle")
	w.use("#look-first")
	w.use("#run")
	p.wait(`page.dataset.run === "covered"`)
	w.use("#seen-0")
	w.use("#answer")
	p.wait(`page.dataset.run === "done"`)
	assert.Empty(t, slices.DeleteFunc(p.list(&p.asked)[asked:], func(path string) bool {
		return path == "/service-worker.js" // which the browser itself looks up
	}), "asked for behind the lock")
}
