package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/lesson"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/report/heatmap"
	"uarweb/engine/trace"
	"uarweb/weights/golden"
	"uarweb/weights/safetensors"
)

var tag = regexp.MustCompile(`<[^>]*>`)

// The lesson's numbers are those of uar trace for the same films, it says all that the steps
// say, and it needs nothing but itself.
func TestLesson(t *testing.T) {
	dir, model := t.TempDir(), golden.Path(t, "tiny_two_views", "model.safetensors")
	images, err := filepath.Glob(filepath.Join(golden.Path(t, "tiny_two_views"), "view_*.png"))
	require.NoError(t, err)
	file, tensors := filepath.Join(dir, "lesson.html"), filepath.Join(dir, "trace.safetensors")
	require.Empty(t, must(t, append([]string{"lesson", "-weights", model, "-o", file}, images...)...))
	must(t, append([]string{"trace", "-weights", model, "-o", tensors}, images...)...)
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	page := html.UnescapeString(tag.ReplaceAllString(string(source), ""))
	plain := func(markup string) string { return tag.ReplaceAllString(markup, "") }

	for _, s := range lesson.Steps() {
		p := s.Page()
		for _, text := range []string{p.Title, p.Idea, plain(p.Equation), plain(p.Letters), p.Question, p.Answer, p.Watch} {
			assert.Contains(t, page, text, "step %d", s)
		}
	}
	for _, note := range lesson.Notes() {
		assert.Contains(t, page, note.Text)
	}
	assert.Equal(t, len(lesson.Steps())+2, strings.Count(string(source), "<section"))
	assert.NotContains(t, string(source), "ZgotmplZ", "what the template holds unsafe")
	assert.NotRegexp(t, `<script|style="|(?:src|href)="(?:[^#d]|d[^a])|\son\w+=`, string(source), "no script, and nothing from elsewhere")

	var r report.Report
	require.NoError(t, json.Unmarshal([]byte(must(t, append([]string{"report", "-json", "-weights", model}, images...)...)), &r))
	word := 0 // the one that the model was least sure of
	for i, w := range r.Words {
		if w.LogProb <= r.Words[word].LogProb {
			word = i
		}
	}
	traced, shapes := decode(t, tensors)
	floats := func(name string) (values []float32) {
		e := traced.Entries[slices.IndexFunc(traced.Entries, func(e safetensors.Entry) bool { return e.Name == name })]
		values = make([]float32, len(e.Data)/4)
		_, err := binary.Decode(e.Data, binary.LittleEndian, values)
		require.NoError(t, err)
		return values
	}
	row := func(name string, at int) []float32 {
		width := shapes[name][len(shapes[name])-1]
		return floats(name)[at*width : (at+1)*width]
	}
	size, n := shapes["pixels"][3], shapes["tokens"][0]
	grid := int(math.Sqrt(float64(n / 2)))
	patch := 8*grid/14*grid + 9*grid/14
	side := size / grid
	grey := floats("pixels")[patch/grid*side*size+patch%grid*side]
	mask, attention := row("mask", word), row("attention", word)
	low, high := slices.Min(mask), slices.Max(mask)
	spread := func(values []float32) string {
		sum := 0.0
		for _, v := range values {
			sum += float64(v)
		}
		return fmt.Sprintf("%.3f on average, from %.2f to %.2f", sum/float64(len(values)), slices.Min(values), slices.Max(values))
	}
	var searched [][]trace.Considered
	require.NoError(t, json.Unmarshal([]byte(traced.Metadata["uar.search"]), &searched))
	for _, said := range []string{
		"This model has no pictures of its dictionary.",
		"The patch: " + spread(row("cra.image.input_gate", patch)) + ". The word: " + spread(row("cra.text.input_gate", word)) + ".",
		"The patch: " + spread(row("cra.image.forget_gate", patch)) + ". The word: " + spread(row("cra.text.forget_gate", word)) + ".",
		fmt.Sprintf("A search of %d beams finds the draft, whose log p is %.2f.", r.Beam, r.LogProb),
		fmt.Sprintf("%.2f%.2fkept", searched[word][0].LogProb, searched[word][0].Sum),
	} {
		assert.Contains(t, page, said)
	}
	for step, want := range map[lesson.Step]string{
		lesson.StepShrink:  fmt.Sprintf("x = %.0f / 255 = %.3f", 255*grey, grey),
		lesson.StepCodes:   fmt.Sprintf(") = %d", slices.Index(row("dvae.logits", patch), slices.Max(row("dvae.logits", patch)))),
		lesson.StepBasis:   fmt.Sprintf("cos = %.4f for the chosen word", cosine(row("cra.image", patch), row("cra.text", word+1))),
		lesson.StepPatches: fmt.Sprintf("the largest of the %d weights is ", n),
		lesson.StepLook:    fmt.Sprintf("the largest of the %d weights is %.4f", n, slices.Max(attention)),
		lesson.StepMask:    fmt.Sprintf("(%s − %s) / √", report.Decimals(high, high-low), report.Decimals(low, high-low)),
		lesson.StepChoose:  fmt.Sprintf("ℓ = %.3f for", slices.Max(row("logits", word))),
		lesson.StepFind:    fmt.Sprintf("cos = %.4f for the draft", r.Alignment),
	} {
		_, rest, found := strings.Cut(page, step.Page().Idea)
		require.True(t, found)
		sheet, _, _ := strings.Cut(rest, "A question for a class")
		assert.Contains(t, sheet, want, "step %d", step)
	}
}

func TestFilmViews(t *testing.T) {
	film := func(v radiograph.View) *radiograph.Radiograph {
		return &radiograph.Radiograph{Facts: radiograph.Facts{View: v}}
	}
	for _, c := range []struct {
		films []*radiograph.Radiograph
		want  []int
	}{
		{[]*radiograph.Radiograph{film("")}, []int{heatmap.Frontal}},
		{[]*radiograph.Radiograph{film(radiograph.Lateral)}, []int{heatmap.Lateral}},
		{[]*radiograph.Radiograph{film(""), film("")}, []int{heatmap.Frontal, heatmap.Lateral}},
	} {
		assert.Equal(t, c.want, filmViews(c.films))
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// Without images the lesson is on a drawn chest, and a model of one view has one film.
func TestLessonOfNobody(t *testing.T) {
	page := must(t, "lesson", "-weights", oneView(t))
	assert.Contains(t, page, "these synthetic films, which show nobody")
	assert.Contains(t, page, "synthetic, without a file")
	assert.NotContains(t, page, "Lateral")
}
