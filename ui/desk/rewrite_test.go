package desk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

var withoutMask = desk.Comparison{Change: desk.LeaveOutTIR}

// says is a report of these words, each of which looks where the draft's word of its
// place does, the first excepted: that looks at the last patch.
func says(text string) *report.Report {
	r := desktest.Sample()
	words := strings.Fields(text)
	r.Text = report.Text(words)
	for len(r.Words) < len(words) {
		r.Words = append(r.Words, r.Words[0])
	}
	r.Words = r.Words[:len(words)]
	for i, w := range words {
		r.Words[i].Text = w
	}
	r.Words[0].Attention = []float32{0, 0, 0, 0, 0, 0, 0, 1}
	return r
}

// rewritten brings a bench to the draft "pleural effusion . no pneumothorax ." and to
// reports written otherwise that say this.
func rewritten(t *testing.T, text string) *desktest.Bench {
	b := drafted(t, nil)
	b.Engine.OnRewrite = func(context.Context, desk.Writing, func(status.Progress)) (*report.Report, error) {
		return says(text), nil
	}
	return b
}

func TestCover(t *testing.T) {
	for _, c := range []struct {
		word             int
		other            string
		verdict, instead string
		rested           bool
	}{
		{1, "pleural effusion . no pneumothorax .", "Still names pleural effusion.", "Pleural effusion.", false},
		{1, "small left pleural effusion .", "Still names pleural effusion.", "Small left pleural effusion.", false},
		{1, "the lungs are clear . no pneumothorax .", "No longer names pleural effusion.", "", true},
		{1, "no pleural effusion .", "No longer names pleural effusion.", "No pleural effusion.", true},
		{4, "no pneumothorax .", "Still says this sentence, word for word.", "No pneumothorax.", false},
		{4, "no effusion or pneumothorax .", "No longer says this sentence as it was.", "No effusion or pneumothorax.", true},
		{4, ".", "No longer says this sentence as it was.", "", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := rewritten(t, c.other)
			draft := b.Result()
			b.Do(b.Cover)
			assert.Nil(t, b.LastRewrite(), "no word is selected")
			b.Do(func() { b.Select(c.word) })
			b.Do(func() { assert.True(t, b.Key("c")) })
			assert.Equal(t, []desk.Writing{{Cover: []int{c.word}}}, b.Engine.Rewritten, "the tenth of eight patches")
			r := b.LastRewrite()
			assert.Equal(t, desk.RedrawDone, r.State)
			assert.Equal(t, c.verdict, r.Verdict(), c.other)
			assert.Equal(t, c.instead, r.Instead(), c.other)
			assert.Equal(t, c.rested, strings.HasPrefix(r.Meaning(), "So it rested on these patches, or"), c.other)
			assert.Same(t, draft, b.Result(), "the draft stays")
			assert.Equal(t, c.word, b.Selected())
			assert.Equal(t, desk.CompareTab, b.Tab())
			assert.Equal(t, r.Title()+": "+c.verdict, b.Announcement())
		})
	}
}

// A view that stands for both of a model's is covered in both.
func TestCoverOneView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		b.Do(func() { b.Select(2) })
		b.Do(b.Cover)
		assert.Equal(t, []desk.Writing{{Cover: []int{2, 6}}}, b.Engine.Rewritten)
	})
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := rewritten(t, "pleural thickening . cardiomegaly .")
		assert.False(t, b.CanFollow(0))
		b.Result().Report.Words[1].Alternatives[1] = report.Alternative{Token: 99, Text: "thickening"}
		b.Do(func() { b.Select(1) })
		assert.False(t, b.CanFollow(0), "it stands there")
		b.Do(func() { b.Follow(0) })
		assert.Nil(t, b.LastRewrite())
		b.Do(func() { b.Follow(1) })
		assert.Equal(t, []desk.Writing{{Prefix: []int{10, 99}}}, b.Engine.Rewritten)
		r := b.LastRewrite()
		assert.Equal(t, "If it had said “thickening” for “effusion”", r.Title())
		assert.Equal(t, "Names cardiomegaly and pleural other, which the draft does not. Does not name pleural effusion, which the draft does.", r.Verdict())
		assert.Empty(t, r.Meaning())
		b.Do(func() { b.Select(0) })
		assert.False(t, b.CanFollow(1), "nothing comes behind the end")
	})
}

