// Package desktest is for tests of what stands on a desk: an engine, a screen and
// files that are none.
package desktest

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vugu/vugu"
	"github.com/vugu/vugu/staticrender"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Engine is a desk.Engine that does what its functions say; a nil one succeeds at once.
type Engine struct {
	OnLoad   func(ctx context.Context, f desk.File, progress func(status.Progress)) (*desk.Model, error)
	OnList   func(files []desk.File) (*desk.Listing, error)
	OnOpen   func(f desk.Source) (*desk.View, error)
	OnDraw   func(c phantom.Chest, lateral bool) error // for Phantom
	OnReport func(ctx context.Context, views []*desk.View, progress func(status.Progress)) (*report.Report, error)

	OnRewrite func(ctx context.Context, w desk.Writing, progress func(status.Progress)) (*report.Report, error)
	OnSample  func(ctx context.Context, reports int, seed uint64, drawn func(cleaned string)) error
	OnShow    func(ctx context.Context, p trace.Part) (trace.Shown, error)
	OnMeasure func(ctx context.Context, s sweep.Sweep, value float64) (sweep.Point, error)

	Stopped   func(error) // tells the desk that the engine has stopped
	Opened    []string    // names
	Closed    []*desk.View
	Reported  [][]*desk.View
	Rewritten []desk.Writing
	Restarted int
	Wish      desk.Processor

	mu    sync.Mutex
	model *desk.Model
}

// Watch keeps the function.
func (e *Engine) Watch(stopped func(error)) { e.Stopped = stopped }

// Model is the one in use, or nil.
func (e *Engine) Model() *desk.Model {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.model
}

// SetModel changes the model in use, as an engine does that ends.
func (e *Engine) SetModel(m *desk.Model) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.model = m
}

// end has the engine's model go where an error says that the engine has ended.
func (e *Engine) end(err error) {
	switch status.CodeOf(err) {
	case status.Crashed, status.BackendLost:
		e.SetModel(nil)
	}
}

// Load loads a model of two views.
func (e *Engine) Load(ctx context.Context, f desk.File, progress func(status.Progress)) error {
	load := e.OnLoad
	if load == nil {
		load = shipped
	}
	m, err := load(ctx, f, progress)
	if err == nil {
		e.SetModel(m)
	}
	e.end(err)
	return err
}

func shipped(_ context.Context, f desk.File, _ func(status.Progress)) (*desk.Model, error) {
	m := &desk.Model{Format: "uar/1", SHA256: sha256, Precision: "int8", Engine: report.Engine{Version: "1.2.3", Commit: "abcdef"}, Backend: "portable", Why: "the reference", Views: 2, Card: desk.ReadCard(`{"data":"IU X-Ray","limits":"Looks <little> at the image."}`)}
	if f != nil {
		m.Name = f.Name()
	}
	return m, nil
}

// List finds every file to be a PNG.
func (e *Engine) List(_ context.Context, files []desk.File) (*desk.Listing, error) {
	if e.OnList != nil {
		return e.OnList(files)
	}
	l := &desk.Listing{}
	for _, f := range files {
		l.Images = append(l.Images, desk.Found{Source: f, Format: "PNG"})
	}
	return l, nil
}

// Open opens a view of 200×100 pixels, or fails with the file's error.
func (e *Engine) Open(_ context.Context, f desk.Source) (*desk.View, error) {
	e.mu.Lock()
	e.Opened = append(e.Opened, f.Name())
	e.mu.Unlock()
	if file := f.(File); file.Err != nil {
		return nil, file.Err
	}
	if e.OnOpen != nil {
		return e.OnOpen(f)
	}
	return &desk.View{Name: f.Name(), Format: "PNG", Width: 200, Height: 100}, nil
}

// Decode is Open.
func (e *Engine) Decode(ctx context.Context, f desk.Source) (*desk.View, error) {
	return e.Open(ctx, f)
}

