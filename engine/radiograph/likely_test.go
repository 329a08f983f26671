//go:build !nomodel

package radiograph

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Drawn chests are told apart, and what is no chest is not surely one.
func TestLikelyView(t *testing.T) {
	const side = 128
	for patient := range uint64(20) {
		v, p := LikelyView(Phantom(patient, side, side))
		require.Equal(t, Frontal, v, "%d", patient)
		require.Greater(t, p, 0.8)
		v, p = LikelyView(PhantomLateral(patient, side, side))
		require.Equal(t, Lateral, v, "%d", patient)
		require.Greater(t, p, 0.8)
	}
	draw := func(pixel func(x, y int) int) *image.Gray {
		m := image.NewGray(image.Rect(0, 0, side, side))
		for i := range m.Pix {
			m.Pix[i] = uint8(min(max(pixel(i%side, i/side), 0), 255))
		}
		return m
	}
	rng := rand.New(rand.NewPCG(1, 2))
	inverted := Phantom(1, side, side)
	for i, v := range inverted.Pix {
		inverted.Pix[i] = 255 - v
	}
	for name, m := range map[string]*image.Gray{
		"noise":            draw(func(int, int) int { return rng.IntN(256) }),
		"down":             draw(func(_, y int) int { return 2 * y }),
		"up":               draw(func(_, y int) int { return 255 - 2*y }),
		"across":           draw(func(x, _ int) int { return 2 * x }),
		"a page":           draw(func(x, y int) int { return 255 * (y / 4 % 2) }),
		"an inverted one":  inverted,
		"one grey":         draw(func(int, int) int { return 9 }),
		"a chessboard":     draw(func(x, y int) int { return 255 * ((x/16 + y/16) % 2) }),
		"a bright border":  draw(func(x, y int) int { return 255 - 6*min(x, y, side-1-x, side-1-y) }),
		"a dark left half": draw(func(x, _ int) int { return 255 * (2 * x / side) }),
	} {
		_, p := LikelyView(m)
		require.Less(t, p, 0.8, name)
	}
}
