package desk_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/lesson"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// inLearn brings a bench to the classroom, by a link, with a draft on the desk.
func inLearn(t *testing.T, link string) *desktest.Bench {
	b := desktest.New(t)
	b.Ready("a", "b")
	b.Do(b.Run)
	b.Do(func() { b.Select(0); b.Arrive(link) })
	return b
}

// Unless a word is chosen, the room begins with the one that the model was least sure of.
func TestLearnBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Select(desk.None); b.Arrive("#learn/6") })
		assert.Equal(t, 4, b.Learn().ChosenWord())
	})
}

func TestLearnSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		first, last := lesson.StepPixels, lesson.Teacher
		for _, c := range []struct {
			link string
			want lesson.Step
		}{
			{"#learn", first}, {"#learn/8", lesson.StepChoose}, {"#learn", lesson.StepChoose}, {"#learn/0", first}, {"#learn/99", last},
			{"#learn/-3", first}, {"#learn/3", lesson.StepCodes}, {"#learn/x", lesson.StepCodes}, {"#learn/7?step=1", lesson.StepMask},
		} {
			b.Do(func() { b.Arrive(c.link) })
			assert.Equal(t, c.want, b.Learn().Step(), c.link)
			assert.Equal(t, desk.StepPlace(c.want).Address(), b.Place().Address())
		}
		b.Do(func() { b.Arrive("#learn/1") })
		b.TakeFocus()
		for _, s := range append(lesson.Steps()[1:], lesson.Teacher) {
			b.Do(func() { assert.True(t, b.Learn().Key("n")) })
			assert.Equal(t, s, b.Learn().Step())
			assert.Equal(t, desk.Focus{ID: "learn-title", When: desk.Always}, b.TakeFocus(), "to the top of the page")
		}
		assert.False(t, b.Learn().Key("n"), "behind the last")
		assert.Zero(t, b.Learn().Beside(1))
		b.Do(func() { assert.True(t, b.Learn().Key("P")) })
		assert.Equal(t, lesson.StepFind, b.Learn().Step())
		assert.False(t, b.Learn().Key("x"))
	})
}

// Without films the example is read, which needs a model.
func TestLearnWritesAnExample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Do(func() { b.Arrive("#learn/8") })
		why, write := b.Learn().Needs()
		assert.Equal(t, "No model is loaded.", why)
		assert.False(t, write)
		b.Ready()
		why, write = b.Learn().Needs()
		assert.Contains(t, why, "There is none on the desk.")
		assert.True(t, write)
		assert.Nil(t, b.Learn().Study())
		b.Do(b.Learn().Write)
		require.NotNil(t, b.Learn().Study())
		assert.True(t, b.Result().Synthetic())
		why, _ = b.Learn().Needs()
		assert.Empty(t, why)
		assert.Equal(t, desk.RoomLearn, b.Place().Room)

		// Other films need another report.
		b.Do(func() { b.Remove(desk.Lateral) })
		why, write = b.Learn().Needs()
		assert.Contains(t, why, "is not written yet")
		assert.True(t, write)
		b.Do(b.Learn().Write)
		why, _ = b.Learn().Needs()
		assert.Empty(t, why)
	})
}

func TestLearnChooses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Select(2) })
		b.Do(func() { b.Arrive("#learn/8") })
		l := b.Learn()
		assert.Equal(t, desktest.Word(2), l.Numbers().Word, "that of Read")
		assert.Equal(t, 2, l.Numbers().WordAt)
		for key, want := range map[string]int{"ArrowRight": 3, "ArrowLeft": 1, "Home": 0, "End": 6} {
			b.Do(func() { l.ChooseWord(2) })
			b.Do(func() { assert.True(t, l.WordKey(key)) })
			assert.Equal(t, want, l.Numbers().WordAt)
			assert.Equal(t, desktest.Word(want), l.Numbers().Word)
		}
		assert.False(t, l.WordKey("x"))

		b.Do(func() { l.ChoosePatch(1) })
		assert.Equal(t, desktest.Patch(1), l.Numbers().Patch)
		assert.Equal(t, 1, l.Numbers().PatchAt)
		for _, c := range []struct {
			view int
			key  string
			want int
		}{{0, "ArrowDown", 3}, {0, "ArrowDown", 3}, {0, "ArrowLeft", 2}, {0, "ArrowUp", 0}, {0, "ArrowLeft", 0}, {1, "ArrowRight", 4}, {1, "ArrowRight", 5}} {
			b.Do(func() { assert.True(t, l.PatchKey(c.view, c.key)) })
			assert.Equal(t, c.want, l.ChosenPatch(), "%v", c)
		}
		assert.False(t, l.PatchKey(1, "n"))
		assert.False(t, l.PatchKey(0, "n"))
		b.Do(func() {
			assert.True(t, l.PointAt(0, 0.6, 0.4))
			assert.False(t, l.PointAt(0, 0.9, 0.1), "the same")
			assert.False(t, l.PointAt(0, 1, 0.5), "outside")
			assert.False(t, l.PointAt(0, math.NaN(), 0.5))
		})
		assert.Equal(t, 1, l.Numbers().PatchAt)
	})
}

