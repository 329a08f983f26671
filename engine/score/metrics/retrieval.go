package metrics

import (
	"math"
	"slices"
)

// Retrieval says how well images find their own reports among those of all
// studies (the paper's Figure 3), by the cosine of f_I and f_R (engine/MODEL.md §8).
//
// Studies with the same report share a candidate. A report's rank is one more
// than the number of other candidates at least as similar to the image, so that
// features which are the same for everybody come last, not first.
type Retrieval struct {
	Candidates         int     `json:"candidates"` // distinct reports
	Recall1            float64 `json:"recall_1"`   // share of images whose report ranks first
	Recall5            float64 `json:"recall_5"`   // among the first five
	Recall10           float64 `json:"recall_10"`
	MedianRank         float64 `json:"median_rank"`
	MeanReciprocalRank float64 `json:"mean_reciprocal_rank"`
	// AlignmentScore is the share of images whose cosine with their own report is
	// over 0.5 after min-max normalisation over all such pairs (the paper's
	// footnote 3). It tells how the cosines are spread, not how high they are.
	AlignmentScore float64 `json:"alignment_score"`
}

// Retrieve ranks reports by their features: images[i] and reports[i] are the f_I
// and f_R, of the same length, of the study with the reference texts[i]; studies
// with the same text must have the same f_R. It is an error if there are none.
func Retrieve(images, reports [][]float32, texts []string) (Retrieval, error) {
	n := len(texts)
	if n == 0 {
		return Retrieval{}, errNoReports
	}
	var candidates [][]float64
	own := make([]int, n) // the candidate of each study
	indices := map[string]int{}
	for i, text := range texts {
		index, ok := indices[text]
		if !ok {
			index = len(candidates)
			indices[text] = index
			candidates = append(candidates, unit(reports[i]))
		}
		own[i] = index
	}
	r := Retrieval{Candidates: len(candidates)}
	ranks, pairs := make([]float64, n), make([]float64, n)
	for i := range texts {
		image := unit(images[i])
		pairs[i] = dot(image, candidates[own[i]])
		rank := 1
		for j, candidate := range candidates {
			if j != own[i] && dot(image, candidate) >= pairs[i] {
				rank++
			}
		}
		ranks[i] = float64(rank)
		r.MeanReciprocalRank += 1 / float64(rank)
	}
	r.MeanReciprocalRank /= float64(n)
	within := func(most float64) float64 {
		return share(ranks, func(rank float64) bool { return rank <= most })
	}
	r.Recall1, r.Recall5, r.Recall10 = within(1), within(5), within(10)
	slices.Sort(ranks)
	r.MedianRank = (ranks[(n-1)/2] + ranks[n/2]) / 2
	r.AlignmentScore = share(normalise(pairs), func(cosine float64) bool { return cosine > 0.5 })
	return r, nil
}

// share is the share of values that hold.
func share(values []float64, holds func(float64) bool) float64 {
	count := 0
	for _, v := range values {
		if holds(v) {
			count++
		}
	}
	return ratio(count, len(values))
}

// normalise maps values to 0..1, all to 0 if they are equal.
func normalise(values []float64) []float64 {
	low, high := slices.Min(values), slices.Max(values)
	normal := make([]float64, len(values))
	if low < high {
		for i, v := range values {
			normal[i] = (v - low) / (high - low)
		}
	}
	return normal
}

// unit scales x to length 1; zero stays zero.
func unit(x []float32) []float64 {
	u := make([]float64, len(x))
	square := 0.0
	for i, v := range x {
		u[i] = float64(v)
		square += u[i] * u[i]
	}
	if square > 0 {
		length := math.Sqrt(square)
		for i := range u {
			u[i] /= length
		}
	}
	return u
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}
