package engine_test

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/cra"
	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/tensor"
)

// show is a part of a trace that is there.
func show(t *testing.T, m *engine.Model, s engine.Study, whole *engine.Trace, kind trace.Kind, index int) trace.Shown {
	t.Helper()
	shown, err := m.Show(t.Context(), s, whole, trace.Part{Kind: kind, Index: index})
	require.NoError(t, err)
	return shown
}

// mean is that of the heads of a layer.
func mean(heads [][]float32) []float32 {
	sum := make([]float32, len(heads[0]))
	for _, head := range heads {
		for i, v := range head {
			sum[i] += v / float32(len(heads))
		}
	}
	return sum
}

func TestShowWord(t *testing.T) {
	m := load(t, tinyConfig())
	n, vocab := m.Config().ImageTokens(), len(m.Config().Vocab)
	for _, o := range []engine.Options{{}, {WithoutTIR: true}} {
		whole, err := m.Trace(t.Context(), study(2), nil, o)
		require.NoError(t, err)
		for i := range whole.IDs {
			w := show(t, m, study(2), whole, trace.OfWord, i).Word
			require.Len(t, w.Attention, 2)
			require.Len(t, w.Attention[0], 3)
			last := len(w.Attention) - 1
			inDelta(t, whole.Attention[i*n:(i+1)*n], mean(w.Attention[last]), 1e-5)
			assert.Equal(t, whole.Mask[i*n:(i+1)*n], w.Mask[last])
			assert.Equal(t, whole.Words[i*vocab:(i+1)*vocab], w.Logits)
			require.Len(t, w.Likeliest, vocab, "fewer than there would be room for")
			assert.Equal(t, argMax(w.Logits), w.Likeliest[0].Token)
			assert.Equal(t, m.Config().Vocab[w.Likeliest[0].Token], w.Likeliest[0].Text)
		}
	}
}

func TestShowPatch(t *testing.T) {
	m := load(t, tinyConfig())
	c := m.Config()
	whole, err := m.Trace(t.Context(), study(2), nil, engine.Options{})
	require.NoError(t, err)
	b := portable.New()
	for i := range c.ImageTokens() {
		p := show(t, m, study(2), whole, trace.OfPatch, i).Patch
		require.Len(t, p.Likeliest, 5)
		assert.EqualValues(t, whole.Tokens[i], p.Likeliest[0].Code)
		logits, sum := whole.Logits[i*c.DVAE.Vocab:][:c.DVAE.Vocab], 0.0
		for _, v := range logits {
			sum += math.Exp(float64(v))
		}
		for _, l := range p.Likeliest {
			assert.InDelta(t, math.Exp(float64(logits[l.Code]))/sum, l.Probability, 1e-6)
		}
		inDelta(t, attend(t, b, whole.Encoder, 0, i), mean(p.Attention[0]), 1e-5)
	}
}

// attend has a backend attend to the keys of a layer, and returns the mean of the heads.
func attend(t *testing.T, b device.Backend, a device.Attended, layer, query int) []float32 {
	upload := func(values []float32) device.Buffer {
		x := b.Floats(len(values))
		b.Upload(x, 0, values)
		return x
	}
	l := a.Layers[layer]
	key := upload(l.Key)
	weights := make([]float32, len(l.Key)/a.Width)
	to := b.Floats(len(weights))
	b.Attention(b.Floats(a.Width), device.Attention{
		Query: upload(l.Query[query*a.Width : (query+1)*a.Width]), Key: key, Value: key,
		Queries: 1, Keys: len(weights), Heads: a.Heads, Width: a.Width, Mean: to,
	})
	require.NoError(t, b.Download(t.Context(), device.Copy{From: to, Floats: weights}))
	return weights
}

func TestShowStudy(t *testing.T) {
	m := load(t, tinyConfig())
	c := m.Config()
	for _, views := range []int{1, 2} {
		s := study(views)
		r, err := m.Report(t.Context(), s, engine.Options{})
		require.NoError(t, err)
		whole, err := m.Trace(t.Context(), s, nil, engine.Options{})
		require.NoError(t, err)
		shown := show(t, m, s, whole, trace.OfStudy, 0).Study
		assert.Equal(t, []int{16, 4, 11, 8, 100, 4}, []int{shown.Size, shown.Grid, shown.Codes, shown.Vocab, int(shown.Scale), shown.Columns})
		assert.Equal(t, whole.Tokens, shown.Tokens)
		require.Len(t, shown.Pixels, 2)
		for view, grey := range shown.Pixels {
			for i, v := range grey {
				assert.Equal(t, whole.Pixels[view*len(grey)+i], float32(v)/255)
			}
			size := s.Views[min(view, views-1)].Pixels.Rect.Size()
			assert.Equal(t, trace.Size{Width: size.X, Height: size.Y}, shown.Films[view])
		}
		require.Len(t, shown.Words, len(r.Words))
		for i, w := range r.Words {
			assert.Equal(t, trace.Choice{Token: w.Token, Text: w.Text}, shown.Words[i])
		}
		require.Len(t, shown.Entropy, c.ImageTokens())
		for i, bits := range shown.Entropy {
			logits, sum, want := whole.Logits[i*11:][:11], 0.0, 0.0
			for _, v := range logits {
				sum += math.Exp(float64(v))
			}
			for _, v := range logits {
				p := math.Exp(float64(v)) / sum
				want -= p * math.Log2(p)
			}
			assert.InDelta(t, want, bits, 1e-4)
		}
	}
}

