package app

import (
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// labFilms are the canvases of the phantom lab, by the element that each stands in.
type labFilms map[string]*labFilm

type labFilm struct {
	canvas *browser.Canvas
	shows  *desk.View
}

func newLabFilms() labFilms {
	films := labFilms{}
	for _, id := range []string{"lab-film-0", "lab-film-1", "lab-plain"} {
		films[id] = &labFilm{canvas: browser.NewCanvas("xray")}
	}
	return films
}

// draw paints the films of the lab that show something else than they should.
func (f labFilms) draw(l *desk.Lab) {
	for id, v := range map[string]*desk.View{"lab-film-0": l.Film(), "lab-film-1": l.Lateral(), "lab-plain": l.Plain()} {
		host, film := browser.Element(id), f[id]
		if host == nil { // another room is shown
			continue
		}
		film.canvas.AppendTo(host)
		switch {
		case v == film.shows:
			continue
		case v == nil:
			film.canvas.Clear()
		default:
			v.Preview.(preview).draw(film.canvas)
		}
		film.shows = v
	}
}
