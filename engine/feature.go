package engine

import (
	"context"
	"math"
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/status"
)

// ImageFeature returns f_I [d], the mean of F_I, of a study's image tokens as a
// Report has them; TextFeature returns f_R [d], the mean of F_R, of a report's
// words, bos and eos left out. Their cosine ranks reports for an image and
// images for a report (engine/MODEL.md §8). Both are zero for no tokens.
func (m *Model) ImageFeature(ctx context.Context, tokens [][]int) ([]float32, error) {
	return m.feature(ctx, m.codes, toInt32s(slices.Concat(tokens...)))
}

// TextFeature is described with ImageFeature.
func (m *Model) TextFeature(ctx context.Context, words []int) ([]float32, error) {
	return m.feature(ctx, m.words, toInt32s(words))
}

// feature is the mean row of a folded table over ids.
func (m *Model) feature(ctx context.Context, table device.Buffer, ids []int32) ([]float32, error) {
	if len(ids) == 0 {
		return make([]float32, m.config.Dim), nil
	}
	b := m.backend
	if i := slices.IndexFunc(ids, func(id int32) bool { return id < 0 || int(id) >= table.Len()/m.config.Dim }); i >= 0 {
		return nil, status.Errorf(status.InvalidArgument, "engine: token %d is outside a table of %d", ids[i], table.Len()/m.config.Dim)
	}
	rows, aligned := b.Ints(len(ids)), b.Floats(len(ids)*m.config.Dim)
	defer rows.Release()
	defer aligned.Release()
	b.UploadInts(rows, 0, ids)
	b.Embed(aligned, table, rows, 0, len(ids), m.config.Dim, false)
	return m.mean(ctx, aligned, len(ids))
}

// mean downloads the mean row of x [rows, d].
func (m *Model) mean(ctx context.Context, x device.Buffer, rows int) ([]float32, error) {
	b := m.backend.Floats(m.config.Dim)
	defer b.Release()
	m.backend.Mean(b, x, rows, m.config.Dim)
	values := make([]float32, m.config.Dim)
	return values, m.backend.Download(ctx, device.Copy{From: b, Floats: values})
}

// alignment is the cosine of f_I and f_R, the mean of F_R over the report's
// words (engine/MODEL.md §8); 0 for an empty report. A bos that the model wrote is a
// word like any other; the one it began with is not among the tokens.
func (m *Model) alignment(ctx context.Context, imageMean []float32, tokens []int) (float64, error) {
	words := slices.DeleteFunc(slices.Clone(tokens), func(t int) bool { return t == m.config.EOS })
	textMean, err := m.TextFeature(ctx, words)
	if err != nil {
		return 0, err
	}
	return cosine(imageMean, textMean), nil
}

func cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i, v := range x {
		xy += float64(v) * float64(y[i])
		xx += float64(v) * float64(v)
		yy += float64(y[i]) * float64(y[i])
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx) / math.Sqrt(yy)
}

func toInt32s(ids []int) []int32 {
	r := make([]int32, len(ids))
	for i, id := range ids {
		r[i] = int32(id)
	}
	return r
}
