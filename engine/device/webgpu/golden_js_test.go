package webgpu

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/dvae"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/engine/transformer"
	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/model"
	"uarweb/weights/quantize"
	"uarweb/weights/tensor"
)

// lasting is the shared backend for a model, which closes its own.
type lasting struct{ *Backend }

func (lasting) Close() {}

// onGPU loads a model on the shared backend.
func onGPU(t testing.TB, c *weights.Checkpoint) *engine.Model {
	t.Helper()
	return load(t, c, lasting{sharedBackend(t)})
}

// expected is what a golden case says of one mode, TIR on or off.
type expected struct {
	ImageTokens [][]int       `json:"image_tokens"`
	Beam1       expectedWords `json:"beam_1"`
	Beam3       expectedWords `json:"beam_3"`
}

type expectedWords struct {
	Tokens []int `json:"tokens"`
}

func load(t testing.TB, c *weights.Checkpoint, b device.Backend) *engine.Model {
	t.Helper()
	m, err := engine.Load(t.Context(), c, b, engine.LoadOptions{})
	require.NoError(t, err)
	t.Cleanup(m.Close)
	return m
}

// sameReport asserts that the reference and the GPU wrote the same.
func sameReport(t *testing.T, want, got *report.Report) {
	t.Helper()
	const tolerance = 1e-3 // of log-probabilities; attention has a tenth of it
	require.Equal(t, want.ImageTokens, got.ImageTokens)
	require.Equal(t, want.Tokens, got.Tokens)
	assert.Equal(t, want.Text, got.Text)
	assert.InDelta(t, want.LogProb, got.LogProb, tolerance)
	assert.InDelta(t, want.Alignment, got.Alignment, tolerance/10)
	for i, w := range want.Words {
		g := got.Words[i]
		assert.InDelta(t, w.LogProb, g.LogProb, tolerance)
		assert.InDeltaSlice(t, w.Attention, g.Attention, tolerance/10)
		assert.InDeltaSlice(t, w.Mask, g.Mask, tolerance/10)
		require.Len(t, g.Alternatives, len(w.Alternatives))
		for j, a := range w.Alternatives {
			assert.InDelta(t, a.LogProb, g.Alternatives[j].LogProb, tolerance)
		}
	}
}

func TestGolden(t *testing.T) {
	for _, name := range golden.Models {
		t.Run(name, func(t *testing.T) {
			folder := golden.Path(t, name)
			c, err := weights.Open(t.Context(), filepath.Join(folder, "model.safetensors"))
			require.NoError(t, err)
			var s engine.Study
			images, err := filepath.Glob(filepath.Join(folder, "view_*.png"))
			require.NoError(t, err)
			for _, path := range images {
				data, err := os.ReadFile(path)
				require.NoError(t, err)
				v, err := radiograph.Decode(t.Context(), filepath.Base(path), data, radiograph.Limits{})
				require.NoError(t, err)
				s.Views = append(s.Views, v)
			}
			gpu, reference := look(t, onGPU(t, c), s), look(t, load(t, c, portable.New()), s)
			data, err := os.ReadFile(filepath.Join(folder, "expected.json"))
			require.NoError(t, err)
			var modes map[string]expected
			require.NoError(t, json.Unmarshal(data, &modes))
			for mode, want := range modes {
				for beam, words := range map[int]expectedWords{1: want.Beam1, 3: want.Beam3} {
					t.Run(fmt.Sprint("tir ", mode, " beam ", beam), func(t *testing.T) {
						o := engine.Options{Beam: beam, WithoutTIR: mode == "off"}
						got, err := gpu.Write(t.Context(), o)
						require.NoError(t, err)
						assert.Equal(t, want.ImageTokens, got.ImageTokens)
						assert.Equal(t, words.Tokens, got.Tokens)
						same, err := reference.Write(t.Context(), o)
						require.NoError(t, err)
						sameReport(t, same, got)
					})
				}
			}
			want := draw(t, reference)
			for i, got := range draw(t, gpu) {
				assert.Equal(t, want[i].Tokens, got.Tokens)
				assert.InDelta(t, want[i].LogProb, got.LogProb, 1e-3)
			}
		})
	}
}

