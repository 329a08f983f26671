//go:build !js

package e2e

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/radiograph"
)

var measured = flag.Bool("measure", false, "say how long what a person waits for takes, which an idle machine alone can tell")

// measures are functions of the page that return what was measured, in ms.
const measures = `
	globalThis.frame = () => new Promise(requestAnimationFrame);
	// tasks is how long each of those over 50 ms was that ran meanwhile on the page's thread.
	globalThis.tasks = async (act) => {
		const long = [];
		const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)));
		watch.observe({ type: "longtask" });
		await act();
		await new Promise((done) => setTimeout(done, 500)); // they are told afterwards
		watch.disconnect();
		return long;
	};
	// took is how long it takes until a condition holds.
	globalThis.took = async (act, holds) => {
		const begin = performance.now();
		act();
		while (!holds()) await frame();
		return performance.now() - begin;
	};
	// frames is how far apart frames are in each of which something is done.
	globalThis.frames = async (n, act) => {
		const apart = [];
		let before = await frame();
		for (let i = 0; i < n; i++) {
			act(i);
			const now = await frame();
			apart.push(now - before);
			before = now;
		}
		return apart;
	};
	globalThis.write = () => took(() => run.click(), () => page.dataset.run === "running")
		.then(() => took(() => {}, () => page.dataset.run === "done"));
	globalThis.pointer = (type, element, x, y) => element.dispatchEvent(new PointerEvent(type,
		{ bubbles: true, pointerType: "mouse", pointerId: 1, clientX: x, clientY: y, buttons: type === "pointermove" ? 1 : 0 }));
	true`

// What a person waits for in the page, measured with the shipped model and a film of
// 2,048 pixels a side. No time fails it.
func TestMeasures(t *testing.T) {
	if !*measured {
		t.Skip("only with -measure")
	}
	p := open(t)
	p.evaluate(`document.getElementById("automatic").click()`)
	p.drop(writePNG(t, "frontal.png", radiograph.Phantom(7, 2048, 2048)))
	p.wait(`!run.disabled`)
	p.evaluate(measures)
	eval[float64](p, `write()`) // warm

	long := eval[[]float64](p, `tasks(write)`)
	t.Logf("a report: %d tasks over 50 ms on the page's thread: %.0f ms", len(long), long)
	assert.NotNil(t, long)

	report := eval[float64](p, `write()`)
	redraws := eval[float64](p, `took(() => document.getElementById("redraw").click(), () => document.getElementById("again-state").textContent === "20 redraws")`)
	t.Logf("20 redraws: %.0f ms; a report: %.0f ms; three of these and 300 ms: %.0f ms", redraws, report, 3*report+300)

	apart := func(what, act string) {
		t.Helper()
		all := eval[[]float64](p, fmt.Sprintf(`frames(120, %s)`, act))
		slices.Sort(all)
		t.Logf("%s: frames apart by %.1f ms in the middle, %.1f the slowest of ten, %.1f at most", what, all[60], all[108], all[119])
	}
	p.evaluate(`
		globalThis.words = document.querySelectorAll("#report [data-word]");
		globalThis.film = document.getElementById("film-0");
		film.setPointerCapture = () => {}; // there is no such pointer`)
	apart("nothing", `() => {}`)
	apart("the pointer over words", `(i) => pointer("pointerover", words[i % words.length], 0, 0)`)
	p.evaluate(`pointer("pointerdown", film, 300, 300)`)
	apart("the window of 2,048 pixels a side by drag", `(i) => pointer("pointermove", film, 300 + i, 300 + i % 20)`)
	p.evaluate(`pointer("pointerup", film, 300, 300)`)
	assert.NotEqual(t, "W 255  L 128", eval[string](p, `document.querySelector("#slot-0 .film-window").textContent`), "it was dragged")
}
