package engine_test

import (
	"context"
	"encoding/json"
	"image"
	"math"
	"slices"
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
	"uarweb/weights/tensor"
	"uarweb/weights/version"
)

// tinyConfig is a model small enough to make at random in a test.
func tinyConfig() *engine.Config {
	return &engine.Config{
		Format: engine.Format,
		Image:  engine.ImageConfig{Size: 16, Channels: 1, Views: 2},
		DVAE:   dvae.Config{Hidden: 4, Groups: 3, BlocksPerGroup: 1, Vocab: 11, PixelEpsilon: 0.1},
		Dim:    12, Heads: 3, FeedForward: 20, EncoderLayers: 1, DecoderLayers: 2, Basis: 7, MaxTokens: 9,
		TIR: transformer.Refiner{Scale: 100, Rank: 4}, BOS: 0, EOS: 1, UNK: 2,
		Vocab: []string{"<bos>", "<eos>", "<unk>", ".", "clear", "heart", "lungs", "the"},
	}
}

// checkpoint makes a random checkpoint; change may alter its tensors.
func checkpoint(t testing.TB, c *engine.Config, change func([]tensor.Tensor) []tensor.Tensor) *weights.Checkpoint {
	t.Helper()
	config, err := json.Marshal(c)
	require.NoError(t, err)
	tensors := c.RandomTensors(7)
	if change != nil {
		tensors = change(tensors)
	}
	w, err := weights.Build(map[string]string{"uar.config": string(config)}, tensors)
	require.NoError(t, err)
	return w
}

