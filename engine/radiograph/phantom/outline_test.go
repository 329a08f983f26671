package phantom

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A contour runs around what is above the level, through the middle between pixels
// of 0 and of twice the level, and is closed.
func TestContour(t *testing.T) {
	const size = 8
	values := make([]float64, size*size)
	for _, at := range [][2]int{{0, 0}, {4, 4}, {5, 5}} { // at the corner, and two that touch at theirs
		values[at[1]*size+at[0]] = 1
	}
	loops := contour(values, size, 0.5)
	require.Len(t, loops, 2)
	require.ElementsMatch(t, []point{{0.5, 0}, {0, 0.5}, {0.5, 1}, {1, 0.5}}, loops[0])
	require.Len(t, loops[1], 8, "around both")
	require.Empty(t, contour(values, size, 1))
}

func TestSimplified(t *testing.T) {
	line := []point{{0, 0}, {1, 0.1}, {2, -0.1}, {3, 0}, {3, 1}, {3, 2}}
	require.Equal(t, []point{{0, 0}, {3, 0}, {3, 2}}, simplified(line, 0.2))
	require.Equal(t, append(slices.Clone(line[:4]), line[5]), simplified(line, 0), "on the way from one to another")
	require.Equal(t, []point{{1, 2}, {1, 2}}, simplified([]point{{1, 2}}, 1), "a point is a line to itself")
}

// An outline encloses as much as the mask of the truth covers.
func TestOutlines(t *testing.T) {
	c := Chest{Seed: 3, Heart: 0.6, LeftEffusion: 0.5, RightPneumothorax: 0.4, Opacity: 0.5, OpacityZone: RightUpper, Nodule: 30, NoduleZone: LeftUpper, Pacemaker: true, Rotation: 5}
	for _, lateral := range []bool{false, true} {
		const size = 200
		truth, outlines := c.Truth(lateral, size, size), c.Outlines(lateral)
		require.Len(t, outlines, len(truth))
		for i, o := range outlines {
			require.Equal(t, truth[i].Name, o.Name)
			require.Equal(t, truth[i].Label, o.Label)
			covered := 0.0
			for _, v := range truth[i].Mask.Pix {
				covered += float64(v) / 255 / (size * size)
			}
			require.InEpsilon(t, covered, enclosed(t, o.Path), 0.15, "%s, lateral %v", o.Name, lateral)
			require.Less(t, len(o.Path), 6<<10)
			require.True(t, 0 <= o.X && o.X <= OutlineSize && 0 <= o.Y && o.Y <= OutlineSize)
		}
	}
	require.Empty(t, Chest{Seed: 3, Heart: 0.45, Hyperinflation: 1}.Outlines(false))
}

// enclosed is the area within a path of closed loops, as a share of the square.
func enclosed(t *testing.T, path string) (area float64) {
	for loop := range strings.SplitSeq(strings.TrimSuffix(path, "Z"), "Z") {
		var points []point
		for pair := range strings.SplitSeq(strings.TrimPrefix(loop, "M"), "L") {
			var p point
			_, err := fmt.Sscanf(pair, "%f %f", &p.x, &p.y)
			require.NoError(t, err)
			points = append(points, p)
		}
		for i, a := range points {
			b := points[(i+1)%len(points)]
			area += (a.x*b.y - b.x*a.y) / 2 / (OutlineSize * OutlineSize)
		}
	}
	return area
}

func TestPlain(t *testing.T) {
	c := Chest{Seed: 3, Heart: 0.6, LeftEffusion: 0.5, Nodule: 30, NoduleZone: LeftUpper, Pacemaker: true, Rotation: 5, Exposure: 1, Hyperinflation: 1}
	require.Equal(t, Chest{Seed: 3, Rotation: 5, Exposure: 1}, c.Plain())
	require.Empty(t, c.Plain().Outlines(false))
	require.False(t, c.IsPlain())
	require.True(t, c.Plain().IsPlain())
	nowhere := Chest{Seed: 3, OpacityZone: LeftUpper, NoduleZone: LeftUpper}
	require.True(t, nowhere.IsPlain())
	require.Equal(t, nowhere.Plain().Frontal(64, 64).Pix, nowhere.Frontal(64, 64).Pix)
	nowhere.Nodule = 5
	require.False(t, nowhere.IsPlain())
}

// The ratio that a seed gives is drawn again where it is asked for.
func TestHeartRatio(t *testing.T) {
	for seed := range uint64(5) {
		c := Chest{Seed: seed}
		ratio := c.HeartRatio()
		require.InDelta(t, 0.47, ratio, 0.06)
		asked := Chest{Seed: seed, Heart: ratio, Hyperinflation: 1}
		require.InDelta(t, ratio, asked.HeartRatio(), 1e-12)
		require.Equal(t, c.Frontal(64, 64).Pix, Chest{Seed: seed, Heart: ratio}.Frontal(64, 64).Pix)
	}
}
