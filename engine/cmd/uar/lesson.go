package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"slices"
	"time"

	"uarweb/engine"
	"uarweb/engine/lesson"
	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/report/heatmap"
	"uarweb/engine/score/sweep"
	"uarweb/engine/trace"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

// lessonSamples is how many reports are drawn to compare the draft with, as on the page.
const lessonSamples = 20

func runLesson(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	to := c.Flags.String("o", "", "HTML `FILE` to write, in place of standard output")
	paths, err := c.Parse("[flags] [IMAGE [IMAGE]]",
		"Writes the steps of the page's Learn with the numbers of a chest X-ray as one HTML file, for a class without\n"+
			"computers: a sheet of paper a step, then what a teacher needs. Without images the X-ray is a synthetic one, which\n"+
			"shows nobody; that of a person is on the paper.\n\n"+report.Disclaimer, 0, 2)
	if err != nil {
		return err
	}
	study, model, err := m.open(ctx, c, paths)
	if err != nil {
		return err
	}
	defer model.Close()
	if len(paths) == 0 {
		for _, lateral := range []bool{false, true}[:model.Config().Image.Views] {
			study.Views = append(study.Views, &radiograph.Radiograph{Pixels: phantom.Chest{Seed: 1}.Draw(lateral, sweep.Size)})
		}
	}
	h, err := newHandout(ctx, model, study, m.options(progress(c.Progress).stage))
	if err != nil {
		return blame(err)
	}
	var page bytes.Buffer
	if err := handoutTemplate.Execute(&page, h); err != nil {
		return err
	}
	write := func(w io.Writer) error { _, err := page.WriteTo(w); return err }
	if *to == "" {
		return write(c.Out)
	}
	return command.BadPlace(weights.WriteFile(*to, write))
}

// handout is a lesson on paper.
type handout struct {
	Document  export.Document
	Synthetic bool
	Originals []film // as they were given
	Seen      []film // as the model sees them
	Tiles     []film // of the dictionary's pictures: it, and the view of the patch made of them; nil if the model has none
	Words     []handoutWord
	Sheets    []*sheet
	Notes     []lesson.Note
	Policy    string // what the file may load
}

// film is a picture of a view.
type film struct {
	Name          string
	Picture       template.URL
	Width, Height int
}

// handoutWord is a word of the draft.
type handoutWord struct {
	report.Span
	Chosen bool
	Look   lesson.Map // the mean of the last layer's heads, on all views of the model
}

// sheet is that of a step.
type sheet struct {
	*handout
	*lesson.Numbers
	Step lesson.Step
	lesson.Page
}

