package webgpu

import (
	"embed"
	"strings"

	"uarweb/weights/tensor"
)

//go:embed *.wgsl
var files embed.FS

// program is a shader, specialised by its overrides, which are 0 where it has
// none.
type program struct {
	shader  string
	variant variant
	format  format // of the weights that product and vector read
	tile    tile   // of product
}

// variant is one way of several to write a shader, of which the plain one needs
// no feature of the GPU.
type variant string

const (
	plain       variant = ""
	inSubgroups variant = "subgroups" // of a shader with reduce
)

// replacements are the parts that a variant has in place of plain ones.
var replacements = map[variant]map[string]string{
	inSubgroups: {"reduce": "reduce_subgroups"},
}

// variants are those that a shader has.
func (s shader) variants() []variant {
	all := []variant{plain}
	for _, part := range strings.Fields(s.parts) {
		if replacements[inSubgroups][part] != "" {
			all = append(all, inSubgroups)
		}
	}
	return all
}

// tile is what a workgroup of product computes: 4·columns outputs of so many
// pixels.
type tile struct{ columns, pixels int }

var (
	square = tile{columns: 16, pixels: 64}
	narrow = tile{columns: 4, pixels: 128} // for weights of few outputs
)

// constants are the overrides' values, as WebGPU wants them.
func (p program) constants() map[string]any {
	c := map[string]any{}
	if shaders[p.shader].weights {
		c["format"] = int(p.format)
	}
	if p.tile != (tile{}) {
		c["columns"], c["tile_pixels"] = p.tile.columns, p.tile.pixels
	}
	return c
}

// format is the shaders' override of that name; operands.wgsl has the same list.
type format uint32

const (
	f32Weights format = iota
	f16Weights
	bf16Weights
	i8Weights
	u4Weights
)

var formats = map[tensor.Format]format{
	tensor.F32: f32Weights, tensor.F16: f16Weights, tensor.BF16: bf16Weights, tensor.I8: i8Weights, tensor.U8: u4Weights,
}

// shader says what a shader needs around its own file.
type shader struct {
	parts   string // names of the files before its own
	access  string // of its storage buffers, from binding 1 on: r, or w if it also writes
	weights bool   // it has the override format
}

var shaders = map[string]shader{
	"attention":  {parts: "reduce dot", access: "rrrrrww"},
	"copy":       {access: "rw"},
	"embed":      {access: "rrw"},
	"gate":       {parts: "sigmoid", access: "rrrrw"},
	"head_mean":  {access: "rw"},
	"layer_norm": {parts: "reduce", access: "rrrw"},
	"mask":       {parts: "sigmoid dot", access: "rrrw"},
	"max_pool":   {access: "rw"},
	"mean":       {access: "rw"},
	"product":    {parts: "operands", access: "rrrrrw", weights: true},
	"top_k":      {parts: "reduce", access: "rww"},
	"vector":     {parts: "operands", access: "rrrrrw", weights: true},
}

// source is the whole WGSL text of a variant of a shader.
func source(name string, v variant) string {
	var text strings.Builder
	for _, part := range append(strings.Fields(shaders[name].parts), name) {
		if other := replacements[v][part]; other != "" {
			part = other
		}
		code, err := files.ReadFile(part + ".wgsl")
		if err != nil {
			panic("webgpu: a shader's part is not embedded")
		}
		text.Write(code)
	}
	return text.String()
}
