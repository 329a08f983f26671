package metrics

import (
	"math"
	"slices"

	"uarweb/engine/score/findings"
)

// Forecast is a probability that was given to something, and whether it was so.
type Forecast struct {
	Probability float64 // 0 to 1
	True        bool
}

// Reliability says how far probabilities can be taken at their word.
type Reliability struct {
	Forecasts int     `json:"forecasts"`
	BaseRate  float64 `json:"base_rate"` // share of what was so
	Brier     float64 `json:"brier"`     // mean squared difference of probability and truth (Brier, 1950); 0 is best
	// Skill is 1 − Brier/reference, where the reference gives everything its base
	// rate: over 0 the probabilities tell more than that. 0 where the reference has no
	// error, as all or nothing was so.
	Skill float64 `json:"skill"`
	// ECE is the expected calibration error: over the bins of Table, weighed by their
	// forecasts, the mean difference of mean probability and share of what was so.
	ECE   float64 `json:"ece"`
	Table []Bin   `json:"table"`
}

// Bin is a row of a reliability table: the forecasts of a probability in [Low, High),
// of the last one in [Low, High]. Empty ones are left out.
type Bin struct {
	Low         float64 `json:"low"`
	High        float64 `json:"high"`
	Forecasts   int     `json:"forecasts"`
	Probability float64 `json:"probability"` // their mean
	True        float64 `json:"true"`        // share of what was so
}

// bins is how many a reliability table has.
const bins = 10

// Calibrate measures forecasts. Of none all is 0.
func Calibrate(forecasts []Forecast) Reliability {
	r := Reliability{Forecasts: len(forecasts), Table: []Bin{}}
	var table [bins]Bin
	squares, so := 0.0, 0.0
	for _, f := range forecasts {
		truth := 0.0
		if f.True {
			truth = 1
		}
		b := &table[min(bins-1, int(f.Probability*bins))]
		b.Forecasts++
		b.Probability += f.Probability
		b.True += truth
		so += truth
		squares += (f.Probability - truth) * (f.Probability - truth)
	}
	if r.Forecasts == 0 {
		return r
	}
	n := float64(r.Forecasts)
	r.BaseRate, r.Brier = so/n, squares/n
	r.Skill = skill(r.Brier, r.BaseRate*(1-r.BaseRate))
	for i, b := range table {
		if b.Forecasts == 0 {
			continue
		}
		b.Low, b.High = float64(i)/bins, float64(i+1)/bins
		b.Probability /= float64(b.Forecasts)
		b.True /= float64(b.Forecasts)
		r.ECE += float64(b.Forecasts) / n * math.Abs(b.Probability-b.True)
		r.Table = append(r.Table, b)
	}
	return r
}

func skill(brier, reference float64) float64 {
	if reference == 0 {
		return 0
	}
	return 1 - brier/reference
}

// Opinion is what a model says of a study in several reports drawn from its
// distribution, and the reference.
type Opinion struct {
	Samples   []string // at least one
	Reference string
}

// FindingsReliability says how far the share of samples that state a finding is the
// probability that the reference states it, by findings.Of of all.
type FindingsReliability struct {
	// All takes the findings (not NoFinding) together; the reference of its Skill gives
	// each finding its own base rate.
	All    Reliability        `json:"all"`
	Labels []LabelReliability `json:"labels"` // all 14, in the order of findings.Labels
}

// LabelReliability is the Reliability of one label.
type LabelReliability struct {
	Label findings.Label `json:"label"`
	Reliability
}

// CalibrateFindings measures opinions. It is an error if there are none, or one
// without samples. A share of n samples is itself uncertain, by p(1 − p)/n in the
// Brier score: few samples look worse than the distribution that they are from.
func CalibrateFindings(opinions []Opinion) (FindingsReliability, error) {
	if len(opinions) == 0 || slices.ContainsFunc(opinions, func(o Opinion) bool { return len(o.Samples) == 0 }) {
		return FindingsReliability{}, errNoReports
	}
	labels := findings.Labels()
	forecasts := make([][]Forecast, len(labels))
	for _, o := range opinions {
		shares := make([]float64, len(labels))
		for _, s := range o.Samples {
			for l, stated := range states(s) {
				if stated {
					shares[l]++
				}
			}
		}
		for l, stated := range states(o.Reference) {
			forecasts[l] = append(forecasts[l], Forecast{shares[l] / float64(len(o.Samples)), stated})
		}
	}
	var r FindingsReliability
	reference := 0.0
	for l, label := range labels {
		of := Calibrate(forecasts[l])
		r.Labels = append(r.Labels, LabelReliability{label, of})
		if l != noFinding {
			reference += of.BaseRate * (1 - of.BaseRate) / float64(len(labels)-1)
		}
	}
	r.All = Calibrate(slices.Concat(forecasts[noFinding+1:]...))
	r.All.Skill = skill(r.All.Brier, reference)
	return r, nil
}
