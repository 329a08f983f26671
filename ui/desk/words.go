package desk

import "strconv"

// Select pins a word of the report, to which the keyboard then goes from
// wherever it is, or None.
func (d *Desk) Select(word int) {
	if d.result == nil || word < None || word >= len(d.result.Spans) {
		return
	}
	d.notice = ""
	d.selected, d.hovered = word, None
	if word == None {
		return
	}
	d.focus = Focus{WordID(word), Always}
	d.say(d.describe(word))
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
		d.Select(None)
	default:
		return d.mapKey(key)
	}
	return true
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
		d.say(d.describe(d.selected))
	}
}

// CanShowChanged says whether there is something written otherwise to tell the change
// of.
func (d *Desk) CanShowChanged() bool { return d.rewrite != nil && d.rewrite.State == RedrawDone }

// leaveChanged shows another map than a change that is no more.
func (d *Desk) leaveChanged() {
	if d.mode == Changed {
		d.mode = Attention
	}
}
