package report

import (
	"strings"
	"unicode/utf8"
)

// Disclaimer is shown wherever a report is.
const Disclaimer = "For research and teaching only: this is not a medical device, and its reports must not be used for diagnosis or treatment."

// Redacted stands, wherever people read a report, for what the data set or the
// vocabulary left out ("xxxx" and Unknown): a word that a screen reader speaks
// and nobody takes for a finding.
const Redacted = "[redacted]"

const (
	stop      = "."    // ends a sentence
	redaction = "xxxx" // IU X-Ray's mark of a removed name, date or place
)

// Span is one word of a report as people read it.
type Span struct {
	Text        string // capitalised if it begins a sentence
	SpaceBefore bool   // whether a space separates it from the span before
	Redacted    bool   // whether a part of Text is Redacted
	Sentence    int    // 0 first; a full stop belongs to the sentence it ends
}

// Layout returns the spans of a report, one a word. Nothing is added: a report
// cut short at max_tokens ends without a full stop, so that it shows.
func Layout(words []string) []Span {
	spans := make([]Span, len(words))
	sentence := 0
	for i, word := range words {
		if word == stop {
			spans[i] = Span{Text: word, Sentence: sentence}
			continue
		}
		text := strings.ReplaceAll(word, redaction, Redacted)
		if isSpecial(word) {
			text = Redacted
		}
		redacted := text != word
		switch {
		case i == 0:
			text = capitalise(text)
		case words[i-1] == stop:
			text = capitalise(text)
			sentence++
		}
		spans[i] = Span{Text: text, SpaceBefore: i > 0, Redacted: redacted, Sentence: sentence}
	}
	return spans
}

// Text returns a report as people read it, from the Layout of its words.
func Text(words []string) string {
	var text strings.Builder
	for _, span := range Layout(words) {
		if span.SpaceBefore {
			text.WriteByte(' ')
		}
		text.WriteString(span.Text)
	}
	return text.String()
}

// isSpecial tells <unk>, and the <bos> that a model may write by mistake: no word
// of a cleaned report holds angle brackets.
func isSpecial(word string) bool {
	return strings.HasPrefix(word, "<") && strings.HasSuffix(word, ">")
}

func capitalise(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return strings.ToUpper(word[:size]) + word[size:]
}
