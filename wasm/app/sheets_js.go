package app

import (
	"strconv"

	"uarweb/engine/lesson"
	"uarweb/wasm/internal/browser"
)

// keepSheet keeps a copy of the step that is drawn, if it is one of the sheets that are
// gathered to be printed at once.
func (s *stage) keepSheet() {
	shown := browser.Element("learn-lesson")
	if shown == nil {
		return
	}
	at, _ := strconv.Atoi(shown.JSValue().Get("dataset").Get("sheet").String())
	sheet := lesson.Step(at)
	if sheet == lesson.StepPixels {
		s.sheets = nil
	}
	if sheet == 0 || int(sheet) != len(s.sheets)+1 { // or drawn again
		return
	}
	s.sheets = append(s.sheets, browser.CopyOf(shown))
	go func() {
		s.env.Lock()
		s.desk.Learn().Laid(sheet)
		s.env.UnlockRender()
	}()
}

// laySheets puts the sheets onto the page, if all are there.
func (s *stage) laySheets() {
	paper := browser.Element("learn-sheets")
	if paper == nil || len(s.sheets) != int(lesson.Teacher) {
		return
	}
	for _, sheet := range s.sheets {
		paper.JSValue().Call("append", sheet)
	}
}

// clearSheets takes them away.
func (s *stage) clearSheets() {
	if paper := browser.Element("learn-sheets"); paper != nil {
		paper.JSValue().Call("replaceChildren")
	}
	s.sheets = nil
}
