package export

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"uarweb/engine/report"
)

// Markdown is the report as a page of its own, in CommonMark with GitHub's tables.
func Markdown(d Document) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Chest X-ray, draft report by a research model\n\n**Not for diagnosis.** %s\n\n## Draft\n\n", report.Disclaimer)
	sentences := d.Sentences()
	if len(sentences) == 0 {
		fmt.Fprintln(&b, empty)
	}
	for i, sentence := range sentences {
		fmt.Fprintf(&b, "%d. %s", i+1, inert(sentence))
		if again := d.again(i); again != "" {
			fmt.Fprintf(&b, " (said again in %s redraws)", again)
		}
		if d.Reader.wrong(i) {
			fmt.Fprint(&b, " **The reader says: wrong.**")
		}
		fmt.Fprintln(&b)
	}
	if lines := d.Reader.lines(); lines != nil {
		fmt.Fprintf(&b, "\n## %s\n", byReader)
		for _, line := range lines {
			fmt.Fprintf(&b, "\n%s\n", inert(line))
		}
	}
	if s := d.Samples; s != nil {
		fmt.Fprint(&b, "\n## Findings in the redraws\n\n| Finding | Named | Denied | Draft |\n|---|---|---|---|\n")
		for _, f := range s.Findings {
			draft := ""
			if f.Draft {
				draft = "named"
			}
			fmt.Fprintf(&b, "| %s | %d | %d | %s |\n", inert(plain(f.Label)), f.Stated, f.Denied, draft)
		}
	}
	fmt.Fprintf(&b, "\n## Where it comes from\n\n- From: %s\n", inert(plain(d.Films())))
	for _, f := range d.Provenance() {
		fmt.Fprintf(&b, "- %s: %s\n", f.Label, inert(f.Value))
	}
	return b.Bytes(), nil
}

// inert is plain text as Markdown that is no markup: a backslash before every mark of
// ASCII, but where prose has it and no parser sees more in it: a stop, comma or the
// like behind a letter and before a space, a hyphen within a word.
func inert(text string) string {
	var b strings.Builder
	before := ' '
	for i, r := range text {
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case r > unicode.MaxASCII || !unicode.IsPunct(r) && !unicode.IsSymbol(r):
		case strings.ContainsRune(",;'", r):
		case r == '.' && unicode.IsLetter(before) && (after == ' ' || after == utf8.RuneError):
		case r == '-' && inWord(before) && inWord(after):
		default:
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
