package film

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
