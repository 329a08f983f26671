// Package calibration measures, on real studies, what quantization needs to
// know of a model: the Gram matrix XᵀX of the inputs of every weight, by which
// rounding can compensate its own error, and how many image tokens change when
// one weight of the dVAE is rounded to int8.
package calibration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/dvae"
	"uarweb/weights"
	"uarweb/weights/quantize"
	"uarweb/weights/tensor"
)

// Calibration is the result, by the name of the weight.
type Calibration struct {
	// Grams holds XᵀX over the rows of X that the weight's layer multiplied,
	// [columns, columns]; columns of a convolution are ordered as its weight is
	// stored, [in, k, k].
	Grams map[string]*mat.SymDense
	// Sensitivity is the share of image tokens that changed when only this
	// weight of the dVAE was rounded to int8, with compensation.
	Sensitivity map[string]float64
}

// Collect runs the model over n studies, which it opens one at a time with as
// many views as the model takes. It stops when ctx is cancelled.
func Collect(ctx context.Context, c *weights.Checkpoint, n int, open func(study, views int) (engine.Study, error), progress func(stage string, done, total int)) (*Calibration, error) {
	r := newRecorder(portable.New())
	model, err := engine.Load(ctx, c, r, engine.LoadOptions{})
	if err != nil {
		return nil, err
	}
	defer model.Close()
	views := make([][][]float32, n)
	tokens := make([][][]int, n)
	for i := range n {
		progress("inputs", i, n)
		s, err := open(i, model.Config().Image.Views)
		if err != nil {
			return nil, err
		}
		written, err := model.Report(ctx, s, engine.Options{})
		if err != nil {
			return nil, err
		}
		tokens[i] = written.ImageTokens
		if views[i], err = model.Pixels(s); err != nil {
			return nil, err
		}
	}
	result := &Calibration{Grams: r.grams, Sensitivity: map[string]float64{}}
	var names []string
	for _, name := range c.Names() {
		if strings.HasPrefix(name, "dvae.") && r.grams[name] != nil {
			names = append(names, name)
		}
	}
	for i, name := range names {
		progress("sensitivity", i, len(names))
		if result.Sensitivity[name], err = sensitivity(ctx, c, model.Config(), name, r.grams[name], views, tokens); err != nil {
			return nil, fmt.Errorf("calibration: %s: %w", name, err)
		}
	}
	return result, nil
}

// rounded is a checkpoint with one tensor replaced.
type rounded struct {
	device.Source
	tensor tensor.Tensor
}

func (r rounded) Tensor(name string) (tensor.Tensor, error) {
	if name == r.tensor.Name {
		return r.tensor, nil
	}
	return r.Source.Tensor(name)
}

// sensitivity is the share of tokens that change when the named weight is int8.
func sensitivity(ctx context.Context, c *weights.Checkpoint, config *engine.Config, name string, gram *mat.SymDense, views [][][]float32, tokens [][][]int) (float64, error) {
	t, err := c.Tensor(name)
	if err != nil {
		return 0, err
	}
	q, err := quantize.Int8(t, gram)
	if err != nil {
		return 0, err
	}
	b := portable.New()
	l := device.NewLoader(ctx, rounded{c, q}, b, func() {})
	encoder := dvae.Load(l, config.DVAE, config.Image.Size, config.Image.Channels)
	if err := l.Err(); err != nil {
		return 0, err
	}
	length := config.ViewTokens()
	found, ids := b.Ints(length), make([]int32, length)
	changed, total := 0, 0
	for i, study := range views {
		for v, x := range study {
			logits, err := encoder.Logits(ctx, x, func() {})
			if err != nil {
				return 0, err
			}
			b.ArgMax(found, 0, logits, length, config.DVAE.Vocab)
			if err := b.Download(ctx, device.Copy{From: found, Ints: ids}); err != nil {
				return 0, err
			}
			for j, id := range ids {
				total++
				if int(id) != tokens[i][v][j] {
					changed++
				}
			}
		}
	}
	return float64(changed) / float64(total), nil
}

// SensitivityJSON is the sensitivity as the calibration file's metadata holds
// it.
func (c *Calibration) SensitivityJSON() string {
	text, err := json.Marshal(c.Sensitivity)
	if err != nil {
		panic("calibration: a share that is no number")
	}
	return string(text)
}
