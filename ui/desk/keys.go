package desk

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"uarweb/ui/say"
)

// Area is where the keyboard is when a key means something.
type Area string

// The areas.
const (
	AnyArea       Area = "Everywhere"
	FilmArea      Area = "On a film"
	StageArea     Area = "Among the films"
	WordsArea     Area = "In the report and on the contact sheet"
	StageAndWords Area = "On the films and in the report"
	LearnArea     Area = "In Learn"
	PatchArea     Area = "On a film in Learn"
	WordArea      Area = "Among the words in Learn"
	LabArea       Area = "In the phantom lab"
)

// Key is what a key does, or keys that do the like of each other.
type Key struct {
	Area  Area
	Label string // the keys, as people read them
	Does  string // as a sentence without its full stop

	names []string           // as KeyboardEvent.key has them, letters small; "Shift+" before those held with it
	do    func(p press) bool // reports whether it meant anything
}

// press is a key that was pressed.
type press struct {
	desk   *Desk
	name   string         // as Key has names
	slot   int            // of the film that it is about
	choose func(word int) // takes another word of the report
}

// keys are all that mean something on the page, but for those that come with the kind
// of a control, such as a slider or a row of tabs.
var keys = []Key{
	{AnyArea, "?", say.Key("Show these keys"), []string{"?"}, func(p press) bool { p.desk.ShowKeys(); return true }},

	{FilmArea, "← → ↑ ↓", say.Key("Move the film, where it is larger than its frame"), []string{"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"}, func(p press) bool {
		x, y := p.towards()
		p.desk.Pan(p.slot, -panStep*x, -panStep*y)
		return true
	}},
	{FilmArea, say.Key("Shift ← → ↑ ↓"), say.Key("Narrow or widen the window, brighten or darken the film"), []string{"Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"}, func(p press) bool {
		x, y := p.towards()
		p.desk.MoveWindow(p.slot, windowStep*x, windowStep*y)
		return true
	}},

	{StageArea, "1 2 3 4 5 6 7 8", say.Key("Window, as their buttons stand: as stored, others of the file, lungs, heart, bones"), []string{"1", "2", "3", "4", "5", "6", "7", "8"}, func(p press) bool {
		all, i := p.desk.Presets(p.slot), int(p.name[0]-'1')
		if i >= len(all) {
			return false
		}
		p.desk.SetWindow(p.slot, all[i].Window)
		return true
	}},
	{StageArea, "I", say.Key("Invert black and white"), []string{"i"}, func(p press) bool { p.desk.Invert(p.slot); return true }},
	{StageArea, "+", say.Key("Larger"), []string{"+", "="}, func(p press) bool { p.desk.Zoom(p.slot, ZoomStep, 0, 0); return true }},
	{StageArea, "−", say.Key("Smaller"), []string{"-"}, func(p press) bool { p.desk.Zoom(p.slot, 1/ZoomStep, 0, 0); return true }},
	{StageArea, "0", say.Key("The film as it came"), []string{"0"}, func(p press) bool { p.desk.Reset(p.slot); return true }},
	{StageArea, "V", say.Key("The films side by side, or the frontal one large"), []string{"v"}, func(p press) bool { p.desk.ToggleSideBySide(); return true }},
	{StageArea, "F", say.Key("Fill the screen, or no longer"), []string{"f"}, func(p press) bool { p.desk.SetFull(!p.desk.full); return true }},
	{StageArea, say.Key("Esc"), say.Key("Fill the screen no longer"), []string{"Escape"}, func(p press) bool {
		full := p.desk.full
		p.desk.SetFull(false)
		return full
	}},

	{WordsArea, "← →", say.Key("The word before, or behind"), []string{"ArrowLeft", "ArrowRight"}, func(p press) bool {
		x, _ := p.towards()
		return p.word(func(at, last int) int { return min(max(at+int(x), 0), last) })
	}},
	{WordsArea, "↑ ↓", say.Key("The sentence before, or behind"), []string{"ArrowUp", "ArrowDown"}, func(p press) bool {
		_, y := p.towards()
		return p.word(func(at, _ int) int { return p.desk.result.sentence(at, int(y)) })
	}},
	{WordsArea, say.Key("Home End"), say.Key("The first word, or the last"), []string{"Home", "End"}, func(p press) bool {
		return p.word(func(_, last int) int {
			if p.name == "Home" {
				return 0
			}
			return last
		})
	}},
	{WordsArea, say.Key("Enter Space"), say.Key("Pin the word, in the report"), []string{"Enter", " "}, func(p press) bool {
		p.choose = p.desk.Select
		return p.word(func(at, _ int) int { return max(at, 0) })
	}},
	{WordsArea, say.Key("Esc"), say.Key("Pin no word"), []string{"Escape"}, func(p press) bool { return p.word(func(int, int) int { return None }) }},

	{StageAndWords, "A", say.Key("Map: what the word looked at"), []string{"a"}, func(p press) bool { p.desk.SetMap(Attention); return true }},
	{StageAndWords, "M", say.Key("Map: the mask"), []string{"m"}, func(p press) bool { p.desk.SetMap(Mask); return true }},
	{StageAndWords, "D", say.Key("Map: the change, once there is something to compare"), []string{"d"}, func(p press) bool { p.desk.SetMap(Changed); return true }},
	{StageAndWords, "N", say.Key("No map"), []string{"n"}, func(p press) bool { p.desk.SetMap(Off); return true }},
	{StageAndWords, "[ ]", say.Key("Less of the map, or more"), []string{"[", "]"}, func(p press) bool {
		step := strengthStep
		if p.name == "[" {
			step = -step
		}
		p.desk.SetStrength(p.desk.strength + step)
		return true
	}},
	{StageAndWords, "C", say.Key("Cover what the word looked at, and rewrite"), []string{"c"}, func(p press) bool { p.desk.Cover(); return true }},
	{StageAndWords, "R", say.Key("Redraw"), []string{"r"}, func(p press) bool { p.desk.Redraw(); return true }},
	{StageAndWords, say.Key("PgUp PgDn"), say.Key("The study of the queue before, or behind"), []string{"PageUp", "PageDown"}, func(p press) bool {
		if p.name == "PageUp" {
			return p.desk.ReadNext(-1)
		}
		return p.desk.ReadNext(1)
	}},

	{LearnArea, "P", say.Key("The step before"), []string{"p"}, func(p press) bool { return p.desk.learn.Turn(-1) }},
	{LearnArea, "N", say.Key("The next step"), []string{"n"}, func(p press) bool { return p.desk.learn.Turn(1) }},
	{PatchArea, "← → ↑ ↓", say.Key("Move the patch"), []string{"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"}, func(p press) bool {
		x, y := p.towards()
		return p.desk.learn.movePatch(p.slot, int(x), int(y))
	}},
	{WordArea, "← → ↑ ↓", say.Key("The word before, or behind"), []string{"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"}, func(p press) bool {
		x, y := p.towards()
		l := p.desk.learn
		l.ChooseWord(l.ChosenWord() + int(x+y))
		return true
	}},
	{WordArea, say.Key("Home End"), say.Key("The first word, or the end of the report"), []string{"Home", "End"}, func(p press) bool {
		place := 0
		if p.name == "End" {
			place = math.MaxInt
		}
		p.desk.learn.ChooseWord(place)
		return true
	}},

	{LabArea, "T", say.Key("Show the truth, or hide it"), []string{"t"}, func(p press) bool { p.desk.lab.ToggleTruth(); return true }},
	{LabArea, "D", say.Key("Show which image words changed, or hide it"), []string{"d"}, func(p press) bool { p.desk.lab.ToggleChanges(); return true }},
	{LabArea, "S", say.Key("Sweep"), []string{"s"}, func(p press) bool { p.desk.lab.StartSweep(); return true }},
}

