package webgpu

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device/internal/selftest"
)

// TestSelfTestRefusesWrongShaders changes one thing in a shader at a time, as a
// faulty driver might: in every file, and in every program.
func TestSelfTestRefusesWrongShaders(t *testing.T) {
	b := sharedBackend(t)
	inFile, inProgram := map[string]int{}, map[program]int{}
	for _, f := range faults {
		inFile[f.file+".wgsl"]++
		inProgram[f.program]++
		t.Run(fmt.Sprintf("%v, %s: %s", f.program, f.file, f.wrong), func(t *testing.T) {
			sharedAs(t, f.program.variant)
			sound := b.kernel(f.program)
			k := *sound
			k.module = b.gpu.newModule(f.code(t))
			k.making = then(b.gpu.newPipeline(k.layout.pipeline, k.module, k.constants()))
			b.kernels[f.program] = &k
			defer func() { b.kernels[f.program] = sound }()
			assert.ErrorIs(t, selftest.Run(t.Context(), b), selftest.ErrWrong)
		})
	}
	for _, p := range allPrograms() {
		assert.NotZero(t, inProgram[p], "nothing is changed in %v", p)
	}
	all, err := files.ReadDir(".")
	require.NoError(t, err)
	for _, file := range all {
		assert.NotZero(t, inFile[file.Name()], "nothing is changed in %s", file.Name())
	}
	t.Logf("%d programs of %d files, %d faults", len(inProgram), len(inFile), len(faults))
}

// fault is one change in a file of a program's shader, the first place of what is
// right.
type fault struct {
	program      program
	file         string
	right, wrong string
}

// code is the text of the program's shader with the fault.
func (f fault) code(t *testing.T) string {
	t.Helper()
	part, err := files.ReadFile(f.file + ".wgsl")
	require.NoError(t, err)
	whole := source(f.program.shader, f.program.variant)
	require.Contains(t, whole, string(part))
	require.Contains(t, string(part), f.right)
	return strings.Replace(whole, string(part), strings.Replace(string(part), f.right, f.wrong, 1), 1)
}

func of(shader string) program           { return program{shader: shader} }
func ofSubgroups(shader string) program  { return program{shader: shader, variant: inSubgroups} }
func ofVector(f format) program          { return program{shader: "vector", format: f} }
func ofProduct(f format, t tile) program { return program{shader: "product", format: f, tile: t} }

