package read

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// The legend is that of the word that is shown.
func TestLegendFollowsTheWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Select(1) })
		stage := &Stage{Desk: b.Desk}
		selected := stage.grids()
		assert.True(t, b.Hover(3))
		assert.NotEqual(t, selected, stage.grids())
		assert.True(t, b.Hover(desk.None))
		assert.Equal(t, selected, stage.grids())
	})
}