// KeyList are all keys that mean something on the page, those of an area together.
func KeyList() []Key { return keys }

// single says whether a key is a letter, a digit or a sign, which speech input may type
// unasked (WCAG 2.1.4).
func (k *Key) single() bool { return utf8.RuneCountInString(k.names[0]) == 1 }

// towards is where an arrow points, to the right and down.
func (p press) towards() (x, y float64) {
	switch strings.TrimPrefix(p.name, "Shift+") {
	case "ArrowLeft":
		return -1, 0
	case "ArrowRight":
		return 1, 0
	case "ArrowUp":
		return 0, -1
	}
	return 0, 1
}

// word takes another word of the report, which follows from the one that is pinned and
// the last, and reports whether there are any.
func (p press) word(next func(at, last int) int) bool {
	if p.desk.result == nil || len(p.desk.result.Spans) == 0 {
		return false
	}
	p.choose(next(p.desk.selected, len(p.desk.result.Spans)-1))
	return true
}

// press does what a key means in some areas, and reports whether it means anything.
func (d *Desk) press(p press, areas ...Area) bool {
	p.desk = d
	if len(p.name) == 1 {
		p.name = strings.ToLower(p.name)
	}
	for i := range keys {
		k := &keys[i]
		if slices.Contains(areas, k.Area) && slices.Contains(k.names, p.name) && (d.singleKeys || !k.single()) {
			return k.do(p)
		}
	}
	return false
}

