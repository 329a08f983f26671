package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/weights/golden"
)

func sample(t testing.TB, s *engine.Session, o engine.SampleOptions) []report.Sample {
	t.Helper()
	samples, err := s.Sample(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, samples, o.Reports)
	return samples
}

// exact is the distribution of the word after others as engine/MODEL.md §13 says it.
func exact(t testing.TB, m *engine.Model, s *engine.Session, before []int, temperature, topP float64) []float64 {
	t.Helper()
	f, err := s.Force(t.Context(), before, false)
	require.NoError(t, err)
	c := m.Config()
	p, all := make([]float64, len(c.Vocab)), 0.0
	var order []int
	for id, logit := range f.Words[len(before)*len(c.Vocab):] {
		if id != c.BOS && id != c.UNK {
			p[id] = math.Exp(float64(logit) / temperature)
			all += p[id]
			order = append(order, id)
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return p[order[i]] > p[order[j]] })
	mass := 0.0
	for _, id := range order {
		if mass/all >= topP {
			p[id] = 0
		}
		mass += p[id]
	}
	for id := range p {
		p[id] /= mass
	}
	return p
}

// Two thousand reports begin with pairs of words as often as the model says.
func TestSamplesFollowTheDistribution(t *testing.T) {
	const draws, batch = 2000, 50
	m, s := openGolden(t, "tiny_two_views", portable.New())
	session := open(t, m, s)
	eos := m.Config().EOS
	for _, o := range []engine.SampleOptions{{Temperature: 1, TopP: 1}, {Temperature: 0.7, TopP: 0.8}} {
		t.Run(fmt.Sprint(o.Temperature, o.TopP), func(t *testing.T) {
			expected := map[[2]int]float64{} // second word −1: none
			for first, p := range exact(t, m, session, nil, o.Temperature, o.TopP) {
				switch {
				case p == 0:
				case first == eos:
					expected[[2]int{first, -1}] = draws * p
				default:
					for second, q := range exact(t, m, session, []int{first}, o.Temperature, o.TopP) {
						if q > 0 {
							expected[[2]int{first, second}] = draws * p * q
						}
					}
				}
			}
			counts := map[[2]int]float64{}
			o.Reports = batch
			for o.Seed = range draws / batch {
				for _, drawn := range sample(t, session, o) {
					pair := [2]int{drawn.Tokens[0], -1}
					if len(drawn.Tokens) > 1 {
						pair[1] = drawn.Tokens[1]
					}
					require.Contains(t, expected, pair, "outside the nucleus")
					counts[pair]++
				}
			}
			// Pearson's χ²; pairs that are too rare for it count together.
			chi, cells, rare, seen := 0.0, 0, 0.0, 0.0
			for pair, n := range expected {
				if n < 5 {
					rare, seen = rare+n, seen+counts[pair]
					continue
				}
				chi += (counts[pair] - n) * (counts[pair] - n) / n
				cells++
			}
			if rare > 0 {
				chi += (seen - rare) * (seen - rare) / rare
				cells++
			}
			require.Greater(t, cells, 20)
			assert.Greater(t, distuv.ChiSquared{K: float64(cells - 1)}.Survival(chi), 0.01, "χ² %v of %d cells", chi, cells)
		})
	}
}

func TestSamplesAreThoseOfTheirSeed(t *testing.T) {
	want := map[string][]report.Sample{}
	onEachBackend(t, func(t *testing.T, backend func() device.Backend) {
		for _, name := range golden.Models {
			m, s := openGolden(t, name, backend())
			session := open(t, m, s)
			o := engine.SampleOptions{Reports: 12, Seed: 5}
			all := sample(t, session, o)
			if _, ok := want[name]; !ok {
				want[name] = all
			}
			for i, drawn := range all {
				assert.Equal(t, want[name][i].Tokens, drawn.Tokens, "%s, %d", name, i)
				assert.InDelta(t, want[name][i].LogProb, drawn.LogProb, 1e-3)
			}
			o.Reports = 7
			few := sample(t, session, o)
			for i, drawn := range few {
				assert.Equal(t, all[i].Tokens, drawn.Tokens, "a sample is the same whatever others there are")
			}
			o.Seed++
			assert.NotEqual(t, few, sample(t, session, o))
		}
	})
}

