package desk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// drafted brings a bench to a draft that names an effusion and denies a
// pneumothorax.
func drafted(t *testing.T, sample func(ctx context.Context, reports int, seed uint64, drawn func(string)) error) *desktest.Bench {
	b := desktest.New(t)
	b.Engine.OnSample = sample
	writes(b, "pleural", "effusion", ".", "no", "pneumothorax", ".")
	b.Ready("a", "b")
	b.Do(b.Run)
	return b
}

func TestRedraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seeds []uint64
		b := drafted(t, func(_ context.Context, reports int, seed uint64, drawn func(string)) error {
			seeds = append(seeds, seed)
			for i := range reports {
				drawn([]string{"pleural effusion .", "the lungs are clear .", "there is cardiomegaly .", "cardiomegaly . mild edema ."}[i%4])
			}
			return nil
		})
		r := b.LastRedraw()
		assert.Equal(t, desk.RedrawDone, r.State)
		assert.Equal(t, desk.Redraws, r.Drawn)
		assert.Equal(t, []findings.Label{findings.PleuralEffusion}, b.Result().Named)
		assert.Equal(t, 5, r.Again(findings.PleuralEffusion))
		assert.Equal(t, []findings.Count{
			{Label: findings.Cardiomegaly, Stated: 10}, {Label: findings.Edema, Stated: 5},
		}, r.Others(), "no finding is none")
		assert.Equal(t, []findings.Label{findings.PleuralEffusion}, b.Result().NamedBeside(2))
		assert.Empty(t, b.Result().NamedBeside(4))

		samples := b.Document().Samples
		assert.Equal(t, "beam", samples.Draft)
		assert.Len(t, samples.Reports, desk.Redraws)
		assert.Equal(t, "Pleural effusion.", samples.Reports[0].Text)
		assert.Equal(t, export.Finding{Label: "pleural effusion", Draft: true, Stated: 5}, samples.Findings[slices.Index(findings.Labels(), findings.PleuralEffusion)])
		assert.Equal(t, 5, samples.Sentences[0].Again)

		b.Do(func() { assert.True(t, b.StageKey("r")) })
		assert.Equal(t, []uint64{0, 1}, seeds, "other reports")
		b.Do(b.Run)
		assert.Equal(t, uint64(0), seeds[2])

		b.Do(func() { b.SetAutomatic(false) })
		b.Do(b.Run)
		assert.Nil(t, b.LastRedraw())
		assert.Zero(t, b.LastRedraw().Again(findings.Edema))
		assert.Empty(t, b.LastRedraw().Others())
		assert.Len(t, seeds, 3)
	})
}

// waiting draws seven reports and waits to be cancelled.
func waiting(ctx context.Context, _ int, _ uint64, drawn func(string)) error {
	for range 7 {
		drawn("pleural effusion .")
	}
	<-ctx.Done()
	return ctx.Err()
}

// Redraws give way to all else.
func TestRedrawGivesWay(t *testing.T) {
	for name, act := range map[string]func(b *desktest.Bench){
		"stop":            func(b *desktest.Bench) { b.StopRedraw() },
		"another model":   func(b *desktest.Bench) { b.Add(desktest.File{Named: "m", Begin: desktest.Weights}) },
		"other processor": func(b *desktest.Bench) { b.SetProcessor(desk.Processor{Backend: "portable"}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := drafted(t, waiting)
				assert.True(t, b.Redrawing())
				assert.False(t, b.CanRedraw())
				assert.Nil(t, b.Document().Samples, "more are to come")
				assert.Equal(t, "done", b.RunState(), "nobody waits for it")
				ok, _ := b.CanRun()
				assert.True(t, ok)
				b.Do(func() { act(b) })
				assert.Equal(t, desk.RedrawStopped, b.LastRedraw().State)
				assert.Equal(t, 7, b.LastRedraw().Again(findings.PleuralEffusion), "what was drawn stays")
				assert.Len(t, b.Document().Samples.Reports, 7)
				assert.NotNil(t, b.Model())
				assert.Nil(t, b.Trouble())
			})
		})
	}
	t.Run("a new report", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := drafted(t, waiting)
			before := b.LastRedraw()
			b.Do(b.Run)
			assert.Equal(t, desk.RedrawStopped, before.State)
			assert.NotSame(t, before, b.LastRedraw())
			b.Do(b.StopRedraw)
		})
	})
}

