package command

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Names and words out of files may hold what moves a terminal's cursor, sets its
// title or makes it answer. All that the programs write is passed through here.

// Line returns text in one line, its white space as single spaces, with escapes as
// JSON has them in place of what a terminal would not print: "\u001b" for ESC.
func Line(text string) string {
	return string(escape(nil, []byte(strings.Join(strings.Fields(text), " "))))
}

// escape appends text with escapes in place of what is neither graphic nor a tab or
// the end of a line. JSON stays the same JSON.
func escape(to, text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			to = append(to, `\ufffd`...)
		case r == '\n' || r == '\t' || unicode.IsGraphic(r):
			to = append(to, text[:size]...)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				to = fmt.Appendf(to, `\u%04x`, unit)
			}
		}
		text = text[size:]
	}
	return to
}

// output is where results go, in place of a line of progress.
type output struct {
	to       io.Writer
	progress *progress
	begun    []byte // a character whose end is not written yet
}

func (o *output) Write(text []byte) (int, error) {
	o.progress.clear()
	all := append(o.begun, text...)
	whole := len(all)
	for i := max(0, whole-utf8.UTFMax); i < whole; i++ {
		if utf8.RuneStart(all[i]) && !utf8.FullRune(all[i:]) {
			whole = i
		}
	}
	o.begun = append([]byte(nil), all[whole:]...)
	if _, err := o.to.Write(escape(nil, all[:whole])); err != nil {
		return 0, err
	}
	return len(text), nil
}

// progress is a line on a terminal, rewritten in place.
type progress struct {
	terminal io.Writer // nil: none
	shown    bool
}

const eraseLine = "\r\x1b[K"

func (p *progress) show(text string) {
	if p.terminal != nil {
		fmt.Fprint(p.terminal, eraseLine+Line(text))
		p.shown = true
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.terminal, eraseLine)
		p.shown = false
	}
}
