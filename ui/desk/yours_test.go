package desk_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report/export"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// What the reader marks leaves as theirs.
func TestWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		assert.Nil(t, b.Document().Reader)
		b.Do(func() { b.ToggleWrong(1); b.ToggleWrong(0); b.ToggleWrong(1); b.ToggleWrong(1) })
		assert.Equal(t, &export.Reader{Wrong: []int{0, 1}}, b.Document().Reader)
		assert.True(t, b.Result().IsWrong(1))
		b.Do(b.CopyJSON)
		var copied export.Document
		require.NoError(t, json.Unmarshal([]byte(b.Screen.Copied), &copied))
		assert.Equal(t, []int{0, 1}, copied.Reader.Wrong)
	})
}

// What the reader has said of a draft goes with it only after they were asked.
func TestDiscard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		b.Do(func() { b.ToggleWrong(0) })
		first := b.Result()
		b.Do(b.Run)
		assert.Same(t, first, b.Result())
		assert.True(t, b.Discarding())
		assert.Equal(t, desk.Focus{ID: "discard", When: desk.Always}, b.TakeFocus())
		b.Do(b.KeepYours)
		assert.False(t, b.Discarding())
		assert.Same(t, first, b.Result())
		b.Do(b.Run)
		b.Do(b.Discard)
		assert.NotSame(t, first, b.Result())
		assert.False(t, b.Discarding())
		assert.Nil(t, b.Document().Reader)

		b.Do(func() { b.ToggleWrong(0) })
		b.Do(b.Run)
		b.Do(func() { b.ToggleWrong(0) })
		assert.False(t, b.Discarding(), "there is nothing to lose any more")
	})
}
