//go:build !js

package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"uarweb/engine"
	"uarweb/wasm/bench/internal/export"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights"
	"uarweb/weights/quantize"
	"uarweb/weights/tensor"
)

// The precisions of weights.
const (
	precisionF32  = "f32"
	precisionInt8 = "int8"
	precisionInt4 = "int4"
)

var precisions = []string{precisionF32, precisionInt8, precisionInt4}

// randomModel is the random model in every precision.
type randomModel struct {
	weights map[string]*weights.Checkpoint // by precision
	ranges  export.Ranges                  // of the peer's int8 dVAE
}

func newRandomModel(ctx context.Context, c *engine.Config) (*randomModel, error) {
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	tensors, err := stage.Weights(c)
	if err != nil {
		return nil, err
	}
	full, err := weights.Build(map[string]string{"uar.config": string(config)}, tensors)
	if err != nil {
		return nil, err
	}
	m := &randomModel{weights: map[string]*weights.Checkpoint{precisionF32: full}}
	for precision, format := range map[string]tensor.Format{precisionInt8: tensor.I8, precisionInt4: tensor.U8} {
		plan, err := quantize.NewPlan(full, quantize.Options{Precision: format, Bytes: quantize.DefaultBytes})
		if err != nil {
			return nil, err
		}
		if m.weights[precision], err = plan.Apply(ctx, full, nil); err != nil {
			return nil, err
		}
	}
	m.ranges, err = export.Calibrate(ctx, c, m.weights[precisionInt8], stage.View(c))
	return m, err
}

// prefixes of the names of a stage's tensors; of a study all.
var prefixes = map[string][]string{
	stage.DVAE:    {"dvae."},
	stage.Encoder: {"encoder.", "lsu.image_positions."},
	stage.Decoder: {"decoder.", "head.", "lsu.text_"},
	stage.Report:  {""},
}

// part is the checkpoint of what a stage needs of c.
func part(c *weights.Checkpoint, name string) (*weights.Checkpoint, error) {
	var tensors []tensor.Tensor
	for _, n := range c.Names() {
		if !slices.ContainsFunc(prefixes[name], func(p string) bool { return strings.HasPrefix(n, p) }) {
			continue
		}
		t, err := c.Tensor(n)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, t)
	}
	return weights.Build(c.Metadata, tensors)
}