// Phantom draws a view, of whose pixels there are none; each outline is a triangle.
func (e *Engine) Phantom(_ context.Context, c phantom.Chest, lateral bool, size int) (*desk.View, error) {
	if e.OnDraw != nil {
		if err := e.OnDraw(c, lateral); err != nil {
			return nil, err
		}
	}
	name := "Synthetic frontal"
	if lateral {
		name = "Synthetic lateral"
	}
	v := &desk.View{Name: name, Width: size, Height: size, Synthetic: true}
	for _, f := range c.Findings() {
		v.Outlines = append(v.Outlines, phantom.Outline{Finding: f, Path: "M10 10L20 10L10 20Z", X: 15, Y: 10})
	}
	return v, nil
}

// Close notes the view.
func (e *Engine) Close(v *desk.View) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.Closed = append(e.Closed, v)
}

// Report is Sample, and that of a phantom without findings Plain.
func (e *Engine) Report(ctx context.Context, views []*desk.View, progress func(status.Progress)) (*report.Report, error) {
	e.mu.Lock()
	e.Reported = append(e.Reported, views)
	e.mu.Unlock()
	if e.OnReport != nil {
		r, err := e.OnReport(ctx, views, progress)
		e.end(err)
		return r, err
	}
	if IsPlain(views) {
		return Plain(), nil
	}
	return Sample(), nil
}

// IsPlain says whether views are those of a phantom without findings.
func IsPlain(views []*desk.View) bool { return views[0].Synthetic && views[0].Outlines == nil }

// Rewrite is Sample.
func (e *Engine) Rewrite(ctx context.Context, _ []*desk.View, w desk.Writing, progress func(status.Progress)) (*report.Report, error) {
	e.mu.Lock()
	e.Rewritten = append(e.Rewritten, w)
	e.mu.Unlock()
	if e.OnRewrite != nil {
		r, err := e.OnRewrite(ctx, w, progress)
		e.end(err)
		return r, err
	}
	return Sample(), nil
}

// Sample draws the report "heart normal ." each time.
func (e *Engine) Sample(ctx context.Context, _ []*desk.View, reports int, seed uint64, drawn func(desk.Drawn)) error {
	index := 0
	draw := func(text string) {
		drawn(desk.Drawn{Index: index, Report: report.Sample{Text: report.Text(strings.Fields(text)), Tokens: []int{}}, Cleaned: text})
		index++
	}
	if e.OnSample != nil {
		err := e.OnSample(ctx, reports, seed, draw)
		e.end(err)
		return err
	}
	for range reports {
		draw("heart normal .")
	}
	return nil
}

// Show is Study, Patch or Word; of reports the later ones are the nearer.
func (e *Engine) Show(ctx context.Context, _ []*desk.View, p trace.Part, _ func(status.Progress)) (trace.Shown, error) {
	if e.OnShow != nil {
		shown, err := e.OnShow(ctx, p)
		e.end(err)
		return shown, err
	}
	switch p.Kind {
	case trace.OfPatch:
		return trace.Shown{Patch: Patch(p.Index)}, nil
	case trace.OfWord:
		return trace.Shown{Word: Word(p.Index)}, nil
	case trace.OfReports:
		cosines := make([]float64, len(p.Reports))
		for i := range cosines {
			cosines[i] = float64(i) / 100
		}
		return trace.Shown{Reports: &trace.Reports{Cosines: cosines}}, nil
	case trace.OfSearch:
		return trace.Shown{Search: Search(p.Width)}, nil
	}
	return trace.Shown{Study: Study()}, nil
}

// Measure finds that as many reports as the value has hundredths, but Samples at
// most, name what grows.
func (e *Engine) Measure(ctx context.Context, s sweep.Sweep, value float64) (sweep.Point, error) {
	if e.OnMeasure != nil {
		p, err := e.OnMeasure(ctx, s, value)
		e.end(err)
		return p, err
	}
	p := sweep.Point{Value: value, Reports: s.Samples, Findings: findings.Table("", nil)}
	for i := range p.Findings {
		if p.Findings[i].Label == s.Label {
			p.Findings[i].Stated = min(max(int(100*value), 0), s.Samples)
		}
	}
	return p, nil
}

// Restart counts.
func (e *Engine) Restart() { e.Restarted++ }

// Processor is the wish.
func (e *Engine) Processor() desk.Processor { return e.Wish }