func TestSamples(t *testing.T) {
	m, s := openGolden(t, "one_view_grey", portable.New())
	session := open(t, m, s)
	c := m.Config()
	var drawn []int
	o := engine.SampleOptions{Reports: 30, Seed: 3, Temperature: engine.MaxTemperature, WithoutTIR: true}
	streamed := make([]report.Sample, o.Reports)
	o.Drawn = func(i int, s report.Sample) { drawn, streamed[i] = append(drawn, i), s }
	samples := sample(t, session, o)
	assert.Equal(t, samples, streamed)
	assert.Len(t, drawn, o.Reports, "each once")
	ended := 0
	for _, s := range samples {
		words := s.Tokens
		if words[len(words)-1] == c.EOS {
			ended++
			words = words[:len(words)-1]
		} else {
			assert.Len(t, words, c.MaxTokens-1)
		}
		for _, never := range []int{c.BOS, c.EOS, c.UNK} {
			assert.NotContains(t, words, never)
		}
		assert.Equal(t, report.Text(m.Vocabulary().Words(words)), s.Text)
		forced, err := session.Force(t.Context(), words, true)
		require.NoError(t, err)
		sum := 0.0
		for _, p := range forced.LogProbs(c.EOS)[:len(s.Tokens)] {
			sum += p
		}
		assert.InDelta(t, sum, s.LogProb, 1e-3, "at a temperature of 1")
	}
	assert.Greater(t, ended, 0)
	assert.Less(t, ended, o.Reports)

	// A sample that is made to begin as it did goes on as it did.
	o.Prefix, o.Drawn = samples[4].Tokens[:5], nil
	again := sample(t, session, o)
	assert.Equal(t, samples[4].Tokens, again[4].Tokens)
	for _, s := range again {
		assert.Equal(t, o.Prefix, s.Tokens[:5])
	}
	o.Prefix = []int{5, c.EOS}
	for _, s := range sample(t, session, o) {
		assert.Equal(t, o.Prefix, s.Tokens)
	}
}

// The smallest nucleus is one word, the likeliest.
func TestSmallestNucleus(t *testing.T) {
	m, s := openGolden(t, "tiny_two_views", portable.New())
	session := open(t, m, s)
	samples := sample(t, session, engine.SampleOptions{Reports: 3, TopP: 1e-9})
	assert.Equal(t, samples[0], samples[1])
	assert.Equal(t, samples[0], samples[2])
	for i, word := range samples[0].Tokens {
		assert.EqualValues(t, 1, exact(t, m, session, samples[0].Tokens[:i], 1, 1e-9)[word])
	}
}

// counting counts the sequences that the decoder extends.
type counting struct {
	device.Backend
	rows int
}

func (c *counting) TopK(values, ids, x device.Buffer, rows, columns, k int) {
	panic("samples need all words")
}

func (c *counting) Mask(dst, query, key, bias device.Buffer, queries, keys, rank int) {
	c.rows += queries
	c.Backend.Mask(dst, query, key, bias, queries, keys, rank)
}

// Samples that say the same so far are one row, and those that have ended none.
func TestSamplesShareRows(t *testing.T) {
	b := &counting{Backend: portable.New()}
	m, s := openGolden(t, "tiny_two_views", b)
	session := open(t, m, s)
	for _, o := range []engine.SampleOptions{{Reports: 20}, {Reports: 20, Temperature: 0.3}, {Reports: 1}} {
		b.rows = 0
		beginnings := map[string]bool{}
		for _, drawn := range sample(t, session, o) {
			for n := range drawn.Tokens {
				beginnings[fmt.Sprint(drawn.Tokens[:n])] = true
			}
		}
		assert.Equal(t, len(beginnings)*m.Config().DecoderLayers, b.rows)
	}
}

