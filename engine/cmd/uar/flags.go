package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"

	"uarweb/engine"
	"uarweb/engine/device/backends"
	"uarweb/engine/radiograph"
	"uarweb/engine/status"
	"uarweb/weights"
	"uarweb/weights/model"
)

// flags is a command's flag set. Flags and arguments may come in any order.
type flags struct {
	*flag.FlagSet
	help   func()         // what -h prints
	checks []func() error // of the values, after parsing
}

// newFlags makes the flag set of a command; synopsis is its arguments, about
// what it does.
func newFlags(name, synopsis, about string, out io.Writer) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	f.SetOutput(io.Discard)
	f.Usage = func() {} // a wrong flag is answered with one line
	f.help = func() {
		fmt.Fprintf(out, "usage: uar %s %s\n\n%s\n\n", name, synopsis, about)
		f.SetOutput(out)
		f.PrintDefaults()
	}
	return f
}

// parse returns the arguments between the flags, of which there must be low to
// high, and checks the flags' values.
func (f *flags) parse(args []string, low, high int) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			if err == flag.ErrHelp {
				f.help()
				return nil, err
			}
			return nil, badInput(fmt.Errorf("%w; uar %s -h explains", err, f.Name()))
		}
		if f.NArg() == 0 {
			break
		}
		rest = append(rest, f.Arg(0))
		args = f.Args()[1:]
	}
	if len(rest) < low || len(rest) > high {
		return nil, badInput(fmt.Errorf("%d arguments, %s takes %s; uar %s -h explains", len(rest), f.Name(), span(low, high), f.Name()))
	}
	for _, check := range f.checks {
		if err := check(); err != nil {
			return nil, badInput(err)
		}
	}
	return rest, nil
}

func span(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// modelFlags choose a model and how it decodes.
type modelFlags struct {
	weights, backend, tir string
	beam                  int
}

func (f *flags) model() *modelFlags {
	m := &modelFlags{}
	f.StringVar(&m.weights, "weights", "", "weights `FILE`: safetensors or a manifest of shards (default the shipped model)")
	f.StringVar(&m.backend, "backend", "portable", "what computes: portable, or simd: the arithmetic of the browser's kernels, slowly")
	f.StringVar(&m.tir, "tir", "on", "the text-to-image mask: on or off")
	f.IntVar(&m.beam, "beam", engine.DefaultBeam, "`width` of the beam search, 1 is greedy")
	f.checks = append(f.checks, m.check)
	return m
}

func (m *modelFlags) check() error {
	switch {
	case m.backend != "portable" && m.backend != "simd":
		return fmt.Errorf("-backend is %q, it must be portable or simd", m.backend)
	case m.tir != "on" && m.tir != "off":
		return fmt.Errorf("-tir is %q, it must be on or off", m.tir)
	case m.beam < 1 || m.beam > engine.MaxBeam:
		return fmt.Errorf("-beam is %d, it must be 1 to %d", m.beam, engine.MaxBeam)
	}
	return nil
}

// options returns the engine's options; progress may be nil.
func (m *modelFlags) options(progress func(status.Progress)) engine.Options {
	return engine.Options{Beam: m.beam, WithoutTIR: m.tir == "off", Progress: progress}
}

// name is what messages call the weights.
func (m *modelFlags) name() string { return cmp.Or(m.weights, "the shipped model") }

// checkpoint opens the weights.
func (m *modelFlags) checkpoint(ctx context.Context) (*weights.Checkpoint, error) {
	if m.weights == "" {
		c, err := weights.OpenFS(ctx, model.FS, model.Manifest)
		return c, badInput(err)
	}
	return openCheckpoint(ctx, m.weights)
}

func openCheckpoint(ctx context.Context, path string) (*weights.Checkpoint, error) {
	c, err := weights.Open(ctx, path)
	return c, badInput(err)
}

// load opens and loads the model.
func (m *modelFlags) load(ctx context.Context, p *progress) (*engine.Model, error) {
	c, err := m.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return loadModel(ctx, c, m.backend, m.name(), p)
}

// loadModel loads the checkpoint that messages call name onto a backend.
func loadModel(ctx context.Context, c *weights.Checkpoint, backend, name string, p *progress) (*engine.Model, error) {
	b, _, err := backends.Open(ctx, backend)
	if err != nil {
		return nil, err
	}
	m, err := engine.Load(ctx, c, b, engine.LoadOptions{Progress: p.stage})
	if err != nil {
		return nil, badInput(fmt.Errorf("%s: %w", name, err))
	}
	return m, nil
}

// openStudy decodes the views of a study.
func openStudy(ctx context.Context, paths []string) (engine.Study, error) {
	var s engine.Study
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return s, badInput(err)
		}
		v, err := openView(ctx, path, file)
		if err != nil {
			return s, badInput(err)
		}
		s.Views = append(s.Views, v)
	}
	return s, nil
}

// openView decodes an image and closes its file.
func openView(ctx context.Context, path string, file fs.File) (*radiograph.Radiograph, error) {
	data, err := readAll(path, file, radiograph.MaxFileSize)
	if err != nil {
		return nil, err
	}
	return radiograph.Decode(ctx, path, data)
}

// readAll reads a regular file of at most so many bytes, and closes it.
func readAll(path string, file fs.File, most int64) ([]byte, error) {
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return data, err
}

// progress is one line on a terminal, rewritten in place; elsewhere nothing.
type progress struct {
	terminal io.Writer // nil: none
	prefix   string
	drawn    bool
}

func newProgress(errs io.Writer) *progress {
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{terminal: f}
	}
	return &progress{}
}

func (p *progress) line(format string, args ...any) {
	if p.terminal != nil {
		fmt.Fprintf(p.terminal, "\r\x1b[K"+p.prefix+format, args...)
		p.drawn = true
	}
}

// stage shows the engine's progress.
func (p *progress) stage(e status.Progress) { p.line("%s %d/%d", e.Stage, e.Done, e.Total) }

// clear removes the line, before anything else is written.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.terminal, "\r\x1b[K")
		p.drawn = false
	}
}
