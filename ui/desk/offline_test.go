package desk_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// A newer version of the page is used when the reader wants it, and never in the
// midst of a report.
func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			time.Sleep(time.Minute)
			return desktest.Sample(), nil
		}
		b.Ready("a")
		b.Do(b.Renew)
		assert.Zero(t, b.Screen.Renewed, "there is none")
		b.Do(func() { go b.Screen.Stand(desk.Standing{Newer: true}) })
		assert.Equal(t, "A new version of this page is ready. To use it empties the desk.", b.Announcement())

		b.Do(func() { b.Run(); b.Renew() })
		assert.Zero(t, b.Screen.Renewed)
		time.Sleep(time.Hour)
		b.Do(b.Renew)
		assert.Equal(t, 1, b.Screen.Renewed)
	})
}

func TestLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.ToggleLock)
		assert.True(t, b.Screen.Locked)
		b.Do(func() { go b.Screen.Stand(desk.Standing{Lockable: true, Locked: true}) })
		assert.Equal(t, "Locked: nothing leaves this page, not even to its server", b.Announcement())
		b.Do(b.ToggleLock)
		assert.False(t, b.Screen.Locked)
	})
}
