package radiograph

import (
	"image"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResizeByHand(t *testing.T) {
	// From 4 to 2 the support is 2: weights ¾ ¾ ¼ at the left end, over 7/4.
	row := image.NewGray(image.Rect(0, 0, 4, 1))
	copy(row.Pix, []uint8{0, 70, 140, 210})
	require.Equal(t, []uint8{50, 160}, Resize(row, 2, 1).Pix)

	column := image.NewGray(image.Rect(0, 0, 1, 4))
	copy(column.Pix, row.Pix)
	require.Equal(t, []uint8{50, 160}, Resize(column, 1, 2).Pix)

	// From 2 to 4 it stays 1: ends repeat, between them ¾ ¼ and ¼ ¾.
	pair := image.NewGray(image.Rect(0, 0, 2, 1))
	copy(pair.Pix, []uint8{0, 200})
	require.Equal(t, []uint8{0, 50, 150, 200}, Resize(pair, 4, 1).Pix)
}

func TestResizeProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		w, h, width, height := 1+rng.IntN(60), 1+rng.IntN(60), 1+rng.IntN(60), 1+rng.IntN(60)
		whole := image.NewGray(image.Rect(-2, 3, w+9, h+8))
		fill(rng, whole.Pix)
		part := whole.SubImage(image.Rect(1, 5, 1+w, 5+h)).(*image.Gray)

		got := Resize(part, width, height)
		require.Equal(t, image.Rect(0, 0, width, height), got.Rect)
		require.Equal(t, Resize(toGray(part), width, height).Pix, got.Pix, "stride and origin do not matter")
		require.Equal(t, toGray(part), Resize(part, w, h), "of the same size")

		darkest, brightest := uint8(255), uint8(0)
		for _, p := range toGray(part).Pix {
			darkest, brightest = min(darkest, p), max(brightest, p)
		}
		for _, p := range got.Pix {
			require.True(t, darkest <= p && p <= brightest, "weights are positive and sum to 1")
		}
	}
}

// TestResizeCopiesNothing that it need not.
func TestResizeCopiesNothing(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 1000, 800))
	require.Same(t, m, Resize(m, 1000, 800))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Resize(m, 10, 8)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(m.Pix)/4))
}

func TestResizePanics(t *testing.T) {
	one := image.NewGray(image.Rect(0, 0, 1, 1))
	require.Panics(t, func() { Resize(one, 0, 1) })
	require.Panics(t, func() { Resize(one, 1, -1) })
	require.Panics(t, func() { Resize(new(image.Gray), 1, 1) })
}

// A picture is resized once for each size that is asked for in a row.
func TestSquare(t *testing.T) {
	r := &Radiograph{Pixels: Phantom(1, 60, 40)}
	m := r.Square(16)
	assert.Equal(t, Resize(r.Pixels, 16, 16), m)
	assert.Same(t, m, r.Square(16))
	assert.Equal(t, 8, r.Square(8).Rect.Dx())
	r.Pixels = Phantom(2, 60, 40)
	assert.Equal(t, Resize(r.Pixels, 8, 8), r.Square(8))
}
