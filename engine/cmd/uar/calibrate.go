package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gonum.org/v1/gonum/mat"

	"uarweb/engine"
	"uarweb/engine/score/calibration"
	"uarweb/weights"
	"uarweb/weights/quantize"
	"uarweb/weights/safetensors"
)

func runCalibrate(ctx context.Context, args []string, out, errs io.Writer) error {
	f := newFlags("calibrate", "[flags] -weights FILE -data DIR -o FILE",
		"Runs a model over studies and writes what \"weights quantize\" needs to know of it: each layer's inputs as a\nGram matrix, and how many image tokens change when one layer of the dVAE is rounded.", out)
	path := f.String("weights", "", "weights `FILE`, not quantized yet")
	d := f.data("train", 32)
	to := f.String("o", "", "safetensors `FILE` to write")
	if _, err := f.parse(args, 0, 0); err != nil {
		return err
	}
	if *path == "" || *to == "" {
		return badInput(errors.New("calibrate needs -weights FILE and -o FILE; uar calibrate -h explains"))
	}
	samples, err := d.open()
	if err != nil {
		return err
	}
	checkpoint, err := openCheckpoint(ctx, *path)
	if err != nil {
		return err
	}
	p := newProgress(errs)
	defer p.clear()
	c, err := calibration.Collect(ctx, checkpoint, len(samples), func(i, views int) (engine.Study, error) {
		study, err := samples[i].study(ctx, views)
		if err != nil {
			err = fmt.Errorf("study %s: %w", samples[i].ID, err)
		}
		return study, err
	}, func(stage string, done, total int) {
		p.line("%s %d/%d", stage, done, total)
	})
	if err != nil {
		return badInput(err)
	}
	return badInput(weights.WriteFile(*to, func(w io.Writer) error { return writeCalibration(w, c) }))
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
