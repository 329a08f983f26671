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
	trialRuns   = 8 // of a round
)

// slow is how long one product may take at most for a trial to be worth its time.
const slow = 20 * time.Millisecond

// gain is the share of the time of f32 that f16 must stay below, so that chance
// does not choose what is less exact.
const gain = 0.9

// chooseArithmetic times products with int8 weights in f32 and in f16, and sets
// int8 to what this GPU is faster in. GPUs differ: f16 is twice as fast on some
// and no faster on others.
//
// Convolutions stay in f32: a token is a decision, and rounding their inputs to
// f16 was seen to change one in 200, and with them one report in ten. Linear
// layers change none.
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

	least := map[variant]time.Duration{plain: math.MaxInt64, inF16: math.MaxInt64}
	for round := range 1 + trialRounds {
		for _, v := range []variant{plain, inF16} {
			m := *weight.(*matrix)
			m.product = b.kernel(program{shader: "product", variant: v, format: i8Weights, tile: square})
			if _, err := m.product.ready(ctx); err != nil {
				return err
			}
			runs := trialRuns
			if round == 0 { // warms the GPU up
				runs = 1
			}
			start := time.Now()
			for range runs {
				b.Linear(dst, x, trialSize, &m, nil, device.Epilogue{})
			}
			done := b.submit().done
			select {
			case <-done:
			case <-ctx.Done():
				return ctx.Err()
			}
			took := time.Since(start)
			if round == 0 && took > slow {
				return nil
			}
			if round > 0 {
				least[v] = min(least[v], took)
			}
		}
	}
	if float64(least[inF16]) < gain*float64(least[plain]) {
		b.int8 = inF16
	}
	return nil
}
