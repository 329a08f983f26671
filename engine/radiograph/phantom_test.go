package radiograph

import (
	"image"
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
		m := Phantom(seed, 320, 300)
		require.Equal(t, image.Rect(0, 0, 320, 300), m.Rect)
		require.Equal(t, m.Pix, Phantom(seed, 320, 300).Pix)
		require.NotEqual(t, m.Pix, Phantom(seed+1, 320, 300).Pix)

		rightLung, leftLung, spine, heart, liver, air := mean(m, 0.25, 0.5), mean(m, 0.78, 0.5), mean(m, 0.5, 0.5), mean(m, 0.62, 0.68), mean(m, 0.3, 0.9), mean(m, 0.03, 0.03)
		for _, lung := range []float64{rightLung, leftLung} {
			require.Greater(t, lung, air+30)
			require.Less(t, lung+40, min(spine, heart, liver))
		}

		lateral := PhantomLateral(seed, 320, 300)
		require.NotEqual(t, m.Pix, lateral.Pix)
		require.Less(t, mean(lateral, 0.75, 0.55)+40, mean(lateral, 0.33, 0.62), "lung behind the heart")
		require.Less(t, mean(lateral, 0.04, 0.3), 10.0, "air before the chest")
	}
	require.NotPanics(t, func() { Phantom(1, 1, 1); PhantomLateral(1, 3, 1) })
	require.Panics(t, func() { Phantom(1, 0, 1) })
}
