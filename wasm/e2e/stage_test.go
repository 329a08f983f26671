//go:build !js

package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a viewer does with a film is to be seen on it, by pointer, button and key.
func TestStage(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.example()
	window := func(want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`document.querySelector("#slot-0 .film-window").textContent === %q`, want))
	}
	plain := p.grey()

	p.click("window-1") // Lungs, which are dark
	window("W 140  L 85")
	assert.Greater(t, p.grey(), plain+10)
	p.press("0")
	window("W 255  L 128")
	assert.InDelta(t, plain, p.grey(), 1)

	p.click("invert")
	window("W 255  L 128  inverted")
	assert.InDelta(t, 255-plain, p.grey(), 1)
	p.focus("film-0")
	p.press("i")
	window("W 255  L 128")

	// A drag to the right widens the window, one upwards brightens the film.
	x, y := p.middle("film-0")
	p.drag(x, y, 40, -60)
	window("W 295  L 68")
	assert.Greater(t, p.grey(), plain+10)
	p.press("0")
	window("W 255  L 128")

	// A wheel zooms about the pointer; Shift and a drag move the film.
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseWheel, x+50, y, func(e *input.DispatchMouseEventParams) {
		e.DeltaX, e.DeltaY = 1, -300 // a wheel without both is none
	}))
	p.wait(`document.getElementById("film-0").dataset.zoomed === "true"`)
	left := func() float64 {
		return eval[float64](p, `document.getElementById("film-0").getBoundingClientRect().left`)
	}
	before := left()
	p.drag(x, y, -30, 0, func(e *input.DispatchMouseEventParams) { e.Modifiers = int64(chromedp.ModifierShift) })
	p.wait(fmt.Sprintf(`Math.abs(document.getElementById("film-0").getBoundingClientRect().left - %v) < 1`, before-30))
	p.press(kb.ArrowRight)
	p.wait(fmt.Sprintf(`document.getElementById("film-0").getBoundingClientRect().left < %v`, before-31))
	p.click("reset")
	p.wait(`document.getElementById("film-0").dataset.zoomed === "false"`)

	// The films side by side are of one width.
	widths := `["slot-0", "slot-1"].map((id) => Math.round(document.getElementById(id).getBoundingClientRect().width))`
	hero := eval[[]float64](p, widths)
	assert.Greater(t, hero[0], 1.2*hero[1])
	p.click("side-by-side")
	p.wait(`document.querySelector(".stage").dataset.layout === "pair"`)
	pair := eval[[]float64](p, widths)
	assert.InDelta(t, pair[0], pair[1], 1)

	// On the whole screen there is the stage alone.
	p.click("full")
	p.wait(`document.fullscreenElement !== null && page.dataset.full === "true"`)
	assert.Equal(t, "none", eval[string](p, `getComputedStyle(document.querySelector(".draft")).display`))
	p.focus("film-1")
	p.press("f")
	p.wait(`document.fullscreenElement === null && page.dataset.full === "false"`)

	// A film of 16 bits has greys in a narrow window that 8 bits do not have. Its report
	// knows nothing of the window.
	text := p.show(writePNG(t, "deep.png", faint()))
	greys := func() int {
		return eval[int](p, `(() => {
			const film = document.querySelector("#film-0 .xray");
			const row = new OffscreenCanvas(film.width, 1).getContext("2d", { willReadFrequently: true });
			row.drawImage(film, 0, -film.height / 2);
			return new Set(row.getImageData(0, 0, film.width, 1).data.filter((_, i) => i % 4 === 0)).size;
		})()`)
	}
	window("W 65535  L 32768")
	assert.LessOrEqual(t, greys(), 4, "the ramp is in two greys of 8 bits, between a black and a white edge")
	x, y = p.middle("film-0")
	p.drag(x, y, -254, 0)
	window("W 257  L 32768")
	p.wait(`document.querySelector("#film-0 .xray").width === 1200`) // all of its pixels
	assert.Greater(t, greys(), 250)
	p.run()
	assert.Equal(t, text, eval[string](p, `document.getElementById("report").textContent.trim()`))
}

