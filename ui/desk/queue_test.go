package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// clinic are the files of a folder.
func clinic(names ...string) []desk.File {
	var files []desk.File
	for _, n := range names {
		files = append(files, desktest.File{Named: n, Whole: "clinic/" + n})
	}
	return files
}

// paused has reports wait for a value of the channel, or to be cancelled.
func paused(b *desktest.Bench) chan struct{} {
	gate := make(chan struct{})
	b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, progress func(status.Progress)) (*report.Report, error) {
		progress(status.Progress{Stage: status.StageGenerate, Done: 3, Total: 60, Text: "Heart <i>"})
		select {
		case <-gate:
			return desktest.Sample(), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return gate
}

func states(b *desktest.Bench) string {
	var all []string
	for _, s := range b.Studies() {
		all = append(all, string(s.State))
	}
	return strings.Join(all, " ")
}

func TestWhatGoesToTheQueue(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []desk.File
		room  desk.Room
	}{
		{"one file", []desk.File{desktest.File{Named: "a"}}, desk.RoomRead},
		{"two files", []desk.File{desktest.File{Named: "a"}, desktest.File{Named: "b"}}, desk.RoomRead},
		{"two and weights", []desk.File{desktest.File{Named: "a"}, desktest.File{Named: "b"}, desktest.File{Named: "m", Begin: desktest.Weights}}, desk.RoomRead},
		{"three files", []desk.File{desktest.File{Named: "a"}, desktest.File{Named: "b"}, desktest.File{Named: "c"}}, desk.RoomQueue},
		{"a folder of one", clinic("a"), desk.RoomQueue},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := desktest.New(t)
				b.Ready()
				b.Do(func() { b.Add(c.files...) })
				assert.Equal(t, c.room, b.Place().Room)
				assert.Equal(t, c.room == desk.RoomRead, len(b.Studies()) == 0)
				assert.Equal(t, c.room == desk.RoomRead, len(b.Views()) > 0)
			})
		})
	}
}

func TestQueueBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready()
		var many []desk.File
		for i := range 10_001 {
			many = append(many, desktest.File{Named: fmt.Sprint(i)})
		}
		b.Do(func() { b.Add(many...) })
		assert.Contains(t, b.Alert(), "more than 10000 files")
		assert.Empty(t, b.Studies())
		assert.False(t, b.Opening())

		deep := desktest.File{Named: "b", Whole: strings.Repeat("x/", 17) + "b"}
		b.Do(func() { b.Add(append(clinic("a"), deep)...) })
		assert.Len(t, b.Studies(), 1)
		assert.Equal(t, "1 image in 1 study, written one after another. 1 file in more than 16 folders, one in the other, is left out.", b.Notice())

		b.Engine.OnList = func(files []desk.File) (*desk.Listing, error) {
			if len(files) == 1 { // the last, alone
				return nil, status.Errorf(status.UnknownImage, "radiograph: no image")
			}
			return &desk.Listing{Images: []desk.Found{{Source: files[0]}}}, nil
		}
		b.Do(func() { b.Add(many[:101]...) })
		assert.Equal(t, "1 image in 1 study, written one after another. Another file is no image that this page can read.", b.Notice())
		b.Engine.OnList = func([]desk.File) (*desk.Listing, error) { return nil, status.Errorf(status.Crashed, "worker: fault") }
		b.Do(func() { b.Add(many[:101]...) })
		assert.Equal(t, status.Crashed, b.Trouble().Code)
	})
}

