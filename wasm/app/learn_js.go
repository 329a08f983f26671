package app

import (
	"image"
	"strconv"
	"syscall/js"

	"uarweb/engine/lesson"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// learnFilms are the canvases of the classroom.
type learnFilms struct {
	films              [desk.Slots]learnFilm // by view
	dictionary, retold learnFilm
}

type learnFilm struct {
	canvas *browser.Canvas
	shows  any // what its picture is of, or nil: a *desk.View, a *trace.Study, or a tiled
}

// tiled is a view of a study, of tiles alone.
type tiled struct {
	study *trace.Study
	view  int
}

func newLearnFilms() *learnFilms {
	f := &learnFilms{}
	for _, film := range []*learnFilm{&f.films[0], &f.films[1], &f.dictionary, &f.retold} {
		film.canvas = browser.NewCanvas("xray")
	}
	return f
}

// draw paints the films of the classroom that show something else than they should: at
// its first step as they are on the desk, then as the model sees them.
func (f *learnFilms) draw(d *desk.Desk) {
	l := d.Learn()
	study := l.Study()
	for view := range f.films {
		film := &f.films[view]
		host := browser.Element("learn-film-" + strconv.Itoa(view))
		if host == nil || study == nil || view >= len(study.Pixels) {
			continue
		}
		film.canvas.AppendTo(host)
		if views := d.Result().Views; l.Step() == lesson.StepPixels && view < len(views) {
			if film.shows != views[view] {
				views[view].Preview.(preview).draw(film.canvas)
				film.shows = views[view]
			}
			continue
		}
		if film.shows != study {
			film.canvas.DrawNRGBA(seen(study, view))
			film.shows = study
		}
	}
	f.drawTiles(l)
}

// drawTiles paints the dictionary, and the film of the chosen patch of tiles alone, where
// they are shown and the model has tiles.
func (f *learnFilms) drawTiles(l *desk.Learn) {
	study := l.Study()
	dictionary, retold := browser.Element("learn-dictionary"), browser.Element("learn-retold")
	if dictionary == nil || retold == nil || study == nil || study.Tiles == nil {
		return
	}
	f.dictionary.canvas.AppendTo(dictionary)
	f.retold.canvas.AppendTo(retold)
	if f.dictionary.shows != study {
		f.dictionary.canvas.DrawNRGBA(l.Numbers().Dictionary())
		f.dictionary.shows = study
	}
	view, _, _ := study.Place(l.ChosenPatch())
	if shows := (tiled{study, view}); f.retold.shows != shows {
		f.retold.canvas.DrawNRGBA(l.Numbers().Retold(view))
		f.retold.shows = shows
	}
}

// seen is a view as the model sees it.
func seen(s *trace.Study, view int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, s.Size, s.Size))
	for i, grey := range s.Pixels[view] {
		copy(m.Pix[4*i:], []byte{grey, grey, grey, 255})
	}
	return m
}

// listenToLearn chooses the patch that the pointer is over.
func (s *stage) listenToLearn() {
	choose := func(e js.Value) {
		host := browser.Closest(e, `.learn-film[data-picks="true"]`)
		if host.IsNull() {
			return
		}
		view, err := strconv.Atoi(host.Get("dataset").Get("view").String())
		if err != nil {
			return
		}
		box := host.Call("getBoundingClientRect")
		share := func(at, from, size string) float64 {
			return (e.Get(at).Float() - box.Get(from).Float()) / box.Get(size).Float()
		}
		x, y := share("clientX", "left", "width"), share("clientY", "top", "height")
		go func() {
			s.env.Lock()
			if s.desk.Learn().PointAt(view, x, y) {
				s.env.UnlockRender()
			} else {
				s.env.UnlockOnly()
			}
		}()
	}
	browser.Listen("pointermove", func(e js.Value) {
		if e.Get("pointerType").String() != "touch" { // which scrolls
			choose(e)
		}
	})
	browser.Listen("click", choose)
}
