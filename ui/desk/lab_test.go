package desk_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// inLab brings a bench to the phantom lab, by a link, with a model whose draft names an
// effusion, and whose redraws name one and an edema in turn.
func inLab(t *testing.T, link string) *desktest.Bench {
	b := desktest.New(t)
	b.Engine.OnReport = func(_ context.Context, views []*desk.View, _ func(status.Progress)) (*report.Report, error) {
		r := desktest.Sample()
		if desktest.IsPlain(views) {
			r = desktest.Plain()
		}
		for i, text := range []string{"pleural", "effusion", ".", "no", "pneumothorax", "."} {
			r.Words[i].Text = text
		}
		return r, nil
	}
	b.Engine.OnSample = func(_ context.Context, reports int, _ uint64, drawn func(string)) error {
		for i := range reports {
			drawn([]string{"pleural effusion .", "mild edema ."}[i%2])
		}
		return nil
	}
	b.Ready()
	b.Do(func() { b.Arrive(link) })
	settle(b)
	return b
}

// settle waits until a phantom has rested and all is done about it.
func settle(b *desktest.Bench) {
	b.Pass(time.Minute)
}

// slider is that of a name.
func slider(name string) desk.Slider {
	for _, s := range desk.Sliders {
		if s.Name == name {
			return s
		}
	}
	panic(name)
}

func TestLab(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLab(t, "#lab?seed=7&le=60&no=12&nz=5")
		l := b.Lab()
		assert.Equal(t, phantom.Chest{Seed: 7, LeftEffusion: 0.6, Nodule: 12, NoduleZone: phantom.LeftUpper}, l.Chest())
		assert.Equal(t, l.Chest(), l.Study().Chest)
		require.Len(t, l.Study().Views, 2)
		assert.Equal(t, sweep.Size, l.Film().Width)
		assert.Len(t, l.Film().Outlines, 2)
		assert.Equal(t, uint64(7), l.Study().Redraw.Seed, "that of a sweep")
		assert.Equal(t, []desk.Verdict{
			{Label: findings.LungLesion, Drawn: []string{"nodule"}, Answer: desk.Missed},
			{Label: findings.PleuralEffusion, Drawn: []string{"left effusion"}, Answer: desk.Noticed, Anyway: true, Again: 10},
		}, l.Verdicts())
		assert.Equal(t, []findings.Count{{Label: findings.Edema, Stated: 10}}, l.Others())
		assert.Equal(t, []bool{true, true, true, true}, l.Changed(desk.Frontal), "of codes 1 to 4, and 0 in the plain one")
		assert.NotNil(t, l.Plain())
		assert.Equal(t, "On the 1 phantom drawn since this page was opened, the drafts noticed 1 of 2 findings, and redraws named them 10 of 40 times. 0 that they named were not there.", l.Tally())

		b.Do(func() { l.Clear() })
		settle(b)
		assert.Equal(t, "#lab?seed=7", b.Place().Address())
		assert.Equal(t, []desk.Verdict{{Label: findings.PleuralEffusion, Answer: desk.Invented, Again: 10}}, l.Verdicts())
		assert.Contains(t, l.Tally(), "2 phantoms")
		assert.Contains(t, l.Tally(), "1 that they named was not there.")
	})
}

// A draft that denies what is drawn misses it, and one that would name it anyway is
// told so.
func TestLabTellsTheDraftFromThePlainOne(t *testing.T) {
	for _, plainly := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { testPlainDraft(t, plainly) })
	}
}

// testPlainDraft tests that with a model that names the effusion plainly, too, or not.
func testPlainDraft(t *testing.T, plainly bool) {
	b := inLab(t, "#lab?seed=7&le=60&lp=5")
	b.Engine.OnReport = func(_ context.Context, views []*desk.View, _ func(status.Progress)) (*report.Report, error) {
		r := desktest.Sample()
		words := []string{"pleural", "effusion", ".", "no", "pneumothorax", "."}
		if desktest.IsPlain(views) && !plainly {
			words = []string{"no", "pleural", "effusion", "or", "thickening", "."}
		}
		for i, text := range words {
			r.Words[i].Text = text
		}
		return r, nil
	}
	l := b.Lab()
	b.Do(func() { l.SetSeed(8) })
	settle(b)
	assert.Equal(t, []desk.Verdict{
		{Label: findings.Pneumothorax, Drawn: []string{"left pneumothorax"}, Answer: desk.Missed, Denied: true},
		{Label: findings.PleuralEffusion, Drawn: []string{"left effusion"}, Answer: desk.Noticed, Anyway: plainly, Again: 10},
	}, l.Verdicts())
}