// What is asked for while a part is on its way is fetched behind it, the newest alone,
// and the last picture stays until then.
func TestLearnFetchesTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLearn(t, "#learn/8")
		l := b.Learn()
		var asked []trace.Part
		release := make(chan struct{})
		b.Engine.OnShow = func(_ context.Context, p trace.Part) (trace.Shown, error) {
			asked = append(asked, p)
			<-release
			return trace.Shown{Word: desktest.Word(p.Index)}, nil
		}
		for place := 1; place < 5; place++ {
			b.Do(func() { l.ChooseWord(place) })
		}
		assert.Zero(t, l.Numbers().WordAt)
		close(release)
		synctest.Wait()
		assert.Equal(t, 4, l.Numbers().WordAt)
		assert.Equal(t, []trace.Part{{Kind: trace.OfWord, Index: 1}, {Kind: trace.OfWord, Index: 4}}, asked)
	})
}

func TestLearnChances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLearn(t, "#learn/8")
		l := b.Learn()
		for _, tenths := range []int{10, 1, 30} {
			b.Do(func() { l.SetTenths(tenths) })
			τ := float64(tenths) / 10
			sum := math.Exp(2/τ) + math.Exp(1/τ) + 14
			words := l.Numbers().Chances()
			require.Len(t, words, 2)
			assert.Equal(t, "heart", words[0].Text)
			assert.True(t, words[0].Chosen)
			assert.False(t, words[1].Chosen)
			assert.InDelta(t, math.Exp(2/τ)/sum, words[0].Probability, 1e-9)
			assert.InDelta(t, math.Exp(1/τ)/sum, words[1].Probability, 1e-9)
			assert.InDelta(t, 14/sum, l.Numbers().Choices()[2].Share, 1e-9)
			entropy := math.Log(sum) - (2/τ*math.Exp(2/τ)+1/τ*math.Exp(1/τ))/sum
			assert.Contains(t, l.Numbers().Uncertain(), fmt.Sprintf("among %.1f words", math.Exp(entropy)))
		}
		b.Do(func() { l.SetTenths(0); l.SetWidth(99) })
		assert.Equal(t, 0.1, l.Temperature())
		assert.Equal(t, desk.MaxWidth, l.Width())
	})
}

// A change of the width has the model search anew, and the last tree stays until then.
func TestLearnSearches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLearn(t, "#learn/6")
		l := b.Learn()
		assert.Nil(t, l.Search(), "nobody has looked")
		b.Do(func() { b.Arrive("#learn/8") })
		assert.Equal(t, desktest.Search(3), l.Search().Search)
		var asked []int
		release := make(chan struct{})
		b.Engine.OnShow = func(_ context.Context, p trace.Part) (trace.Shown, error) {
			assert.Equal(t, trace.OfSearch, p.Kind)
			asked = append(asked, p.Width)
			<-release
			return trace.Shown{Search: desktest.Search(p.Width)}, nil
		}
		for width := 4; width <= 8; width++ {
			b.Do(func() { l.SetWidth(width) })
		}
		assert.Equal(t, 3, l.Search().Width)
		assert.Equal(t, 8, l.Width())
		close(release)
		synctest.Wait()
		assert.Equal(t, 8, l.Search().Width)
		assert.Equal(t, []int{4, 8}, asked)
		words := l.Numbers().Chances()
		assert.True(t, words[0].Chosen)
		b.Engine.OnShow = nil
		b.Do(b.Run)
		assert.Equal(t, 8, l.Search().Width, "of another draft")
	})
}

