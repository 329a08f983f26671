package ui

import (
	"fmt"
	"math"
	"strconv"

	"uarweb/engine/report"
)

// Select pins a word of the report, to which the keyboard then goes from
// wherever it is, or none.
func (d *Desk) Select(word int) {
	if d.result == nil || word < none || word >= len(d.result.Spans) {
		return
	}
	d.notice = ""
	d.selected, d.hovered = word, none
	if word == none {
		return
	}
	d.focus = Focus{wordID(word), Always}
	d.say(d.result.describe(word, d.mode, d.named))
}

// Hover shows a word for as long as the pointer is on it; none ends that. It
// reports whether that is another word than before.
func (d *Desk) Hover(word int) bool {
	if d.result == nil || word < none || word >= len(d.result.Spans) || word == d.hovered {
		return false
	}
	d.hovered = word
	return true
}

// shown is the word whose map is drawn.
func (d *Desk) shown() int {
	if d.hovered != none {
		return d.hovered
	}
	return d.selected
}

// Key moves the selection as a key of the keyboard says, and reports whether
// the key means anything here.
func (d *Desk) Key(key string) bool {
	if d.result == nil || len(d.result.Spans) == 0 {
		return false
	}
	last := len(d.result.Spans) - 1
	at := d.selected
	switch key {
	case "ArrowRight":
		d.Select(min(at+1, last))
	case "ArrowLeft":
		d.Select(max(at-1, 0))
	case "ArrowDown":
		d.Select(d.result.sentence(at, +1))
	case "ArrowUp":
		d.Select(d.result.sentence(at, -1))
	case "Home":
		d.Select(0)
	case "End":
		d.Select(last)
	case "Enter", " ":
		d.Select(max(at, 0))
	case "Escape":
		d.Select(none)
	default:
		return false
	}
	return true
}

// sentence returns the first word of the sentence after (step 1) that of the
// word at, or of its own or, from there, the one before (step −1); at the ends
// of the report it stays.
func (r *Result) sentence(at, step int) int {
	if at == none {
		return 0
	}
	first := func(sentence int) int {
		for i, s := range r.Spans {
			if s.Sentence == sentence {
				return i
			}
		}
		return at
	}
	own := r.Spans[at].Sentence
	if start := first(own); step < 0 && at > start {
		return start
	}
	return first(own + step)
}

func wordID(i int) string { return "word-" + strconv.Itoa(i) }

// SetMap chooses which map is drawn.
func (d *Desk) SetMap(m Map) {
	d.notice = ""
	d.mode = m
	if d.result != nil && d.selected != none {
		d.say(d.result.describe(d.selected, m, d.named))
	}
}

// percent is a probability for people, from its logarithm.
func percent(logProb float64) string {
	p := 100 * math.Exp(logProb)
	switch {
	case p >= 99.95:
		return "> 99.9 %"
	case p < 0.1:
		return "< 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", p)
}

// Choice is one of a word's alternatives as it is shown.
type Choice struct {
	Text    string
	Percent string
	Width   string // of its bar, a CSS length
	Chosen  bool
}

// choices returns the alternatives of a word, the best first.
func (r *Result) choices(word int) []Choice {
	w := r.Report.Words[word]
	choices := make([]Choice, len(w.Alternatives))
	for i, a := range w.Alternatives {
		choices[i] = Choice{
			Text:    spoken(a.Text),
			Percent: percent(a.LogProb),
			Width:   fmt.Sprintf("%.1f%%", 100*math.Exp(a.LogProb)),
			Chosen:  a.Token == w.Token,
		}
	}
	return choices
}

// spoken is a single word as people read it.
func spoken(word string) string {
	switch text := report.Layout([]string{word})[0]; {
	case word == ".":
		return "full stop"
	case word == "<eos>":
		return "end of report"
	case text.Redacted:
		return text.Text
	}
	return word
}
