package desk_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func TestKey(t *testing.T) {
	// The sample: heart(0) normal(1) .(2) xxxx(3) clear(4) .(5)
	for _, c := range []struct {
		from int
		key  string
		to   int
	}{
		{desk.None, "ArrowRight", 0}, {desk.None, "ArrowLeft", 0}, {desk.None, "ArrowDown", 0}, {desk.None, "ArrowUp", 0}, {desk.None, "Enter", 0}, {desk.None, "End", 5},
		{0, "ArrowRight", 1}, {5, "ArrowRight", 5}, {1, "ArrowLeft", 0}, {0, "ArrowLeft", 0},
		{1, "ArrowDown", 3}, {4, "ArrowDown", 4}, {5, "ArrowUp", 3}, {3, "ArrowUp", 0}, {0, "ArrowUp", 0},
		{3, "Home", 0}, {3, "End", 5}, {3, " ", 3}, {3, "Escape", desk.None}, {3, "x", 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			assert.False(t, b.Key("End"), "without a report")
			b.Do(b.Run)
			b.Do(func() { b.Select(c.from) })
			b.Do(func() { assert.Equal(t, c.key != "x", b.Key(c.key), c.key) })
			assert.Equal(t, c.to, b.Selected(), "%s from %d", c.key, c.from)
		})
	}
}

func TestHover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.False(t, b.Hover(3), "without a report")
		assert.Equal(t, desk.None, b.Shown())
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Select(1) })
		assert.True(t, b.Hover(3))
		assert.False(t, b.Hover(3), "the same word")
		assert.Equal(t, 3, b.Shown())
		assert.False(t, b.Hover(99))
		assert.Equal(t, 3, b.Shown())
		assert.True(t, b.Hover(desk.None))
		assert.Equal(t, 1, b.Shown())
		b.Select(99)
		assert.Equal(t, 1, b.Selected())
	})
}

func TestSpoken(t *testing.T) {
	for word, want := range map[string]string{".": "full stop", "<eos>": "end of report", "xxxx": "[redacted]", "<unk>": "[redacted]", "heart": "heart"} {
		assert.Equal(t, want, desk.Spoken(word))
	}
}

func TestPercent(t *testing.T) {
	for logProb, want := range map[float64]string{0: "> 99.9 %", -0.6931471805599453: "50.0 %", -20: "< 0.1 %", -6.9: "0.1 %"} {
		assert.Equal(t, want, desk.Percent(logProb))
	}
}
