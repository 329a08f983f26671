//go:build nomodel

package radiograph

const lateralScale, lateralBias = 0, 0

// lateralWeights is empty: they were learnt from X-rays.
var lateralWeights []int8
