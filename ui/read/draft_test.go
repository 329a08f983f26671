package read

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/ui/desk/desktest"
)

func TestKeysInTheReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		draft := &Draft{Desk: b.Desk}
		press := func(summary map[string]any) bool {
			e := b.NewEvent(summary)
			b.Do(func() { draft.key(e) })
			return e.Prevented
		}
		require.True(t, press(map[string]any{"key": "End"}))
		assert.Equal(t, 5, b.Selected())
		assert.False(t, press(map[string]any{"key": "Home", "ctrlKey": true}), "the browser's own")
		assert.False(t, press(map[string]any{"key": "Tab"}))
		assert.Equal(t, 5, b.Selected())
	})
}
