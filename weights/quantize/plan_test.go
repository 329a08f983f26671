package quantize

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
	"uarweb/weights/tensor"
)

// model is a small checkpoint with a tensor of every kind.
func model(t *testing.T) *weights.Checkpoint {
	t.Helper()
	var tensors []tensor.Tensor
	for name, shape := range map[string][]int{
		"dvae.input.weight": {32, 1, 7, 7},
		"dvae.input.bias":   {32},
		"dvae.group_1.block_1.res_path.conv_1.weight": {8, 32, 3, 3},
		"dvae.output.weight":                          {128, 64, 1, 1},
		"cra.basis":                                   {64, 96},
		"cra.gain":                                    {64, 96},
		"cra.bias":                                    {10, 96},
		"decoder.layer_1.tir.query.weight":            {64, 96},
		"decoder.layer_1.tir.bias":                    {1},
		"decoder.layer_1.norm_1.weight":               {96},
		"decoder.layer_1.feed_forward.up.weight":      {128, 96},
		"decoder.layer_1.feed_forward.down.weight":    {96, 100},
		"head.bias":                                   {5000},
	} {
		x := random(uint64(len(name)), shape...)
		x.Name = name
		tensors = append(tensors, x)
	}
	c, err := weights.Build(map[string]string{"format": "pt"}, tensors)
	require.NoError(t, err)
	return c
}

func formats(p *Plan) map[string]tensor.Format {
	f := map[string]tensor.Format{}
	for _, c := range p.Choices {
		f[c.Name] = c.Format
	}
	return f
}

func TestPlanFormats(t *testing.T) {
	p, err := NewPlan(model(t), Options{Precision: tensor.I8})
	require.NoError(t, err)
	want := map[string]tensor.Format{
		"dvae.input.weight": tensor.I8,
		"dvae.input.bias":   tensor.F32,
		"dvae.group_1.block_1.res_path.conv_1.weight": tensor.I8,
		"dvae.output.weight":                          tensor.I8,
		"cra.basis":                                   tensor.I8,
		"cra.gain":                                    tensor.F16,
		"cra.bias":                                    tensor.F16,
		"decoder.layer_1.tir.query.weight":            tensor.F16,
		"decoder.layer_1.tir.bias":                    tensor.F16,
		"decoder.layer_1.norm_1.weight":               tensor.F16,
		"decoder.layer_1.feed_forward.up.weight":      tensor.I8,
		"decoder.layer_1.feed_forward.down.weight":    tensor.I8,
		"head.bias":                                   tensor.F16,
	}
	assert.Equal(t, want, formats(p))

	p, err = NewPlan(model(t), Options{Precision: tensor.U8, KeepF16: []string{"decoder.*.feed_forward.down.*"}})
	require.NoError(t, err)
	want["decoder.layer_1.feed_forward.down.weight"] = tensor.F16
	want["cra.basis"], want["decoder.layer_1.feed_forward.up.weight"] = tensor.U8, tensor.U8
	assert.Equal(t, want, formats(p))

	p, err = NewPlan(model(t), Options{Precision: tensor.I8, Int4: []string{"dvae.output.weight"}})
	require.NoError(t, err)
	assert.Equal(t, tensor.U8, formats(p)["dvae.output.weight"])
	_, err = NewPlan(model(t), Options{Precision: tensor.I8, KeepF16: []string{"["}})
	assert.ErrorContains(t, err, `pattern "["`)
}

func TestPlanRefusesInt4OfWhatStaysFloat(t *testing.T) {
	for pattern, name := range map[string]string{
		"cra.gain":              "cra.gain",
		"cra.*":                 "cra.bias",
		"decoder.*.tir.query.*": "decoder.layer_1.tir.query.weight",
		"decoder.*.tir.bias":    "decoder.layer_1.tir.bias",
		"decoder.*.norm_1.*":    "decoder.layer_1.norm_1.weight",
		"dvae.input.bias":       "dvae.input.bias",
		"head.*":                "head.bias",
	} {
		_, err := NewPlan(model(t), Options{Precision: tensor.I8, Int4: []string{"none", pattern}})
		assert.EqualError(t, err, fmt.Sprintf("quantize: pattern %q: %s must stay floating point", pattern, name))
		_, err = NewPlan(model(t), Options{Precision: tensor.I8, KeepF16: []string{name}, Int4: []string{name}})
		assert.NoError(t, err, "F16 is floating point")
	}
}

func TestApplyStopsWhenCancelled(t *testing.T) {
	p, err := NewPlan(model(t), Options{Precision: tensor.I8})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err = p.Apply(ctx, model(t), func(int, int) { calls++; cancel() })
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, calls)
}