// faint is a film of 16 bits whose middle is a ramp of one value after the other, which
// in 8 bits is none.
func faint() *image.Gray16 {
	const width, height, edge, middle = 1200, 900, 20, 1<<15 - 128
	m := image.NewGray16(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			value := middle + (x-edge)*256/(width-2*edge)
			switch {
			case x < edge || y < edge:
				value = 0
			case x >= width-edge || y >= height-edge:
				value = 1<<16 - 1
			}
			m.SetGray16(x, y, color.Gray16{Y: uint16(value)})
		}
	}
	return m
}

// Fingers do on a film what a pointer does; one alone scrolls the page, unless it was
// held still first. What they mean is told by how quick they are, which their events
// say.
func TestTouch(t *testing.T) {
	t.Parallel()
	p := open(t)
	f := &hand{page: p, clock: time.Now()}
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	p.example()
	p.evaluate(`document.getElementById("film-0").scrollIntoView({ block: "center" })`)
	x, y := p.middle("film-0")
	zoom := func() float64 { return p.zoom("film-0") }
	window := func() string {
		return eval[string](p, `document.querySelector("#slot-0 .film-window").textContent`)
	}
	plain := window()

	// Two fingers that part zoom, and move the film as they go along.
	f.touch(input.DispatchTouchEventTypeTouchStart, x-20, y, x+20, y)
	for i := 1.0; i <= 5; i++ {
		f.touch(input.DispatchTouchEventTypeTouchMove, x-20-8*i, y, x+20+8*i, y)
	}
	f.touch(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`document.getElementById("film-0").dataset.zoomed === "true"`)
	require.Eventually(t, func() bool { return zoom() > 2.9 && zoom() < 3.1 }, patience, 20*time.Millisecond)
	left := func() float64 {
		return eval[float64](p, `document.getElementById("film-0").getBoundingClientRect().left`)
	}
	before := left()
	f.touch(input.DispatchTouchEventTypeTouchStart, x-20, y, x+20, y)
	f.touch(input.DispatchTouchEventTypeTouchMove, x+10, y, x+50, y)
	f.touch(input.DispatchTouchEventTypeTouchEnd)
	require.Eventually(t, func() bool { return math.Abs(left()-before-30) < 1 }, patience, 20*time.Millisecond)
	assert.Equal(t, plain, window(), "nothing but the place has changed")

	// Two taps show it as it came, two more zoom in.
	tap := func(x, y float64) {
		f.touch(input.DispatchTouchEventTypeTouchStart, x, y)
		f.touch(input.DispatchTouchEventTypeTouchEnd)
	}
	tap(x, y)
	tap(x+3, y)
	p.wait(`document.getElementById("film-0").dataset.zoomed === "false"`)
	tap(x, y)
	tap(x, y)
	p.wait(`document.getElementById("film-0").dataset.zoomed === "true"`)
	assert.InDelta(t, 2, zoom(), 0.01)

	// A finger that was held still before it moves takes hold of the window: how long, the
	// events themselves say. A menu that would open meanwhile does not.
	scroll := eval[float64](p, `scrollY`)
	f.touch(input.DispatchTouchEventTypeTouchStart, x, y)
	assert.False(t, eval[bool](p, `document.getElementById("film-0").dispatchEvent(new Event("contextmenu", { bubbles: true, cancelable: true }))`))
	f.clock = f.clock.Add(300 * time.Millisecond)
	for i := 1.0; i <= 5; i++ {
		f.touch(input.DispatchTouchEventTypeTouchMove, x+10*i, y-20*i)
	}
	f.touch(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`document.querySelector("#slot-0 .film-window").textContent === "W 305  L 28"`)
	assert.Equal(t, scroll, eval[float64](p, `scrollY`))
	assert.True(t, eval[bool](p, `document.getElementById("film-0").dispatchEvent(new Event("contextmenu", { bubbles: true, cancelable: true }))`), "without a finger the menu opens")

	// One that goes sideways brings the other film into sight.
	f.touch(input.DispatchTouchEventTypeTouchStart, x+100, y)
	for i := 1.0; i <= 5; i++ {
		f.touch(input.DispatchTouchEventTypeTouchMove, x+100-40*i, y)
	}
	f.touch(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`document.getElementById("film-1").getBoundingClientRect().right <= innerWidth`)

	// One that goes upwards scrolls the page.
	scroll = eval[float64](p, `scrollY`)
	f.touch(input.DispatchTouchEventTypeTouchStart, x, y)
	for i := 1.0; i <= 5; i++ {
		f.touch(input.DispatchTouchEventTypeTouchMove, x, y-20*i)
	}
	f.touch(input.DispatchTouchEventTypeTouchEnd)
	p.wait(fmt.Sprintf(`scrollY > %v`, scroll+20))
	assert.Equal(t, "W 305  L 28", window())
}