// SetProcessor notes the wish, and ends the engine.
func (e *Engine) SetProcessor(p desk.Processor) {
	e.Wish = p
	e.SetModel(nil)
}

// Threads is 4.
func (e *Engine) Threads() int { return 4 }

// sha256 is that of the model.
var sha256 = strings.Repeat("0123456789abcdef", 4)

// File is a file of that name.
type File struct {
	Named string
	Whole string // its path, if that is not the name
	Begin string // its first bytes
	Bytes int64
	Err   error // of opening it
	Gone  error // of reading it
}

// Name is the file's.
func (f File) Name() string { return f.Named }

// Path is the whole path, or the name.
func (f File) Path() string {
	if f.Whole != "" {
		return f.Whole
	}
	return f.Named
}

// Size is the number of bytes.
func (f File) Size() int64 { return f.Bytes }

// Head returns the first bytes.
func (f File) Head(n int) ([]byte, error) { return []byte(f.Begin[:min(n, len(f.Begin))]), f.Gone }

// Weights are the first bytes of a file of weights.
const Weights = "\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":1}"

// Screen is a desk.Screen that keeps what it is given.
type Screen struct {
	Copied, Saved string
	Full          bool
	Printed       int
	Err           error // of copying

	Stand   func(desk.Standing) // tells the desk how the page stands
	Renewed int
	Locked  bool

	Asked     func([]desk.Request) // tells the desk what was asked for
	Inventory desk.Inventory
	Fault     error // of taking or erasing it
	Inspected int
	Reopened  int

	Words map[string]string // of every language but English
	Mute  error             // of speaking one

	History   []desk.Remembered // the newest first
	Documents map[int64]string
	Keeping   bool  // whether it is on
	Denied    error // by the browser, of all that the history asks for
}

// Speak returns the words.
func (s *Screen) Speak(language string) (map[string]string, error) {
	if language == say.English || s.Mute != nil {
		return nil, s.Mute
	}
	return s.Words, nil
}

// Recall returns the history.
func (s *Screen) Recall() ([]desk.Remembered, bool, error) {
	return slices.Clone(s.History), s.Keeping, s.Denied
}

// Begin turns it on.
func (s *Screen) Begin() error {
	s.Keeping, s.Documents = s.Denied == nil, map[int64]string{}
	return s.Denied
}

// Remember adds a report.
func (s *Screen) Remember(r desk.Remembered, document []byte, views []*desk.View) error {
	if s.Denied == nil {
		s.History = append(s.History, r)
		slices.SortFunc(s.History, func(a, b desk.Remembered) int { return cmp.Compare(b.ID, a.ID) })
		s.Documents[r.ID] = string(document)
	}
	return s.Denied
}

// Document is that of a report.
func (s *Screen) Document(id int64) ([]byte, error) { return []byte(s.Documents[id]), s.Denied }

// Forget erases a report.
func (s *Screen) Forget(id int64) error {
	s.History = slices.DeleteFunc(s.History, func(r desk.Remembered) bool { return r.ID == id })
	delete(s.Documents, id)
	return s.Denied
}

// End turns it off.
func (s *Screen) End() error {
	s.History, s.Documents, s.Keeping = nil, nil, false
	return s.Denied
}

// Copy keeps the text.
func (s *Screen) Copy(text string) error {
	s.Copied = text
	return s.Err
}

// Keep keeps the function.
func (s *Screen) Keep(changed func(desk.Standing)) { s.Stand = changed }

// Renew counts.
func (s *Screen) Renew() { s.Renewed++ }

// Lock keeps the wish.
func (s *Screen) Lock(locked bool) { s.Locked = locked }

// Log keeps the function.
func (s *Screen) Log(asked func([]desk.Request)) { s.Asked = asked }

// Inspect is the inventory.
func (s *Screen) Inspect() (*desk.Inventory, error) {
	s.Inspected++
	inventory := s.Inventory
	return &inventory, s.Fault
}

// Erase empties the inventory.
func (s *Screen) Erase() error {
	if s.Fault == nil {
		s.Inventory.Files = nil
	}
	return s.Fault
}

// Reopen counts.
func (s *Screen) Reopen() { s.Reopened++ }

