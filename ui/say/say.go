// Package say has the words of the page in its reader's language, as gettext does: what
// stands in the code and in the templates is English and is the key by which a
// catalogue has it in another language. A text that a catalogue lacks stays English.
//
// The language is one variable, since a page has one reader: the Desk sets it, under
// the lock under which all components ask. Handed to each component, it would be a
// parameter of every function that says something. What does not say anything to the
// reader, package engine, knows of no language; what it names and describes is said here, by its
// English name, or by a function that it is given (lesson.Numbers.Say).
//
// What leaves the page, such as exports and the printed report, stays English, and so do
// the model's words and what a model's card says of it.
package say

import (
	"fmt"
	"strings"
)

// English is the language of the keys, as the attribute lang has it.
const English = "en"

var (
	language = English
	words    map[string]string // by the English text; nil in English
)

// In makes a language that of the reader, with the catalogue of its words.
func In(tag string, catalogue map[string]string) { language, words = tag, catalogue }

// Language returns the reader's, as the attribute lang has it.
func Language() string { return language }

// InEnglish returns what a function says in English, for what leaves the page. Like In it
// is called where nobody else says anything.
func InEnglish(what func() string) string {
	tag, catalogue := language, words
	defer In(tag, catalogue)
	In(English, nil)
	return what()
}

// Text says a text.
func Text(english string) string {
	if said, known := words[english]; known {
		return said
	}
	return english
}

// Key marks a text that is said elsewhere, by the value that holds it, for the test
// that compares the texts with the catalogues.
func Key(english string) string { return english }

// F says a text with values in it, as fmt.Sprintf does; numbers with a decimal point
// get the reader's.
func F(format string, values ...any) string {
	if words == nil {
		return fmt.Sprintf(format, values...)
	}
	local := make([]any, len(values))
	for i, v := range values {
		switch v.(type) {
		case float32, float64:
			v = number{v}
		}
		local[i] = v
	}
	return fmt.Sprintf(Text(format), local...)
}

// number is one that is written with the reader's decimal sign.
type number struct{ value any }

func (n number) Format(f fmt.State, verb rune) {
	fmt.Fprint(f, Number(fmt.Sprintf(fmt.FormatString(f, verb), n.value)))
}

// Number says a number that is written already, with the reader's decimal sign.
func Number(written string) string {
	if words == nil {
		return written
	}
	return strings.ReplaceAll(written, ".", Text("."))
}

// Count says how many there are of what has this name, whose plural ends in s: both
// "%d word" and "%d words" are keys. Languages with more forms than one and many
// need more than this.
func Count(n int, what string) string { return N(n, "%d "+what, "%d "+what+"s") }

// N says the one format of a single thing, and the other of any other number of
// them, which each format has first.
func N(n int, one, many string, values ...any) string {
	format := many
	if n == 1 {
		format = one
	}
	return F(format, append([]any{n}, values...)...)
}

// Markup says what stands in HTML between its tags.
func Markup(html string) string {
	if words == nil {
		return html
	}
	var said strings.Builder
	for html != "" {
		text, rest, tagged := strings.Cut(html, "<")
		said.WriteString(Within(text))
		if !tagged {
			break
		}
		tag, behind, _ := strings.Cut(rest, ">")
		said.WriteString("<" + tag + ">")
		html = behind
	}
	return said.String()
}

// Within says a text of a template, and leaves the spaces around it.
func Within(text string) string {
	bare := strings.TrimSpace(text)
	if said, known := words[bare]; known && bare != "" {
		return strings.Replace(text, bare, said, 1)
	}
	return text
}
