package lab

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk/desktest"
)

// S sweeps the slider that it is pressed on, and a key that is the browser's does
// nothing.
func TestKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready()
		b.Do(func() { b.Arrive("#lab?seed=7") })
		c := &Lab{Desk: b.Desk}
		press := func(key string, control bool) *desktest.Event {
			e := b.NewEvent(map[string]any{"key": key, "ctrlKey": control, "altKey": false, "metaKey": false, "target": map[string]any{"id": "slider-no"}})
			b.Do(func() { c.key(e) })
			return e
		}
		assert.False(t, press("s", true).Prevented)
		assert.Nil(t, b.Lab().Sweep())
		assert.False(t, press("ArrowRight", false).Prevented, "the slider's own")
		assert.True(t, press("s", false).Prevented)
		assert.Equal(t, "nodule", b.Lab().Sweep().Of)
		assert.True(t, press("T", false).Prevented)
		assert.False(t, b.Lab().ShowsTruth())
		time.Sleep(time.Minute)
	})
}
