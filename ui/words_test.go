package ui

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKey(t *testing.T) {
	// The sample: heart(0) normal(1) .(2) xxxx(3) clear(4) .(5)
	for _, c := range []struct {
		from int
		key  string
		to   int
	}{
		{none, "ArrowRight", 0}, {none, "ArrowLeft", 0}, {none, "ArrowDown", 0}, {none, "ArrowUp", 0}, {none, "Enter", 0}, {none, "End", 5},
		{0, "ArrowRight", 1}, {5, "ArrowRight", 5}, {1, "ArrowLeft", 0}, {0, "ArrowLeft", 0},
		{1, "ArrowDown", 3}, {4, "ArrowDown", 4}, {5, "ArrowUp", 3}, {3, "ArrowUp", 0}, {0, "ArrowUp", 0},
		{3, "Home", 0}, {3, "End", 5}, {3, " ", 3}, {3, "Escape", none}, {3, "a", 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("a")
			assert.False(t, b.Key("End"), "without a report")
			b.do(b.Run)
			b.do(func() { b.Select(c.from) })
			b.do(func() { assert.Equal(t, c.key != "a", b.Key(c.key), c.key) })
			assert.Equal(t, c.to, b.selected, "%s from %d", c.key, c.from)
		})
	}
}

func TestHover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		assert.False(t, b.Hover(3), "without a report")
		assert.Equal(t, none, b.shown())
		b.ready("a", "b")
		b.do(b.Run)
		b.do(func() { b.Select(1) })
		views := &Views{Desk: b.Desk}
		selected := views.grids()
		assert.True(t, b.Hover(3))
		assert.False(t, b.Hover(3), "the same word")
		assert.Equal(t, 3, b.Picture(Frontal).Word)
		assert.NotEqual(t, selected, views.grids(), "the legend is the shown word's")
		assert.False(t, b.Hover(99))
		assert.Equal(t, 3, b.shown())
		assert.True(t, b.Hover(none))
		assert.Equal(t, 1, b.Picture(Frontal).Word)
		assert.Equal(t, selected, views.grids())
		b.Select(99)
		assert.Equal(t, 1, b.selected)
	})
}

func TestPictureFollowsItsView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a", "b")
		b.do(b.Run)
		assert.Nil(t, b.Picture(Frontal).Heat(), "no word is chosen")
		b.do(func() { b.Select(0) })
		frontal, lateral := b.Picture(Frontal), b.Picture(Lateral)
		require.NotNil(t, frontal.Heat())
		assert.NotEqual(t, frontal.Heat(), lateral.Heat())
		b.do(b.Swap)
		assert.Equal(t, frontal, b.Picture(Lateral), "the map stays with the image")
		b.do(func() { b.Remove(Lateral) })
		b.do(func() { b.Add(fakeFile{name: "c"}) })
		assert.Nil(t, b.Picture(Lateral).Heat(), "an image that the report is not about")
	})
}

func TestSpoken(t *testing.T) {
	for word, want := range map[string]string{".": "full stop", "<eos>": "end of report", "xxxx": "[redacted]", "<unk>": "[redacted]", "heart": "heart"} {
		assert.Equal(t, want, spoken(word))
	}
}

func TestPercent(t *testing.T) {
	for logProb, want := range map[float64]string{0: "> 99.9 %", -0.6931471805599453: "50.0 %", -20: "< 0.1 %", -6.9: "0.1 %"} {
		assert.Equal(t, want, percent(logProb))
	}
}