func TestCompare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := rewritten(t, "small pleural effusion . pneumothorax .")
		b.Do(func() { b.Compare(withoutMask) })
		assert.True(t, b.Compared(withoutMask))
		r := b.LastRewrite()
		assert.Equal(t, "Without the mask", r.Title())
		assert.Equal(t, "Names pneumothorax, which the draft does not.", r.Verdict())
		assert.Equal(t, "Of the draft’s 4 words 3 stand in it, in their order.", r.Shared())
		draft, other := r.Runs()
		assert.Equal(t, []desk.Run{{"Pleural effusion.", false, false}, {"No", true, true}, {"pneumothorax.", true, false}}, draft)
		assert.Equal(t, []desk.Run{{"Small", false, true}, {"pleural effusion. Pneumothorax.", true, false}}, other)

		assert.Equal(t, []desk.Comparison{withoutMask, {Change: desk.OtherBeam, Beam: 1}, {Change: desk.OtherBeam, Beam: 5}}, b.Comparisons(), "its own width is none")
		b.Do(func() { b.Compare(desk.Comparison{Change: desk.OtherBeam, Beam: 1}) })
		assert.True(t, b.Compared(desk.Comparison{Change: desk.OtherBeam, Beam: 1}))
		assert.Equal(t, "With 1 beam", b.LastRewrite().Title())
		assert.Equal(t, []desk.Writing{{WithoutTIR: true}, {Beam: 1}}, b.Engine.Rewritten)
		b.Engine.OnRewrite = nil
		b.Do(func() { b.Compare(withoutMask) })
		b.Do(b.Run)
		assert.Nil(t, b.LastRewrite(), "it was the other draft's")
	})
}

// A report that the reader keeps stands beside later drafts, of other films or by
// another model.
func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := desk.Comparison{Change: desk.KeptReport}
		b := desktest.New(t)
		b.Do(b.Keep)
		assert.False(t, b.Keeps(), "there is no draft")
		b.Ready("a")
		b.Do(b.Run)
		b.Do(b.Keep)
		assert.True(t, b.Keeps())
		assert.NotContains(t, b.Comparisons(), kept, "it is the draft")
		assert.Empty(t, b.Kept())

		b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			r := says("heart normal . pneumothorax .")
			r.Model.SHA256 = "0123456789abcdef"
			return r, nil
		}
		b.Do(b.Run)
		assert.False(t, b.Keeps())
		assert.Equal(t, "Kept is the report of a.png.", b.Kept())
		require.Contains(t, b.Comparisons(), kept)
		b.Do(func() { b.Compare(kept) })
		assert.True(t, b.Compared(kept))
		assert.Empty(t, b.Engine.Rewritten, "nothing is written for it")
		r := b.LastRewrite()
		assert.Equal(t, "The report that is kept, by the model "+desk.ShortHash(desktest.Sample().Model.SHA256), r.Title())
		assert.Equal(t, "Does not name pneumothorax, which the draft does.", r.Verdict())
		assert.NotNil(t, b.Grids(0, desk.Changed), "both are of the same film")

		b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			r := desktest.Sample()
			r.Views[0].SHA256 = "beef"
			return r, nil
		}
		b.Do(func() { b.Remove(desk.Frontal) })
		assert.True(t, b.CanCompare(kept), "of films that are gone, too")
		assert.False(t, b.CanCompare(withoutMask))
		b.Ready("c")
		b.Do(b.Run)
		b.Do(func() { b.Compare(kept) })
		assert.Equal(t, "The report that is kept, of a.png", b.LastRewrite().Title())
		assert.False(t, b.CanShowChanged(), "they are of different films")
		assert.Nil(t, b.Grids(0, desk.Changed))
		b.Do(b.Keep)
		assert.Nil(t, b.LastRewrite(), "what it was compared with is let go")
		assert.True(t, b.Keeps())
		b.Do(b.Keep)
		assert.False(t, b.Keeps())
	})
}

// The change of a word's attention is shown while there is something to compare with.
func TestChangedMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := rewritten(t, "pleural effusion . clear .")
		b.Do(func() { b.Select(0); b.SetMap(desk.Changed) })
		assert.Equal(t, desk.Attention, b.Map(), "there is none")
		b.Do(func() { b.Compare(withoutMask) })
		b.Do(func() { assert.True(t, b.StageKey("d")) })
		assert.Equal(t, desk.Changed, b.Map())
		assert.Equal(t, []desk.Grid{{Side: 2, Values: []float32{-1, 0, 0, 0}}, {Side: 2, Values: []float32{0, 0, 0, 1}}}, b.Grids(0, desk.Changed))
		assert.Equal(t, "More at: the spine (lateral), 100 %. Less at: the right upper zone, 100 %. Sides are assumed.", b.Where(0, desk.Changed))
		assert.Equal(t, "It looked at the same places.", b.Where(1, desk.Changed))
		assert.Nil(t, b.Grids(4, desk.Changed))
		assert.Equal(t, "The other report has no such word here.", b.Where(4, desk.Changed))
		assert.NotNil(t, b.Grids(desk.None, desk.Changed))
		b.Do(func() { b.Compare(withoutMask) })
		assert.Equal(t, desk.Attention, b.Map(), "the change was the one before")
		b.Do(func() { b.SetMap(desk.Changed) })
		b.Do(b.Run)
		assert.Equal(t, desk.Attention, b.Map())
	})
}