// A tile is what the file says as grey; a code without one has none.
func TestShowTiles(t *testing.T) {
	c := tinyConfig()
	c.Tiles = &engine.Tiles{Studies: 50}
	values := make([]float32, 0, c.DVAE.Vocab*16)
	for code := range c.DVAE.Vocab {
		for i := range 16 {
			v := float32(code+i) / 25
			if code == 3 {
				v = -1
			}
			values = append(values, v)
		}
	}
	file := checkpoint(t, c, func(tensors []tensor.Tensor) []tensor.Tensor {
		at := slices.IndexFunc(tensors, func(t tensor.Tensor) bool { return t.Name == engine.TilesName })
		tensors[at] = tensor.FromFloats(engine.TilesName, []int{c.DVAE.Vocab, 16}, values)
		return tensors
	})
	m, err := engine.Load(t.Context(), file, portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()
	whole, err := m.Trace(t.Context(), study(2), []int{5}, engine.Options{})
	require.NoError(t, err)
	shown := show(t, m, study(2), whole, trace.OfStudy, 0).Study
	assert.Equal(t, 50, shown.Studies)
	require.Len(t, shown.Tiles, c.DVAE.Vocab)
	assert.Nil(t, shown.Tiles[3])
	assert.Equal(t, []byte{0, 10, 20, 31}, shown.Tiles[0][:4])
	assert.EqualValues(t, 255, shown.Tiles[10][15])

	plain := load(t, tinyConfig())
	whole, err = plain.Trace(t.Context(), study(2), []int{5}, engine.Options{})
	require.NoError(t, err)
	assert.Nil(t, show(t, plain, study(2), whole, trace.OfStudy, 0).Study.Tiles)
}

// The steps of a search lead to the report, and each sequence goes on from one that was
// kept.
func TestShowSearch(t *testing.T) {
	m := load(t, tinyConfig())
	for _, beam := range []int{1, 3} {
		r, err := m.Report(t.Context(), study(2), engine.Options{Beam: beam})
		require.NoError(t, err)
		whole, err := m.Trace(t.Context(), study(2), nil, engine.Options{Beam: beam})
		require.NoError(t, err)
		live, found := []sequence{{}}, []sequence{}
		for _, step := range show(t, m, study(2), whole, trace.OfStudy, 0).Study.Search {
			var next []sequence
			for i, considered := range step {
				assert.Equal(t, i < beam, considered.Kept)
				require.Less(t, considered.Row, len(live))
				before := live[considered.Row]
				assert.InDelta(t, before.sum+considered.LogProb, considered.Sum, 1e-9)
				assert.Equal(t, m.Config().Vocab[considered.Token], considered.Text)
				made := sequence{append(append([]int{}, before.ids...), considered.Token), considered.Sum}
				switch {
				case !considered.Kept:
				case considered.Token == m.Config().EOS:
					found = append(found, made)
				default:
					next = append(next, made)
				}
			}
			live = next
		}
		assert.Contains(t, append(found, live...), sequence{r.Tokens, r.LogProb})
	}
}

type sequence struct {
	ids []int
	sum float64
}

// A search on what a trace saw finds what a report of that width finds, and says how.
func TestSearch(t *testing.T) {
	m := load(t, tinyConfig())
	whole, err := m.Trace(t.Context(), study(2), nil, engine.Options{})
	require.NoError(t, err)
	for _, width := range []int{1, 3, 8} {
		r, err := m.Report(t.Context(), study(2), engine.Options{Beam: width})
		require.NoError(t, err)
		s, err := m.Search(t.Context(), whole, engine.Options{Beam: width})
		require.NoError(t, err)
		assert.Equal(t, width, s.Width)
		assert.Equal(t, r.Text, s.Text)
		assert.Equal(t, r.LogProb, s.LogProb)
		if width == engine.DefaultBeam {
			assert.Equal(t, whole.Search, s.Steps)
		}
		require.Len(t, s.Further, len(s.Steps))
		require.GreaterOrEqual(t, len(s.Steps), len(r.Tokens))
		live := 1
		for i, step := range s.Steps {
			assert.Equal(t, min(live*width, trace.MostConsidered), len(step))
			assert.Equal(t, live*width, len(step)+s.Further[i])
			var won []int
			live = 0
			for _, c := range step {
				assert.Equal(t, c.Token == m.Config().EOS, c.Ends)
				if c.Won {
					won = append(won, c.Token)
					assert.True(t, c.Kept)
				}
				if c.Kept && !c.Ends {
					live++
				}
			}
			if i < len(r.Tokens) {
				assert.Equal(t, r.Tokens[i:i+1], won)
			} else {
				assert.Empty(t, won)
			}
		}
	}
	_, err = m.Search(t.Context(), whole, engine.Options{Beam: engine.MaxBeam + 1})
	assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
}

func TestShowRefuses(t *testing.T) {
	m := load(t, tinyConfig())
	whole, err := m.Trace(t.Context(), study(2), []int{5}, engine.Options{})
	require.NoError(t, err)
	for _, p := range []trace.Part{{}, {Kind: "film"}, {Kind: trace.OfStudy, Index: 1}, {Kind: trace.OfSearch, Width: 3}, {Kind: trace.OfPatch, Index: 32}, {Kind: trace.OfPatch, Index: -1}, {Kind: trace.OfWord, Index: 2}, {Kind: trace.OfReports, Reports: [][]int{{99}}}} {
		_, err := m.Show(t.Context(), study(2), whole, p)
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err), "%v", p)
	}
	assert.Nil(t, show(t, m, study(2), whole, trace.OfStudy, 0).Study.Search, "of a report that was given")
}

