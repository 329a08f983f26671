//go:build !js

package e2e

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/sweep"
	"uarweb/weights"
	"uarweb/weights/golden"
)

// The classroom reads an example when it is asked to, and its numbers are those of
// uar trace for the same films; steps, words and patches are chosen by keyboard and
// pointer.
func TestLearn(t *testing.T) {
	t.Parallel()
	shards, _ := tiny(t)
	p := openAt(t, product(t, shards), "/?backend=portable#learn/8")
	p.wait(`document.getElementById("learn-write")?.hidden === false`)
	p.click("learn-write")
	p.wait(`document.getElementById("learn-now").textContent !== ""`)

	checkpoint, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	m, err := engine.Load(t.Context(), checkpoint, portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()
	var s engine.Study
	for _, lateral := range []bool{false, true} {
		s.Views = append(s.Views, &radiograph.Radiograph{Pixels: phantom.Chest{Seed: 1}.Draw(lateral, sweep.Size)})
	}
	trace, err := m.Trace(t.Context(), s, nil, engine.Options{})
	require.NoError(t, err)
	n, vocab, codes := m.Config().ImageTokens(), len(m.Config().Vocab), m.Config().DVAE.Vocab
	now := func(want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`document.getElementById("learn-now").textContent.includes(%q)`, want))
	}
	logit := func(word int) string {
		return fmt.Sprintf("ℓ = %.3f for", slices.Max(trace.Words[word*vocab:(word+1)*vocab]))
	}
	now(logit(0))
	p.do(chromedp.Focus(chromedp.ID("learn-word-0")))
	p.press(kb.ArrowRight)
	now(logit(1))
	assert.Equal(t, "learn-word-1", eval[string](p, `document.activeElement.id`))
	p.do(chromedp.Focus(chromedp.ID("learn-temperature")))
	p.press(kb.Home)
	now("at τ = 0.1")

	p.press("p")
	p.wait(`location.hash === "#learn/7"`)
	mask := trace.Mask[n : 2*n]
	low, high := slices.Min(mask), slices.Max(mask)
	moves := float64(m.Config().TIR.Scale) * float64(high-low) / math.Sqrt(float64(m.Config().Dim/m.Config().Heads))
	now(fmt.Sprintf("= %.2f in layer %d", moves, m.Config().DecoderLayers))

	p.do(chromedp.Click(chromedp.CSS(`.learn-steps a[href="#learn/6"]`)))
	now(fmt.Sprintf("the largest of the %d weights is %.4f", n, slices.Max(trace.Attention[n:2*n])))

	p.do(chromedp.Click(chromedp.CSS(`.learn-steps a[href="#learn/3"]`)))
	p.do(chromedp.Focus(chromedp.ID("learn-film-1")))
	p.press(kb.ArrowUp)
	p.wait(`document.getElementById("learn-film-1").getAttribute("aria-valuenow") !== "0"`)
	patch := n/2 + eval[int](p, `Number(document.getElementById("learn-film-1").getAttribute("aria-valuenow"))`) - 1
	now(fmt.Sprintf(") = %d", trace.Tokens[patch]))
	bits := 0.0
	logits, sum := trace.Logits[patch*codes:(patch+1)*codes], 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v))
	}
	for _, v := range logits {
		share := math.Exp(float64(v)) / sum
		bits -= share * math.Log2(share)
	}
	assert.Contains(t, p.text("learn-entropy"), fmt.Sprintf("Entropy %.2f bits", bits))
	assert.Equal(t, fmt.Sprint(trace.Tokens[patch]), eval[string](p, `document.querySelector("#learn-tokens [data-state=chosen]").textContent`))

	p.do(chromedp.Click(chromedp.CSS("#learn-film-0"))) // its middle
	p.wait(`document.getElementById("learn-film-0").getAttribute("aria-valuenow") !== "0"`)
	seen := p.canvas("#learn-film-0 canvas")
	p.evaluate(`location.hash = "#learn/1"`)
	p.wait(`document.getElementById("learn-greys")?.textContent.includes("in all")`)
	assert.NotEqual(t, seen, p.canvas("#learn-film-0 canvas"), "the film itself")

	// What was written here is in Read as if it had been written there.
	p.evaluate(`location.hash = "#read"`)
	p.wait(fmt.Sprintf(`document.querySelectorAll("#contact-frames [data-frame]").length === %d`, len(trace.IDs)-1))
	assert.Equal(t, len(trace.IDs)-1, eval[int](p, `document.querySelectorAll("#report [data-word]").length`))
}
