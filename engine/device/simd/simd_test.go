package simd

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/dvae"
	"uarweb/engine/radiograph"
	"uarweb/engine/transformer"
	"uarweb/weights"
	"uarweb/weights/tensor"
)

func TestDescription(t *testing.T) {
	for want, m := range map[string]*memory{
		"SIMD, 1 thread":          {threads: 1},
		"SIMD, 2 threads":         {threads: 2},
		"relaxed SIMD, 8 threads": {threads: 8, relaxed: true},
	} {
		require.Equal(t, want, (&Backend{memory: m}).Description())
	}
}

// What is released after Close, or closed again, does no harm.
func TestClose(t *testing.T) {
	b, err := New()
	require.NoError(t, err)
	x := b.Floats(5)
	m, err := b.Matrix(tensor.FromFloats("weight", []int{2, 3}, make([]float32, 6)))
	require.NoError(t, err)
	b.Close()
	x.Release()
	m.Release()
	b.Close()
	require.Empty(t, b.blocks)
	require.Empty(t, b.free)
}

// A copy with neither slice copies nothing, of either kind of buffer.
func TestDownloadOfNothing(t *testing.T) {
	r := newRig(t)
	x, n, got := r.floats(2).got, r.uploadInts([]int32{4, 5}).got, make([]int32, 2)
	require.NoError(t, r.backend.Download(t.Context(), device.Copy{From: x, Offset: 1}, device.Copy{From: n}, device.Copy{From: n, Ints: got}))
	require.Equal(t, []int32{4, 5}, got)
}

// After an error operations do nothing, and do not panic at what others left
// undone.
func TestErrorStays(t *testing.T) {
	r := newRig(t)
	ids, x := r.ints(2).got, r.floats(6).got // full of sentinels, which are no ids
	r.backend.fail(ErrThreadLost)
	r.backend.fail(ErrMemory)
	r.backend.Embed(x, x, ids, 0, 2, 3, false)
	r.backend.Attention(x, device.Attention{Query: x, Key: x, Value: x, KeyRows: ids, Queries: 2, Keys: 1, Heads: 1, Width: 3})
	require.ErrorIs(t, r.backend.Flush(t.Context()), ErrThreadLost)
	require.ErrorIs(t, r.backend.Download(t.Context()), ErrThreadLost)
	_, err := r.backend.Matrix(r.weight(tensor.I8, 3, 5))
	require.ErrorIs(t, err, ErrThreadLost)
}

// From the second report on no memory is added: it stays flat however many
// there are.
func TestReportsAddNoMemory(t *testing.T) {
	c := &engine.Config{
		Format: engine.Format,
		Image:  engine.ImageConfig{Size: 32, Channels: 1, Views: 2},
		DVAE:   dvae.Config{Hidden: 32, Groups: 3, BlocksPerGroup: 1, Vocab: 11, PixelEpsilon: 0.1},
		Dim:    12, Heads: 3, FeedForward: 20, EncoderLayers: 1, DecoderLayers: 2, Basis: 7, MaxTokens: 9,
		TIR: transformer.Refiner{Scale: 100, Rank: 4}, BOS: 0, EOS: 1, UNK: 2,
		Vocab: []string{"<bos>", "<eos>", "<unk>", ".", "clear", "heart", "lungs", "the"},
	}
	config, err := json.Marshal(c)
	require.NoError(t, err)
	w, err := weights.Build(map[string]string{"uar.config": string(config)}, c.RandomTensors(7))
	require.NoError(t, err)
	b, err := New()
	require.NoError(t, err)
	m, err := engine.Load(t.Context(), w, b, engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()
	loaded := len(b.blocks)
	const size = 64
	s := engine.Study{Views: []*radiograph.Radiograph{
		{Pixels: radiograph.Phantom(1, size, size)}, {Pixels: radiograph.PhantomLateral(1, size, size)},
	}}
	write := func() {
		for _, o := range []engine.Options{{}, {Beam: 1, WithoutTIR: true}} {
			_, err := m.Report(t.Context(), s, o)
			require.NoError(t, err)
		}
	}
	write()
	first := len(b.blocks)
	require.Greater(t, first, loaded)
	for range 5 {
		write()
		require.Len(t, b.blocks, first)
	}
}