// hand has fingers on the page, and a clock of its own, so that a slow machine makes no
// slow fingers.
type hand struct {
	*page
	clock time.Time
}

// touch has fingers at these places, each x and y, a hundredth of a second after what
// they did before.
func (h *hand) touch(kind input.DispatchTouchEventType, places ...float64) {
	h.t.Helper()
	var points []*input.TouchPoint
	for i := 0; i < len(places); i += 2 {
		points = append(points, &input.TouchPoint{X: places[i], Y: places[i+1], ID: new(float64(i))})
	}
	h.clock = h.clock.Add(10 * time.Millisecond)
	at := input.TimeSinceEpoch(float64(h.clock.UnixMilli()) / 1000)
	_, err := chromedp.Call(h.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points, Timestamp: at})
	require.NoError(h.t, err)
}

// zoom is how large a film is to be seen, 1 if it fits its frame.
func (p *page) zoom(id string) float64 {
	p.t.Helper()
	return eval[float64](p, fmt.Sprintf(`(() => { const e = document.getElementById(%q); return e.getBoundingClientRect().width / e.offsetWidth; })()`, id))
}

// While a report is written, word by word, nothing around it moves but by what a
// person does.
func TestNothingMovesWhileWriting(t *testing.T) {
	t.Parallel()
	p := open(t)
	eval[bool](p, `(() => {
		window.moved = [];
		let began = Infinity; // when what the click has changed is to be seen, however slow the machine
		new MutationObserver(() => page.dataset.run === "running" && requestAnimationFrame(() => requestAnimationFrame((now) => began = now)))
			.observe(page, { attributeFilter: ["data-run"] });
		new PerformanceObserver((list) => {
			if (page.dataset.run !== "running") return;
			moved.push(...list.getEntries().filter((e) => !e.hadRecentInput && e.startTime > began).flatMap((e) => e.sources)
				.filter((s) => s.node !== null) // the draft's caret, which a style sheet adds
				.map((s) => s.node.outerHTML?.slice(0, 80) ?? s.node.data));
		}).observe({ type: "layout-shift" });
		return true;
	})()`)
	p.example()
	assert.Empty(t, eval[[]string](p, `moved`))
	p.do(chromedp.EmulateViewport(360, 900))
	p.run()
	assert.Empty(t, eval[[]string](p, `moved`), "on a small screen")
}

// drag moves the pointer with its button held.
func (p *page) drag(x, y, right, down float64, options ...chromedp.MouseOption) {
	p.t.Helper()
	button := append([]chromedp.MouseOption{func(e *input.DispatchMouseEventParams) { e.Button, e.ClickCount = input.MouseButtonLeft, 1 }}, options...)
	p.do(
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, button...),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+right/2, y+down/2, button...),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+right, y+down, button...),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x+right, y+down, button...),
	)
}

// grey is the mean, from 0 to 255, of the frontal film's middle, as it is to be seen.
func (p *page) grey() float64 {
	p.t.Helper()
	shot, err := chromedp.Run(p.ctx, chromedp.Screenshot(chromedp.ID("film-0")))
	require.NoError(p.t, err)
	picture, err := png.Decode(bytes.NewReader(shot))
	require.NoError(p.t, err)
	bounds := picture.Bounds()
	inner := bounds.Inset(bounds.Dx() / 4) // without the words at its edge
	sum := 0.0
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			_, green, _, _ := picture.At(x, y).RGBA()
			sum += float64(green) / 257
		}
	}
	return sum / float64(inner.Dx()*inner.Dy())
}
