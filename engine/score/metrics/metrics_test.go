package metrics

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/golden"
)

const tolerance = 1e-9

func words(text string) []string { return strings.Fields(text) }

func testPair(hypothesis, reference string) pair { return pair{words(hypothesis), words(reference)} }

// goldenCase is a corpus of hypotheses and references and its scores.
type goldenCase struct {
	Pairs       [][2]string
	R2Gen, COCO map[string]float64
}

func TestGolden(t *testing.T) {
	var cases map[string]goldenCase
	golden.JSON(t, &cases, "metrics.json")
	require.Len(t, cases, 4)
	for name, c := range cases {
		var pairs []Pair
		for _, p := range c.Pairs {
			pairs = append(pairs, Pair{p[0], p[1]})
		}
		for protocol, want := range map[Protocol]map[string]float64{R2Gen: c.R2Gen, COCO: c.COCO} {
			got, err := Score(pairs, protocol)
			require.NoError(t, err)
			bytes, err := json.Marshal(got)
			require.NoError(t, err)
			var byName map[string]float64
			require.NoError(t, json.Unmarshal(bytes, &byName))
			require.Len(t, want, 6)
			for metric, score := range want {
				assert.InDelta(t, score, byName[metric], tolerance, "%s %s %s", name, protocol, metric)
			}
		}
	}
}

// BLEU by hand: hypotheses of 4 and 2 words, references of 5 and 3. Unigrams
// found: "the" once of twice, "heart", "is"; "lungs": 4 of 6. Bigrams: "the
// heart", "heart is": 2 of 4. Trigrams: "the heart is": 1 of 2.
func TestBLEUByHand(t *testing.T) {
	got := bleu([]pair{
		testPair("the heart is the", "the heart is normal ."),
		testPair("lungs lungs", "clear lungs ."),
	})
	brevity := math.Exp(1 - 8.0/6)
	assert.InDelta(t, brevity*4/6, got[0], 1e-8)
	assert.InDelta(t, brevity*math.Sqrt(4.0/6*2/4), got[1], 1e-8)
	assert.InDelta(t, brevity*math.Cbrt(4.0/6*2/4*1/2), got[2], 1e-8)
	assert.InDelta(t, 0, got[3], 1e-3) // no 4-gram is found
}

func TestBLEUOfLongHypothesesHasNoBrevityPenalty(t *testing.T) {
	got := bleu([]pair{testPair("a b c d e f g h", "a b c d")})
	assert.InDelta(t, 0.5, got[0], 1e-8)
}

func TestROUGEByHand(t *testing.T) {
	for _, c := range []struct {
		hypothesis, reference string
		longest               int
	}{
		{"a b c d", "a x b c", 3},
		{"a b c d", "d c b a", 1},
		{"a a a", "a a", 2},
		{"a b", "c d", 0},
		{"", "a", 0},
		{"a", "", 0},
	} {
		p := testPair(c.hypothesis, c.reference)
		assert.Equal(t, c.longest, longestCommonSubsequence(p.hypothesis, p.reference), c)
	}
	// P = 3/4, R = 3/6.
	assert.InDelta(t, 2.44*0.75*0.5/(0.5+1.44*0.75), rougeL(testPair("a b c d", "a x b y c z")), 1e-12)
	assert.Zero(t, rougeL(testPair("a b", "c d")))
}

