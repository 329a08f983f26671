package desk_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// writes has a bench's engine write a report of these six words.
func writes(b *desktest.Bench, words ...string) {
	b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
		r := desktest.Sample()
		for i, text := range words {
			r.Words[i].Text = text
		}
		return r, nil
	}
}

// Each finding is where the draft names or denies it; what it names comes first.
func TestMentions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		writes(b, "no", "effusion", ".", "effusion", "edema", ".")
		b.Ready("a")
		b.Do(b.Run)
		all := b.Result().Mentions()
		assert.Len(t, all, 13, "it names something")
		assert.Equal(t, []desk.Mention{
			{Label: findings.Edema, Named: []int{1}}, {Label: findings.PleuralEffusion, Named: []int{1}, Denied: []int{0}},
			{Label: findings.EnlargedCardiomediastinum},
		}, all[:3])

		writes(b, "no", "effusion", ".", "no", "pneumothorax", ".")
		b.Do(b.Run)
		all = b.Result().Mentions()
		assert.Len(t, all, 14)
		assert.Equal(t, findings.NoFinding, all[0].Label)
		assert.Equal(t, desk.Mention{Label: findings.Pneumothorax, Denied: []int{1}}, all[1])
		assert.Equal(t, desk.Mention{Label: findings.PleuralEffusion, Denied: []int{0}}, all[2])

		b.Do(func() { b.SelectSentence(1) })
		assert.Equal(t, 3, b.Selected())
	})
}