func load(t testing.TB, c *engine.Config) *engine.Model {
	t.Helper()
	m, err := engine.Load(t.Context(), checkpoint(t, c, nil), portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	t.Cleanup(m.Close)
	return m
}

// study has views of different greys.
func study(views int) engine.Study {
	var s engine.Study
	for i := range views {
		grey := image.NewGray(image.Rect(0, 0, 20, 18))
		for j := range grey.Pix {
			grey.Pix[j] = uint8(j * (i + 1))
		}
		s.Views = append(s.Views, &radiograph.Radiograph{Name: "grey", Pixels: grey})
	}
	return s
}

// A report says which program wrote it.
func TestReportNamesTheEngine(t *testing.T) {
	m, err := engine.Load(t.Context(), checkpoint(t, tinyConfig(), nil), portable.New(), engine.LoadOptions{SHA256: "of the program"})
	require.NoError(t, err)
	defer m.Close()
	r, err := m.Report(t.Context(), study(1), engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, report.Engine{Version: version.Version, Commit: version.Commit, SHA256: "of the program"}, r.Engine)
}

// A report says what it was written from, and what was decided about that.
func TestReportNamesItsViews(t *testing.T) {
	s := study(2)
	s.Views[0].Format, s.Views[0].Facts.View, s.Views[0].Notes = "DICOM", radiograph.Frontal, []string{"it has no window"}
	r, err := load(t, tinyConfig()).Report(t.Context(), s, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, []report.View{
		{Name: "grey", Format: "DICOM", View: "frontal", Notes: []string{"it has no window"}},
		{Name: "grey", Notes: []string{}},
	}, r.Views)
}

func TestReportIsTheSameEveryTime(t *testing.T) {
	m := load(t, tinyConfig())
	first, err := m.Report(t.Context(), study(2), engine.Options{})
	require.NoError(t, err)
	require.NotEmpty(t, first.Words)
	for range 3 {
		again, err := m.Report(t.Context(), study(2), engine.Options{})
		require.NoError(t, err)
		again.Seconds = first.Seconds
		assert.Equal(t, first, again)
	}
	_, err = json.Marshal(first)
	assert.NoError(t, err)
}

func TestOneViewServesForBoth(t *testing.T) {
	m := load(t, tinyConfig())
	one := study(1)
	r, err := m.Report(t.Context(), one, engine.Options{})
	require.NoError(t, err)
	both, err := m.Report(t.Context(), engine.Study{Views: []*radiograph.Radiograph{one.Views[0], one.Views[0]}}, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, both.ImageTokens, r.ImageTokens)
	assert.Equal(t, both.Tokens, r.Tokens)
	assert.Equal(t, both.Words, r.Words)

	trace, err := m.Trace(t.Context(), one, nil, engine.Options{})
	require.NoError(t, err)
	twice, err := m.Trace(t.Context(), engine.Study{Views: []*radiograph.Radiograph{one.Views[0], one.Views[0]}}, nil, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, twice, trace)
}

func TestTraceFollowsTheReport(t *testing.T) {
	m := load(t, tinyConfig())
	for _, o := range []engine.Options{{Beam: 1}, {Beam: 3}, {Beam: 2, WithoutTIR: true}} {
		r, err := m.Report(t.Context(), study(2), o)
		require.NoError(t, err)
		trace, err := m.Trace(t.Context(), study(2), nil, o)
		require.NoError(t, err)
		probs := trace.LogProbs(m.Config().EOS)
		n := m.Config().ImageTokens()
		for i, w := range r.Words {
			assert.EqualValues(t, w.Token, trace.IDs[i+1])
			assert.InDelta(t, w.LogProb, probs[i], 1e-4)
			// The beam's own rows: those of a run that followed this report alone.
			inDelta(t, w.Attention, trace.Attention[i*n:(i+1)*n], 1e-5)
			inDelta(t, w.Mask, trace.Mask[i*n:(i+1)*n], 1e-5)
		}
	}
}

func TestProgressCountsToTheTotal(t *testing.T) {
	var seen []status.Progress
	o := engine.LoadOptions{Progress: func(p status.Progress) { seen = append(seen, p) }}
	m, err := engine.Load(t.Context(), checkpoint(t, tinyConfig(), nil), portable.New(), o)
	require.NoError(t, err)
	r, err := m.Report(t.Context(), study(2), engine.Options{Progress: o.Progress})
	require.NoError(t, err)
	last := map[status.Stage]status.Progress{}
	for _, p := range seen {
		assert.Equal(t, p.Stage != status.StageGenerate || p.Done > 0, true)
		if before, ok := last[p.Stage]; ok {
			assert.Greater(t, p.Done, before.Done)
		}
		assert.LessOrEqual(t, p.Done, p.Total)
		last[p.Stage] = p
	}
	for _, stage := range []status.Stage{status.StageLoad, status.StageTokenize, status.StageEncode} {
		assert.Equal(t, last[stage].Total, last[stage].Done, stage)
	}
	assert.NotEmpty(t, last[status.StageGenerate].Text)
	assert.NotEmpty(t, r.Text)
}

// TestCancel cancels at every point that reports progress: the error comes
// before the next such point.
func TestCancel(t *testing.T) {
	c := checkpoint(t, tinyConfig(), nil)
	m := load(t, tinyConfig())
	for name, work := range map[string]func(context.Context, func(status.Progress)) error{
		"load": func(ctx context.Context, p func(status.Progress)) error {
			_, err := engine.Load(ctx, c, portable.New(), engine.LoadOptions{Progress: p})
			return err
		},
		"report": func(ctx context.Context, p func(status.Progress)) error {
			_, err := m.Report(ctx, study(2), engine.Options{Beam: 1, Progress: p})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			points := 0
			require.NoError(t, work(t.Context(), func(status.Progress) { points++ }))
			require.Greater(t, points, 1)
			for stop := range points - 1 {
				ctx, cancel := context.WithCancel(t.Context())
				called := 0
				err := work(ctx, func(status.Progress) {
					if called == stop {
						cancel()
					}
					called++
				})
				assert.ErrorIs(t, err, context.Canceled, "stopped at %d of %d", stop, points)
				assert.Equal(t, stop+1, called)
				cancel()
			}
		})
	}
}

func TestWrongNumberOfViews(t *testing.T) {
	c := tinyConfig()
	two := load(t, c)
	c.Image.Views = 1
	one := load(t, c)
	for _, bad := range []struct {
		model *engine.Model
		views int
		want  string
	}{
		{two, 0, "0 images given, the model takes one to 2"},
		{two, 3, "3 images given, the model takes one to 2"},
		{one, 2, "2 images given, the model takes one"},
	} {
		_, err := bad.model.Report(t.Context(), study(bad.views), engine.Options{})
		assert.ErrorContains(t, err, bad.want)
		assert.Equal(t, status.WrongViews, status.CodeOf(err))
	}
	for _, beam := range []int{-1, engine.MaxBeam + 1} {
		_, err := two.Report(t.Context(), study(2), engine.Options{Beam: beam})
		assert.ErrorContains(t, err, "beam")
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
	}
	_, err := two.Trace(t.Context(), study(2), []int{99}, engine.Options{})
	assert.ErrorContains(t, err, "word 99 is not in a vocabulary of 8")
	_, err = two.Trace(t.Context(), study(2), make([]int, 9), engine.Options{})
	assert.ErrorContains(t, err, "9 words")
}