// CIDEr by hand: two references that share nothing, so every n-gram of one has
// weight ln 2 and norms and weights cancel.
func TestCIDErByHand(t *testing.T) {
	corpus := []pair{testPair("a b c d", "a b c d"), testPair("e f g x", "e f g h")}
	c := newCIDEr(corpus)
	assert.InDelta(t, 10, c.score(corpus[0]), 1e-12)
	// Of 4, 3, 2, 1 n-grams 3, 2, 1, 0 are found; x and its n-grams are in no
	// reference and weigh ln 2 too.
	assert.InDelta(t, 10.0/4*(3.0/4+2.0/3+1.0/2), c.score(corpus[1]), 1e-12)
	// Three words too many: |h| = √7 and so on, and Δ = 3.
	long := testPair("a b c d x y z", "a b c d")
	want := 10.0 / 4 * math.Exp(-9.0/72) * (4/math.Sqrt(7*4) + 3/math.Sqrt(6*3) + 2/math.Sqrt(5*2) + 1/math.Sqrt(4*1))
	assert.InDelta(t, want, c.score(long), 1e-12)
	assert.Zero(t, c.score(testPair("", "a b c d")))
}

// What every reference has tells nothing.
func TestCIDErIgnoresWhatAllReferencesHave(t *testing.T) {
	corpus := []pair{testPair(".", "a ."), testPair(".", "b .")}
	assert.Zero(t, newCIDEr(corpus).score(corpus[0]))
}

func TestMETEORByHand(t *testing.T) {
	for _, c := range []struct {
		name, hypothesis, reference string
		matches, chunks             int
		want                        float64
	}{
		{"equal", "a b c d", "a b c d", 4, 1, 1 - 0.5/64},
		{"P = 1, R = 1/2", "a b", "a b c d", 2, 1, 10 * 0.5 / (0.5 + 9) * (1 - 0.5/8)},
		{"P = 1/2, R = 1", "a b c d", "a b", 2, 1, 10 * 0.5 / (1 + 4.5) * (1 - 0.5/8)},
		{"reversed", "a b c", "c b a", 3, 3, 0.5},
		{"two chunks", "a b x c d", "c d a b", 4, 2, 10 * 0.8 / (1 + 7.2) * (1 - 0.5/8)},
		{"stems", "lung opacities", "lungs opacity", 2, 1, 1 - 0.5/8},
		{"a word matches once", "a a a", "a", 1, 1, 10.0 / 3 / (1 + 3) * 0.5},
		{"the longer run first", "a b a b c", "a b c", 3, 1, 10 * 0.6 / (1 + 5.4) * (1 - 0.5/27)},
		{"nothing", "a", "b", 0, 0, 0},
		{"empty", "", "b", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := testPair(c.hypothesis, c.reference)
			matches, chunks := align(stems(p.hypothesis), stems(p.reference))
			assert.Equal(t, [2]int{c.matches, c.chunks}, [2]int{matches, chunks})
			assert.InDelta(t, c.want, meteor(p), 1e-12)
		})
	}
}

// The alignment must match as many words as possible, and cannot have fewer
// chunks than the best of all alignments, found here by trying them all.
func TestAlignAgainstAllAlignments(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() []string {
		words := make([]string, r.IntN(7))
		for i := range words {
			words[i] = string(rune('a' + r.IntN(3)))
		}
		return words
	}
	best := 0
	for range 500 {
		a, b := text(), text()
		most, fewest := 0, 0
		used := make([]bool, len(b))
		var try func(i, matches, chunks, last int)
		try = func(i, matches, chunks, last int) { // last: where a[i-1] is matched, -2 if not
			if i == len(a) {
				if matches > most || matches == most && chunks < fewest {
					most, fewest = matches, chunks
				}
				return
			}
			try(i+1, matches, chunks, -2)
			for j := range b {
				if a[i] == b[j] && !used[j] {
					used[j] = true
					opened := 1
					if j == last+1 {
						opened = 0
					}
					try(i+1, matches+1, chunks+opened, j)
					used[j] = false
				}
			}
		}
		try(0, 0, 0, -2)
		matches, chunks := align(a, b)
		require.Equal(t, most, matches, "%v %v", a, b)
		require.GreaterOrEqual(t, chunks, fewest, "%v %v", a, b)
		if chunks == fewest {
			best++
		}
	}
	assert.Greater(t, best, 450, "the greedy alignment is rarely not the best")
}