// Studies are written one after another, and nothing is held of their films.
func TestQueueOfManyStudies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready()
		open, most, at := 0, 0, 0
		b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
			open++
			return &desk.View{Name: f.Name(), Known: desk.ByPicture}, nil
		}
		b.Engine.OnReport = func(_ context.Context, views []*desk.View, _ func(status.Progress)) (*report.Report, error) {
			at++
			most = max(most, open-len(b.Engine.Closed))
			assert.Len(t, views, 2)
			return desktest.Sample(), nil
		}
		var names []string
		for i := range 200 {
			names = append(names, fmt.Sprintf("%03d-frontal.png", i), fmt.Sprintf("%03d-lateral.png", i))
		}
		b.Do(func() { b.Add(clinic(names...)...) })
		assert.Equal(t, "200 studies: 200 done", b.QueueSum())
		assert.Equal(t, 200, at)
		assert.Equal(t, 2, most, "the films of one study are open at a time")
		assert.Len(t, b.Engine.Closed, 400)
		assert.Equal(t, "The queue has ended. 200 studies: 200 done.", b.Announcement())
		page := html(b)
		assert.Equal(t, desk.StudiesShown, strings.Count(page, `class="study"`), "a page of them is shown")
		assert.Contains(t, page, "Studies 1 to 25 of 200")
		for range 10 {
			b.Do(func() { b.TurnStudies(1) })
		}
		assert.Contains(t, html(b), "Studies 176 to 200 of 200")
		assert.False(t, b.CanTurnStudies(1))

		b.Do(func() { b.SaveStudies(export.Forms()[0]) })
		assert.True(t, strings.HasPrefix(b.Screen.Saved, "reports.csv text/csv"))
		assert.Equal(t, 1+200*14, strings.Count(b.Screen.Saved, "\n"))
		b.Do(func() { b.SaveStudies(export.Forms()[1]) })
		assert.Equal(t, 200, strings.Count(b.Screen.Saved, "\n"))
	})
}

func TestQueueStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Do(func() { b.Add(clinic("a", "b", "c")...) })
		assert.Equal(t, "waiting waiting waiting", states(b), "there is no model")
		assert.Contains(t, html(b), "3 studies: 3 waiting. It waits for a model.")
		gate := paused(b)
		b.Ready()
		assert.Equal(t, "writing waiting waiting", states(b))
		page := html(b)
		assert.Contains(t, page, "Writing word 3")
		assert.Contains(t, page, "Heart &lt;i&gt;")
		assert.False(t, b.CanRenew())

		all := b.Studies()
		b.Do(func() { b.StopStudy(all[0]) })
		assert.Equal(t, "cancelled writing waiting", states(b))
		b.Do(func() { b.StopStudy(all[2]) })
		b.Do(func() { b.WriteStudy(all[0]) })
		gate <- struct{}{}
		synctest.Wait()
		assert.Equal(t, "writing done cancelled", states(b))
		b.Do(b.StopStudies)
		assert.Equal(t, "cancelled done cancelled", states(b))
		assert.Equal(t, "3 studies: 1 done, 2 stopped", b.QueueSum())
		b.Do(b.WriteStudies)
		assert.Equal(t, "writing done waiting", states(b))
		b.Do(func() { b.RemoveStudy(all[0]) })
		assert.Equal(t, "done writing", states(b))
		gate <- struct{}{}
		synctest.Wait()
		assert.Equal(t, "done done", states(b))
		assert.Len(t, b.Engine.Closed, 5, "films of what was stopped too")
	})
}

func TestQueueFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready()
		bad := desktest.File{Named: "bad.png", Whole: "clinic/bad.png", Err: status.Errorf(status.BlankImage, "radiograph: one grey")}
		b.Do(func() { b.Add(append(clinic("a"), bad)...) })
		assert.Equal(t, "done failed", states(b))
		assert.Contains(t, html(b), "“bad.png” shows nothing")
		assert.Nil(t, b.Trouble(), "its row says so")

		b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			return nil, status.Errorf(status.Crashed, "worker: fault")
		}
		b.Do(func() { b.Add(clinic("b", "c")...) })
		assert.Equal(t, "done failed failed waiting", states(b), "there is no engine")
		assert.Equal(t, status.Crashed, b.Trouble().Code)
		b.Engine.OnReport = nil
		b.Do(b.Help)
		assert.Equal(t, "done failed failed done", states(b))
	})
}