// While a slider moves only sketches are drawn; a report is written once it rests, and
// one that is being written is given up.
func TestLabRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLab(t, "#lab?seed=1")
		l := b.Lab()
		var drawn []phantom.Chest
		b.Engine.OnDraw = func(c phantom.Chest, _ bool) error {
			b.Env.Lock() // for it may have begun to wait before the test looks
			drawn = append(drawn, c)
			b.Env.UnlockOnly()
			return nil
		}
		written, given := 0, 0
		b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
			written++
			if written == 1 {
				<-ctx.Done()
				given++
				return nil, ctx.Err()
			}
			return desktest.Sample(), nil
		}
		for step := 10; step <= 50; step += 10 {
			b.Do(func() { l.Move(slider("opacity"), step) })
			b.Pass(100 * time.Millisecond)
		}
		assert.Zero(t, written)
		assert.Len(t, drawn, 5, "a sketch each")
		assert.Less(t, l.Film().Width, sweep.Size)
		settle(b)
		assert.Equal(t, 1, written)
		assert.NotNil(t, l.Job())
		b.Do(func() { l.Move(slider("opacity"), 60) })
		settle(b)
		assert.Equal(t, 1, given)
		assert.Equal(t, 2, written)
		assert.Nil(t, l.Job())
		assert.Equal(t, desk.RedrawDone, l.Study().Redraw.State)
		assert.Equal(t, "#lab?seed=1&op=60", b.Place().Address())
	})
}

// The lab gives way to a report, and to other rooms, and goes on afterwards.
func TestLabGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Do(func() { b.Arrive("#lab?seed=1") })
		settle(b)
		assert.NotNil(t, b.Lab().Study().Views, "drawn without a model")
		assert.Nil(t, b.Lab().Study().Report)
		reports := 0
		b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
			reports++
			if reports == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return desktest.Sample(), nil
		}
		b.Do(b.Start)
		settle(b)
		assert.Equal(t, 1, reports)
		b.Do(func() { b.Arrive("#read") })
		settle(b)
		assert.Nil(t, b.Lab().Study().Report, "given up")
		b.Do(func() { b.Arrive("#lab") })
		settle(b)
		assert.NotNil(t, b.Lab().Study().Report)
		assert.Equal(t, uint64(1), b.Lab().Chest().Seed, "as it was left")

		b.Do(b.Lab().ReadAsStudy)
		settle(b)
		assert.Equal(t, desk.RoomRead, b.Place().Room)
		assert.Len(t, b.Views(), 2)
		assert.True(t, b.Views()[0].Synthetic)
	})
}

// What fails is said, and can be tried again.
func TestLabFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fail  func(e *desktest.Engine, err error)
		state func(l *desk.Lab) bool
	}{
		{"the drawing", func(e *desktest.Engine, err error) {
			e.OnDraw = func(phantom.Chest, bool) error { return err }
		}, func(l *desk.Lab) bool { return l.Study().Views == nil }},
		{"the report", func(e *desktest.Engine, err error) {
			e.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) { return nil, err }
		}, func(l *desk.Lab) bool { return l.Study().Report == nil }},
		{"redraws", func(e *desktest.Engine, err error) {
			e.OnSample = func(context.Context, int, uint64, func(string)) error { return err }
		}, func(l *desk.Lab) bool { return l.Study().Redraw.State == desk.RedrawFailed }},
		{"the comparison", func(e *desktest.Engine, err error) {
			reports := 0
			e.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				if reports++; reports == 2 {
					return nil, err
				}
				return desktest.Sample(), nil
			}
		}, func(l *desk.Lab) bool { return l.Changed(0) == nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := inLab(t, "#lab?seed=1&le=50")
				l := b.Lab()
				c.fail(b.Engine, status.Errorf(status.NotFinite, "a fault"))
				b.Do(func() { l.SetSeed(2) })
				settle(b)
				require.NotNil(t, l.Trouble())
				assert.Equal(t, status.NotFinite, l.Trouble().Code)
				assert.True(t, c.state(l))
				b.Engine.OnDraw, b.Engine.OnReport, b.Engine.OnSample = nil, nil, nil
				b.Do(l.Again)
				settle(b)
				assert.Nil(t, l.Trouble())
				assert.NotNil(t, l.Changed(0))
			})
		})
	}
}

// A part of what computes that is lost is replaced, and asked again.
func TestLabLosesABackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		asked := 0
		b.Engine.OnSample = func(_ context.Context, reports int, _ uint64, drawn func(string)) error {
			if asked++; asked == 1 {
				return status.Errorf(status.BackendLost, "a fault")
			}
			for range reports {
				drawn("mild edema .")
			}
			return nil
		}
		b.Ready()
		b.Do(func() { b.Arrive("#lab?seed=1") })
		settle(b)
		assert.Equal(t, 2, asked)
		assert.NotNil(t, b.Model())
		assert.Nil(t, b.Lab().Trouble())
		assert.Equal(t, desk.Redraws, b.Lab().Study().Redraw.Drawn)
	})
}

func TestLabSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLab(t, "#lab?seed=7&le=60&op=30")
		l := b.Lab()
		assert.Equal(t, "left-effusion", l.Of().Name)
		b.Do(l.StartSweep)
		settle(b)
		s := l.Sweep()
		assert.False(t, s.Running())
		assert.Equal(t, phantom.Chest{Seed: 7, Opacity: 0.3}, s.Chest)
		require.Len(t, s.Points, desk.SweepSteps)
		assert.Equal(t, 20, s.Named(s.Points[10]))
		assert.Equal(t, "Of 20 reports each, 0 name pleural effusion at none, 20 at 100 %: the model notices.", s.Finding())

		b.Do(l.SaveSweep)
		assert.Contains(t, b.Screen.Saved, "sweep-left-effusion-seed-7.csv text/csv left-effusion,reports,named")
		b.Do(func() { l.Move(slider("left-effusion"), 80) })
		assert.NotNil(t, l.Sweep(), "it is over the same phantom")
		b.Do(func() { l.Move(slider("opacity"), 40) })
		assert.Nil(t, l.Sweep())
		assert.Equal(t, "opacity", l.Of().Name)
		settle(b)
	})
}

// A sweep can be stopped and gone on with; a point that fails is a gap.
func TestLabSweepStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := inLab(t, "#lab?seed=7")
		l := b.Lab()
		var measured []float64
		b.Engine.OnMeasure = func(ctx context.Context, s sweep.Sweep, value float64) (sweep.Point, error) {
			measured = append(measured, value)
			switch len(measured) {
			case 2:
				return sweep.Point{}, errors.New("a fault")
			case 4:
				<-ctx.Done()
				return sweep.Point{}, ctx.Err()
			}
			return sweep.Point{Value: value, Reports: 20, Findings: findings.Table("", nil)}, nil
		}
		b.Do(func() { l.SetOf("rotation"); l.StartSweep() })
		settle(b)
		s := l.Sweep()
		assert.True(t, s.Running())
		b.Do(l.StopSweep)
		settle(b)
		assert.False(t, s.Running())
		assert.Equal(t, 9, s.Missing())
		b.Do(l.SaveSweep)
		assert.Contains(t, b.Screen.Saved, "part-of-sweep-rotation-seed-7.csv text/csv")
		assert.Nil(t, s.Point(1))
		assert.NotNil(t, s.Point(2))
		assert.Empty(t, s.Finding(), "its end is not there")
		assert.Nil(t, l.Trouble())
		b.Do(l.GoOn)
		settle(b)
		assert.Zero(t, s.Missing())
		assert.Len(t, measured, 13)
		assert.Equal(t, "Of 20 reports each, 0 name no finding at -45°, 0 at +45°.", s.Finding())
	})
}

func TestSliders(t *testing.T) {
	require.Len(t, desk.Sliders, len(phantom.Parameters), "all there are")
	keys := map[string]bool{"seed": true, "oz": true, "nz": true, "pm": true}
	for _, s := range desk.Sliders {
		assert.False(t, keys[s.Key], s.Key)
		keys[s.Key] = true
		from, to := s.Bounds()
		assert.Less(t, from, to)
	}
	c := phantom.Chest{Seed: 3}
	assert.Equal(t, "0.52", slider("heart").Text(phantom.Chest{Heart: 0.52}))
	assert.InDelta(t, 47, slider("heart").Step(c), 6, "as the seed has it")
	assert.False(t, slider("heart").Chosen(c))
	assert.Equal(t, "none", slider("nodule").Text(c))
	assert.Equal(t, "-1.5 stops", slider("exposure").Text(phantom.Chest{Exposure: -1.5}))
}

// An address describes a phantom, and what it says beyond the bounds is brought within.
func TestLabAddress(t *testing.T) {
	for link, says := range map[string]string{
		"#lab?seed=5&h=56&re=10&le=60&op=30&no=9&rp=5&lp=7&hy=20&ex=-15&ro=12&oz=3&nz=5&pm=1": "#lab?seed=5&h=56&re=10&le=60&op=30&no=9&rp=5&lp=7&hy=20&ex=-15&ro=12&oz=3&nz=5&pm=1",
		"#lab?seed=-3&le=700&h=1&oz=-1&nz=99":                                                 "#lab?seed=0&h=35&le=100&nz=5",
		"#lab?seed=99999999999":                                                               "#lab?seed=999",
	} {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Do(func() { b.Arrive(link) })
			assert.Equal(t, says, b.Place().Address())
			assert.NoError(t, b.Lab().Chest().Check())
			settle(b)
		})
	}
}

func TestAnotherRoomTakesTheKeyboard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.Equal(t, "Read · uarweb", b.Title())
		b.Do(func() { b.Arrive("#lab?seed=5") })
		assert.Equal(t, desk.Place{Room: desk.RoomLab, Parameters: map[string]int{"seed": 5}}, b.Place())
		assert.Equal(t, "Phantom lab · uarweb", b.Title())
		assert.Equal(t, desk.Focus{ID: "lab-title", When: desk.Always}, b.TakeFocus())

		b.Do(func() { b.Go(desk.Place{Room: desk.RoomLab, Parameters: map[string]int{"seed": 6}}) })
		assert.Equal(t, "#lab?seed=6", b.Place().Address())
		assert.NotEqual(t, desk.Always, b.TakeFocus().When, "the keyboard stays at the slider")
		settle(b)
	})
}