// Fill keeps the wish.
func (s *Screen) Fill(full bool) { s.Full = full }

// Print counts.
func (s *Screen) Print() { s.Printed++ }

// Save keeps the file.
func (s *Screen) Save(name, mime string, data []byte) {
	s.Saved = name + " " + mime + " " + string(data)
}

// Plain is Sample by other codes.
func Plain() *report.Report {
	r := Sample()
	r.ImageTokens = [][]int{make([]int, 4), make([]int, 4)}
	return r
}

// Sample is a report of two sentences by a model of two views of 2×2 tokens.
// Word i attends to token i of the N = 8, wholly.
func Sample() *report.Report {
	words := []string{"heart", "normal", ".", "xxxx", "clear", "."}
	r := &report.Report{
		ImageTokens: [][]int{{1, 2, 3, 4}, {5, 6, 7, 8}},
		Model:       report.Model{SHA256: sha256, Format: "uar/1"},
		Engine:      report.Engine{Version: "1.2.3", Commit: "fed", SHA256: "cba"},
		Backend:     "portable",
		Precision:   "int8",
		Beam:        3,
		TIR:         "on",
		Views:       []report.View{{Name: "a.png", Format: "PNG", SHA256: "f00d", Notes: []string{}}},
		Text:        report.Text(words),
		Seconds:     report.Seconds{Tokenize: 1.5},
	}
	for i, w := range words {
		attention, mask := make([]float32, 8), make([]float32, 8)
		attention[i] = 1
		mask[7-i] = 0.5
		r.Words = append(r.Words, report.Word{
			Token: 10 + i, Text: w, LogProb: math.Log(0.9 / float64(i+1)),
			Alternatives: []report.Alternative{{Token: 10 + i, Text: w, LogProb: math.Log(0.9 / float64(i+1))}, {Token: 1, Text: "<eos>", LogProb: -5}},
			Attention:    attention, Mask: mask,
		})
		r.Tokens = append(r.Tokens, 10+i)
	}
	r.Tokens = append(r.Tokens, 1)
	return r
}

// Study is that of Sample by a model of a codebook of 9, of which the first 4 have a tile,
// and a vocabulary of 16 words.
func Study() *trace.Study {
	s := &trace.Study{
		Size: 4, Grid: 2, Codes: 9, Vocab: 16, Scale: 1000, Columns: 16, Vectors: 8,
		Pixels: [][]byte{make([]byte, 16), make([]byte, 16)}, Films: []trace.Size{{Width: 200, Height: 100}, {Width: 200, Height: 100}},
		Tokens: []int32{1, 2, 3, 4, 5, 6, 7, 8}, Entropy: []float32{0, 1, 2, 3, 0, 1, 2, 3},
		Search: Search(3).Steps, Tiles: make([][]byte, 9), Studies: 50,
	}
	for code := range 4 {
		s.Tiles[code] = make([]byte, 4)
	}
	for _, w := range Sample().Words {
		s.Words = append(s.Words, trace.Choice{Token: w.Token, Text: w.Text})
	}
	return s
}

// Search is one that finds Sample. Each step considers its word and one that is dropped.
func Search(width int) *trace.Search {
	s := &trace.Search{Width: width, Text: Sample().Text, LogProb: Sample().LogProb}
	for i, w := range append(Sample().Words, report.Word{Token: 1, Text: "<eos>"}) {
		sum := -float64(i + 1)
		s.Steps = append(s.Steps, []trace.Considered{
			{Token: w.Token, Text: w.Text, LogProb: -1, Sum: sum, Kept: true, Ends: w.Token == 1, Won: true},
			{Token: 3, Text: "lungs", LogProb: -2, Sum: sum - 1},
		})
		s.Further = append(s.Further, width-1)
	}
	return s
}