// What a reader asks for goes first, and what it interrupts is written after it.
func TestTheStageGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		gate := paused(b)
		b.Ready("x")
		b.Do(func() { b.Add(clinic("a", "b")...) })
		assert.Equal(t, "writing waiting", states(b))
		b.Do(b.Run)
		assert.Equal(t, "waiting waiting", states(b))
		require.NotNil(t, b.Running())
		gate <- struct{}{}
		synctest.Wait()
		assert.Nil(t, b.Running())
		assert.Equal(t, "x", b.Result().Views[0].Name)
		assert.Equal(t, "writing waiting", states(b))
		b.Do(b.Start) // another model
		assert.Equal(t, "writing waiting", states(b), "again")
		b.Do(func() { b.SetProcessor(desk.Processor{Threads: 2}) })
		assert.Equal(t, "writing waiting", states(b), "and again")
		b.Do(b.StopStudies)
	})
}

// What the reader says of the draft of a study stays with it; of a draft that is of no
// study it goes only after they were asked.
func TestMarksOfStudies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("x")
		b.Do(b.Run)
		b.Do(func() { b.ToggleWrong(0) })
		b.Do(func() { b.Add(clinic("a", "b", "c")...) })
		require.Equal(t, "done done done", states(b))
		all, first := b.Studies(), b.Result()

		b.Do(func() { b.ReadStudy(all[0]) })
		assert.True(t, b.Discarding())
		assert.Equal(t, desk.RoomRead, b.Place().Room)
		b.Do(b.KeepYours)
		assert.Same(t, first, b.Result())
		b.Do(func() { b.ReadStudy(all[0]) })
		b.Do(b.Discard)
		assert.Equal(t, all[0], b.Reading())
		assert.Nil(t, b.Document().Reader)

		b.Do(func() { b.ToggleWrong(1); b.SetYourText("Heart large.") })
		b.Do(func() { b.ReadStudy(all[1]) })
		assert.False(t, b.Discarding())
		assert.Equal(t, all[1], b.Reading())
		assert.Nil(t, b.Document().Reader)
		assert.Equal(t, &export.Reader{Text: "Heart large.", Wrong: []int{1}}, all[0].Document().Reader, "as it is saved from the queue")
		assert.True(t, b.Unsaved())
		b.Do(func() { b.ReadStudy(all[0]) })
		assert.True(t, b.Result().IsWrong(1))
		assert.Equal(t, "Heart large.", b.Result().YourText())
		b.Do(func() { b.ToggleWrong(1); b.ToggleWrong(0) })
		b.Do(func() { b.ReadStudy(all[1]) })
		assert.Equal(t, []int{0}, all[0].Document().Reader.Wrong)

		// A draft that the reader has said something of is read though another model is in
		// use; one by its side is written, and nothing is asked, since nothing is lost.
		b.Do(func() { b.ReadStudy(all[2]) })
		b.Engine.SetModel(&desk.Model{SHA256: "another", Views: 2})
		before := all[0].Report
		b.Do(func() { b.ReadStudy(all[0]) })
		assert.Same(t, before, b.Result().Report)
		assert.Equal(t, []int{0}, b.Document().Reader.Wrong)
		before = all[1].Report
		b.Do(func() { b.ReadStudy(all[1]) })
		assert.False(t, b.Discarding())
		assert.NotSame(t, before, b.Result().Report)

		assert.True(t, b.Holds(all[0]))
		b.Do(func() { b.Go(desk.Place{Room: desk.RoomQueue}); b.ToggleChanging(all[0]) })
		assert.Contains(t, html(b), ">Use as lateral, and lose what you said of it<")
		assert.Contains(t, html(b), ">Remove, and lose what you said of it<")
		b.Do(func() { b.SwapFilms(all[0]) })
		assert.False(t, b.Holds(all[0]))
		assert.Nil(t, all[0].Document().Reader, "of another report")
	})
}

