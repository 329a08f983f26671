package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ words, want string }{
		{"", ""},
		{".", "."},
		{"the heart is normal . the lungs are clear .", "The heart is normal. The lungs are clear."},
		{"the lungs are", "The lungs are"}, // cut short: no full stop is invented
		{"t-spine . 2 cm nodule . élan .", "T-spine. 2 cm nodule. Élan."},
		{"the xxxx is <unk> .", "The [redacted] is [redacted]."},
		{"the <bos> heart .", "The [redacted] heart."},
		{"xxxx . <unk> .", "[redacted]. [redacted]."},
		{"dual-xxxx leads . xxxx-a-xxxx .", "Dual-[redacted] leads. [redacted]-a-[redacted]."},
		{". . clear . . done", ".. Clear.. Done"},
	} {
		assert.Equal(t, c.want, Text(strings.Fields(c.words)), "%q", c.words)
	}
}

func TestLayout(t *testing.T) {
	assert.Equal(t, []Span{
		{Text: "The", Sentence: 0},
		{Text: "[redacted]", SpaceBefore: true, Redacted: true, Sentence: 0},
		{Text: ".", Sentence: 0},
		{Text: ".", Sentence: 0},
		{Text: "Dual-[redacted]", SpaceBefore: true, Redacted: true, Sentence: 1},
		{Text: "leads", SpaceBefore: true, Sentence: 1},
	}, Layout([]string{"the", "xxxx", ".", ".", "dual-xxxx", "leads"}))
	assert.Equal(t, []Span{}, Layout(nil))
}

// endsInNumber finds a sentence whose last word would be read as the mark of a
// numbered finding if the report were cleaned again.
var endsInNumber = regexp.MustCompile(`1 \.|(^| )[2-5] \.`)

// What people read must come back to the very words when cleaned, but for
// redactions, and must never show a redaction's mark.
func TestTextOfGoldenReports(t *testing.T) {
	cleanedAgain := 0
	for _, r := range readGolden(t) {
		words := strings.Fields(r.Clean)
		text := Text(words)
		if cleaned := strings.Join(words, " "); !endsInNumber.MatchString(cleaned) {
			require.Equal(t, strings.ReplaceAll(cleaned, "xxxx", "redacted"), Clean(text))
			cleanedAgain++
		}
		require.NotContains(t, strings.ToLower(text), "xxxx")
		sentences, redactions := 0, 0
		for i, s := range Layout(words) {
			if words[i] == "." {
				sentences++
			}
			if s.Redacted {
				redactions++
			}
			require.LessOrEqual(t, s.Sentence, sentences)
		}
		require.Equal(t, strings.Count(r.Clean, "xxxx") > 0, redactions > 0)
	}
	require.Greater(t, cleanedAgain, 300)
}

func TestSpoken(t *testing.T) {
	for word, want := range map[string]string{".": "full stop", "<eos>": "end of report", "xxxx": "[redacted]", "<unk>": "[redacted]", "heart": "heart"} {
		assert.Equal(t, want, Spoken(word))
	}
}

func TestPercent(t *testing.T) {
	for logProb, want := range map[float64]string{0: "> 99.9 %", -0.6931471805599453: "50.0 %", -20: "< 0.1 %", -6.9: "0.1 %"} {
		assert.Equal(t, want, Percent(logProb))
	}
}
