package film

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func TestPictureFollowsItsView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		assert.Nil(t, Of(b.Desk, desk.Frontal).Heat(), "no word is chosen")
		all := OnPaper(b.Desk, desk.Frontal)
		require.NotNil(t, all.Heat(), "all are printed")
		b.Do(func() { b.Select(0) })
		frontal, lateral := Of(b.Desk, desk.Frontal), Of(b.Desk, desk.Lateral)
		require.NotNil(t, frontal.Heat())
		assert.NotEqual(t, all.Heat(), frontal.Heat())
		assert.Equal(t, frontal, OnPaper(b.Desk, desk.Frontal))
		assert.NotEqual(t, frontal.Heat(), lateral.Heat())
		b.Do(b.Swap)
		assert.Equal(t, frontal, Of(b.Desk, desk.Lateral), "the map stays with the image")
		b.Do(func() { b.Remove(desk.Lateral) })
		b.Do(func() { b.Add(desktest.File{Named: "c"}) })
		assert.Nil(t, Of(b.Desk, desk.Lateral).Heat(), "an image that the report is not about")
		assert.Nil(t, OnPaper(b.Desk, desk.Lateral).Heat())
	})
}

// A change has a line around what is more and a dashed one around what is less; both
// follow what is compared.
func TestChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnRewrite = func(context.Context, desk.Writing, func(status.Progress)) (*report.Report, error) {
			r := desktest.Sample()
			r.Words[0].Attention[0], r.Words[0].Attention[7] = 0, 1
			return r, nil
		}
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Compare(desk.Comparison{Change: desk.LeaveOutTIR}) })
		b.Do(func() { b.Select(0) })
		more, less := Of(b.Desk, desk.Frontal).Contour()
		assert.NotEmpty(t, more)
		assert.Empty(t, less, "there is no less of attention")

		b.Do(func() { b.SetMap(desk.Changed) })
		frontal, lateral := Of(b.Desk, desk.Frontal), Of(b.Desk, desk.Lateral)
		more, less = frontal.Contour()
		assert.Empty(t, more)
		assert.NotEmpty(t, less)
		more, less = lateral.Contour()
		assert.NotEmpty(t, more)
		assert.Empty(t, less)
		assert.Greater(t, frontal.Heat().NRGBAAt(0, 0).B, uint8(200), "less is blue")
		assert.Greater(t, lateral.Heat().NRGBAAt(heatSize-1, heatSize-1).R, uint8(200), "more is amber")
		b.Do(func() { b.Compare(desk.Comparison{Change: desk.LeaveOutTIR}) })
		b.Do(func() { b.SetMap(desk.Changed) })
		assert.NotEqual(t, frontal, Of(b.Desk, desk.Frontal), "another comparison")
	})
}
