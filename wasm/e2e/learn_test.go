//go:build !js

package e2e

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/cra"
	"uarweb/engine/device/portable"
	"uarweb/engine/lesson"
	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report/heatmap"
	"uarweb/engine/score/sweep"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
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
	traced, err := m.Trace(t.Context(), s, nil, engine.Options{})
	require.NoError(t, err)
	n, vocab, codes := m.Config().ImageTokens(), len(m.Config().Vocab), m.Config().DVAE.Vocab
	now := func(want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`document.getElementById("learn-now").textContent.includes(%q)`, want))
	}
	logit := func(word int) string {
		return fmt.Sprintf("ℓ = %.3f for", slices.Max(traced.Words[word*vocab:(word+1)*vocab]))
	}
	session, err := m.Open(t.Context(), s, nil)
	require.NoError(t, err)
	defer session.Close()
	draft, err := session.Write(t.Context(), engine.Options{})
	require.NoError(t, err)
	now(logit(lesson.LeastSure(draft.Words)))
	p.click("learn-word-0")
	now(logit(0))
	p.focus("learn-word-0")
	p.press(kb.ArrowRight)
	now(logit(1))
	assert.Equal(t, "learn-word-1", eval[string](p, `document.activeElement.id`))
	p.focus("learn-temperature")
	p.press(kb.Home)
	now("at τ = 0.1")

	// Another width is another search, whose tree stands beside the table.
	p.focus("learn-width")
	p.press(kb.ArrowRight)
	wider, err := m.Search(t.Context(), traced, engine.Options{Beam: 4})
	require.NoError(t, err)
	p.wait(`document.getElementById("learn-found").textContent.startsWith("A search of 4 beams")`)
	assert.Contains(t, p.text("learn-found"), fmt.Sprintf("finds the draft, whose log p is %.2f", wider.LogProb))
	considered := wider.Steps[1]
	rows := eval[[]string](p, `[...document.querySelectorAll(".learn-beams tbody tr")].map((row) => [...row.cells].slice(2).map((e) => e.textContent).join("|"))`)
	require.Len(t, rows, 10, "4 of 16 were kept, and 6 others are listed")
	for i, row := range rows {
		assert.True(t, strings.HasPrefix(row, fmt.Sprintf("%.2f|%.2f|", considered[i].LogProb, considered[i].Sum)), row)
	}
	assert.Equal(t, fmt.Sprintf("%d further sequences, all dropped.", len(considered)+wider.Further[1]-10), p.text("learn-further"))
	assert.Equal(t, fmt.Sprintf("%.2f", considered[0].LogProb), eval[string](p, `document.querySelectorAll("#learn-tree text.number")[4].textContent`), "the first of the second column")

	p.press("p")
	p.wait(`location.hash === "#learn/7"`)
	mask := traced.Mask[n : 2*n]
	low, high := slices.Min(mask), slices.Max(mask)
	moves := float64(m.Config().TIR.Scale) * float64(high-low) / math.Sqrt(float64(m.Config().Dim/m.Config().Heads))
	now(fmt.Sprintf("= %.2f in layer %d", moves, m.Config().DecoderLayers))

	p.clickOn(`.learn-steps a[href="#learn/6"]`)
	now(fmt.Sprintf("the largest of the %d weights is %.4f", n, slices.Max(traced.Attention[n:2*n])))

	p.clickOn(`.learn-steps a[href="#learn/3"]`)
	p.focus("learn-film-1")
	p.press(kb.ArrowUp)
	p.wait(`document.getElementById("learn-film-1").getAttribute("aria-valuenow") !== "0"`)
	patch := n/2 + eval[int](p, `Number(document.getElementById("learn-film-1").getAttribute("aria-valuenow"))`) - 1
	now(fmt.Sprintf(") = %d", traced.Tokens[patch]))
	bits := 0.0
	logits, sum := traced.Logits[patch*codes:(patch+1)*codes], 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v))
	}
	for _, v := range logits {
		share := math.Exp(float64(v)) / sum
		bits -= share * math.Log2(share)
	}
	p.wait(fmt.Sprintf(`document.getElementById("learn-entropy").textContent.includes("Entropy %.2f bits")`, bits))
	assert.Equal(t, "This model has no pictures of its dictionary.", p.text("learn-no-tiles"))
	assert.Equal(t, fmt.Sprint(traced.Tokens[patch]), eval[string](p, `document.querySelector("#learn-tokens [data-state=chosen]").textContent`))

	// What the basis makes of that patch and the second word.
	p.press("n")
	d, word := m.Config().Dim, 1
	f, g, dot, ff, gg := traced.Image[patch*d:(patch+1)*d], traced.Text[(word+1)*d:(word+2)*d], 0.0, 0.0, 0.0
	for i := range f {
		dot, ff, gg = dot+float64(f[i])*float64(g[i]), ff+float64(f[i])*float64(f[i]), gg+float64(g[i])*float64(g[i])
	}
	now(fmt.Sprintf("cos = %.4f", dot/math.Sqrt(ff*gg)))
	spread := func(gates []float32, row int) string {
		values, sum := gates[row*d:(row+1)*d], 0.0
		for _, v := range values {
			sum += float64(v)
		}
		return fmt.Sprintf("%.3f on average, from %.2f to %.2f", sum/float64(d), slices.Min(values), slices.Max(values))
	}
	assert.Contains(t, p.text("learn-gate-input"), "The patch: "+spread(traced.ImageCRA.Input, patch)+". The word: "+spread(traced.TextCRA.Input, word)+".")
	assert.Contains(t, p.text("learn-gate-forget"), "The patch: "+spread(traced.ImageCRA.Forget, patch)+". The word: "+spread(traced.TextCRA.Forget, word)+".")
	vectors := func(of *cra.Aligned, row int) string {
		weights := of.Basis.Weights(row)[0][0]
		most := slices.Max(weights)
		return fmt.Sprintf("%d\u00a0×%.2f,", slices.Index(weights, most), float64(most)*float64(m.Config().Basis))
	}
	cells := eval[string](p, `document.querySelector(".learn-vectors tbody tr").innerText`)
	assert.Contains(t, cells, vectors(traced.ImageCRA, patch))
	assert.Contains(t, cells, vectors(traced.TextCRA, word))
	p.press("p")

	p.clickOn("#learn-film-0") // its middle
	p.wait(`document.getElementById("learn-film-0").getAttribute("aria-valuenow") !== "0"`)
	seen := p.canvas("#learn-film-0 canvas")
	p.evaluate(`location.hash = "#learn/1"`)
	p.wait(`document.getElementById("learn-greys")?.textContent.includes("in all")`)
	assert.NotEqual(t, seen, p.canvas("#learn-film-0 canvas"), "the film itself")

	// Every step, and the page for teachers, says what engine/lesson does by the command's
	// numbers.
	patch = eval[int](p, `Number(document.getElementById("learn-film-0").getAttribute("aria-valuenow"))`) - 1
	numbers := learned(t, m, s, traced, patch, word)
	numbers.Temperature, numbers.Search = 0.1, lesson.NewSearch(wider)
	for _, step := range lesson.Steps() {
		p.evaluate(`location.hash = "` + desk.StepPlace(step).Address() + `"`)
		p.wait(fmt.Sprintf(`document.getElementById("learn-now").textContent === %q`, numbers.Now(step)))
	}
	p.click("learn-teacher")
	p.wait(`document.querySelectorAll(".learn-teacher section").length === 9`)
	for i, said := range eval[[]string](p, `[...document.querySelectorAll(".learn-teacher section")].map((e) => e.querySelectorAll("p")[2].textContent)`) {
		assert.Equal(t, "On these films: "+numbers.Shows(lesson.Step(i+1)), said)
	}

	// What was written here is in Read as if it had been written there.
	p.evaluate(`location.hash = "#read"`)
	p.wait(fmt.Sprintf(`document.querySelectorAll("#contact-frames [data-frame]").length === %d`, len(traced.IDs)-1))
	assert.Equal(t, len(traced.IDs)-1, eval[int](p, `document.querySelectorAll("#report [data-word]").length`))
}

