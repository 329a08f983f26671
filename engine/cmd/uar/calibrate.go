package main

import (
	"context"
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"uarweb/engine"
	"uarweb/engine/score/calibration"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
	"uarweb/weights/quantize"
	"uarweb/weights/safetensors"
)

func runCalibrate(ctx context.Context, c *command.Call) error {
	path := c.Flags.String("weights", "", "weights `FILE`, not quantized yet")
	d := newDataFlags(c, "train", 32)
	to := c.Flags.String("o", "", "safetensors `FILE` to write")
	if _, err := c.Parse("[flags] -weights FILE -data DIR -o FILE",
		"Runs a model over studies and writes what \"weights quantize\" needs to know of it: each layer's inputs as a\nGram matrix, and how many image tokens change when one layer of the dVAE is rounded.", 0, 0); err != nil {
		return err
	}
	if err := c.Require("weights", "o"); err != nil {
		return err
	}
	set, err := d.open()
	if err != nil {
		return err
	}
	checkpoint, err := command.OpenWeights(ctx, *path)
	if err != nil {
		return err
	}
	collected, err := calibration.Collect(ctx, checkpoint, len(set.samples), func(i, views int) (engine.Study, error) {
		set.cut(views, c.Note)
		study, err := set.samples[i].study(ctx)
		if err != nil {
			err = fmt.Errorf("study %s: %w", set.samples[i].ID, err)
		}
		return study, err
	}, func(stage string, done, total int) {
		c.Progress("%s %d/%d", stage, done, total)
	})
	if err != nil {
		return blame(err)
	}
	return command.BadPlace(weights.WriteFile(*to, func(w io.Writer) error { return writeCalibration(w, collected) }))
}

func writeCalibration(w io.Writer, c *calibration.Calibration) error {
	file := safetensors.File{Metadata: map[string]string{quantize.SensitivityKey: c.SensitivityJSON()}}
	for name, gram := range c.Grams {
		n := gram.SymmetricDim()
		file.Entries = append(file.Entries, entry(name, "F32", dense(gram, n), n, n))
	}
	return safetensors.Write(w, &file)
}

func dense(gram *mat.SymDense, n int) []float32 {
	values := make([]float32, 0, n*n)
	for i := range n {
		for j := range n {
			values = append(values, float32(gram.At(i, j)))
		}
	}
	return values
}