// newHandout computes what a lesson on a study shows.
func newHandout(ctx context.Context, m *engine.Model, s engine.Study, o engine.Options) (*handout, error) {
	session, err := m.Open(ctx, s, o.Progress)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	draft, err := session.Write(ctx, o)
	if err != nil {
		return nil, err
	}
	samples, err := session.Sample(ctx, engine.SampleOptions{Reports: lessonSamples, WithoutTIR: o.WithoutTIR, Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	t, err := m.Trace(ctx, s, nil, o)
	if err != nil {
		return nil, err
	}
	n, looks, err := numbers(ctx, m, s, t, o, draft, samples)
	if err != nil {
		return nil, err
	}
	style := sha256.Sum256([]byte(handoutStyle))
	h := &handout{
		Document: export.Document{Report: draft, Written: time.Now().Truncate(time.Second)}, Synthetic: s.Views[0].SHA256 == "", Notes: lesson.Notes(),
		Policy: fmt.Sprintf("default-src 'none'; img-src data:; style-src 'sha256-%s'", base64.StdEncoding.EncodeToString(style[:])),
	}
	texts := make([]string, len(draft.Words))
	for i, w := range draft.Words {
		texts[i] = w.Text
	}
	for i, span := range report.Layout(texts) {
		h.Words = append(h.Words, handoutWord{span, i == n.WordAt, looks[i]})
	}
	for i, v := range s.Views {
		h.Originals = append(h.Originals, newFilm(n.ViewName(i), shrunk(v.Pixels)))
	}
	for i, pixels := range n.Study.Pixels {
		h.Seen = append(h.Seen, newFilm(n.ViewName(i), &image.Gray{Pix: pixels, Stride: n.Study.Size, Rect: image.Rect(0, 0, n.Study.Size, n.Study.Size)}))
	}
	if n.Study.Tiles != nil {
		view, _, _ := n.Study.Place(n.PatchAt)
		h.Tiles = []film{newFilm("The dictionary", n.Dictionary()), newFilm("The film, of tiles alone", n.Retold(view))}
	}
	for _, step := range lesson.Steps() {
		h.Sheets = append(h.Sheets, &sheet{handout: h, Numbers: n, Step: step, Page: step.Page()})
	}
	return h, nil
}

// numbers are those of a lesson, at the word that the model was least sure of, and what
// each word of the draft looked at.
func numbers(ctx context.Context, m *engine.Model, s engine.Study, t *engine.Trace, o engine.Options, draft *report.Report, samples []report.Sample) (*lesson.Numbers, []lesson.Map, error) {
	show := func(p trace.Part) (shown trace.Shown, err error) { return m.Show(ctx, s, t, p) }
	whole, err := show(trace.Part{Kind: trace.OfStudy})
	if err != nil {
		return nil, nil, err
	}
	n := &lesson.Numbers{
		Study: whole.Study, Films: filmViews(s.Views), Draft: draft,
		PatchAt: lesson.Middle(whole.Study), Head: lesson.Mean, Layer: lesson.Last, Temperature: 1,
	}
	patch, err := show(trace.Part{Kind: trace.OfPatch, Index: n.PatchAt})
	if err != nil {
		return nil, nil, err
	}
	n.Patch = patch.Patch
	var looks []lesson.Map
	n.WordAt = lesson.LeastSure(draft.Words)
	for i := range draft.Words {
		shown, err := show(trace.Part{Kind: trace.OfWord, Index: i})
		if err != nil {
			return nil, nil, err
		}
		at := *n
		at.Word = shown.Word
		looks = append(looks, at.HeadMap(lesson.StepLook, lesson.Mean))
		if i == n.WordAt {
			n.Word = shown.Word
		}
	}
	if n.Word == nil { // the draft is empty: the place where it ends
		shown, err := show(trace.Part{Kind: trace.OfWord})
		if err != nil {
			return nil, nil, err
		}
		n.Word = shown.Word
	}
	found, err := m.Search(ctx, t, o)
	if err != nil {
		return nil, nil, err
	}
	n.Search = lesson.NewSearch(found)
	n.Candidates, err = candidates(show, draft, samples)
	return n, looks, err
}

// filmViews says which of heatmap's views films are: a single one what its file says, and else
// the first frontal and the second lateral, as the model takes them.
func filmViews(films []*radiograph.Radiograph) []int {
	if len(films) == 1 && films[0].Facts.View == radiograph.Lateral {
		return []int{heatmap.Lateral}
	}
	return []int{heatmap.Frontal, heatmap.Lateral}[:len(films)]
}

// candidates are the draft and what is drawn of the same film, each text once.
func candidates(show func(trace.Part) (trace.Shown, error), draft *report.Report, samples []report.Sample) ([]lesson.Candidate, error) {
	all := []lesson.Candidate{{Text: draft.Text, From: "the draft", Own: true}}
	part := trace.Part{Kind: trace.OfReports, Reports: [][]int{draft.Tokens}}
	for _, s := range samples {
		if !slices.ContainsFunc(all, func(c lesson.Candidate) bool { return c.Text == s.Text }) {
			all = append(all, lesson.Candidate{Text: s.Text, From: "a redraw"})
			part.Reports = append(part.Reports, s.Tokens)
		}
	}
	shown, err := show(part)
	if err != nil {
		return nil, err
	}
	for i, v := range shown.Reports.Cosines {
		all[i].Cosine = v
	}
	return lesson.Ranked(all), nil
}

// handoutSide is the most pixels a side of a film on paper, at some 150 a centimetre.
const handoutSide = 640

// shrunk is a film of no more than handoutSide pixels a side.
func shrunk(film *image.Gray) *image.Gray {
	size := film.Rect.Size()
	most := max(size.X, size.Y)
	if most <= handoutSide {
		return film
	}
	return radiograph.Resize(film, max(1, size.X*handoutSide/most), max(1, size.Y*handoutSide/most))
}

func newFilm(name string, picture image.Image) film {
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		panic("uar: a picture that cannot be encoded: " + err.Error()) // of no size: no film is
	}
	size := picture.Bounds().Size()
	return film{name, template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(data.Bytes())), size.X, size.Y}
}