// calibrated is a calibration with these sensitivities and one Gram matrix.
func calibrated(t *testing.T, sensitivity map[string]float64) *Calibration {
	t.Helper()
	text, err := json.Marshal(sensitivity)
	require.NoError(t, err)
	h := correlated(1, 200, 64)
	values := make([]float32, 64*64)
	for i := range values {
		values[i] = float32(h.At(i/64, i%64))
	}
	c, err := weights.Build(map[string]string{SensitivityKey: string(text)}, []tensor.Tensor{tensor.FromFloats("dvae.output.weight", []int{64, 64}, values)})
	require.NoError(t, err)
	k, err := NewCalibration(c)
	require.NoError(t, err)
	return k
}

// The most sensitive tensors per byte are F16, and the file never exceeds the
// budget unless nothing was kept.
func TestPlanBudget(t *testing.T) {
	const input, conv, output = "dvae.input.weight", "dvae.group_1.block_1.res_path.conv_1.weight", "dvae.output.weight"
	k := calibrated(t, map[string]float64{input: 0.02, conv: 0.02, output: 0.03, "cra.basis": 1, "head.bias": 1})
	c := model(t)
	last := 0
	for _, budget := range []float64{0.5, 0.7, 0.72, 0.75, 0.8, 0.85, 0.9, 1} {
		p, err := NewPlan(c, Options{Precision: tensor.I8, Budget: budget, Calibration: k})
		require.NoError(t, err)
		f := formats(p)
		kept := 0
		for i, name := range []string{input, conv, output} {
			if f[name] == tensor.F16 {
				assert.Equal(t, i, kept, "the best first")
				kept++
			}
		}
		assert.GreaterOrEqual(t, kept, last)
		last = kept
		assert.Equal(t, tensor.I8, f["cra.basis"], "only the tokenizer is measured in tokens")
		q, err := p.Apply(t.Context(), c, nil)
		require.NoError(t, err)
		if kept > 0 {
			assert.LessOrEqual(t, float64(q.Size()), budget*2*float64(c.Parameters()))
		}
	}
	assert.Equal(t, 3, last)
}

func TestApply(t *testing.T) {
	c := model(t)
	k := calibrated(t, map[string]float64{"dvae.output.weight": 0.03})
	p, err := NewPlan(c, Options{Precision: tensor.I8, Budget: 0.01, Calibration: k})
	require.NoError(t, err)
	var steps []int
	q, err := p.Apply(t.Context(), c, func(done, total int) {
		steps = append(steps, done)
		assert.Equal(t, len(p.Choices), total)
	})
	require.NoError(t, err)
	assert.Len(t, steps, len(p.Choices))
	assert.Equal(t, c.Names(), q.Names())
	assert.Equal(t, c.Metadata, q.Metadata)
	for _, choice := range p.Choices {
		got, err := q.Tensor(choice.Name)
		require.NoError(t, err)
		require.Equal(t, choice.Format, got.Format)
		require.Equal(t, choice.Format == tensor.F32, choice.Stats == nil, choice.Name)
		if choice.Name != "dvae.output.weight" {
			continue
		}
		reference, err := c.Tensor(choice.Name)
		require.NoError(t, err)
		plain, err := Int8(reference, nil)
		require.NoError(t, err)
		h, err := k.Gram(choice.Name)
		require.NoError(t, err)
		without, err := Error(reference, plain, h)
		require.NoError(t, err)
		assert.Less(t, choice.Stats.Output, without.Output, "the Gram matrix is used")
		assert.Equal(t, 0.03, *choice.Sensitivity)
	}
	// Quantized again, nothing changes.
	p, err = NewPlan(q, Options{Precision: tensor.I8, Budget: 0.01})
	require.NoError(t, err)
	again, err := p.Apply(t.Context(), q, nil)
	require.NoError(t, err)
	assert.Equal(t, q.SHA256, again.SHA256)
}

func TestHostileCalibration(t *testing.T) {
	gram := func(shape []int, values ...float32) []tensor.Tensor {
		return []tensor.Tensor{tensor.FromFloats("a", shape, values)}
	}
	for name, test := range map[string]struct {
		sensitivity string
		tensors     []tensor.Tensor
		err         string
	}{
		"no JSON":       {"x", nil, "uar.sensitivity"},
		"no object":     {"[1]", nil, "uar.sensitivity"},
		"over 1":        {`{"a":2}`, nil, "the sensitivity of a is 2"},
		"negative":      {`{"a":-1}`, nil, "the sensitivity of a is -1"},
		"no square":     {"", gram([]int{1, 2}, 1, 2), "shape [1 2]"},
		"vector":        {"", gram([]int{1}, 1), "shape [1]"},
		"not symmetric": {"", gram([]int{2, 2}, 1, 0.5, 0.4, 1), "not symmetric at [0, 1]"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := weights.Build(map[string]string{SensitivityKey: test.sensitivity}, test.tensors)
			require.NoError(t, err)
			k, err := NewCalibration(c)
			if err == nil {
				_, err = k.Gram("a")
			}
			assert.ErrorContains(t, err, test.err)
		})
	}
}
