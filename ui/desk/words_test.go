package desk_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/status"
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

// On the contact sheet keys pin as in the report, and the keyboard stays there
// until Enter.
func TestContactKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.False(t, b.ContactKey("ArrowRight"))
		b.Ready("a")
		b.Do(b.Run)
		b.TakeFocus()
		for _, key := range []string{"ArrowRight", "ArrowDown", "End", "Home"} {
			assert.True(t, b.ContactKey(key))
			assert.NotEqual(t, desk.Always, b.TakeFocus().When, key)
		}
		assert.Equal(t, 0, b.Selected())
		assert.True(t, b.ContactKey("Enter"))
		assert.Equal(t, desk.Focus{ID: "word-0", When: desk.Always}, b.TakeFocus())
		assert.True(t, b.ContactKey("m"))
		assert.Equal(t, desk.Mask, b.Map())
		assert.True(t, b.ContactKey("Escape"))
		assert.Equal(t, desk.None, b.Selected())
	})
}

// A word is said with its sentence, where it looked, and what redraws say of it.
func TestDescribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := drafted(t, func(_ context.Context, _ int, seed uint64, drawn func(string)) error {
			if seed > 0 {
				drawn("pleural effusion .")
				drawn("the heart is normal .")
			}
			return nil
		})
		b.Do(func() { b.Select(1) })
		where := b.Where(1, desk.Attention)
		assert.Equal(t, "effusion, sentence 1. "+where, b.Announcement())
		b.Do(b.Redraw)
		assert.Equal(t, "effusion, sentence 1. "+where+" Pleural effusion said again in 1 of 2.", b.Describe(1))
		assert.Equal(t, "pneumothorax, sentence 2. "+b.Where(4, desk.Attention), b.Describe(4), "a sentence that names none")
	})
}

// A look that lies mostly outside the chest is said to explain little.
func TestOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			const patches, corner, middle = 196, 0, 7*14 + 7
			r := desktest.Sample()
			r.ImageTokens = [][]int{make([]int, patches), make([]int, patches)}
			for i, outside := range []float32{0.6, 0.4} {
				r.Words[i].Attention = make([]float32, 2*patches)
				r.Words[i].Attention[corner], r.Words[i].Attention[middle] = outside, 1-outside
			}
			return r, nil
		}
		b.Ready("a", "b")
		b.Do(b.Run)
		const sentence = " Most of it lies outside the chest, and explains little."
		assert.Contains(t, b.Where(0, desk.Attention), "outside the chest, 60 %")
		assert.Contains(t, b.Where(0, desk.Attention), sentence)
		assert.Contains(t, b.Where(1, desk.Attention), "outside the chest, 40 %")
		assert.NotContains(t, b.Where(1, desk.Attention), sentence)
	})
}

// Sides are the patient's only where a file says how its film hangs.
func TestSides(t *testing.T) {
	for rows, want := range map[string]string{"": " Sides are assumed.", "L": "", "R": " By its file this film is mirrored: what is called right is the patient’s left."} {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
				return &desk.View{Name: f.Name(), RowsTo: rows}, nil
			}
			b.Ready("a", "b")
			b.Do(b.Run)
			assert.Equal(t, "Looked mostly at: the right upper zone, 100 %."+want, b.Where(0, desk.Attention))
			assert.Equal(t, "Looked mostly at: in front of the heart (lateral), 100 %.", b.Where(4, desk.Attention), "without a side")
		})
	}
}