// Key does what a key means in the report, and reports whether it means anything:
// most select another word.
func (d *Desk) Key(key string) bool {
	return d.press(press{name: key, choose: d.Select}, WordsArea, StageAndWords)
}

// ContactKey does what a key means on the contact sheet, where the keyboard stays
// until Enter brings it to the word in the report.
func (d *Desk) ContactKey(key string) bool {
	return d.press(press{name: key, choose: func(word int) { d.Pin(word) }}, WordsArea, StageAndWords)
}

// FilmKey does what a key means on a film, and reports whether it means anything.
func (d *Desk) FilmKey(slot int, key string, shift bool) bool {
	if d.slots[slot] == nil {
		return false
	}
	d.active = slot
	if shift && len(key) > 1 { // which is part of a sign
		key = "Shift+" + key
	}
	return d.press(press{name: key, slot: slot}, FilmArea, StageArea, StageAndWords)
}

// StageKey does what a key means on the stage, and reports whether it means anything.
func (d *Desk) StageKey(key string) bool {
	return d.press(press{name: key, slot: d.Active()}, StageArea, StageAndWords)
}

// Key does what a key means in the lab, and reports whether it means anything.
func (l *Lab) Key(key string) bool { return l.desk.press(press{name: key}, LabArea) }

// Key does what a key means in the room, and reports whether it means anything.
func (l *Learn) Key(key string) bool { return l.desk.press(press{name: key}, LearnArea) }

// WordKey does what a key means among the words, and reports whether it means anything.
func (l *Learn) WordKey(key string) bool { return l.desk.press(press{name: key}, WordArea) }

// PatchKey does what a key means on the film of a view, and reports whether it means
// anything: it moves the chosen patch there.
func (l *Learn) PatchKey(view int, key string) bool {
	return l.desk.press(press{name: key, slot: view}, PatchArea)
}

// PageKey does what a key means wherever the keyboard is, unless something is typed
// there, and reports whether it means anything.
func (d *Desk) PageKey(key string) bool { return d.press(press{name: key}, AnyArea) }

// ShowKeys opens the list of keys.
func (d *Desk) ShowKeys() {
	d.isOpen[Keys] = true
	d.keysAsked++
}

// CloseKeys closes it.
func (d *Desk) CloseKeys() { d.isOpen[Keys] = false }

// KeysAsked is how often the list of keys was asked for.
func (d *Desk) KeysAsked() int { return d.keysAsked }

// SingleKeys says whether keys that are a letter, a digit or a sign mean something.
func (d *Desk) SingleKeys() bool { return d.singleKeys }

// SetSingleKeys changes that.
func (d *Desk) SetSingleKeys(on bool) { d.singleKeys = on }
