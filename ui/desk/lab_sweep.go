package desk

import (
	"bytes"
	"context"
	"fmt"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/ui/say"
)

// SweepSteps is how many values a sweep of the lab has.
const SweepSteps = 11

// LabSweep is a sweep of one slider over the phantom of the lab. Points appear one by
// one; one that cannot be measured is a gap.
type LabSweep struct {
	sweep.Sweep // whose points are those that are there
	Slider      Slider
	values      []float64
	points      []*sweep.Point // of the values, nil while it is not there
	failed      []bool
	stopped     bool
	model       string // its SHA-256
}

// Sweep is the last one, or nil.
func (l *Lab) Sweep() *LabSweep { return l.sweep }

// Of is the slider that a sweep is to be of.
func (l *Lab) Of() Slider { return sliderOf(l.of) }

func sliderOf(name string) Slider {
	for _, s := range Sliders {
		if s.Name == name {
			return s
		}
	}
	panic("desk: no slider of that name")
}

// SetOf chooses the slider of the next sweep.
func (l *Lab) SetOf(name string) { l.of = name }

// CanSweep says whether StartSweep would do anything.
func (l *Lab) CanSweep() bool {
	return l.desk.Model() != nil && (l.sweep == nil || !l.sweep.Running())
}

// StartSweep begins a sweep of the chosen slider over the phantom as it is.
func (l *Lab) StartSweep() {
	if !l.CanSweep() {
		return
	}
	s, err := sweep.New(l.chest, l.of, Redraws)
	if err != nil {
		panic("desk: a slider of no parameter")
	}
	slider := l.Of()
	l.sweep = &LabSweep{
		Sweep: s, Slider: slider, values: sweep.Values(slider.From, slider.To, SweepSteps),
		points: make([]*sweep.Point, SweepSteps), failed: make([]bool, SweepSteps), model: l.desk.Model().SHA256,
	}
	l.trouble = nil
	l.next()
}

// StopSweep keeps the points that are there.
func (l *Lab) StopSweep() {
	if l.sweep != nil && l.sweep.Running() {
		l.sweep.stopped = true
		if l.measuring {
			l.stop()
		}
	}
}

// GoOn measures the points of the last sweep that are not there.
func (l *Lab) GoOn() {
	if l.sweep != nil {
		l.sweep.stopped = false
		clear(l.sweep.failed)
		l.next()
	}
}

// measure has the model read the phantoms of the next value of a sweep.
func (l *Lab) measure(s *LabSweep) {
	at, d := s.next(), l.desk
	var p sweep.Point
	l.measuring = true
	l.do(func(ctx context.Context) (err error) {
		p, err = d.engine.Measure(ctx, s.Sweep, s.values[at])
		return err
	}, func(err error) {
		if err != nil {
			s.failed[at] = !lost(err)
			return
		}
		s.points[at] = &p
		s.Points = nil
		for _, there := range s.points {
			if there != nil {
				s.Points = append(s.Points, *there)
			}
		}
		if !s.Running() {
			d.say(say.F("Sweep of %s: %s", say.Text(s.Slider.Label), s.Finding()))
		}
	})
}

// about says whether the sweep is over a phantom but for what it is of.
func (s *LabSweep) about(c phantom.Chest) bool {
	*s.Slider.Of(&c) = 0
	return c == s.Chest
}

// next is the value to measure next, or −1.
func (s *LabSweep) next() int {
	if s.stopped {
		return -1
	}
	for i, p := range s.points {
		if p == nil && !s.failed[i] {
			return i
		}
	}
	return -1
}

// Running says whether points are still to come.
func (s *LabSweep) Running() bool { return s.next() >= 0 }

// Missing is how many points are not there.
func (s *LabSweep) Missing() int { return len(s.points) - len(s.Points) }

// Values are those that the sweep is to measure.
func (s *LabSweep) Values() []float64 { return s.values }

// Point is that of a value, or nil while it is not there.
func (s *LabSweep) Point(i int) *sweep.Point { return s.points[i] }

// Finding says what the sweep shows: whether reports name what grows more often where
// there is much of it, beyond what chance does.
func (s *LabSweep) Finding() string {
	first, last := s.points[0], s.points[len(s.points)-1]
	if first == nil || last == nil {
		return ""
	}
	said := say.F("Of %d reports each, %d name %s at %s, %d at %s", s.Samples, s.Named(*first), say.Text(string(s.Label)), s.Slider.At(first.Value), s.Named(*last), s.Slider.At(last.Value))
	if s.Label == findings.NoFinding { // there is nothing to notice
		return said + "."
	}
	low, high := sweep.Interval(s.Named(*first), first.Reports)
	lastLow, lastHigh := sweep.Interval(s.Named(*last), last.Reports)
	switch {
	case lastLow > high:
		return say.F("%s: the model notices.", said)
	case lastHigh < low:
		return say.F("%s: it names it less often the more there is.", said)
	}
	return say.F("%s: no more than chance does. The model does not notice it here.", said)
}

// SaveSweep offers the table as a file, as uar sweep -csv prints it.
func (l *Lab) SaveSweep() {
	var text bytes.Buffer
	if err := l.sweep.WriteCSV(&text); err != nil {
		panic("desk: a buffer that cannot be written")
	}
	name := fmt.Sprintf("sweep-%s-seed-%d.csv", l.sweep.Of, l.sweep.Chest.Seed)
	if l.sweep.Missing() > 0 {
		name = "part-of-" + name
	}
	l.desk.say(say.F("%s is saved.", name))
	go l.desk.screen.Save(name, "text/csv", text.Bytes())
}