// Of views that are no longer on the desk nothing more is drawn.
func TestRedrawOfOtherViews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := drafted(t, func(ctx context.Context, reports int, _ uint64, drawn func(string)) error {
			for range reports {
				if time.Sleep(time.Second); ctx.Err() != nil {
					return ctx.Err()
				}
				drawn("pleural effusion .")
			}
			return nil
		})
		b.Do(func() { b.Remove(desk.Lateral) })
		b.Pass(time.Minute)
		assert.Equal(t, desk.RedrawStopped, b.LastRedraw().State)
		assert.Equal(t, 1, b.LastRedraw().Drawn)
		assert.False(t, b.CanRedraw())
	})
}

// A redraw that fails says so beside the draft alone; the model that it has cost is
// loaded again.
func TestRedrawFails(t *testing.T) {
	for _, code := range []status.Code{status.Internal, status.BackendLost} {
		synctest.Test(t, func(t *testing.T) {
			b := drafted(t, func(context.Context, int, uint64, func(string)) error {
				return &status.Error{Code: code, Err: errors.New("a fault")}
			})
			assert.Equal(t, desk.RedrawFailed, b.LastRedraw().State)
			assert.Nil(t, b.Document().Samples)
			assert.Nil(t, b.Trouble())
			assert.NotNil(t, b.Model())
			assert.True(t, b.CanRedraw())
		})
	}
}

func TestRecord(t *testing.T) {
	card := func(record string) desk.Card { return desk.ReadCard(`{"data":"IU","record":` + record + `}`) }
	r := card(`{"studies":100,"findings":{"edema":{"tp":9,"fp":13,"fn":2,"tn":76},"fracture":{"tp":1,"fp":0,"fn":9,"tn":90},"pneumonia":{"tp":0,"fp":0,"fn":1,"tn":99},"no finding":{"tp":50,"fp":10,"fn":10,"tn":30}}}`).Record
	assert.Equal(t, "Right 9 of the 22 times it named this.", r.Of(findings.Edema))
	assert.Equal(t, "Too few to say: it named this 1 time when it was checked.", r.Of(findings.Fracture))
	assert.Equal(t, "Too few to say: it never named this when it was checked.", r.Of(findings.Pneumonia))
	assert.Empty(t, r.Of(findings.Consolidation))
	assert.Equal(t, "Missed 9 of the 10 times it was there.", r.OfSilence(findings.Fracture))
	assert.Equal(t, "Too few to say: it was there 1 time when this was checked.", r.OfSilence(findings.Pneumonia))
	assert.Empty(t, r.OfSilence(findings.Consolidation))
	assert.Equal(t, "It missed 11 of 21 common findings, so this does not mean normal.", r.Of(findings.NoFinding))
	assert.Equal(t, "Checked on 100 studies, it named 10 of 21 common findings; 13 of the 23 it named were not there.", r.Sum())
	for _, bad := range []string{`5`, `{"studies":1,"findings":{"edema":{"tp":2,"fp":0,"fn":0,"tn":-1}}}`, `{"studies":9,"findings":{"edema":{"tp":2}}}`, `{}`, `"text"`} {
		assert.Empty(t, card(bad).Record.Sum(), bad)
		assert.Empty(t, card(bad).Record.Of(findings.Edema), bad)
		assert.Empty(t, card(bad).Record.Of(findings.NoFinding), bad)
	}
	assert.Equal(t, []desk.Claim{{Label: "Data", Value: "IU"}}, card(`{"studies":9}`).Claims, "it stands with the report")
}
