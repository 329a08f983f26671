package webgpu

import (
	"context"
	"math"
	"time"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// The trial of chooseArithmetic: products of trialSize rows with a square weight
// of that size, 0.27 GFLOP each.
const (
	trialSize   = 512
	trialRounds = 3
	mostRuns    = 64 // of a round
)

// A product may take slow at most for a trial to be worth its time, and a round
// takes long at least, beside which asking the GPU and reading the clock are
// little.
const (
	slow = 20 * time.Millisecond
	long = 6 * time.Millisecond
)

// gain is the share of the time of f32 that f16 must stay below, so that chance
// does not choose what is less exact.
const gain = 0.9

// chooseArithmetic times products with int8 weights in f32 and in f16, and sets
// linear to what this GPU is faster in. GPUs differ: f16 is twice as fast on some
// and no faster on others.
//
// Convolutions stay in f32: a token is a decision, and rounding their inputs to
// f16 changed one in 200 on twenty validation studies, and with them two of the
// reports. Linear layers changed none. (On llvmpipe, which is where f16 was run.)
func (b *Backend) chooseArithmetic(ctx context.Context) error {
	weight, err := b.Matrix(tensor.Tensor{
		Name: "trial", Format: tensor.I8, Shape: []int{trialSize, trialSize},
		Data: make([]byte, trialSize*trialSize), Scale: make([]float32, trialSize),
	})
	if err != nil {
		return err
	}
	defer weight.Release()
	x, dst := b.Floats(trialSize*trialSize), b.Floats(trialSize*trialSize)
	defer x.Release()
	defer dst.Release()

	kernels := map[variant]*kernel{}
	for _, v := range []variant{plain, inF16} {
		kernels[v] = b.kernel(program{shader: "product", variant: v, format: i8Weights, tile: square})
		if _, err := kernels[v].ready(ctx); err != nil {
			return err
		}
	}
	round := func(v variant, runs int) (time.Duration, error) {
		m := *weight.(*matrix)
		m.product = kernels[v]
		start := time.Now()
		for range runs {
			b.Linear(dst, x, trialSize, &m, nil, device.Epilogue{})
		}
		select {
		case <-b.submit().done:
			return time.Since(start), b.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	runs := 1
	for _, v := range []variant{plain, inF16, plain} { // warms the GPU up
		took, err := round(v, 1)
		if err != nil || took > slow {
			return err
		}
	}
	for ; runs < mostRuns; runs *= 2 {
		took, err := round(plain, runs)
		if err != nil {
			return err
		}
		if took >= long {
			break
		}
	}
	least := map[variant]time.Duration{plain: math.MaxInt64, inF16: math.MaxInt64}
	for range trialRounds {
		for v := range least {
			took, err := round(v, runs)
			if err != nil {
				return err
			}
			least[v] = min(least[v], took)
		}
	}
	if float64(least[inF16]) < gain*float64(least[plain]) {
		b.linear = inF16
	}
	return nil
}