// learned are the numbers of a study at a patch and a word, with 20 redraws to find it among.
func learned(t *testing.T, m *engine.Model, s engine.Study, traced *engine.Trace, patch, word int) *lesson.Numbers {
	t.Helper()
	show := func(p trace.Part) trace.Shown {
		shown, err := m.Show(t.Context(), s, traced, p)
		require.NoError(t, err)
		return shown
	}
	session, err := m.Open(t.Context(), s, nil)
	require.NoError(t, err)
	defer session.Close()
	draft, err := session.Write(t.Context(), engine.Options{})
	require.NoError(t, err)
	samples, err := session.Sample(t.Context(), engine.SampleOptions{Reports: 20})
	require.NoError(t, err)
	candidates, reports := []lesson.Candidate{{Text: draft.Text, From: "the draft", Own: true}}, [][]int{draft.Tokens}
	for _, r := range samples {
		if !slices.ContainsFunc(candidates, func(c lesson.Candidate) bool { return c.Text == r.Text }) {
			candidates, reports = append(candidates, lesson.Candidate{Text: r.Text, From: "a redraw"}), append(reports, r.Tokens)
		}
	}
	for i, cosine := range show(trace.Part{Kind: trace.OfReports, Reports: reports}).Reports.Cosines {
		candidates[i].Cosine = cosine
	}
	return &lesson.Numbers{
		Study: show(trace.Part{Kind: trace.OfStudy}).Study, Films: []int{heatmap.Frontal, heatmap.Lateral}, Draft: draft,
		Patch: show(trace.Part{Kind: trace.OfPatch, Index: patch}).Patch, PatchAt: patch,
		Word: show(trace.Part{Kind: trace.OfWord, Index: word}).Word, WordAt: word,
		Head: lesson.Mean, Layer: lesson.Last, Candidates: lesson.Ranked(candidates),
	}
}