func TestCancelledSamples(t *testing.T) {
	session := open(t, load(t, tinyConfig()), study(2))
	o := engine.SampleOptions{Reports: 8}
	points := 0
	o.Progress = func(status.Progress) { points++ }
	sample(t, session, o)
	require.Greater(t, points, 3)
	for stop := range points - 1 {
		ctx, cancel := context.WithCancel(t.Context())
		called := 0
		o.Progress = func(p status.Progress) {
			assert.Equal(t, status.Progress{Stage: status.StageGenerate, Done: int64(called + 1), Total: 8}, p)
			if called == stop {
				cancel()
			}
			called++
		}
		_, err := session.Sample(ctx, o)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, stop+1, called)
		cancel()
	}
}

func TestBadSampleOptions(t *testing.T) {
	m, err := engine.Load(t.Context(), checkpoint(t, tinyConfig(), nil), portable.New(), engine.LoadOptions{Limits: engine.Limits{Samples: 5}})
	require.NoError(t, err)
	defer m.Close()
	session, err := m.Open(t.Context(), study(1), nil)
	require.NoError(t, err)
	defer session.Close()
	for want, o := range map[string]engine.SampleOptions{
		"samples are 0, they must be 1 to 5":             {},
		"samples are 6, they must be 1 to 5":             {Reports: 6},
		"temperature is -1, it must be over 0":           {Reports: 1, Temperature: -1},
		"temperature is 10.5, it must be over 0":         {Reports: 1, Temperature: 10.5},
		"temperature is NaN":                             {Reports: 1, Temperature: math.NaN()},
		"top-p is 1.01, it must be over 0 and at most 1": {Reports: 1, TopP: 1.01},
		"top-p is NaN":                                   {Reports: 1, TopP: math.NaN()},
		"word 8 is not in a vocabulary of 8":             {Reports: 1, Prefix: []int{8}},
		"word 1 of the beginning of a report is its end": {Reports: 1, Prefix: []int{1, 3}},
	} {
		_, err := session.Sample(t.Context(), o)
		assert.ErrorContains(t, err, want)
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
	}
}

// A model whose caches for many samples would be too large loads all the same, and
// writes; it draws as many as there is room for.
func TestSamplesFitTheirLimit(t *testing.T) {
	c := tinyConfig()
	m, err := engine.Load(t.Context(), checkpoint(t, c, nil), portable.New(), engine.LoadOptions{Limits: engine.Limits{Activation: 1030, Beam: 1}})
	require.NoError(t, err)
	t.Cleanup(m.Close)
	session := open(t, m, study(1))
	_, err = session.Write(t.Context(), engine.Options{})
	require.NoError(t, err)
	room := 1030 / (c.MaxTokens * c.ImageTokens()) // σ(M) of every word
	sample(t, session, engine.SampleOptions{Reports: room})
	_, err = session.Sample(t.Context(), engine.SampleOptions{Reports: room + 1})
	assert.ErrorContains(t, err, "samples are 4, they must be 1 to 3")
	assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
}

func TestSamplesOverflow(t *testing.T) {
	for _, name := range []string{"encoder.norm.weight", "decoder.layer_2.tir.query.weight"} {
		session, err := overflowing(t, name).Open(t.Context(), study(2), nil)
		require.NoError(t, err)
		_, err = session.Sample(t.Context(), engine.SampleOptions{Reports: 2})
		assert.ErrorIs(t, err, engine.ErrNotFinite, name)
		_, err = session.Force(t.Context(), []int{5}, false)
		assert.ErrorIs(t, err, engine.ErrNotFinite, name)
	}
	// Logits that are far apart have log-probabilities all the same.
	session := open(t, overflowing(t, "head.bias"), study(2))
	samples := sample(t, session, engine.SampleOptions{Reports: 2})
	_, err := json.Marshal(samples)
	assert.NoError(t, err)
}