// look encodes a study once for all that is written of it.
func look(t *testing.T, m *engine.Model, s engine.Study) *engine.Session {
	t.Helper()
	session, err := m.Open(t.Context(), s, nil)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return session
}

// draw samples a few reports.
func draw(t *testing.T, session *engine.Session) []report.Sample {
	t.Helper()
	samples, err := session.Sample(t.Context(), engine.SampleOptions{Reports: 10, Seed: 1})
	require.NoError(t, err)
	return samples
}

// TestShipped runs the model that is shipped, whose sizes are real ones.
func TestShipped(t *testing.T) {
	c, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
	require.NoError(t, err)
	s := engine.Study{Views: []*radiograph.Radiograph{{Name: "phantom", Pixels: radiograph.Phantom(1, 224, 224)}}}
	want, err := load(t, c, portable.New()).Report(t.Context(), s, engine.Options{})
	require.NoError(t, err)
	got, err := onGPU(t, c).Report(t.Context(), s, engine.Options{})
	require.NoError(t, err)
	sameReport(t, want, got)
}

// checkpoint is a random model, small but with more than a tile of most things,
// whose weights change may store otherwise.
func checkpoint(t testing.TB, change func(tensor.Tensor) (tensor.Tensor, error)) *weights.Checkpoint {
	t.Helper()
	c := &engine.Config{
		Format: engine.Format,
		Image:  engine.ImageConfig{Size: 8, Channels: 3, Views: 1},
		DVAE:   dvae.Config{Hidden: 32, Groups: 2, BlocksPerGroup: 1, Vocab: 70, PixelEpsilon: 0.1},
		Dim:    64, Heads: 4, FeedForward: 96, EncoderLayers: 1, DecoderLayers: 1, Basis: 20, MaxTokens: 7,
		TIR: transformer.Refiner{Scale: 1000, Rank: 8}, BOS: 0, EOS: 1, UNK: 2,
		Vocab: []string{"<bos>", "<eos>", "<unk>", ".", "clear", "heart", "lungs", "no", "normal", "the"},
	}
	config, err := json.Marshal(c)
	require.NoError(t, err)
	tensors := c.RandomTensors(7)
	for i, x := range tensors {
		if x.Name == "head.bias" { // no report ends at once
			values, err := x.Floats()
			require.NoError(t, err)
			values[c.EOS] = -2
			x = tensor.FromFloats(x.Name, x.Shape, values)
		}
		tensors[i], err = change(x)
		require.NoError(t, err)
	}
	w, err := weights.Build(map[string]string{"uar.config": string(config)}, tensors)
	require.NoError(t, err)
	return w
}

func unchanged(t tensor.Tensor) (tensor.Tensor, error) { return t, nil }

func study() engine.Study {
	grey := image.NewGray(image.Rect(0, 0, 20, 18))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(i)
	}
	return engine.Study{Views: []*radiograph.Radiograph{{Name: "grey", Pixels: grey}}}
}

// TestFormats: models of every format write the reference's report.
func TestFormats(t *testing.T) {
	floating := func(x tensor.Tensor) bool {
		return len(x.Shape) == 1 || strings.Contains(x.Name, "tir.") || x.Name == "cra.gain" || x.Name == "cra.bias"
	}
	for format, change := range map[tensor.Format]func(tensor.Tensor) (tensor.Tensor, error){
		tensor.F16: quantize.F16,
		tensor.I8: func(x tensor.Tensor) (tensor.Tensor, error) {
			if floating(x) {
				return x, nil
			}
			return quantize.Int8(x, nil)
		},
		tensor.U8: func(x tensor.Tensor) (tensor.Tensor, error) {
			if floating(x) || x.Columns()%tensor.GroupSize != 0 || len(x.Shape) == 4 && x.Shape[2] > 1 {
				return x, nil
			}
			return quantize.Int4(x, nil)
		},
	} {
		t.Run(string(format), func(t *testing.T) {
			c := checkpoint(t, change)
			gpu, reference := onGPU(t, c), load(t, c, portable.New())
			for _, o := range []engine.Options{{Beam: 1}, {Beam: 3}, {Beam: 9, WithoutTIR: true}} {
				want, err := reference.Report(t.Context(), study(), o)
				require.NoError(t, err)
				require.NotEmpty(t, want.Words)
				got, err := gpu.Report(t.Context(), study(), o)
				require.NoError(t, err)
				sameReport(t, want, got)
			}
		})
	}
}