func TestReadStudy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("x")
		bad := desktest.File{Named: "bad", Whole: "clinic/bad", Err: status.Errorf(status.BlankImage, "radiograph: one grey")}
		b.Do(func() { b.Add(append(clinic("a-lat", "a-pa"), bad, clinic("c")[0])...) })
		require.Equal(t, "done failed done", states(b))
		all := b.Studies()
		written := len(b.Engine.Reported)

		b.Do(func() { b.ReadStudy(all[0]) })
		assert.Equal(t, desk.RoomRead, b.Place().Room)
		assert.Equal(t, "a-pa", b.View(desk.Frontal).Name)
		assert.Equal(t, "a-lat", b.View(desk.Lateral).Name)
		assert.Same(t, all[0].Report, b.Result().Report)
		assert.Equal(t, all[0].Written, b.Result().Written)
		assert.False(t, b.Stale())
		assert.Len(t, b.Engine.Reported, written, "it is not written anew")
		assert.Contains(t, html(b), "Study 1 of 3")
		assert.False(t, b.ReadNext(-1))

		b.Do(func() { assert.True(t, b.StageKey("PageDown")) })
		assert.Equal(t, all[2], b.Reading(), "over the one that cannot be read")
		assert.Nil(t, b.View(desk.Lateral))
		b.Do(func() { b.SwapFilms(all[2]) })
		assert.Nil(t, b.Reading(), "the stage shows it as it was")
		b.Do(func() { b.ReadStudy(all[2]) })
		assert.Nil(t, b.View(desk.Frontal))
		assert.Equal(t, "c", b.View(desk.Lateral).Name)
		b.Do(func() { b.Remove(desk.Lateral) })
		assert.Nil(t, b.Reading())
		assert.False(t, b.StageKey("PageUp"))

		// By another model it is.
		written = len(b.Engine.Reported)
		b.Do(func() { b.Add(desktest.File{Named: "m", Begin: desktest.Weights}) })
		b.Engine.SetModel(&desk.Model{SHA256: "another", Views: 2})
		b.Do(func() { b.ReadStudy(all[0]) })
		assert.Len(t, b.Engine.Reported, written+1)

		b.Engine.OnOpen = func(desk.Source) (*desk.View, error) { return nil, status.Errorf(status.UnreadableFile, "gone") }
		before := b.Views()
		b.Do(func() { b.ReadStudy(all[2]) })
		assert.Equal(t, desk.StudyFailed, all[2].State)
		assert.Equal(t, before, b.Views(), "what was on the stage stays")
		assert.Contains(t, b.Alert(), "“c” could not be read")
	})
}

func TestPairAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready()
		b.Do(func() { b.Add(clinic("a-lat", "a-pa", "b")...) })
		s := b.Studies()[0]
		first := s.Report
		b.Do(func() { b.ToggleChanging(s) })
		assert.Contains(t, html(b), "Make two studies")
		b.Do(func() { b.SplitStudy(s) })
		assert.Equal(t, "done done done", states(b), "both are written")
		assert.NotSame(t, first, s.Report)
		other := b.Studies()[1]
		assert.Equal(t, "a-pa", s.Name())
		assert.Equal(t, "a-lat", other.Name())
		assert.Equal(t, desk.PartedByHand, other.How)
		b.Do(func() { b.SplitStudy(s) })
		assert.Len(t, b.Studies(), 3, "there is nothing to part")

		b.Do(func() { b.JoinStudy(s) })
		assert.Contains(t, html(b), "Join with a-pa")
		b.Do(func() { b.JoinStudy(s) })
		assert.Nil(t, b.Joining(), "or with none")
		b.Do(func() { b.JoinStudy(s) })
		b.Do(func() { b.JoinStudy(b.Studies()[2]) })
		assert.Equal(t, "a-pa and b", s.Name())
		assert.Equal(t, desk.PairedByHand, s.How)
		assert.Len(t, b.Studies(), 2)
		reported := b.Engine.Reported[len(b.Engine.Reported)-1]
		assert.Equal(t, []string{"a-pa", "b"}, []string{reported[0].Name, reported[1].Name})
		b.Do(func() { b.SwapFilms(s) })
		reported = b.Engine.Reported[len(b.Engine.Reported)-1]
		assert.Equal(t, []string{"b", "a-pa"}, []string{reported[0].Name, reported[1].Name})
	})
}
