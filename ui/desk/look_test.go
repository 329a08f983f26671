package desk_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// A film whose file has windows shows its own values: presets, steps and limits follow
// them. Its report knows nothing of that.
func TestWindowsOfAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		own := voi.Window{Function: voi.Linear, Center: 1040, Width: 511}
		hard := voi.Window{Function: voi.Linear, Center: 1000, Width: 51}
		scale := &voi.Scale{Levels: 4096, Slope: 2, Intercept: -1000, Low: -990, High: 7000, Windows: []voi.Named{{Window: own}, {Name: "HARD", Window: hard}, {Window: voi.Between(0, 9)}}}
		b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
			return &desk.View{Name: f.Name(), Scale: scale}, nil
		}
		b.Ready("a")
		names := func() (names []string) {
			for _, p := range b.Presets(desk.Frontal) {
				names = append(names, p.Name)
			}
			return names
		}
		look := func() desk.Look { return b.Look(desk.Frontal) }
		assert.Equal(t, []string{"As stored", "HARD", "Window 3", "Full range", "Lungs", "Heart", "Bones"}, names())
		assert.Equal(t, desk.Look{Window: own, Zoom: 1}, look())
		b.Do(func() { b.StageKey("2") })
		assert.Equal(t, hard, look().Window)
		b.Do(func() { b.StageKey("4") })
		assert.Equal(t, voi.Between(-990, 7000), look().Window)
		b.Do(func() { b.StageKey("5") })
		assert.Equal(t, voi.Between(814.5, 1094.5), look().Window, "from 15 to 155 of 255 of its own window, which is 510 from end to end")
		b.Do(func() { assert.False(t, b.StageKey("8"), "no such preset") })

		b.Do(func() { b.StageKey("0"); b.MoveWindow(desk.Frontal, 51, -102) })
		assert.InDelta(t, own.Width+0.2*511, look().Width, 1e-9)
		assert.InDelta(t, own.Center-0.4*511, look().Center, 1e-9)
		b.Do(func() { b.MoveWindow(desk.Frontal, -1e6, -1e6) })
		assert.Equal(t, [2]float64{16, -990}, [2]float64{look().Width, look().Center}, "eight values, and the lowest")
		b.Do(func() { b.MoveWindow(desk.Frontal, 1e6, 1e6) })
		assert.Equal(t, [2]float64{2 * 7990, 7000}, [2]float64{look().Width, look().Center})

		views := b.Views()
		b.Do(b.Run)
		assert.Equal(t, [][]*desk.View{views}, b.Engine.Reported)
		assert.Equal(t, *scale, *views[0].Scale)
		assert.Equal(t, own, scale.Own())
	})
}

// Where the lowest value is white, the parts are found all the same, and what brightens
// a film brightens it.
func TestWindowsOfAnInvertedFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		scale := voi.Plain(8)
		scale.Inverted = true
		b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
			return &desk.View{Name: f.Name(), Scale: &scale}, nil
		}
		b.Ready("a")
		grey := func() uint8 {
			l := b.Look(desk.Frontal)
			return scale.Greys(l.Window, l.Inverted)[200]
		}
		require.Equal(t, uint8(55), grey())
		b.Do(func() { b.StageKey("2") })
		assert.Equal(t, uint8(math.Round(255*(55-15)/140.0)), grey(), "lungs, from 15 to 155")
		b.Do(func() { b.StageKey("0"); b.MoveWindow(desk.Frontal, 0, -20) })
		assert.Equal(t, uint8(75), grey())
		b.Do(func() { b.StageKey("i") })
		assert.Equal(t, uint8(180), grey())
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