// deaf writes nothing until it is cancelled.
func deaf(ctx context.Context, _ desk.Writing, progress func(status.Progress)) (*report.Report, error) {
	progress(status.Progress{Stage: status.StageGenerate, Done: 2, Total: 60, Text: "Pleural thickening"})
	<-ctx.Done()
	return nil, ctx.Err()
}

// What is written otherwise gives way to all else.
func TestRewriteGivesWay(t *testing.T) {
	for name, act := range map[string]func(b *desktest.Bench){
		"stop":            func(b *desktest.Bench) { b.StopRewrite() },
		"a new report":    func(b *desktest.Bench) { b.Run() },
		"another model":   func(b *desktest.Bench) { b.Add(desktest.File{Named: "m", Begin: desktest.Weights}) },
		"other processor": func(b *desktest.Bench) { b.SetProcessor(desk.Processor{Backend: "portable"}) },
		"a newer wish": func(b *desktest.Bench) {
			b.Engine.OnRewrite = nil
			b.Compare(withoutMask)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := drafted(t, nil)
				b.Engine.OnRewrite = deaf
				b.Do(func() { b.Compare(desk.Comparison{Change: desk.OtherBeam, Beam: 1}) })
				r := b.LastRewrite()
				assert.True(t, b.Rewriting())
				assert.False(t, b.CanRedraw())
				assert.False(t, b.CanShowChanged())
				assert.Equal(t, "done", b.RunState(), "nobody waits for it")
				assert.Equal(t, "Writing word 2", r.Doing())
				assert.Equal(t, "Pleural thickening", r.Text())
				b.Do(func() { act(b) })
				assert.Equal(t, desk.RedrawStopped, r.State)
				assert.NotNil(t, b.Model())
				assert.Nil(t, b.Trouble())
			})
		})
	}
}

// Redraws give way to what the reader asks for, and begin anew afterwards, even if the
// reader thinks again meanwhile.
func TestRewriteInterruptsRedraws(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seeds []uint64
		b := drafted(t, func(ctx context.Context, reports int, seed uint64, drawn func(string)) error {
			seeds = append(seeds, seed)
			return waiting(ctx, reports, seed, drawn)
		})
		b.Engine.OnRewrite = deaf
		b.Do(func() { b.Compare(withoutMask) })
		assert.Equal(t, desk.RedrawStopped, b.LastRedraw().State)
		b.Engine.OnRewrite = nil
		b.Do(func() { b.Compare(desk.Comparison{Change: desk.OtherBeam, Beam: 5}) })
		assert.Equal(t, desk.RedrawDone, b.LastRewrite().State)
		assert.True(t, b.Redrawing())
		assert.Equal(t, []uint64{0, 0}, seeds, "the same")
		b.Do(b.StopRedraw)
		b.Do(func() { b.Compare(withoutMask) })
		assert.Len(t, seeds, 2, "what the reader has stopped stays so")
	})
}

// Of views that are no longer on the desk nothing more is written.
func TestRewriteOfOtherViews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := drafted(t, nil)
		b.Engine.OnRewrite = func(ctx context.Context, _ desk.Writing, progress func(status.Progress)) (*report.Report, error) {
			for time.Sleep(time.Second); ctx.Err() == nil; time.Sleep(time.Second) {
				progress(status.Progress{Stage: status.StageGenerate})
			}
			return nil, ctx.Err()
		}
		b.Do(func() { b.Compare(withoutMask) })
		b.Do(func() { b.Remove(desk.Lateral) })
		b.Pass(time.Minute)
		assert.Equal(t, desk.RedrawStopped, b.LastRewrite().State)
		assert.False(t, b.CanRewrite())
		b.Do(func() { b.Compare(withoutMask) })
		assert.False(t, b.Rewriting())
	})
}

// A failure is said beside the draft alone; the model that it has cost is loaded
// again.
func TestRewriteFails(t *testing.T) {
	for code, want := range map[status.Code]string{
		status.Internal:    "This failed. Something went wrong in this program.",
		status.BackendLost: "This failed, and a part of what computes with it;",
	} {
		synctest.Test(t, func(t *testing.T) {
			b := drafted(t, nil)
			b.Engine.OnRewrite = func(context.Context, desk.Writing, func(status.Progress)) (*report.Report, error) {
				return nil, &status.Error{Code: code, Err: errors.New("a fault")}
			}
			b.Do(func() { b.Compare(withoutMask) })
			assert.Equal(t, desk.RedrawFailed, b.LastRewrite().State)
			assert.Contains(t, b.LastRewrite().Failure(), want)
			assert.Nil(t, b.Trouble())
			assert.NotNil(t, b.Model())
			assert.True(t, b.CanRewrite())
		})
	}
}
