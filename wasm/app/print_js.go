package app

import (
	"github.com/gowebapi/webapi/dom"

	"uarweb/ui/film"
	"uarweb/wasm/internal/browser"
)

// listenToPrint puts the films onto the sheet while it is printed: as they are
// stored, and once more with a map; and lays the sheets of the classroom.
func (s *stage) listenToPrint() {
	clear := func() {
		if films := browser.Element("sheet-films"); films != nil {
			films.JSValue().Call("replaceChildren")
		}
	}
	browser.OnPrint(func() {
		clear()
		films := browser.Element("sheet-films")
		if films == nil { // another room is printed
			return
		}
		for slot := range s.films {
			f := &s.films[slot]
			if f.paper.View == nil {
				continue
			}
			pixels := f.paper.View.Preview.(preview)
			plain := func() *dom.Element {
				host, xray := browser.AppendNew(films, "sheet-film"), browser.NewCanvas("xray")
				pixels.draw(xray)
				xray.AppendTo(host)
				return host
			}
			plain()
			if heat := f.paper.Heat(); heat != nil {
				mapped := plain()
				over, line := browser.NewCanvas("heat"), browser.NewOverlay(film.ContourSize)
				over.DrawNRGBA(heat)
				over.AppendTo(mapped)
				line.Draw(f.paper.Contour())
				line.AppendTo(mapped)
			}
		}
	}, clear)
	browser.OnPrint(s.laySheets, s.clearSheets)
}