var faults = []fault{
	{of("attention"), "attention", "score * params.scale", "score + params.scale"},
	{of("attention"), "attention", "4u * group.x", "3u * group.x"},
	{of("attention"), "attention", "const has_mask = 2u", "const has_mask = 4u"},
	{of("attention"), "reduce", "var sum = reduced[0]", "var sum = reduced[1]"},
	{of("attention"), "reduce", "var top = reduced[0]", "var top = reduced[1]"},
	{of("attention"), "dot", "i += 4u", "i += 8u"},
	{ofSubgroups("attention"), "attention", "max(threads / params.head, 1u)", "max(threads / params.head, 2u)"},
	{ofSubgroups("attention"), "attention", "const has_key_rows = 1u", "const has_key_rows = 4u"},
	{ofSubgroups("attention"), "attention", "top = reduce_max(thread, top);", "top = vec4f(-50);"},
	{ofSubgroups("attention"), "reduce_subgroups", "subgroupAdd(v)", "v"},
	{ofSubgroups("attention"), "reduce_subgroups", "var top = reduced[turn]", "var top = reduced[turn + 1u]"},
	{of("copy"), "copy", "params.first + i", "params.first + i + 1u"},
	{of("embed"), "embed", "params.add == 1u", "params.add == 2u"},
	{of("embed"), "embed", "params.offset + i", "params.offset + 1u + i"},
	{of("gate"), "gate", "* e + f", "* e - f"},
	{of("gate"), "sigmoid", "-2.0 * abs(x)", "-1.0 * abs(x)"},
	{of("head_mean"), "head_mean", "i >> 2u", "i >> 1u"},
	{of("head_mean"), "head_mean", "i & 3u", "i & 1u"},
	{of("layer_norm"), "layer_norm", "params.in_place == 1u", "params.in_place == 2u"},
	{of("layer_norm"), "layer_norm", "variance + params.epsilon", "variance - params.epsilon"},
	{ofSubgroups("layer_norm"), "layer_norm", "1.0 / sqrt", "2.0 / sqrt"},
	{ofSubgroups("layer_norm"), "reduce_subgroups", "i = 1u", "i = 2u"},
	{of("mask"), "mask", "params.scale + bias[0]", "params.scale - bias[0]"},
	{of("mask"), "sigmoid", "(1.0 + e)", "(2.0 + e)"},
	{of("mask"), "dot", "[(k + i) & 3u]", "[(k + i) & 1u]"},
	{of("max_pool"), "max_pool", "0x7fffffffu", "0xffffffffu"},
	{of("max_pool"), "max_pool", "0x7f800000u", "0x7fc00000u"},
	{of("mean"), "mean", "var sum = 0.0", "var sum = 1.0"},
	{of("top_k"), "top_k", "a.column < b.column", "a.column > b.column"},
	{of("top_k"), "top_k", "const exponent = 0x7f800000u", "const exponent = 0x7fc00000u"},
	{ofSubgroups("top_k"), "top_k", "-1, broken", "-2, broken"},
	{ofSubgroups("top_k"), "top_k", "params.want_values == 1u", "params.want_values == 2u"},

	{ofProduct(f32Weights, square), "product", "params.kernel >> 1u", "params.kernel >> 2u"},
	{ofProduct(f32Weights, square), "operands", "const relu_input = 1u", "const relu_input = 32u"},
	{ofProduct(f32Weights, square), "operands", "const relu_output = 2u", "const relu_output = 32u"},
	{ofProduct(f32Weights, narrow), "product", "q < 4u", "q < 3u"},
	{ofProduct(f32Weights, narrow), "operands", "const has_residual = 8u", "const has_residual = 32u"},
	{ofProduct(f16Weights, square), "product", "first + 4u * quarter", "first + 3u * quarter"},
	{ofProduct(f16Weights, narrow), "product", "c < 4u", "c < 3u"},
	{ofProduct(bf16Weights, square), "product", "weights(o + 1u", "weights(o + 2u"},
	{ofProduct(bf16Weights, narrow), "product", "thread >> 2u", "thread >> 1u"},
	{ofProduct(i8Weights, square), "product", "columns * 4u", "columns * 3u"},
	{ofProduct(i8Weights, square), "product", "const slab = 16u", "const slab = 12u"},
	{ofProduct(i8Weights, narrow), "product", "4u * quarter * b_stride", "3u * quarter * b_stride"},
	{ofProduct(u4Weights, square), "product", "4u * q * b_stride", "3u * q * b_stride"},
	{ofProduct(u4Weights, narrow), "product", "first_output + 4u * output_place", "first_output + 3u * output_place"},

	{ofVector(f32Weights), "vector", "unit += 16u", "unit += 32u"},
	{ofVector(f32Weights), "vector", "i < 16u", "i < 15u"},
	{ofVector(f32Weights), "operands", "return 1u", "return 2u"},
	{ofVector(f32Weights), "operands", "const has_bias = 4u", "const has_bias = 32u"},
	{ofVector(f32Weights), "operands", "const residual_in_place = 16u", "const residual_in_place = 32u"},
	{ofVector(f16Weights), "operands", "quarter == 1u", "quarter == 0u"},
	{ofVector(f16Weights), "operands", "unpack2x16float(pair.y)", "unpack2x16snorm(pair.y)"},
	{ofVector(f16Weights), "vector", "row + 1,", "row + 2,"},
	{ofVector(bf16Weights), "operands", "0xffff0000u", "0xff000000u"},
	{ofVector(bf16Weights), "operands", "pair.x << 16u", "pair.x << 15u"},
	{ofVector(bf16Weights), "vector", "lane < 4u", "lane < 3u"},
	{ofVector(i8Weights), "operands", "vec4u(24u, 16u, 8u, 0u)", "vec4u(24u, 16u, 8u, 8u)"},
	{ofVector(i8Weights), "operands", "return 4u", "return 2u"},
	{ofVector(i8Weights), "vector", "group.x * 8u", "group.x * 7u"},
	{ofVector(u4Weights), "operands", "0u, 4u, 8u, 12u", "0u, 4u, 8u, 8u"},
	{ofVector(u4Weights), "operands", "- 8.0", "- 7.0"},
	{ofVector(u4Weights), "operands", "select(2u, 8u", "select(2u, 4u"},
}
