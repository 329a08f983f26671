package metrics

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/score/findings"
)

func TestConsensus(t *testing.T) {
	const clear, large, effusion = "the lungs are clear .", "the heart is enlarged .", "there is a small left pleural effusion ."
	for _, c := range []struct {
		reports []string
		want    int
	}{
		{[]string{clear}, 0},
		{[]string{""}, 0},
		{[]string{"", clear, clear}, 1},
		{[]string{clear, large}, 1}, // one of two is more than worthNaming
		{[]string{clear, clear, clear, clear, large, effusion}, 0},
		{[]string{effusion, clear, effusion}, 0},
		{[]string{clear, effusion, large, effusion}, 1},
		{[]string{clear, large, large + " " + clear}, 2}, // shares with both
	} {
		assert.Equal(t, c.want, Consensus(c.reports), "%q", c.reports)
	}
}

// The gain is put together from the scores of corpora as others compute them.
func TestConsensusByScores(t *testing.T) {
	sentences := []string{"the heart is enlarged .", "the heart is normal in size .", "no pleural effusion .", "small pleural effusion .", "the lungs are clear .", "no focal airspace disease ."}
	random := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		var reports []string
		for range 2 + random.IntN(6) {
			var words []string
			for _, i := range random.Perm(len(sentences))[:1+random.IntN(4)] {
				words = append(words, sentences[i])
			}
			reports = append(reports, strings.Join(words, " "))
		}
		var gains []float64
		for i, r := range reports {
			var pairs []Pair
			for _, other := range slices.Delete(slices.Clone(reports), i, i+1) {
				pairs = append(pairs, Pair{r, other})
			}
			scores, err := Score(pairs, R2Gen)
			require.NoError(t, err)
			gain := (scores.BLEU4 + scores.ROUGEL) / 2
			for _, l := range findings.Of(r) {
				naming := 0
				for _, other := range reports {
					if slices.Contains(findings.Of(other), l) {
						naming++
					}
				}
				if l != findings.NoFinding {
					gain += float64(naming)/float64(len(reports)) - worthNaming
				}
			}
			gains = append(gains, gain)
		}
		assert.InDelta(t, slices.Max(gains), gains[Consensus(reports)], 1e-12, "%q", reports)
	}
}