// Each sequence of the tree knows the one that it extends, also from behind one that has
// ended.
func TestLearnTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Engine.OnShow = func(_ context.Context, p trace.Part) (trace.Shown, error) {
			switch p.Kind {
			case trace.OfPatch:
				return trace.Shown{Patch: desktest.Patch(p.Index)}, nil
			case trace.OfWord:
				return trace.Shown{Word: desktest.Word(p.Index)}, nil
			case trace.OfSearch:
				return trace.Shown{Search: &trace.Search{Width: 3, Steps: [][]trace.Considered{
					{{Text: "<eos>", Kept: true, Ends: true}, {Text: "lungs", Kept: true}, {Text: "heart", Kept: true, Won: true}, {Text: "no"}},
					{{Row: 1, Text: "normal", Kept: true, Won: true}, {Row: 0, Text: "clear", Kept: true}, {Row: 1, Text: "large"}},
					{{Row: p.Width - 3, Text: "<eos>", Kept: true, Ends: true, Won: true}},
				}}}, nil
			}
			return trace.Shown{Study: desktest.Study()}, nil
		}
		b.Do(func() { b.Arrive("#learn/8") })
		tree := b.Learn().Search().Tree
		require.Len(t, tree, 3)
		var parents []int
		var beginnings []string
		for _, n := range tree[1] {
			parents, beginnings = append(parents, n.Parent), append(beginnings, n.Beginning)
		}
		assert.Equal(t, []int{2, 1, 2}, parents)
		assert.Equal(t, []string{"heart", "lungs", "heart"}, beginnings)
		assert.Equal(t, 0, tree[2][0].Parent)
		assert.Equal(t, "heart normal", tree[2][0].Beginning)
		b.Do(func() { b.Learn().SetWidth(12) })
		assert.Nil(t, b.Learn().Search().Tree, "of a sequence that there is not")
		b.Do(func() { b.Learn().ChooseWord(6) })
		words := b.Learn().Numbers().Chances()
		assert.True(t, words[0].Chosen, "the end")
	})
}

func TestLearnHeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLearn(t, "#learn/6")
		l := b.Learn()
		layers, heads := l.Numbers().Heads(l.Step())
		assert.Equal(t, []int{1, 2}, []int{layers, heads})
		w := l.Numbers().Word
		assert.Equal(t, lesson.Mean, l.Head())
		for i, v := range l.Numbers().AttentionOf(l.Step(), lesson.Mean) {
			assert.InDelta(t, (w.Attention[0][0][i]+w.Attention[0][1][i])/2, v, 1e-6)
		}
		b.Do(func() { l.ChooseHead(0) })
		assert.Contains(t, l.Numbers().Looks(l.Step()), "Layer 1, head 1. Looked mostly at: the right upper zone, 100 %.")
		require.Len(t, l.Numbers().Maps(l.Step()), 2)
		assert.Equal(t, []lesson.Level{{Colour: lesson.Colours - 1, Path: "M0 0h1v1h-1z"}}, l.Numbers().Maps(l.Step())[0].Levels)
		assert.Empty(t, l.Numbers().Maps(l.Step())[1].Levels)
		b.Do(func() { l.ChooseHead(2) })
		assert.Equal(t, lesson.Mean, l.Head(), "there is no such head")
		b.Do(func() { b.Arrive("#learn/7") })
		assert.Nil(t, l.Numbers().Maps(l.Step()), "flat")
		b.Do(func() { b.Arrive("#learn/5") })
		n := l.Numbers()
		assert.Equal(t, n.Patch.Attention[0][0], n.AttentionOf(l.Step(), 0))
		assert.Equal(t, float32(1), n.AttentionOf(l.Step(), 0)[n.PatchAt])
	})
}

// The draft, each text of its redraws and the drafts of other studies are ranked.
func TestLearnFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnSample = func(_ context.Context, reports int, _ uint64, drawn func(string)) error {
			for i := range reports {
				drawn([]string{"heart normal .", "mild edema .", "no edema ."}[i%3])
			}
			return nil
		}
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Arrive("#learn/8") })
		assert.Nil(t, b.Learn().Numbers().Candidates, "nobody has looked")
		b.Do(func() { b.Arrive("#learn/9") })
		found := b.Learn().Numbers().Candidates
		require.Len(t, found, 4)
		assert.Equal(t, 4, b.Learn().Numbers().Rank())
		assert.Equal(t, "No edema.", found[0].Text)
		assert.Equal(t, "a redraw", found[0].From)
		assert.Equal(t, 0.03, found[0].Cosine)
		assert.True(t, found[3].Own)
		assert.Equal(t, b.Result().Report.Text, found[3].Text)
	})
}

// What fails is said, and can be tried again; what computes and is lost is replaced.
func TestLearnFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnShow = func(context.Context, trace.Part) (trace.Shown, error) {
			return trace.Shown{}, status.Errorf(status.NotFinite, "a fault")
		}
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Arrive("#learn/8") })
		l := b.Learn()
		require.NotNil(t, l.Trouble())
		assert.Equal(t, status.NotFinite, l.Trouble().Code)
		lost := 0
		b.Engine.OnShow = func(context.Context, trace.Part) (trace.Shown, error) {
			if lost++; lost == 1 {
				return trace.Shown{}, status.Errorf(status.BackendLost, "a fault")
			}
			b.Engine.OnShow = nil
			return trace.Shown{Study: desktest.Study()}, nil
		}
		b.Do(l.Again)
		assert.Nil(t, l.Trouble())
		assert.NotNil(t, l.Study())
		assert.NotNil(t, l.Numbers().Word)

		// What has failed is tried again of another draft.
		b.Engine.OnShow = func(context.Context, trace.Part) (trace.Shown, error) {
			return trace.Shown{}, status.Errorf(status.NotFinite, "a fault")
		}
		b.Do(func() { l.ChooseWord(3) })
		require.NotNil(t, l.Trouble())
		assert.NotNil(t, l.Study(), "the last picture stays")
		b.Engine.OnShow = nil
		b.Do(b.Run)
		assert.Nil(t, l.Trouble())
		assert.NotNil(t, l.Study())
	})
}