// TestBeamsWiderThanTheVocabulary must not ask for more words than there are.
func TestBeamsWiderThanTheVocabulary(t *testing.T) {
	r, err := load(t, tinyConfig()).Report(t.Context(), study(2), engine.Options{Beam: engine.MaxBeam})
	require.NoError(t, err)
	assert.Len(t, r.Words[0].Alternatives, len(tinyConfig().Vocab))
}

func TestLoadRefusesBadTensors(t *testing.T) {
	t.Attr("hostile", "tensors of a model")
	for name, bad := range map[string]struct {
		change func([]tensor.Tensor) []tensor.Tensor
		want   string
	}{
		"missing": {func(list []tensor.Tensor) []tensor.Tensor {
			return slices.DeleteFunc(list, func(t tensor.Tensor) bool { return t.Name == "encoder.layer_1.norm_2.bias" })
		}, "encoder.layer_1.norm_2.bias"},
		"wrong shape": {replace("decoder.layer_2.tir.key.weight", func(p tensor.Tensor) tensor.Tensor {
			return tensor.FromFloats(p.Name, []int{12, 4}, make([]float32, 48))
		}), "tensor decoder.layer_2.tir.key.weight has shape [12 4], the configuration needs [4 12]"},
		"NaN": {replace("head.weight", func(p tensor.Tensor) tensor.Tensor {
			values, err := p.Floats()
			require.NoError(t, err)
			values[5] = float32(math.NaN())
			return tensor.FromFloats(p.Name, p.Shape, values)
		}), "head.weight"},
		"infinite basis": {replace("cra.basis", func(p tensor.Tensor) tensor.Tensor {
			values, err := p.Floats()
			require.NoError(t, err)
			values[0] = float32(math.Inf(1))
			return tensor.FromFloats(p.Name, p.Shape, values)
		}), "cra.basis"},
		"an int8 bias": {replace("encoder.norm.bias", func(p tensor.Tensor) tensor.Tensor {
			return tensor.Tensor{Name: p.Name, Format: tensor.I8, Shape: p.Shape, Data: make([]byte, 12), Scale: make([]float32, 12)}
		}), "encoder.norm.bias is I8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Load(t.Context(), checkpoint(t, tinyConfig(), bad.change), portable.New(), engine.LoadOptions{})
			assert.ErrorContains(t, err, bad.want)
			assert.Equal(t, status.BadTensor, status.CodeOf(err))
		})
	}
}

func TestLoadRefusesBadConfigurations(t *testing.T) {
	t.Attr("hostile", "configuration of a model")
	for want, change := range map[string]func(*engine.Config){
		`the weights' format is "uar/2"`: func(c *engine.Config) { c.Format = "uar/2" },
		"image.size is 1000000":          func(c *engine.Config) { c.Image.Size = 1000000 },
		"multiple of 4 for 3 groups":     func(c *engine.Config) { c.Image.Size = 18 },
		"image.channels is 2":            func(c *engine.Config) { c.Image.Channels = 2 },
		"image.views is 3":               func(c *engine.Config) { c.Image.Views = 3 },
		"dvae.hidden is 6":               func(c *engine.Config) { c.DVAE.Hidden = 6 },
		"dvae.groups is 0":               func(c *engine.Config) { c.DVAE.Groups = 0 },
		"dvae.pixel_epsilon is 0.5":      func(c *engine.Config) { c.DVAE.PixelEpsilon = 0.5 },
		"dim 12 is no multiple":          func(c *engine.Config) { c.Heads = 5 },
		"max_tokens is -1":               func(c *engine.Config) { c.MaxTokens = -1 },
		"tir.scale":                      func(c *engine.Config) { c.TIR.Scale = -1 },
		"eos":                            func(c *engine.Config) { c.EOS = 99 },
		"surprisal.cells is 0":           func(c *engine.Config) { c.Surprisal = &engine.Surprisal{Limits: []float64{1, 1}} },
		"surprisal.cells is 5":           func(c *engine.Config) { c.Surprisal = &engine.Surprisal{Cells: 5, Limits: []float64{1, 1}} },
		"surprisal.limits has 1 number":  func(c *engine.Config) { c.Surprisal = &engine.Surprisal{Cells: 2, Limits: []float64{1}} },
		"surprisal.limits must be":       func(c *engine.Config) { c.Surprisal = &engine.Surprisal{Cells: 2, Limits: []float64{1, 0}} },
		`"clear"`:                        func(c *engine.Config) { c.Vocab[5] = "clear" },
	} {
		t.Run(want, func(t *testing.T) {
			c := tinyConfig()
			change(c)
			text, err := json.Marshal(c)
			require.NoError(t, err)
			w, err := weights.Build(map[string]string{"uar.config": string(text)}, tinyConfig().RandomTensors(1))
			require.NoError(t, err)
			_, err = engine.Load(t.Context(), w, portable.New(), engine.LoadOptions{})
			assert.ErrorContains(t, err, want)
			assert.Equal(t, status.BadConfiguration, status.CodeOf(err))
		})
	}
	w, err := weights.Build(nil, tinyConfig().RandomTensors(1))
	require.NoError(t, err)
	_, err = engine.Load(t.Context(), w, portable.New(), engine.LoadOptions{})
	assert.ErrorContains(t, err, "not a UAR model")
	assert.Equal(t, status.BadConfiguration, status.CodeOf(err))
}

