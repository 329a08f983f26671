package report

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"

	"uarweb/weights/golden"
)

// goldenReport is a report, raw and as R2Gen's own code cleans it.
type goldenReport struct{ Raw, Clean string }

func readGolden(t *testing.T) []goldenReport {
	t.Helper()
	var reports []goldenReport
	golden.JSON(t, &reports, "clean.json")
	return reports
}

func TestCleanGolden(t *testing.T) {
	reports := readGolden(t)
	assert.Len(t, reports, 357)
	for _, r := range reports {
		assert.Equal(t, r.Clean, Clean(r.Raw), "%q", r.Raw)
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"", " ."},
		{" . . ", " ."},
		{"Heart size is normal.", "heart size is normal ."},
		{"Heart is normal. Lungs are clear", "heart is normal . lungs are clear ."},
		{"Normal.. Clear.... Done.", "normal . clear . done ."},
		{"1. Normal heart. 2. Clear lungs. 3. No effusion.", "normal heart . clear lungs . no effusion ."},
		{"Normal heart 2. Clear lungs 5. Done.", "normal heart . clear lungs . done ."},
		{"1........ Normal.", "normal ."},             // eight full stops collapse to one,
		{"1................ Normal.", "1 . normal ."}, // sixteen do not
		{"Segment 1. clear.", "segment clear ."},
		{"Nodule of 6. Stable.", "nodule of 6 . stable ."},
		{"Right-sided T-spine, XXXX.", "right-sided t-spine xxxx ."},
		{`a"b/c\d'e`, "abcde ."},
		{"a.b,c?d;e*f!g%h^i&j_k+l(m)n:o[p]q{r}s", "abcdefghijklmnopqrs ."},
		{"a<b=c>d@e", "abcde ."},                   // inside the range :-\[
		{"a-b#c$d|e~f`g", "a-b#c$d|e~f`g ."},       // outside the class
		{"Of 3.5 cm", "of 35 cm ."},                // a full stop inside a sentence goes
		{"Normal. , . Clear.", "normal . clear ."}, // a sentence of punctuation alone goes
		{"Größe normal. É.", "größe normal . é ."},
	} {
		assert.Equal(t, c.want, Clean(c.raw), "%q", c.raw)
	}
}

func FuzzClean(f *testing.F) {
	for _, raw := range []string{"", "Heart is normal. Lungs are clear.", "1. Normal.. 2. XXXX, T-spine 3. [x]", " .\t. \u0130\xff.", "a . 1 . 2. . b"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		cleaned := Clean(raw)
		if !strings.HasSuffix(cleaned, " .") {
			t.Errorf("%q does not end in a full stop", cleaned)
		}
		if again := Clean(cleaned); again != cleaned {
			t.Errorf("%q became %q, cleaned again %q", raw, cleaned, again)
		}
		for _, sentence := range strings.Split(strings.TrimSuffix(cleaned, " ."), " . ") {
			if strings.ContainsAny(sentence, "\"/\\'.,?;*!%^&_+():<=>?@[]{}") || strings.ContainsFunc(sentence, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
				t.Errorf("punctuation or capitals left in %q", sentence)
			}
			if strings.TrimFunc(sentence, unicode.IsSpace) != sentence {
				t.Errorf("white space around %q", sentence)
			}
		}
	})
}