// What follows is what the template asks of a sheet.

// OfWord says whether the step is about a word of the draft.
func (s *sheet) OfWord() bool {
	return s.Step == lesson.StepBasis || s.Step >= lesson.StepLook && s.Step <= lesson.StepChoose
}

// View is where a film as the model sees it is drawn from.
func (s *sheet) View(view int) struct{ At, Grid int } {
	return struct{ At, Grid int }{view, s.Study.Grid}
}

// Frame is the square around the patch on a view, if the step is about it: the data of an SVG path, in tokens.
func (s *sheet) Frame(view int) string {
	in, row, column := s.Study.Place(s.PatchAt)
	if in != view || s.Step > lesson.StepPatches {
		return ""
	}
	return fmt.Sprintf("M%d %dh1v1h-1z", column, row)
}

// FilmFrame is the same on a film as it is, in the pixels of its picture.
func (s *sheet) FilmFrame(view int) string {
	if in, _, _ := s.Study.Place(s.PatchAt); in != view {
		return ""
	}
	scale := float64(s.handout.Originals[view].Width) / float64(s.Study.Films[view].Width)
	r := s.Patch.Film
	return fmt.Sprintf("M%.1f %.1fh%.1fv%.1fh%.1fz", scale*float64(r.X), scale*float64(r.Y), scale*float64(r.Width), scale*float64(r.Height), -scale*float64(r.Width))
}

// cell is one of a table of numbers.
type cell struct {
	Row, Column, Value int
	Light              bool   // grey, on which black stands out
	State              string // own, same or other
}

// Grid are the grey values of the patch.
func (s *sheet) Grid(step lesson.Step) (g struct {
	Rows, Columns int
	Cells         []cell
}) {
	for y, row := range s.Greys(step) {
		g.Rows, g.Columns = y+1, len(row)
		for x, v := range row {
			g.Cells = append(g.Cells, cell{Row: y, Column: x, Value: int(v), Light: v > lesson.Lightest})
		}
	}
	return g
}

// TokenGrid are the image words of the patch's view.
func (s *sheet) TokenGrid() (cells []cell) {
	_, row, column := s.Study.Place(s.PatchAt)
	for y, codes := range s.Tokens() {
		for x, code := range codes {
			c := cell{Row: y, Column: x, Value: int(code), State: "other"}
			switch {
			case y == row && x == column:
				c.State = "own"
			case code == s.Study.Tokens[s.PatchAt]:
				c.State = "same"
			}
			cells = append(cells, c)
		}
	}
	return cells
}

// HeadMaps are the maps of all heads, a row a layer.
func (s *sheet) HeadMaps() [][]lesson.Map {
	layers, heads := s.Heads(s.Step)
	all := make([][]lesson.Map, layers)
	for at := range layers * heads {
		all[at/heads] = append(all[at/heads], s.HeadMap(s.Step, at))
	}
	return all
}

// Tall is how many tokens high those are.
func (s *sheet) Tall() int { return s.Study.Grid * len(s.Study.Pixels) }

// Tempered are the numbers at other temperatures.
func (s *sheet) Tempered() (all []lesson.Numbers) {
	for _, temperature := range []float64{0.5, 1, 2} {
		n := *s.Numbers
		n.Temperature = temperature
		all = append(all, n)
	}
	return all
}

//go:embed lesson.html
var handoutHTML string

//go:embed lesson.css
var handoutStyle string

var handoutTemplate = template.Must(template.New("lesson").Funcs(template.FuncMap{
	"markup":      func(text string) template.HTML { return template.HTML(text) }, // of engine/lesson, which has i, sub and sup alone
	"head":        func() string { return lesson.Head },
	"gateBars":    func() int { return lesson.GateBars },
	"aboutGates":  func() string { return lesson.AboutGates },
	"aboutPicked": func() string { return lesson.AboutPicked },
	"logP":        lesson.LogP,
	"aboutTree":   func() string { return lesson.AboutTree },
	"style":       func() template.CSS { return template.CSS(handoutStyle) },
	"disclaimer":  func() string { return report.Disclaimer },
}).Parse(handoutHTML))