// TestOverflow: what overflows on the GPU must not end in a report.
func TestOverflow(t *testing.T) {
	for _, name := range []string{"dvae.input.weight", "decoder.layer_1.tir.query.weight"} {
		t.Run(name, func(t *testing.T) {
			m := onGPU(t, checkpoint(t, func(x tensor.Tensor) (tensor.Tensor, error) {
				values, err := x.Floats()
				if x.Name == name {
					for i, v := range values {
						values[i] = float32(math.Copysign(3e38, float64(v)))
					}
				}
				return tensor.FromFloats(x.Name, x.Shape, values), err
			}))
			_, err := m.Report(t.Context(), study(), engine.Options{})
			assert.ErrorIs(t, err, engine.ErrNotFinite)
		})
	}
}

// TestAWord: a word of three beams is one submission, reads back a few numbers
// and makes nothing on the GPU.
func TestAWord(t *testing.T) {
	m := onGPU(t, checkpoint(t, unchanged))
	_, err := m.Report(t.Context(), study(), engine.Options{})
	require.NoError(t, err)
	before := used
	words := 0
	_, err = m.Report(t.Context(), study(), engine.Options{Progress: func(p status.Progress) {
		if p.Stage != status.StageGenerate {
			return
		}
		if p.Done > 1 {
			words++
			before.submissions++
			before.read += 256 // the least that is mapped; 3 beams × 3 words × 8 bytes
			assert.Equal(t, before, used, "word %d", p.Done)
		}
		before = used
	}})
	require.NoError(t, err)
	assert.Greater(t, words, 3)
}

// TestReportsLeaveNothing on the GPU.
func TestReportsLeaveNothing(t *testing.T) {
	m := onGPU(t, checkpoint(t, unchanged))
	kinds := []engine.Options{{}, {Beam: 1}, {Beam: 5, WithoutTIR: true}}
	before := used
	for i := range 10 * len(kinds) {
		if i == 5*len(kinds) { // every buffer has found its place
			before = used
		}
		_, err := m.Report(t.Context(), study(), kinds[i%len(kinds)])
		require.NoError(t, err)
	}
	assert.Equal(t, before.alive, used.alive, "buffers alive")
	assert.Equal(t, before.buffers, used.buffers, "buffers made")
	assert.Equal(t, before.groups, used.groups, "bind groups made")
}

// TestCancel: a report stops within a block or a word, and the next is whole.
func TestCancel(t *testing.T) {
	m := onGPU(t, checkpoint(t, unchanged))
	want, err := m.Report(t.Context(), study(), engine.Options{})
	require.NoError(t, err)
	for _, stage := range []status.Stage{status.StageTokenize, status.StageEncode, status.StageGenerate} {
		ctx, cancel := context.WithCancel(t.Context())
		after := 0
		_, err := m.Report(ctx, study(), engine.Options{Progress: func(p status.Progress) {
			if ctx.Err() != nil {
				after++
			}
			if p.Stage == stage {
				cancel()
			}
		}})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, after)
		cancel()
		got, err := m.Report(t.Context(), study(), engine.Options{})
		require.NoError(t, err)
		got.Seconds = want.Seconds
		assert.Equal(t, want, got)
	}
}
