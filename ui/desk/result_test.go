package desk_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// What is unlike the X-rays that the model learned from is said by the view's place.
func TestUnlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.Empty(t, b.Result().Unlike(), "of no report")
		b.Ready("a", "b")
		unlike, usual := &report.Surprisal{Nats: 4, Limit: 3}, &report.Surprisal{Nats: 3, Limit: 3}
		for want, views := range map[string][]*report.Surprisal{
			"":                  {nil, nil},
			"The frontal view ": {unlike, usual},
			"The lateral view ": {usual, unlike},
			"Both views ":       {unlike, unlike},
		} {
			b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				r := desktest.Sample()
				r.Views = []report.View{{Surprisal: views[0]}, {Surprisal: views[1]}}
				return r, nil
			}
			b.Do(b.Run)
			if want == "" {
				assert.Empty(t, b.Result().Unlike())
				continue
			}
			assert.Contains(t, b.Result().Unlike(), want)
			assert.Contains(t, b.Announcement(), want)
		}
	})
}
