package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"uarweb/engine"
	"uarweb/engine/device/backends"
	"uarweb/engine/radiograph"
	"uarweb/engine/status"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
	"uarweb/weights/model"
)

// modelFlags choose a model and how it decodes.
type modelFlags struct {
	weights, backend, tir string
	beam                  int
}

func newModelFlags(c *command.Call) *modelFlags {
	m := &modelFlags{backend: "portable", tir: "on", beam: engine.DefaultBeam}
	c.Flags.StringVar(&m.weights, "weights", "", "weights `FILE`: safetensors or a manifest of shards (default the shipped model)")
	c.Flags.Var(command.OneOf(&m.backend, backends.Names()...), "backend", "`what` computes: portable, or simd: the arithmetic of the browser's kernels, slowly")
	c.Flags.Var(command.OneOf(&m.tir, "on", "off"), "tir", "the text-to-image mask: `on` or off")
	c.Flags.Var(command.Within(&m.beam, 1, engine.MaxBeam), "beam", "`width` of the beam search, 1 is greedy")
	return m
}

// options returns the engine's options; progress may be nil.
func (m *modelFlags) options(progress func(status.Progress)) engine.Options {
	return engine.Options{Beam: m.beam, WithoutTIR: m.tir == "off", Progress: progress}
}

// name is what messages call the weights.
func (m *modelFlags) name() string { return cmp.Or(m.weights, "the shipped model") }

// checkpoint opens the weights.
func (m *modelFlags) checkpoint(ctx context.Context) (*weights.Checkpoint, error) {
	if m.weights != "" {
		return command.OpenWeights(ctx, m.weights)
	}
	if !model.Included {
		return nil, command.BadInput(errors.New("this program was built without a model: name one with -weights FILE"))
	}
	c, err := weights.OpenFS(ctx, model.FS, model.Manifest)
	return c, command.BadInput(err)
}

// progress shows how far a command is.
type progress func(format string, args ...any)

// stage shows the engine's progress.
func (p progress) stage(e status.Progress) { p("%s %d/%d", e.Stage, e.Done, e.Total) }

// open decodes the images of a study and loads the model.
func (m *modelFlags) open(ctx context.Context, c *command.Call, paths []string) (engine.Study, *engine.Model, error) {
	study, err := openStudy(ctx, c, paths)
	if err != nil {
		return study, nil, err
	}
	checkpoint, err := m.checkpoint(ctx)
	if err != nil {
		return study, nil, err
	}
	model, err := loadModel(ctx, checkpoint, m.backend, m.name(), c.Progress)
	return study, model, err
}

// openBackend is replaced by tests.
var openBackend = backends.Open

// loadModel loads the checkpoint that messages call name onto a backend.
func loadModel(ctx context.Context, c *weights.Checkpoint, backend, name string, p progress) (*engine.Model, error) {
	b, _, err := openBackend(ctx, backend)
	if err != nil {
		return nil, fmt.Errorf("the backend %s cannot be used: %w", backend, err)
	}
	m, err := engine.Load(ctx, c, b, engine.LoadOptions{Progress: p.stage, SHA256: command.SHA256()})
	if err != nil {
		return nil, blame(fmt.Errorf("%s: %w", name, err))
	}
	return m, nil
}

// blame marks an error of the engine as bad input if that is its kind. Others lie in
// what computes, and in the machine.
func blame(err error) error {
	if status.CodeOf(err).Input() {
		return command.BadInput(err)
	}
	return err
}

// openStudy decodes the views of a study, puts them in order, and notes what was decided about them.
func openStudy(ctx context.Context, c *command.Call, paths []string) (engine.Study, error) {
	var s engine.Study
	for _, path := range paths {
		data, err := command.ReadFile(path, radiograph.MaxFileSize)
		if err != nil {
			return s, err
		}
		v, err := radiograph.Decode(ctx, path, data, radiograph.Limits{})
		if err != nil {
			return s, blame(err)
		}
		s.Views = append(s.Views, v)
	}
	s.Views = radiograph.Order(s.Views)
	for _, v := range s.Views {
		for _, note := range v.Notes {
			c.Note("%s: %s", v.Name, note)
		}
	}
	return s, nil
}
