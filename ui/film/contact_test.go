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

// Each word has a frame of the view that it looked at; while the draft is written
// there are words alone.
func TestContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.Empty(t, ContactOf(b.Desk).Frames())
		b.Ready("a", "b")
		b.Do(b.Run)
		c := ContactOf(b.Desk)
		frames := c.Frames()
		require.Len(t, frames, 6)
		views := b.Views()
		for i, want := range []Frame{
			{Word: "Heart", View: views[0]}, {Word: "normal", View: views[0]}, {Word: ".", Ends: true, View: views[0]},
			{Word: "[redacted]", View: views[0]}, {Word: "clear", View: views[1]}, {Word: ".", View: views[1]},
		} {
			require.NotNil(t, frames[i].Heat(), i)
			assert.Equal(t, frameSize, frames[i].Heat().Rect.Dx())
			frames[i].grid, frames[i].low, frames[i].high = desk.Grid{}, 0, 0
			assert.Equal(t, want, frames[i])
		}
		b.Do(func() { b.Select(2) })
		assert.Equal(t, c, ContactOf(b.Desk), "which word is chosen changes no frame")

		b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, progress func(status.Progress)) (*report.Report, error) {
			progress(status.Progress{Stage: status.StageGenerate, Done: 4, Total: 60, Text: "Heart normal. Lungs"})
			<-ctx.Done()
			return nil, ctx.Err()
		}
		b.Do(b.Run)
		assert.Equal(t, []Frame{{Word: "Heart"}, {Word: "normal."}, {Word: "Lungs"}}, ContactOf(b.Desk).Frames())
		b.Do(b.Cancel)
		assert.Equal(t, c, ContactOf(b.Desk), "the report before is still there")
	})
}
