package desk_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// Who wants to look first sees nothing of a draft before they have answered, and then
// both.
func TestLookFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Do(func() { b.SetLookFirst(true) })
		b.Ready("a", "b")
		assert.False(t, b.Asking(), "there is nothing to look at yet")
		b.Do(b.Run)
		assert.True(t, b.Asking())
		assert.Nil(t, b.Result())
		assert.Equal(t, "covered", b.RunState())
		assert.Nil(t, b.LastRedraw())
		assert.NotContains(t, b.Announcement(), "Heart")
		assert.Equal(t, desk.Focus{ID: "seen-0", When: desk.Always}, b.TakeFocus())

		assert.False(t, b.CanAnswer())
		b.Do(b.GiveAnswer)
		assert.Nil(t, b.Result())
		b.Do(func() { b.See(findings.NoFinding) })
		assert.True(t, b.Answer().Saw(findings.NoFinding))
		b.Do(func() { b.See(findings.Edema); b.See(findings.Fracture); b.See(findings.Fracture) })
		assert.False(t, b.Answer().Saw(findings.NoFinding), "there is something")
		assert.True(t, b.Answer().Saw(findings.Edema))
		assert.False(t, b.Answer().Saw(findings.Fracture))
		b.Do(b.GiveAnswer)
		assert.False(t, b.Asking())
		assert.Equal(t, "done", b.RunState())
		assert.True(t, b.Result().Answer.Saw(findings.Edema))
		assert.Equal(t, desk.RedrawDone, b.LastRedraw().State)

		b.Do(b.Run)
		assert.False(t, b.Asking(), "of films whose draft has been seen")
		assert.True(t, b.Result().Answer.Saw(findings.Edema))

		b.Do(func() { b.Remove(desk.Lateral) })
		b.Do(b.Run)
		assert.True(t, b.Asking(), "of others")
		b.Do(b.SkipAnswer)
		assert.NotNil(t, b.Result())
		assert.Nil(t, b.Result().Answer)

		b.Do(b.Run)
		b.Do(func() { b.SetLookFirst(false) })
		assert.Equal(t, "done", b.RunState(), "a draft that waits is shown")
	})
}

// An answer before the draft is written lets it be seen as it is; a report that does
// not come leaves all as it was.
func TestAnswerWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		before := b.Result()
		b.Do(func() { b.SetLookFirst(true) })
		b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Minute):
				return desktest.Sample(), nil
			}
		}
		b.Do(b.Run)
		assert.True(t, b.Asking())
		assert.Nil(t, b.Result())
		b.Do(b.Cancel)
		assert.False(t, b.Asking())
		assert.Same(t, before, b.Result())

		b.Do(b.Run)
		b.Do(func() { b.See(findings.Edema) })
		b.Do(b.GiveAnswer)
		assert.Equal(t, "running", b.RunState())
		b.Pass(time.Minute)
		assert.True(t, b.Result().Answer.Saw(findings.Edema))
	})
}