// poison fills every buffer it allocates with what no computation survives.
type poison struct{ device.Backend }

func (p poison) Floats(n int) device.Buffer {
	b, nan := p.Backend.Floats(n), make([]float32, n)
	for i := range nan {
		nan[i] = float32(math.NaN())
	}
	p.Upload(b, 0, nan)
	return b
}

func (p poison) Ints(n int) device.Buffer {
	b, far := p.Backend.Ints(n), make([]int32, n)
	for i := range far {
		far[i] = math.MaxInt32
	}
	p.UploadInts(b, 0, far)
	return b
}

// TestNothingReliesOnFreshBuffers: their contents are undefined.
func TestNothingReliesOnFreshBuffers(t *testing.T) {
	want, err := load(t, tinyConfig()).Trace(t.Context(), study(2), nil, engine.Options{})
	require.NoError(t, err)
	m, err := engine.Load(t.Context(), checkpoint(t, tinyConfig(), nil), poison{portable.New()}, engine.LoadOptions{})
	require.NoError(t, err)
	got, err := m.Trace(t.Context(), study(2), nil, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// TestOverflow: weights that are finite but too large for their products to be
// must not end in a report.
func TestOverflow(t *testing.T) {
	for _, name := range []string{"dvae.output.weight", "dvae.input.weight", "encoder.norm.weight", "decoder.layer_2.tir.query.weight", "head.bias"} {
		t.Run(name, func(t *testing.T) {
			m := overflowing(t, name)
			for _, withoutTIR := range []bool{false, true} {
				_, err := m.Report(t.Context(), study(2), engine.Options{WithoutTIR: withoutTIR})
				assert.ErrorIs(t, err, engine.ErrNotFinite)
			}
		})
	}
}

// overflowing loads a model with one tensor too large.
func overflowing(t *testing.T, name string) *engine.Model {
	t.Helper()
	c := checkpoint(t, tinyConfig(), replace(name, func(p tensor.Tensor) tensor.Tensor {
		values, err := p.Floats()
		require.NoError(t, err)
		for i, v := range values {
			values[i] = float32(math.Copysign(3e38, float64(v)))
		}
		return tensor.FromFloats(p.Name, p.Shape, values)
	}))
	m, err := engine.Load(t.Context(), c, portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	t.Cleanup(m.Close)
	return m
}

// replace changes one tensor of a list.
func replace(name string, with func(tensor.Tensor) tensor.Tensor) func([]tensor.Tensor) []tensor.Tensor {
	return func(list []tensor.Tensor) []tensor.Tensor {
		for i, p := range list {
			if p.Name == name {
				list[i] = with(p)
			}
		}
		return list
	}
}

// TestLoadRefusesGreed: configurations whose fields are each allowed, but not
// what they ask for together. The tensors are not looked at before that. Two of
// the products are 0 in 32 bits.
func TestLoadRefusesGreed(t *testing.T) {
	for want, change := range map[string]func(*engine.Config){
		"image.size² · dvae.hidden": func(c *engine.Config) { c.Image.Size, c.DVAE.Hidden = 1024, 1024 },
		"visual tokens · dvae.vocab": func(c *engine.Config) {
			c.Image.Size, c.DVAE.Groups, c.DVAE.Vocab = 1024, 1, 1<<16
		},
		"surprisal.cells² · dvae.vocab": func(c *engine.Config) {
			c.Image.Size, c.DVAE.Groups, c.DVAE.Vocab, c.FeedForward = 256, 3, 1<<14, 1
			c.Surprisal = &engine.Surprisal{Cells: 64, Limits: []float64{1, 1}}
		},
		"visual tokens²":                           func(c *engine.Config) { c.Image.Size, c.DVAE.Groups, c.FeedForward = 1024, 3, 1 },
		"visual tokens · feed_forward":             func(c *engine.Config) { c.Image.Size, c.FeedForward = 512, 1<<14 },
		"decoder_layers · max_tokens · beam · dim": func(c *engine.Config) { c.DecoderLayers, c.MaxTokens, c.Dim, c.Heads = 24, 1024, 4096, 1 },
		"max_tokens · beam · visual tokens":        func(c *engine.Config) { c.MaxTokens, c.Image.Size = 1024, 208 },
	} {
		t.Run(want, func(t *testing.T) {
			c := tinyConfig()
			change(c)
			text, err := json.Marshal(c)
			require.NoError(t, err)
			w, err := weights.Build(map[string]string{"uar.config": string(text)}, tinyConfig().RandomTensors(1))
			require.NoError(t, err)
			_, err = engine.Load(t.Context(), w, portable.New(), engine.LoadOptions{})
			assert.ErrorContains(t, err, want+" asks for")
		})
	}
}

// TestLimits: what could exceed them is refused at load, what cannot is not.
func TestLimits(t *testing.T) {
	load := func(c *engine.Config, card string, limits engine.Limits) error {
		text, err := json.Marshal(c)
		require.NoError(t, err)
		w, err := weights.Build(map[string]string{"uar.config": string(text), "uar.card": card}, c.RandomTensors(1))
		require.NoError(t, err)
		m, err := engine.Load(t.Context(), w, portable.New(), engine.LoadOptions{Limits: limits})
		if err == nil {
			m.Close()
		}
		return err
	}
	long := tinyConfig() // 1024 words of 72 tokens
	long.MaxTokens, long.Image.Size = 1024, 24
	for _, c := range []struct {
		name   string
		config *engine.Config
		card   string
		limits engine.Limits
		code   status.Code // Internal: no error
		want   string
	}{
		{"the defaults", tinyConfig(), "{}", engine.Limits{}, status.Internal, ""},
		{"a card as large as is allowed", tinyConfig(), strings.Repeat("x", 1<<20), engine.Limits{}, status.Internal, ""},
		{"a larger one", tinyConfig(), strings.Repeat("x", 1<<20+1), engine.Limits{}, status.BadConfiguration, "uar.card has 1048577 bytes, 1048576 are allowed"},
		{"a card that is allowed", tinyConfig(), strings.Repeat("x", 1<<20+1), engine.Limits{Card: 1<<20 + 1}, status.Internal, ""},
		{"long reports", long, "", engine.Limits{}, status.Internal, ""},
		{"longer than is allowed", long, "", engine.Limits{Report: 4 << 20}, status.BadConfiguration, "max_tokens, visual tokens and words ask for reports of up to"},
		{"large activations", tinyConfig(), "", engine.Limits{Activation: 1000}, status.BadConfiguration, "image.size² · dvae.hidden asks for 1024 floats at once, 1000 are allowed"},
		{"activations as large as are allowed", tinyConfig(), "", engine.Limits{Activation: 4608}, status.Internal, ""},
		{"with a narrower beam", tinyConfig(), "", engine.Limits{Activation: 1024, Beam: 2}, status.Internal, ""},
		{"no limit", tinyConfig(), "", engine.Limits{Report: -1}, status.InvalidArgument, "Limits.Report is -1"},
		{"too many samples", tinyConfig(), "", engine.Limits{Samples: engine.MaxSamples + 1}, status.InvalidArgument, "Limits.Samples is 101, it must be 1 to 100"},
		{"one too high", tinyConfig(), "", engine.Limits{Beam: engine.MaxBeam + 1}, status.InvalidArgument, "Limits.Beam is 17, it must be 1 to 16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := load(c.config, c.card, c.limits)
			if c.code == status.Internal {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
			assert.Equal(t, c.code, status.CodeOf(err))
		})
	}
}

// TestBeamLimit: a narrow limit is the default too, and no report may exceed it.
func TestBeamLimit(t *testing.T) {
	m, err := engine.Load(t.Context(), checkpoint(t, tinyConfig(), nil), portable.New(), engine.LoadOptions{Limits: engine.Limits{Beam: 2}})
	require.NoError(t, err)
	defer m.Close()
	r, err := m.Report(t.Context(), study(2), engine.Options{})
	require.NoError(t, err)
	assert.Len(t, r.Words[0].Alternatives, 2)
	_, err = m.Report(t.Context(), study(2), engine.Options{Beam: 3})
	assert.ErrorContains(t, err, "beam is 3, it must be 1 to 2")
}

// TestReportsKeepToTheirSize that the limit at load was compared with.
func TestReportsKeepToTheirSize(t *testing.T) {
	c := tinyConfig()
	c.MaxTokens = 40
	m := load(t, c)
	r, err := m.Report(t.Context(), study(2), engine.Options{Beam: engine.MaxBeam})
	require.NoError(t, err)
	data, err := json.Marshal(r)
	require.NoError(t, err)
	assert.LessOrEqual(t, int64(len(data)), report.MaxSize(c.MaxTokens, len("<unk>"), engine.MaxBeam, c.ImageTokens()))
}

// TestViewsWithoutPixels must not end in a panic.
func TestViewsWithoutPixels(t *testing.T) {
	m := load(t, tinyConfig())
	good := study(1).Views[0]
	for _, bad := range []*radiograph.Radiograph{nil, {}, {Pixels: new(image.Gray)}} {
		_, err := m.Report(t.Context(), engine.Study{Views: []*radiograph.Radiograph{good, bad}}, engine.Options{})
		assert.ErrorContains(t, err, "view 2 has no pixels")
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
	}
}

// TestTokensOutsideTheTables must not be looked up.
func TestTokensOutsideTheTables(t *testing.T) {
	m := load(t, tinyConfig())
	for _, id := range []int{-1, len(tinyConfig().Vocab)} {
		_, err := m.TextFeature(t.Context(), []int{id})
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err), "%v", err)
	}
	_, err := m.ImageFeature(t.Context(), [][]int{{0}, {tinyConfig().DVAE.Vocab}})
	assert.Equal(t, status.InvalidArgument, status.CodeOf(err), "%v", err)
}

// FuzzConfig: no configuration makes Load panic, and one that fits its tensors
// writes a report. What a configuration may ask for in memory is
// TestLoadRefusesGreed's.
func FuzzConfig(f *testing.F) {
	text, err := json.Marshal(tinyConfig())
	require.NoError(f, err)
	f.Add(string(text))
	f.Add(strings.Replace(string(text), `"dim":12`, `"dim":4096`, 1))
	f.Add("{}")
	f.Add("null")
	f.Add("\xd5")
	tensors := tinyConfig().RandomTensors(1)
	f.Fuzz(func(t *testing.T, config string) {
		w, err := weights.Build(map[string]string{"uar.config": config}, tensors)
		if err != nil {
			return // no file can hold such metadata
		}
		m, err := engine.Load(t.Context(), w, portable.New(), engine.LoadOptions{})
		if err != nil {
			return
		}
		defer m.Close()
		_, err = m.Report(t.Context(), study(1), engine.Options{})
		require.NoError(t, err)
	})
}

// TestDrain: the model needs nothing more of a checkpoint that Load has drained.
func TestDrain(t *testing.T) {
	c := checkpoint(t, tinyConfig(), nil)
	m, err := engine.Load(t.Context(), c, portable.New(), engine.LoadOptions{Drain: true})
	require.NoError(t, err)
	defer m.Close()
	for _, name := range c.Names() {
		e, err := c.Entry(name)
		require.NoError(t, err)
		assert.Nil(t, e.Data, name)
	}
	want, err := load(t, tinyConfig()).Report(t.Context(), study(2), engine.Options{})
	require.NoError(t, err)
	got, err := m.Report(t.Context(), study(2), engine.Options{})
	require.NoError(t, err)
	got.Seconds = want.Seconds
	assert.Equal(t, want, got)
	whole, err := m.Trace(t.Context(), study(2), []int{5}, engine.Options{})
	require.NoError(t, err)
	undrained, err := load(t, tinyConfig()).Trace(t.Context(), study(2), []int{5}, engine.Options{})
	require.NoError(t, err)
	assert.Equal(t, undrained.ImageCRA, whole.ImageCRA)
	assert.Equal(t, undrained.TextCRA, whole.TextCRA)
}