// What lies under a patch is the film's, down to films of fewer pixels than patches.
func TestShowRegion(t *testing.T) {
	m := load(t, tinyConfig())
	for _, size := range [][2]int{{1, 1}, {3, 2}, {40, 13}, {300, 200}} {
		s, film := study(1), image.NewGray(image.Rect(0, 0, size[0], size[1]))
		for i := range film.Pix {
			film.Pix[i] = uint8(i)
		}
		s.Views[0].Pixels = film
		whole, err := m.Trace(t.Context(), s, []int{5}, engine.Options{})
		require.NoError(t, err)
		covered := 0
		for i := range 16 {
			r := show(t, m, s, whole, trace.OfPatch, i).Patch.Film
			covered += r.Width * r.Height
			assert.Positive(t, r.Width*r.Height)
			require.Len(t, r.Sample, r.Side.Width*r.Side.Height)
			for j, v := range r.Sample {
				x, y := r.X+(r.Width-r.Side.Width)/2+j%r.Side.Width, r.Y+(r.Height-r.Side.Height)/2+j/r.Side.Width
				assert.Equal(t, film.GrayAt(x, y).Y, v)
			}
		}
		if min(size[0], size[1]) >= 4 {
			assert.Equal(t, size[0]*size[1], covered, "each pixel lies under one patch")
		}
	}
}

// The report that the model wrote is as near to the film as it says itself.
func TestShowReports(t *testing.T) {
	m := load(t, tinyConfig())
	r, err := m.Report(t.Context(), study(2), engine.Options{})
	require.NoError(t, err)
	whole, err := m.Trace(t.Context(), study(2), nil, engine.Options{})
	require.NoError(t, err)
	other := []int{5, 4}
	shown, err := m.Show(t.Context(), study(2), whole, trace.Part{Kind: trace.OfReports, Reports: [][]int{r.Tokens, other, {}}})
	require.NoError(t, err)
	require.Len(t, shown.Reports.Cosines, 3)
	assert.InDelta(t, r.Alignment, shown.Reports.Cosines[0], 1e-6)
	image, err := m.ImageFeature(t.Context(), r.ImageTokens)
	require.NoError(t, err)
	text, err := m.TextFeature(t.Context(), other)
	require.NoError(t, err)
	var xy, xx, yy float64
	for i, v := range image {
		xy, xx, yy = xy+float64(v)*float64(text[i]), xx+float64(v)*float64(v), yy+float64(text[i])*float64(text[i])
	}
	assert.InDelta(t, xy/math.Sqrt(xx*yy), shown.Reports.Cosines[1], 1e-6)
	assert.Zero(t, shown.Reports.Cosines[2], "of an empty report")
}

