//go:build !js

package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/sharedtest"
)

// The page writes what the command writes, and shows where each word looked.
func TestReport(t *testing.T) {
	p := open(t)
	frontal, lateral := phantoms(t)
	assert.Equal(t, command(t, frontal, lateral).Text, p.show(frontal, lateral))

	// Words, one after the other.
	maps := map[string]bool{"empty": true}
	assert.Equal(t, "empty", p.canvas("#film-0 .heat"))
	for word := range 3 {
		p.press(kb.ArrowRight)
		p.wait(fmt.Sprintf(`document.querySelector("[data-word='%d']").ariaCurrent === "true"`, word))
		p.wait(fmt.Sprintf(`document.getElementById("film-0").dataset.map === "%d"`, word))
		for _, film := range []string{"#film-0", "#film-1"} {
			drawn := p.canvas(film + " .heat")
			assert.False(t, maps[drawn], "word %d: the map over %s is empty or that of another word", word, film)
			maps[drawn] = true
		}
		assert.Equal(t, eval[string](p, fmt.Sprintf(`document.getElementById("word-%d").textContent.toLowerCase()`, word)), strings.ToLower(p.text("word-text")))
		assert.Regexp(t, `^[<≈]?\s?[0-9.]+\s?%$`, p.text("word-probability"))
		assert.True(t, eval[bool](p, `document.querySelector("[data-alternative='0']") !== null`))
	}
	p.press(kb.ArrowLeft)
	p.wait(`document.getElementById("film-0").dataset.map === "1"`)
	p.press(kb.End)
	p.wait(`document.querySelector("#report [data-word]:last-of-type").ariaCurrent === "true"`)

	// The other maps.
	p.press(kb.Home)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	attention, xray := p.canvas("#film-0 .heat"), p.canvas("#film-0 .xray")
	p.do(chromedp.Click(chromedp.CSS("label:has(#map-mask)")))
	p.wait(`document.getElementById("map-mask").checked`)
	p.waitCanvas("#film-0 .heat", func(now string) bool { return now != attention })
	p.do(chromedp.Click(chromedp.CSS("label:has(#map-off)")))
	p.wait(`document.getElementById("film-0").dataset.map === ""`)
	assert.Equal(t, "empty", p.canvas("#film-0 .heat"))
	p.do(chromedp.Click(chromedp.CSS("label:has(#map-attention)")))
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	assert.Equal(t, attention, p.canvas("#film-0 .heat"))

	// Swapping the views swaps the pictures, and their maps go with them.
	p.click("swap")
	p.waitCanvas("#film-1 .xray", func(now string) bool { return now == xray })
	p.waitCanvas("#film-1 .heat", func(now string) bool { return now == attention })
	p.run()
	assert.Equal(t, command(t, lateral, frontal).Text, p.text("report"))
}

// One view, chosen with the file dialogue.
func TestOneView(t *testing.T) {
	p := open(t)
	frontal, _ := phantoms(t)
	p.do(chromedp.SetUploadFiles(chromedp.ID("files"), []string{frontal}))
	p.wait(`document.getElementById("slot-0").dataset.filled === "true"`)
	p.run()
	assert.Equal(t, command(t, frontal).Text, p.text("report"))
}

func TestRealXray(t *testing.T) {
	files, err := filepath.Glob(sharedtest.Path(t, "samples") + "/*.png")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	p := open(t)
	for _, file := range []string{files[0], sharedtest.Path(t, "samples", "gdcm-CR-MONO1-10-chest.dcm")} {
		assert.Equal(t, command(t, file).Text, p.show(file), file)
	}
}

// Pointing at a word shows its map for as long.
func TestHover(t *testing.T) {
	p := open(t)
	p.click("example")
	p.run()
	x := eval[[]float64](p, `(() => { const r = document.getElementById("word-2").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	p.do(chromedp.MouseEvent("mouseMoved", x[0], x[1]))
	p.wait(`document.getElementById("film-0").dataset.map === "2"`)
	p.do(chromedp.MouseEvent("mouseMoved", 5, 5))
	p.wait(`document.getElementById("film-0").dataset.map === ""`)
}

// A cancelled run leaves the page ready for the next.
func TestCancel(t *testing.T) {
	p := open(t)
	frontal, lateral := phantoms(t)
	p.drop(frontal, lateral)
	p.wait(`!run.disabled`)
	for _, stage := range []string{"tokenize", "generate"} {
		p.click("run")
		p.wait(`page.dataset.run === "running" && progress.dataset.stage === "` + stage + `"`)
		p.click("cancel")
		p.wait(`page.dataset.run === "idle" && !run.disabled`)
		assert.True(t, eval[bool](p, `document.getElementById("error").hidden`), "a cancel is no error")
	}
	p.run()
	assert.Equal(t, command(t, frontal, lateral).Text, p.text("report"))
}

// Another model, dropped on the page, is the one that writes. This one's mask
// differs from place to place.
func TestOtherWeights(t *testing.T) {
	golden := func(name string) string { return sharedtest.Path(t, "golden", "tiny_two_views", name) }
	weights, frontal, lateral := golden("model.safetensors"), golden("view_0.png"), golden("view_1.png")
	p := open(t)
	shipped := p.text("fact-sha256")
	p.drop(weights)
	p.wait(fmt.Sprintf(`document.getElementById("fact-sha256").textContent.trim() !== %q`, shipped))
	p.wait(`page.dataset.model === "ready"`)
	assert.Equal(t, command(t, "-weights", weights, frontal, lateral).Text, p.show(frontal, lateral))
	p.press(kb.ArrowRight)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	attention := p.canvas("#film-0 .heat")
	p.do(chromedp.Click(chromedp.CSS("label:has(#map-mask)")))
	p.waitCanvas("#film-0 .heat", func(now string) bool { return now != attention && now != "empty" })
}

// The programs, which are named by their hashes, are asked for once.
func TestSecondVisit(t *testing.T) {
	p := open(t)
	assert.True(t, eval[bool](p, `crossOriginIsolated`))
	first := p.list(&p.asked)
	p.do(chromedp.Reload())
	p.wait(`page.dataset.model === "ready"`)
	second := p.list(&p.asked)[len(first):]
	programs := func(paths []string) (n int) {
		for _, path := range paths {
			if strings.HasSuffix(path, ".wasm") {
				n++
			}
		}
		return n
	}
	assert.Equal(t, 2, programs(first), first)
	assert.Zero(t, programs(second), second)
}
