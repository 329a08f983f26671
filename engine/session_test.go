package engine_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/engine/report"
	"uarweb/engine/status"
)

// open opens a session; it is closed at the end of the test.
func open(t testing.TB, m *engine.Model, s engine.Study) *engine.Session {
	t.Helper()
	session, err := m.Open(t.Context(), s, nil)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return session
}

// ids are the words of a report.
func ids(r *report.Report) []int {
	all := []int{}
	for _, w := range r.Words {
		all = append(all, w.Token)
	}
	return all
}

// Reports written on one session, in any order, are those of a look each.
func TestSessionWritesWhatReportWrites(t *testing.T) {
	m := load(t, tinyConfig())
	session := open(t, m, study(2))
	options := []engine.Options{{}, {Beam: 1}, {Beam: 5, WithoutTIR: true}}
	for _, o := range slices.Concat(options, options) {
		want, err := m.Report(t.Context(), study(2), o)
		require.NoError(t, err)
		got, err := session.Write(t.Context(), o)
		require.NoError(t, err)
		got.Seconds = want.Seconds
		assert.Equal(t, want, got)
	}
}

func TestPrefix(t *testing.T) {
	m := load(t, tinyConfig())
	session := open(t, m, study(2))
	free, err := session.Write(t.Context(), engine.Options{Beam: 1})
	require.NoError(t, err)
	require.Greater(t, len(free.Tokens), 3)
	for n := range free.Tokens { // what greedy search would have written anyway
		r, err := session.Write(t.Context(), engine.Options{Beam: 1, Prefix: free.Tokens[:n]})
		require.NoError(t, err)
		assert.Equal(t, free.Tokens, r.Tokens)
		assert.Equal(t, n, r.Forced)
		assert.InDelta(t, free.LogProb, r.LogProb, 1e-5)
		for i, w := range r.Words {
			assert.Equal(t, free.Words[i].Alternatives, w.Alternatives)
			assert.Equal(t, free.Words[i].Attention, w.Attention)
		}
	}
	// Another beginning is obeyed, however unlikely, and scored by the model.
	for _, prefix := range [][]int{{4, 4}, {2, 7, 7, 5}, {0}} {
		r, err := session.Write(t.Context(), engine.Options{Prefix: prefix})
		require.NoError(t, err)
		require.Equal(t, prefix, r.Tokens[:len(prefix)])
		forced, err := session.Force(t.Context(), ids(r), false)
		require.NoError(t, err)
		for i, want := range forced.LogProbs(m.Config().EOS)[:len(r.Words)] {
			assert.InDelta(t, want, r.Words[i].LogProb, 1e-5)
			assert.Len(t, r.Words[i].Alternatives, engine.DefaultBeam)
		}
	}
	// An eos ends the report, and so does the most words there can be.
	for _, whole := range [][]int{{5, 4, 1}, {1}, {3, 4, 5, 6, 7, 3, 4, 5}} {
		r, err := session.Write(t.Context(), engine.Options{Prefix: whole})
		require.NoError(t, err)
		assert.Equal(t, whole, r.Tokens)
	}
}

func TestForce(t *testing.T) {
	m := load(t, tinyConfig())
	session := open(t, m, study(2))
	for _, withoutTIR := range []bool{false, true} {
		words := []int{7, 5, 4, 2, 3}
		f, err := session.Force(t.Context(), words, withoutTIR)
		require.NoError(t, err)
		trace, err := m.Trace(t.Context(), study(2), words, engine.Options{WithoutTIR: withoutTIR})
		require.NoError(t, err)
		assert.Equal(t, trace.Forced, *f)
		likeliest, logProbs := f.Likeliest()
		require.Len(t, likeliest, 6)
		for i, word := range likeliest {
			row := f.Words[i*len(m.Config().Vocab):][:len(m.Config().Vocab)]
			assert.Equal(t, argMax(row), word)
			sum := 0.0
			for _, v := range row {
				sum += math.Exp(float64(v) - float64(row[word]))
			}
			assert.InDelta(t, -math.Log(sum), logProbs[i], 1e-9)
		}
	}
	_, err := session.Force(t.Context(), []int{99}, false)
	assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
}

func TestBadPrefixes(t *testing.T) {
	m := load(t, tinyConfig())
	for want, prefix := range map[string][]int{
		"word 8 is not in a vocabulary of 8":             {8},
		"word -1 is not in a vocabulary of 8":            {5, -1},
		"word 2 of the beginning of a report is its end": {5, 1, 5},
		"a report of 9 words, the model takes 8":         make([]int, 9),
	} {
		_, err := m.Report(t.Context(), study(1), engine.Options{Prefix: prefix})
		assert.ErrorContains(t, err, want)
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
	}
}

func TestCover(t *testing.T) {
	m, s := openGolden(t, "tiny_two_views", portable.New())
	session := open(t, m, s)
	seen, err := session.Write(t.Context(), engine.Options{})
	require.NoError(t, err)
	assert.Nil(t, seen.Covered)
	view := m.Config().ViewTokens()

	covered, err := session.Cover(t.Context(), []int{view + 3, 2, 0, 2}, nil)
	require.NoError(t, err)
	defer covered.Close()
	r, err := covered.Write(t.Context(), engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 2, view + 3}, r.Covered)
	for v, tokens := range r.ImageTokens {
		counts := map[int]int{}
		for i, token := range seen.ImageTokens[v] {
			if !slices.Contains(r.Covered, v*view+i) {
				assert.Equal(t, token, tokens[i])
				counts[token]++
			}
		}
		for _, place := range r.Covered {
			if place/view == v {
				code := tokens[place%view]
				for other, n := range counts {
					assert.True(t, n < counts[code] || n == counts[code] && other >= code, "%d of %v", code, counts)
				}
			}
		}
	}
	assert.NotEqual(t, seen.LogProb, r.LogProb)

	// In two steps or one, and the first session is as it was.
	first, err := session.Cover(t.Context(), []int{0, 2}, nil)
	require.NoError(t, err)
	defer first.Close()
	second, err := first.Cover(t.Context(), []int{view + 3}, nil)
	require.NoError(t, err)
	defer second.Close()
	for _, c := range []struct {
		session *engine.Session
		want    *report.Report
	}{{second, r}, {session, seen}} {
		again, err := c.session.Write(t.Context(), engine.Options{})
		require.NoError(t, err)
		again.Seconds = c.want.Seconds
		assert.Equal(t, c.want, again)
	}
	data, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"covered":[0,2,19]`)
}

func TestCoverRefuses(t *testing.T) {
	m := load(t, tinyConfig())
	session := open(t, m, study(2))
	view := make([]int, m.Config().ViewTokens())
	for i := range view {
		view[i] = i
	}
	for want, places := range map[string][]int{
		"patch -1 to cover, the study has 32":    {-1},
		"patch 32 to cover, the study has 32":    {3, 32},
		"every patch of a view is to be covered": view,
	} {
		_, err := session.Cover(t.Context(), places, nil)
		assert.ErrorContains(t, err, want)
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
	}
}
