package desk

import (
	"uarweb/engine/lesson"
	"uarweb/ui/say"
)

// PrintAll has every step printed, a sheet each, and the page for teachers behind them:
// one after another is shown, and the screen keeps it (Laid).
func (l *Learn) PrintAll() {
	if l.Study() == nil || l.sheet != 0 {
		return
	}
	l.sheet = lesson.StepPixels
	l.desk.say(say.Text("Gathering the sheets."))
	l.desk.focus = Focus{"learn-print-stop", Always}
	l.next()
}

// Gathering says whether sheets are being gathered.
func (l *Learn) Gathering() bool { return l.sheet != 0 }

// StopPrint gathers no more sheets.
func (l *Learn) StopPrint() {
	if l.sheet != 0 {
		l.sheet = 0
		l.desk.focus = Focus{"learn-print-all", Always}
	}
}

// Sheet is the step that is to be kept and has all that it shows, or 0.
func (l *Learn) Sheet() lesson.Step {
	if l.sheet == 0 || l.Study() == nil {
		return 0
	}
	if _, _, missing := l.missing(); missing {
		return 0
	}
	return l.sheet
}

// Laid goes on to the sheet behind one that the screen has kept. Behind the last all are
// printed.
func (l *Learn) Laid(sheet lesson.Step) {
	switch {
	case sheet != l.sheet: // gathering was stopped meanwhile
	case sheet == lesson.Teacher:
		l.StopPrint()
		l.desk.Print()
	default:
		l.sheet++
		l.next()
	}
}
