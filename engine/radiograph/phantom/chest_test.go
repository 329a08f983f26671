package phantom

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/status"
)

// What is drawn changes the picture where the truth says it lies, and hardly
// elsewhere.
func TestTruth(t *testing.T) {
	const size = 256
	type view struct {
		lateral  bool
		rotation float64
	}
	healthy, rotations := map[view]*image.Gray{}, []float64{0, 30}
	for _, rotation := range rotations {
		for _, lateral := range []bool{false, true} {
			healthy[view{lateral, rotation}] = Chest{Seed: 4, Rotation: rotation}.Draw(lateral, size)
		}
	}
	for _, c := range []struct {
		name, label string
		chest       Chest
		lateral     bool // whether that shows it, too
	}{
		{"large heart", "cardiomegaly", Chest{Heart: 0.62}, true},
		{"right effusion", "pleural effusion", Chest{RightEffusion: 0.5}, true},
		{"left effusion", "pleural effusion", Chest{LeftEffusion: 0.3}, true},
		{"opacity", "lung opacity", Chest{Opacity: 0.6, OpacityZone: RightUpper}, true},
		{"opacity", "lung opacity", Chest{Opacity: 0.6, OpacityZone: LeftMiddle}, true},
		{"nodule", "lung lesion", Chest{Nodule: 25, NoduleZone: RightMiddle}, true},
		{"right pneumothorax", "pneumothorax", Chest{RightPneumothorax: 0.5}, false},
		{"left pneumothorax", "pneumothorax", Chest{LeftPneumothorax: 0.3}, false},
		{"pacemaker", "support devices", Chest{Pacemaker: true}, true},
	} {
		for _, rotation := range rotations {
			c.chest.Seed, c.chest.Rotation = 4, rotation
			for _, lateral := range []bool{false, true} {
				truth := c.chest.Truth(lateral, size, size)
				if lateral && !c.lateral {
					require.Empty(t, truth, c.name)
					continue
				}
				require.Len(t, truth, 1, c.name)
				require.Equal(t, c.name, truth[0].Name)
				require.Equal(t, c.label, truth[0].Label)
				inside, outside := difference(c.chest.Draw(lateral, size), healthy[view{lateral, rotation}], truth[0].Mask)
				require.Greater(t, inside, 8.0, "%s, lateral %v", c.name, lateral)
				require.Less(t, outside, inside/6, "%s, lateral %v", c.name, lateral)
			}
		}
	}
	require.Empty(t, Chest{Seed: 4, Heart: 0.45, Hyperinflation: 1, Exposure: 1}.Truth(false, size, size), "none of these is a finding of one place")
	require.Len(t, Chest{LeftEffusion: 0.2, RightEffusion: 0.2, Pacemaker: true, Nodule: 9}.Truth(false, size, size), 4)
}

// difference is the mean change of grey in a mask and outside of it.
func difference(a, b *image.Gray, mask *image.Alpha) (inside, outside float64) {
	var sum, n [2]float64
	for i := range a.Pix {
		in := 0
		if mask.Pix[i] != 0 {
			in = 1
		}
		sum[in] += math.Abs(float64(a.Pix[i]) - float64(b.Pix[i]))
		n[in]++
	}
	return sum[1] / n[1], sum[0] / n[0]
}

// A heart has the ratio that was asked for: its width by that of the lungs.
func TestHeart(t *testing.T) {
	for _, ratio := range []float64{0.35, 0.46, 0.55, 0.70} {
		p := newPatient(Chest{Heart: ratio})
		var heart, lungs [2]float64
		for y := 0.3; y < 0.95; y += 0.002 {
			for x := -1.0; x < 1; x += 0.002 {
				if p.frontalHeart(x, y) > 0 {
					heart = [2]float64{min(heart[0], x), max(heart[1], x)}
				}
				if math.Abs(x) < chestWall(y) && y < 0.8 {
					lungs = [2]float64{min(lungs[0], x), max(lungs[1], x)}
				}
			}
		}
		require.InDelta(t, ratio, (heart[1]-heart[0])/(lungs[1]-lungs[0]), 0.005)
	}
}

// What grows covers more.
func TestFindingsGrow(t *testing.T) {
	for _, p := range Parameters {
		before := 0
		for step := range 4 {
			var c Chest
			*p.Of(&c) = p.From + (p.To-p.From)*float64(step+1)/4
			require.NoError(t, c.Check())
			covered := 0
			for _, d := range c.Truth(false, 128, 128) {
				for _, v := range d.Mask.Pix {
					covered += int(v)
				}
			}
			if covered > 0 {
				require.Greater(t, covered, before, "%s, step %d", p.Name, step)
			}
			before = covered
		}
	}
}

func TestChestCheck(t *testing.T) {
	require.NoError(t, Chest{}.Check())
	for name, c := range map[string]Chest{
		"heart is 0.2":            {Heart: 0.2},
		"left-effusion is 1.5":    {LeftEffusion: 1.5},
		"left-effusion is NaN":    {LeftEffusion: math.NaN()},
		"nodule is -3":            {Nodule: -3},
		"exposure is +Inf":        {Exposure: math.Inf(1)},
		"zone is 6, there are 6":  {OpacityZone: 6},
		"zone is -1, there are 6": {NoduleZone: -1},
	} {
		err := c.Check()
		require.ErrorContains(t, err, name)
		require.Equal(t, status.InvalidArgument, status.CodeOf(err))
		require.Panics(t, func() { c.Frontal(16, 16) })
	}
}

// A film that is too dark is darker, and one that is too light has more grain.
func TestExposure(t *testing.T) {
	lung := func(exposure float64) float64 {
		return mean(Chest{Seed: 2, Exposure: exposure}.Frontal(256, 256), 0.25, 0.5)
	}
	require.Less(t, lung(1)+20, lung(0))
	require.Less(t, lung(0)+20, lung(-1))
	grain := func(exposure float64) (sum float64) {
		m := Chest{Seed: 2, Exposure: exposure}.Frontal(256, 256)
		for x := range 20 {
			sum += math.Abs(float64(m.GrayAt(x, 2).Y) - float64(m.GrayAt(x+1, 2).Y))
		}
		return sum
	}
	require.Greater(t, grain(-2), grain(0))
}