// The room gives way to other rooms, and shows the draft that is there when it is
// looked at again.
func TestLearnGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		given := 0
		b.Engine.OnShow = func(ctx context.Context, _ trace.Part) (trace.Shown, error) {
			<-ctx.Done()
			given++
			return trace.Shown{}, ctx.Err()
		}
		b.Ready("a", "b")
		b.Do(b.Run)
		b.Do(func() { b.Arrive("#learn/8") })
		assert.NotNil(t, b.Learn().Job())
		b.Do(func() { b.Arrive("#read") })
		assert.Equal(t, 1, given)
		assert.Nil(t, b.Learn().Job())
		assert.Nil(t, b.Learn().Study())
		b.Engine.OnShow = nil
		b.Do(func() { b.Arrive("#learn") })
		assert.NotNil(t, b.Learn().Study())
		b.Do(func() { b.Arrive("#read") })
		b.Do(b.Run)
		assert.Nil(t, b.Learn().Study(), "of another draft")
		b.Do(func() { b.Arrive("#learn") })
		assert.NotNil(t, b.Learn().Study())
	})
}

// Each step is shown with all its parts until the screen has kept it, behind the last all
// are printed, and the reader is where they were.
func TestLearnPrintsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLearn(t, "#learn/4")
		l := b.Learn()
		b.Do(l.ToggleAnswer)
		b.TakeFocus()
		b.Do(l.PrintAll)
		assert.True(t, l.Gathering())
		assert.Equal(t, "learn-print-stop", b.TakeFocus().ID)
		for _, s := range append(lesson.Steps(), lesson.Teacher) {
			assert.Equal(t, s, l.Sheet())
			assert.Equal(t, s, l.Step())
			assert.Equal(t, "#learn/4", b.Place().Address())
			assert.False(t, l.Answered(), "the sheets are for the class")
			if s != lesson.Teacher {
				assert.NotEmpty(t, l.Numbers().Shows(s))
				assert.NotEmpty(t, l.Numbers().Now(s))
			}
			assert.Zero(t, b.Screen.Printed)
			b.Do(func() { l.Laid(s - 1) }) // late
			assert.Equal(t, s, l.Sheet())
			b.Do(func() { l.Laid(s) })
		}
		assert.Equal(t, 1, b.Screen.Printed)
		assert.False(t, l.Gathering())
		assert.Equal(t, lesson.StepBasis, l.Step())
		assert.True(t, l.Answered())
		assert.Equal(t, "learn-print-all", b.TakeFocus().ID)
	})
}

// Gathering waits for what is missing, and ends where somebody stops it or goes elsewhere, or
// a part fails; films that have no draft have no sheets.
func TestLearnStopsPrinting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLearn(t, "#learn/4")
		l := b.Learn()
		begin := func() {
			b.Do(l.PrintAll)
			assert.Equal(t, lesson.StepPixels, l.Sheet())
		}
		for _, stop := range []func(){
			l.StopPrint, func() { l.Key("n") }, func() { b.Arrive("#read") },
		} {
			begin()
			b.Do(stop)
			assert.False(t, l.Gathering())
			assert.Zero(t, l.Sheet())
			b.Do(func() { l.Laid(lesson.StepPixels) })
			assert.Zero(t, l.Sheet())
			b.Do(func() { b.Arrive("#learn/4") })
		}
		assert.Zero(t, b.Screen.Printed)

		b.Do(func() { b.Remove(desk.Lateral) })
		b.Do(l.PrintAll)
		assert.False(t, l.Gathering(), "there are no numbers of these films")
		b.Do(l.Write)
		begin()
		release := make(chan error)
		b.Engine.OnShow = func(context.Context, trace.Part) (trace.Shown, error) {
			return trace.Shown{}, <-release
		}
		for s := lesson.StepPixels; s < lesson.StepChoose; s++ {
			b.Do(func() { l.Laid(s) })
		}
		assert.True(t, l.Gathering())
		assert.Zero(t, l.Sheet(), "the search is on its way")
		release <- status.Errorf(status.NotFinite, "a fault")
		synctest.Wait()
		assert.False(t, l.Gathering())
		assert.NotNil(t, l.Trouble())
	})
}