// Patch is one of Study's, whose code is by far the likeliest and which attends to
// itself alone.
func Patch(place int) *trace.Patch {
	attention := make([]float32, 8)
	attention[place] = 1
	return &trace.Patch{
		Film:      trace.Region{Width: 100, Height: 50, Sample: []byte{0, 10, 20, 30}, Side: trace.Size{Width: 2, Height: 2}},
		Likeliest: []trace.Code{{Code: place + 1, Probability: 0.9}, {Code: 0, Probability: 0.05}},
		Attention: [][][]float32{{attention, attention}},
		Nearest:   []trace.Near{{Text: "lungs", Cosine: 0.125}, {Text: "heart", Cosine: 0.0625}},
		Basis:     Basis(place),
	}
}

// Word is one of Study's. Its logit is 2, that of "lungs" 1 and of all others 0; the
// first head looks at the patch of its place, the second everywhere, the mask is flat,
// and its F is nearest to that of the fourth patch.
func Word(place int) *trace.Word {
	w := &trace.Word{Logits: make([]float32, 16), Mask: [][]float32{make([]float32, 8)}, Alike: []float32{0, 0, 0, 0.25, 0, 0, 0, -0.25}}
	chosen := append(Study().Words, trace.Choice{Token: 1, Text: "<eos>"})[place]
	w.Logits[chosen.Token], w.Logits[3] = 2, 1
	w.Likeliest = []trace.Choice{chosen, {Token: 3, Text: "lungs"}}
	first, second := make([]float32, 8), make([]float32, 8)
	first[place] = 1
	for i := range second {
		second[i], w.Mask[0][i] = 0.125, 0.5
	}
	w.Attention = [][][]float32{{first, second}}
	w.Basis = Basis(place)
	return w
}

// Basis is what both heads take of a basis of 8 vectors for the patch or the word of a
// place: nothing but the vector of the place, and all alike.
func Basis(place int) trace.Basis {
	return trace.Basis{
		Heads: []trace.Picked{
			{Largest: []trace.Weight{{Vector: place, Weight: 1}}, Equal: 1},
			{Largest: []trace.Weight{{Vector: 0, Weight: 0.125}}, Equal: 8},
		},
		Input: []float32{0, 0.5, 1}, Forget: []float32{0.25, 0.5, 0.75},
	}
}

// Bench is a desk with all that it stands on, as a test moves it.
type Bench struct {
	*desk.Desk
	Engine *Engine
	Screen *Screen
	Env    vugu.EventEnv

	t     *testing.T
	build *vugu.BuildEnv
}

// New returns a bench with nothing on it. The test runs in a bubble of
// testing/synctest.
func New(t *testing.T) *Bench {
	b := &Bench{t: t, Engine: &Engine{}, Screen: &Screen{}, Env: &staticrender.RWMutexEventEnv{}}
	b.Desk = desk.New(b.Env, b.Engine, b.Screen)
	build, err := vugu.NewBuildEnv(b.Env)
	require.NoError(t, err)
	b.build = build
	return b
}

// Do makes a change as an event handler does, and waits for what follows.
func (b *Bench) Do(change func()) {
	b.Env.Lock()
	change()
	b.Env.UnlockRender()
	synctest.Wait()
}

// Pass lets time pass, and waits for what follows. What the test has looked at before,
// it has looked at before that: the lock says so to the race detector.
func (b *Bench) Pass(d time.Duration) {
	b.Env.Lock()
	b.Env.UnlockOnly()
	time.Sleep(d)
	synctest.Wait()
}

// Ready brings the bench to a loaded model and these images.
func (b *Bench) Ready(images ...string) {
	b.Do(b.Start)
	for _, name := range images {
		b.Do(func() { b.Add(File{Named: name}) })
	}
}

// HTML renders a component.
func (b *Bench) HTML(c vugu.Builder) string {
	b.t.Helper()
	var page bytes.Buffer
	require.NoError(b.t, staticrender.New(&page).Render(b.build.RunBuild(c)))
	return page.String()
}

// Event stands in for the browser's: Vugu's own cannot prevent a default outside
// it.
type Event struct {
	vugu.DOMEvent
	Prevented bool
}

// NewEvent returns an event with these properties.
func (b *Bench) NewEvent(properties map[string]any) *Event {
	return &Event{DOMEvent: vugu.NewDOMEvent(b.Env, properties)}
}

// PreventDefault is noted.
func (e *Event) PreventDefault() { e.Prevented = true }
