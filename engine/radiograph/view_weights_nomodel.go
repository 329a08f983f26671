//go:build nomodel

package radiograph

const lateralScale, lateralBias, leastCosine = 0, 0, 0

// These are empty: they were learnt from X-rays.
var lateralWeights, frontalMean, lateralMean []int8
