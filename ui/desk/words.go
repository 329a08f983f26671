package desk

import "strconv"

// Select pins a word of the report, to which the keyboard then goes from
// wherever it is, or None.
func (d *Desk) Select(word int) {
	if d.Pin(word) && word != None {
		d.focus = Focus{WordID(word), Always}
		d.say(d.Describe(word))
	}
}

// Pin pins a word of the report, or None, and leaves the keyboard where it is. It
// reports whether there is such a word.
func (d *Desk) Pin(word int) bool {
	if d.result == nil || word < None || word >= len(d.result.Spans) {
		return false
	}
	d.notice = ""
	d.selected, d.hovered = word, None
	return true
}

// Selected is the word that is pinned, or None.
func (d *Desk) Selected() int { return d.selected }

// Hover shows a word for as long as the pointer is on it; None ends that. It
// reports whether that is another word than before.
func (d *Desk) Hover(word int) bool {
	if d.result == nil || word < None || word >= len(d.result.Spans) || word == d.hovered {
		return false
	}
	d.hovered = word
	return true
}

// Shown is the word whose map is drawn.
func (d *Desk) Shown() int {
	if d.hovered != None {
		return d.hovered
	}
	return d.selected
}

// sentence returns the first word of the sentence after (step 1) that of the
// word at, or of its own or, from there, the one before (step −1); at the ends
// of the report it stays.
func (r *Result) sentence(at, step int) int {
	if at == None {
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

// WordID is the element of a word of the report.
func WordID(i int) string { return "word-" + strconv.Itoa(i) }

// Map is which map is drawn.
func (d *Desk) Map() Map { return d.mode }

// SetMap chooses which map is drawn.
func (d *Desk) SetMap(m Map) {
	if m == Changed && !d.CanShowChanged() {
		return
	}
	d.notice = ""
	d.mode = m
	if d.result != nil && d.selected != None {
		d.say(d.Describe(d.selected))
	}
}

// CanShowChanged says whether there is something written otherwise to tell the change
// of.
func (d *Desk) CanShowChanged() bool {
	return d.rewrite != nil && d.rewrite.State == RedrawDone && d.rewrite.Other.sameFilms(d.result)
}

// leaveChanged shows another map than a change that is no more.
func (d *Desk) leaveChanged() {
	if d.mode == Changed {
		d.mode = Attention
	}
}
