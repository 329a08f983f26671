package desk_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/radiograph/voi"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// Who has turned single keys off still has the others.
func TestSingleKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		b.Do(func() { b.SetSingleKeys(false) })
		before := b.Look(desk.Frontal)
		for _, key := range []string{"2", "I", "i", "+", "f", "v", "m", "r", "c", "[", "?"} {
			b.Do(func() {
				assert.False(t, b.FilmKey(desk.Frontal, key, false), key)
				assert.False(t, b.Key(key), key)
				assert.False(t, b.PageKey(key), key)
				assert.False(t, b.Lab().Key(key), key)
			})
		}
		assert.Equal(t, before, b.Look(desk.Frontal))
		b.Do(func() {
			assert.True(t, b.FilmKey(desk.Frontal, "ArrowRight", true))
			assert.True(t, b.Key("ArrowRight"))
			assert.True(t, b.Key(" "))
		})
		assert.NotEqual(t, before, b.Look(desk.Frontal))
		assert.Equal(t, 0, b.Selected())
		b.Do(func() { b.SetSingleKeys(true) })
		b.Do(func() { assert.True(t, b.PageKey("?")) })
		assert.True(t, b.IsOpen(desk.Keys))
	})
}

func TestFilmKeys(t *testing.T) {
	scale := voi.Plain(8)
	plain := desk.Look{Window: scale.Own(), Zoom: 1}
	zoomed := plain
	zoomed.Zoom = desk.ZoomStep * desk.ZoomStep
	for _, c := range []struct {
		name  string
		press func(b *desktest.Bench)
		want  desk.Look
	}{
		{"a preset", func(b *desktest.Bench) { b.FilmKey(desk.Frontal, "2", false) }, desk.Look{Window: voi.Between(15, 155), Zoom: 1}},
		{"inverted, and back", func(b *desktest.Bench) { b.FilmKey(desk.Frontal, "I", false); b.StageKey("i") }, plain},
		{"a wider and darker window", func(b *desktest.Bench) {
			b.FilmKey(desk.Frontal, "ArrowRight", true)
			b.FilmKey(desk.Frontal, "ArrowDown", true)
		}, desk.Look{Window: voi.Window{Function: voi.LinearExact, Center: 135.5, Width: 263}, Zoom: 1}},
		{"zoomed", func(b *desktest.Bench) { b.FilmKey(desk.Frontal, "+", false); b.StageKey("+") }, zoomed},
		{"what fits does not move", func(b *desktest.Bench) { b.FilmKey(desk.Frontal, "ArrowLeft", false) }, plain},
		{"reset", func(b *desktest.Bench) {
			b.FilmKey(desk.Frontal, "+", false)
			b.FilmKey(desk.Frontal, "ArrowLeft", false)
			b.StageKey("0")
		}, plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := desktest.New(t)
				b.Ready("a", "b")
				b.Do(func() { c.press(b) })
				assert.InDelta(t, c.want.Zoom, b.Look(desk.Frontal).Zoom, 1e-9)
				got := b.Look(desk.Frontal)
				got.Zoom = c.want.Zoom
				assert.Equal(t, c.want, got)
				assert.Equal(t, plain, b.Look(desk.Lateral), "the other film")
			})
		})
	}
}

// The tools act on the film that was last acted on, and the look goes with it.
func TestLookFollowsTheView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.False(t, b.FilmKey(desk.Lateral, "2", false), "no film")
		b.Ready("a", "b")
		b.Do(func() { b.FilmKey(desk.Lateral, "3", false) })
		assert.Equal(t, desk.Lateral, b.Active())
		b.Do(b.Swap)
		assert.Equal(t, voi.Between(100, 220), b.Look(desk.Frontal).Window)
		b.Do(func() { b.Remove(desk.Lateral) })
		assert.Equal(t, desk.Frontal, b.Active(), "the one that is there")
	})
}

// A film fills its frame however it is zoomed and moved, and the point that it is
// zoomed about stays.
func TestZoomAndPan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		random := rand.New(rand.NewPCG(1, 2))
		for range 500 {
			before := b.Look(desk.Frontal)
			x, y := random.Float64()-0.5, random.Float64()-0.5
			if random.IntN(2) == 0 {
				b.Pan(desk.Frontal, 3*x, 3*y)
			} else {
				b.Zoom(desk.Frontal, 0.5+random.Float64(), x, y)
			}
			l := b.Look(desk.Frontal)
			assert.GreaterOrEqual(t, l.Zoom, 1.0)
			assert.LessOrEqual(t, l.Zoom, 8.0)
			assert.LessOrEqual(t, max(l.X, -l.X, l.Y, -l.Y), (l.Zoom-1)/2+1e-9)
			if l.Zoom > before.Zoom { // zooming out may have to move it
				assert.InDelta(t, (x-before.X)/before.Zoom, (x-l.X)/l.Zoom, 1e-9)
				assert.InDelta(t, (y-before.Y)/before.Zoom, (y-l.Y)/l.Zoom, 1e-9)
			}
		}
	})
}

func TestMapKeysAndFullScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		b.Do(func() { assert.True(t, b.Key("m")); assert.True(t, b.StageKey("[")) })
		assert.Equal(t, desk.Mask, b.Map())
		assert.Equal(t, 90, b.Strength())
		b.Do(func() { b.Key("]"); b.Key("]") })
		assert.Equal(t, 100, b.Strength())
		b.Do(func() { assert.False(t, b.StageKey("Escape")); b.StageKey("f") })
		assert.True(t, b.Screen.Full)
		b.Do(func() { assert.True(t, b.StageKey("Escape")) })
		assert.False(t, b.Screen.Full)
		b.Do(func() { b.StageKey("v") })
		assert.True(t, b.SideBySide())
	})
}

// While the stage fills the screen the keyboard stays on it, and what a person has
// to read or to choose from ends that.
func TestFullScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		full := desk.Focus{ID: "full", When: desk.IfGone}
		fill := func() {
			b.Do(func() { b.SetFull(true) })
			assert.True(t, b.Screen.Full)
			assert.Equal(t, full, b.TakeFocus())
		}
		fill()
		b.Do(func() { b.Remove(desk.Lateral) })
		assert.Equal(t, full, b.TakeFocus())
		b.Do(func() { b.Add(desktest.File{Named: "c"}) })
		assert.True(t, b.Screen.Full, "another film")
		b.Do(func() { b.Add(desktest.File{Named: "d"}) })
		assert.NotNil(t, b.Choice())
		assert.Equal(t, "choice-0", b.TakeFocus().ID)
		assert.False(t, b.Screen.Full, "a list")
		b.Do(b.DismissChoice)
		fill()
		b.Do(func() { go b.Engine.Stopped(status.Errorf(status.Crashed, "broken")) })
		assert.NotNil(t, b.Trouble())
		assert.False(t, b.Screen.Full, "a trouble")
	})
}

// As many steps out as in, of whatever size, end where they began.
func TestZoomInAndOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		for step := 1.003; step < 2; step *= 1.03 {
			for range 5 {
				b.Zoom(desk.Frontal, step, 0, 0)
			}
			for range 5 {
				b.Zoom(desk.Frontal, 1/step, 0, 0)
			}
			assert.Equal(t, 1.0, b.Look(desk.Frontal).Zoom, step)
			b.Reset(desk.Frontal)
		}
	})
}
