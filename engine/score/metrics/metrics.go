// Package metrics scores generated reports against reference reports over a
// corpus: BLEU, ROUGE-L, CIDEr and METEOR (exact+stem), one reference a
// report, in the two protocols of the field; the clinical findings that both
// state; how well a model's features find an image's report; which of several
// samples the others would have written best; and how far a model's probabilities can be
// taken at their word. All texts are cleaned reports (report.Clean), words separated
// by white space.
package metrics

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Protocol says which words of a text are scored. The same reports get
// different scores under the two, so a score is worth nothing without the name
// of its protocol.
type Protocol string

const (
	// R2Gen counts every word, the full stop too, as the R2Gen family does. That
	// its references are cut and have Unknown for rare words is the caller's
	// work.
	R2Gen Protocol = "r2gen"
	// COCO leaves punctuation out, as the Microsoft COCO caption evaluation
	// does. On cleaned text its Penn Treebank tokens are the words.
	COCO Protocol = "coco"
)

var errNoReports = errors.New("metrics: no reports to score")

// Pair is a generated report and the reference it is scored against.
type Pair struct {
	Hypothesis, Reference string
}

// Evaluation is all that is scored on reports alone.
type Evaluation struct {
	R2Gen     Scores    `json:"r2gen"`
	COCO      Scores    `json:"coco"`
	Findings  Findings  `json:"findings"`
	Intervals Intervals `json:"intervals"`
}

// Evaluate scores a corpus in every way. It is an error if there are no pairs.
func Evaluate(pairs []Pair) (e Evaluation, err error) {
	if e.R2Gen, err = Score(pairs, R2Gen); err != nil {
		return e, err
	}
	if e.COCO, err = Score(pairs, COCO); err != nil {
		return e, err
	}
	if e.Findings, err = ScoreFindings(pairs); err != nil {
		return e, err
	}
	e.Intervals, err = Bootstrap(pairs)
	return e, err
}

// Scores of a corpus. All are 0 to 1, but CIDEr is 0 to 10.
type Scores struct {
	BLEU1  float64 `json:"BLEU_1"`
	BLEU2  float64 `json:"BLEU_2"`
	BLEU3  float64 `json:"BLEU_3"`
	BLEU4  float64 `json:"BLEU_4"`
	ROUGEL float64 `json:"ROUGE_L"`
	CIDEr  float64 `json:"CIDEr"`
	// METEOR is not comparable with published figures: see its function.
	METEOR float64 `json:"METEOR (exact+stem)"`
	// A model that writes the same few sentences about everybody can score well;
	// these two tell. Shares of the hypotheses.
	DistinctReports    float64 `json:"distinct_reports"`     // different ones
	MostFrequentReport float64 `json:"most_frequent_report"` // equal to the commonest
}

// pair is a Pair as words.
type pair struct {
	hypothesis, reference []string
}

// Score scores a corpus. It is an error if there are no pairs or no such
// protocol.
func Score(pairs []Pair, p Protocol) (Scores, error) {
	if len(pairs) == 0 {
		return Scores{}, errNoReports
	}
	if p != R2Gen && p != COCO {
		return Scores{}, fmt.Errorf("metrics: protocol %q, want %q or %q", p, R2Gen, COCO)
	}
	corpus := p.corpus(pairs)
	sharing := reports(corpus)
	n := float64(len(corpus))
	b := bleu(corpus)
	return Scores{
		BLEU1: b[0], BLEU2: b[1], BLEU3: b[2], BLEU4: b[3],
		ROUGEL:             mean(corpus, rougeL),
		CIDEr:              mean(corpus, newCIDEr(corpus).score),
		METEOR:             mean(corpus, meteor),
		DistinctReports:    float64(len(sharing)) / n,
		MostFrequentReport: float64(slices.Max(slices.Collect(maps.Values(sharing)))) / n,
	}, nil
}

func (p Protocol) corpus(pairs []Pair) []pair {
	corpus := make([]pair, len(pairs))
	for i, pair := range pairs {
		corpus[i].hypothesis, corpus[i].reference = p.words(pair.Hypothesis), p.words(pair.Reference)
	}
	return corpus
}

// reports counts how often each hypothesis occurs.
func reports(corpus []pair) map[string]int {
	counts := map[string]int{}
	for _, p := range corpus {
		counts[text(p.hypothesis)]++
	}
	return counts
}

func text(words []string) string { return strings.Join(words, " ") }

// punctuation is the words that the COCO evaluation leaves out.
var punctuation = strings.Fields("'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;")

func (p Protocol) words(text string) []string {
	words := strings.Fields(text)
	if p == COCO {
		words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(punctuation, w) })
	}
	return words
}

// maxN is the longest n-gram that BLEU and CIDEr count.
const maxN = 4

// ngrams counts the sequences of n consecutive words.
func ngrams(words []string, n int) map[string]int {
	counts := map[string]int{}
	for i := 0; i+n <= len(words); i++ {
		counts[strings.Join(words[i:i+n], " ")]++
	}
	return counts
}

func mean(corpus []pair, score func(pair) float64) float64 {
	sum := 0.0
	for _, p := range corpus {
		sum += score(p)
	}
	return sum / float64(len(corpus))
}
