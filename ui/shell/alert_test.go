package shell

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/status"
	"uarweb/ui/desk/desktest"
)

func TestDetailStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		alert := &Alert{Desk: b.Desk}
		b.Do(func() { go b.Engine.Stopped(status.Errorf(status.Internal, "x")) })
		assert.NotContains(t, b.HTML(alert), "open=")
		b.Do(func() { alert.toggle(&desktest.Event{}) })
		assert.Contains(t, b.HTML(alert), "open=")
	})
}
