package phantom

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// mean is the average grey around a point given in shares of the size.
func mean(m *image.Gray, x, y float64) (sum float64) {
	const half = 6
	cx, cy := int(x*float64(m.Rect.Dx())), int(y*float64(m.Rect.Dy()))
	for dy := -half; dy <= half; dy++ {
		for dx := -half; dx <= half; dx++ {
			sum += float64(m.GrayAt(cx+dx, cy+dy).Y)
		}
	}
	return sum / ((2*half + 1) * (2*half + 1))
}

func TestPhantom(t *testing.T) {
	for seed := range uint64(3) {
		m := Chest{Seed: seed}.Frontal(320, 300)
		require.Equal(t, image.Rect(0, 0, 320, 300), m.Rect)
		require.Equal(t, m.Pix, Chest{Seed: seed}.Frontal(320, 300).Pix)
		require.NotEqual(t, m.Pix, Chest{Seed: seed + 1}.Frontal(320, 300).Pix)

		rightLung, leftLung, spine, heart, liver, air := mean(m, 0.25, 0.5), mean(m, 0.78, 0.5), mean(m, 0.5, 0.5), mean(m, 0.62, 0.68), mean(m, 0.3, 0.9), mean(m, 0.03, 0.03)
		for _, lung := range []float64{rightLung, leftLung} {
			require.Greater(t, lung, air+30)
			require.Less(t, lung+40, min(spine, heart, liver))
		}

		lateral := Chest{Seed: seed}.Lateral(320, 300)
		require.NotEqual(t, m.Pix, lateral.Pix)
		require.Less(t, mean(lateral, 0.75, 0.55)+40, mean(lateral, 0.33, 0.62), "lung behind the heart")
		require.Less(t, mean(lateral, 0.04, 0.3), 10.0, "air before the chest")
	}
	require.NotPanics(t, func() { Chest{}.Frontal(1, 1); Chest{}.Lateral(3, 1) })
	require.Panics(t, func() { Chest{}.Frontal(0, 1) })
}

func TestPhantomShapes(t *testing.T) {
	for _, c := range []struct{ from, to, x, want float64 }{
		{0, 1, -1, 0}, {0, 1, 0, 0}, {0, 1, 0.25, 0.15625}, {0, 1, 0.5, 0.5}, {0, 1, 1, 1}, {0, 1, 2, 1},
		{4, 2, 5, 0}, {4, 2, 3.5, 0.15625}, {4, 2, 2, 1}, {4, 2, 1, 1},
	} {
		require.Equal(t, c.want, ramp(c.from, c.to, c.x), c)
	}
	for _, c := range []struct{ squared, want float64 }{{0, 1}, {0.5, 0.25}, {1, 0}, {3, 0}} {
		require.Equal(t, c.want, bump(c.squared), c)
	}
	for _, c := range []struct{ x, want float64 }{{0, 1}, {1, 1}, {math.Sqrt(3.5), 0.5}, {2, 0}, {-3, 0}} {
		require.InDelta(t, c.want, square(ellipse(c.x, 0, 2, 1, 0.25)), 1e-9, c)
	}
}

func BenchmarkPhantom(b *testing.B) {
	for name, draw := range map[string]func(Chest, int, int) *image.Gray{"frontal": Chest.Frontal, "lateral": Chest.Lateral} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				draw(Chest{Seed: 1}, 768, 768)
			}
		})
	}
}