// A patch and a word are as near as their F are, from either side.
func TestShowNearness(t *testing.T) {
	m := load(t, tinyConfig())
	c := m.Config()
	whole, err := m.Trace(t.Context(), study(2), []int{5, 4}, engine.Options{})
	require.NoError(t, err)
	near := func(word, patch int) float64 {
		text, err := m.TextFeature(t.Context(), []int{word})
		require.NoError(t, err)
		var xy, xx, yy float64
		for i, v := range whole.Image[patch*c.Dim : (patch+1)*c.Dim] {
			xy, xx, yy = xy+float64(v)*float64(text[i]), xx+float64(v)*float64(v), yy+float64(text[i])*float64(text[i])
		}
		return xy / math.Sqrt(xx*yy)
	}
	for patch := range c.ImageTokens() {
		nearest := show(t, m, study(2), whole, trace.OfPatch, patch).Patch.Nearest
		require.Len(t, nearest, 5)
		others := 0
		for word, text := range c.Vocab {
			at := slices.IndexFunc(nearest, func(n trace.Near) bool { return n.Text == text })
			if at >= 0 {
				assert.InDelta(t, near(word, patch), nearest[at].Cosine, 1e-6)
			} else {
				others++
				assert.LessOrEqual(t, near(word, patch), nearest[4].Cosine+1e-9)
			}
		}
		assert.Equal(t, len(c.Vocab)-5, others)
		for i, word := range []int{5, 4, c.EOS} {
			assert.InDelta(t, near(word, patch), show(t, m, study(2), whole, trace.OfWord, i).Word.Alike[patch], 1e-6)
		}
	}
}

// The weights and gates that are shown make F, Eq. 6 to 9 computed here from the tensors
// of the file, of every patch and word.
func TestShowBasis(t *testing.T) {
	onEachBackend(t, func(t *testing.T, open func() device.Backend) {
		m, s := openGolden(t, "tiny_two_views", open())
		checkpoint, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
		require.NoError(t, err)
		values := func(name string) []float32 {
			tensor, err := checkpoint.Tensor(name)
			require.NoError(t, err)
			values, err := tensor.Floats()
			require.NoError(t, err)
			return values
		}
		c := m.Config()
		d := c.Dim
		linear := func(x []float64, name string) []float64 {
			w, y := values("cra.attention."+name+".weight"), make([]float64, d)
			for i, bias := range values("cra.attention." + name + ".bias") {
				y[i] = float64(bias)
				for j, v := range x {
					y[i] += float64(w[i*d+j]) * v
				}
			}
			return y
		}
		basis, gain, bias := values("cra.basis"), values("cra.gain"), values("cra.bias")
		told := make([][]float64, c.Basis) // the basis as values
		for i := range told {
			row := make([]float64, d)
			for j := range row {
				row[j] = float64(gain[i*d+j])*float64(basis[i*d+j]) + float64(bias[i*d+j])
			}
			told[i] = linear(row, "value")
		}
		whole, err := m.Trace(t.Context(), s, nil, engine.Options{})
		require.NoError(t, err)
		require.Greater(t, len(whole.IDs), 2)
		check := func(shown trace.Basis, a *cra.Aligned, row int, e, f []float32) {
			t.Helper()
			attended := make([]float64, d)
			require.Len(t, shown.Heads, c.Heads)
			for head, alpha := range a.Basis.Weights(row)[0] {
				sum, nats := 0.0, 0.0
				for i, v := range alpha {
					sum += float64(v)
					nats -= float64(v) * math.Log(float64(v))
					for j := head * d / c.Heads; j < (head+1)*d/c.Heads; j++ {
						attended[j] += float64(v) * told[i][j]
					}
				}
				assert.InDelta(t, 1, sum, 1e-5)
				assert.InDelta(t, math.Exp(nats), shown.Heads[head].Equal, 1e-3)
				require.Len(t, shown.Heads[head].Largest, 3)
				assert.Equal(t, argMax(alpha), shown.Heads[head].Largest[0].Vector)
				sorted := slices.Sorted(slices.Values(alpha))
				for i, w := range shown.Heads[head].Largest {
					assert.Equal(t, alpha[w.Vector], w.Weight)
					assert.Equal(t, sorted[len(sorted)-1-i], w.Weight)
				}
			}
			require.Len(t, shown.Input, d)
			for i, feature := range linear(attended, "output") {
				want := float64(shown.Input[i])*math.Tanh(float64(e[i])+feature) + float64(shown.Forget[i])*float64(e[i]) + feature
				assert.InDelta(t, want, f[i], 1e-4)
			}
		}
		codes, words := values("lsu.image_tokens.weight"), values("lsu.text_tokens.weight")
		for i, code := range whole.Tokens {
			shown := show(t, m, s, whole, trace.OfPatch, i).Patch.Basis
			check(shown, whole.ImageCRA, i, codes[int(code)*d:][:d], whole.Image[i*d:(i+1)*d])
		}
		for i := range whole.IDs {
			shown, word, f := show(t, m, s, whole, trace.OfWord, i).Word.Basis, c.EOS, []float32(nil)
			if i+1 < len(whole.IDs) {
				word, f = int(whole.IDs[i+1]), whole.Text[(i+1)*d:(i+2)*d]
			} else {
				f, err = m.TextFeature(t.Context(), []int{word})
				require.NoError(t, err)
			}
			check(shown, whole.TextCRA, i, words[word*d:][:d], f)
		}
	})
}