func TestProtocols(t *testing.T) {
	assert.Equal(t, words("the heart is right-sided . <unk>"), R2Gen.words(" the heart is  right-sided . <unk>\n"))
	assert.Equal(t, words("the heart is right-sided <unk>"), COCO.words("the heart , is right-sided . . <unk> --"))
	// A full stop alone is a word in one protocol and nothing in the other.
	pairs := []Pair{{".", "the lungs are clear ."}}
	r2gen, err := Score(pairs, R2Gen)
	require.NoError(t, err)
	coco, err := Score(pairs, COCO)
	require.NoError(t, err)
	assert.Greater(t, r2gen.ROUGEL, 0.0)
	assert.Zero(t, coco.ROUGEL)
}

func TestErrors(t *testing.T) {
	_, err := Score(nil, R2Gen)
	assert.ErrorContains(t, err, "metrics: no reports")
	_, err = Score([]Pair{{"a", "a"}}, "bleurt")
	assert.ErrorContains(t, err, `metrics: protocol "bleurt"`)
}

func TestRepetition(t *testing.T) {
	got, err := Score([]Pair{{"a .", "b"}, {"a  .", "c"}, {"b .", "d"}, {"a .", "e"}}, R2Gen)
	require.NoError(t, err)
	assert.Equal(t, 0.5, got.DistinctReports)
	assert.Equal(t, 0.75, got.MostFrequentReport)
}

// corpus returns n pairs of random texts of at least 4 words.
func corpus(r *rand.Rand, n int) []Pair {
	text := func() string {
		words := make([]string, 4+r.IntN(20))
		for i := range words {
			words[i] = string(rune('a' + r.IntN(26)))
		}
		return strings.Join(words, " ")
	}
	pairs := make([]Pair, n)
	for i := range pairs {
		pairs[i] = Pair{text(), text()}
	}
	return pairs
}

// list returns the scores in the order of their fields.
func list(s Scores) []float64 {
	return []float64{s.BLEU1, s.BLEU2, s.BLEU3, s.BLEU4, s.ROUGEL, s.CIDEr, s.METEOR, s.DistinctReports, s.MostFrequentReport}
}

func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		pairs := corpus(r, 2+r.IntN(10))
		for _, protocol := range []Protocol{R2Gen, COCO} {
			score := func(pairs []Pair) Scores {
				s, err := Score(pairs, protocol)
				require.NoError(t, err)
				for i, v := range list(s) {
					top := 1.0
					if i == 5 {
						top = 10
					}
					require.True(t, v >= 0 && v <= top+tolerance, "score %d is %v", i, v)
				}
				return s
			}
			s := score(pairs)
			require.Equal(t, s, score(pairs), "a corpus has one score")

			shuffled := slices.Clone(pairs)
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			require.InDeltaSlice(t, list(s), list(score(shuffled)), tolerance, "the order of pairs does not matter")

			perfect := slices.Clone(pairs)
			for i := range perfect {
				perfect[i].Hypothesis = perfect[i].Reference
			}
			p := score(perfect)
			for _, bleu := range list(p)[:4] {
				require.InDelta(t, 1, bleu, 1e-8)
			}
			require.Equal(t, 1.0, p.ROUGEL)
			require.InDelta(t, 10, p.CIDEr, tolerance)
			require.Greater(t, p.METEOR, 1-0.5/64-tolerance)

			empty := slices.Clone(pairs)
			for i := range empty {
				empty[i].Hypothesis = ""
			}
			e := score(empty)
			require.Equal(t, make([]float64, 7), list(e)[:7])
			require.Equal(t, 1.0, e.MostFrequentReport)
		}
	}
}

func TestEmptyTexts(t *testing.T) {
	got, err := Score([]Pair{{"", ""}, {"a", ""}, {"", "a"}}, COCO)
	require.NoError(t, err)
	for _, v := range list(got) {
		assert.False(t, math.IsNaN(v) || math.IsInf(v, 0))
	}
}
