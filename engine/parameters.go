package engine

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// rooms are the beginnings of tensors' names in the order of engine/MODEL.md §10.
var rooms = []string{"dvae", "lsu", "cra", "encoder", "decoder", "head"}

// Parameters lists the tensors that a model of this configuration consists of:
// what its modules load, room by room.
func (c *Config) Parameters() []device.Parameter {
	room := func(p device.Parameter) int {
		name, _, _ := strings.Cut(p.Name, ".")
		return slices.Index(rooms, name)
	}
	list := device.Parameters(func(l *device.Loader) { c.load(l) })
	slices.SortStableFunc(list, func(a, b device.Parameter) int { return cmp.Compare(room(a), room(b)) })
	return list
}

// RandomTensors makes weights for this configuration, the same for the same
// seed, for tests and benchmarks of speed. They are scaled to keep activations
// near 1, and write nonsense.
func (c *Config) RandomTensors(seed uint64) []tensor.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	var tensors []tensor.Tensor
	for _, p := range c.Parameters() {
		t := tensor.Tensor{Shape: p.Shape}
		values := make([]float32, t.Elements())
		scale := 1 / math.Sqrt(float64(t.Columns()))
		offset := 0.0
		switch {
		case strings.HasSuffix(p.Name, ".bias"):
			scale = 0.1
		case strings.Contains(p.Name, "norm") || p.Name == "cra.gain":
			scale, offset = 0.1, 1
		case strings.HasPrefix(p.Name, "lsu.") || p.Name == "head.weight":
			scale = 1
		}
		for i := range values {
			values[i] = float32(offset + scale*r.NormFloat64())
		}
		tensors = append(tensors, tensor.FromFloats(p.Name, p.Shape, values))
	}
	return tensors
}
