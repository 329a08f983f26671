// Package cra is the Cross-modal Representation Aligner, which maps image and
// text tokens onto one orthogonal basis (engine/MODEL.md §4, Eq. 6 to 9):
//
//	B̂ = gain ⊙ basis + bias                                    (6)
//	F̃ = MultiHead(E, B̂, B̂)                                     (7)
//	G_I = σ(E·W_ieᵀ + F̃·W_ifᵀ),  G_F = σ(E·W_feᵀ + F̃·W_ffᵀ)      (8)
//	F = G_I ⊙ tanh(E + F̃) + G_F ⊙ E + F̃                        (9)
//
// No position of E sees another, so the F of a token depends on that token's
// embedding alone, and a whole vocabulary can be aligned once, at load time:
// Fold turns the embedding table of E into a table of F, and CRA in a report is
// a look-up. Align is the unfolded path.
package cra

import (
	"context"

	"uarweb/engine/device"
)

// Aligner is the loaded module. d is its width, B the number of basis vectors.
type Aligner struct {
	backend      device.Backend
	width, heads int
	basis        int
	key, value   device.Buffer // B̂ projected, [B, d]
	query        device.Layer
	output       device.Layer
	input        gate
	forget       gate
}

// gate holds the two weights of G(E, F̃).
type gate struct{ embedding, feature device.Matrix }

// Load loads the module and projects the basis. The Loader carries the error.
func Load(l *device.Loader, width, heads, basis int) *Aligner {
	project := func(name string) device.Layer { return l.Layer("cra.attention."+name, width, width) }
	gates := func(name string) gate {
		return gate{
			l.Matrix("cra."+name+"_gate.embedding.weight", width, width),
			l.Matrix("cra."+name+"_gate.feature.weight", width, width),
		}
	}
	vectors := l.Values("cra.basis", basis, width)
	gain := l.Values("cra.gain", basis, width)
	bias := l.Values("cra.bias", basis, width)
	query, key, value, output := project("query"), project("key"), project("value"), project("output")
	a := &Aligner{
		backend: l.Backend, width: width, heads: heads, basis: basis,
		query: query, output: output, input: gates("input"), forget: gates("forget"),
	}
	if l.Err() != nil {
		return nil
	}
	for i := range vectors {
		vectors[i] = gain[i]*vectors[i] + bias[i]
	}
	b := l.Backend
	modified := b.Floats(basis * width)
	b.Upload(modified, 0, vectors)
	a.key, a.value = b.Floats(basis*width), b.Floats(basis*width)
	b.Linear(a.key, modified, basis, key.Weight, key.Bias, device.Epilogue{})
	b.Linear(a.value, modified, basis, value.Weight, value.Bias, device.Epilogue{})
	modified.Release()
	key.Release()
	value.Release()
	return a
}

// Align computes F [rows, d] of the embeddings E [rows, d].
func (a *Aligner) Align(dst, embeddings device.Buffer, rows int) {
	b, n := a.backend, rows*a.width
	query, attended, feature := b.Floats(n), b.Floats(n), b.Floats(n)
	b.Linear(query, embeddings, rows, a.query.Weight, a.query.Bias, device.Epilogue{})
	b.Attention(attended, device.Attention{
		Query: query, Key: a.key, Value: a.value,
		Queries: rows, Keys: a.basis, Heads: a.heads, Width: a.width,
	})
	b.Linear(feature, attended, rows, a.output.Weight, a.output.Bias, device.Epilogue{})
	input, forget := query, attended // their contents are used up
	a.gate(input, a.input, embeddings, feature, rows)
	a.gate(forget, a.forget, embeddings, feature, rows)
	b.Gate(dst, embeddings, feature, input, forget, n)
	query.Release()
	attended.Release()
	feature.Release()
}

// gate computes E·W_eᵀ + F̃·W_fᵀ, Eq. 8 before the sigmoid.
func (a *Aligner) gate(dst device.Buffer, g gate, embeddings, feature device.Buffer, rows int) {
	a.backend.Linear(dst, embeddings, rows, g.embedding, nil, device.Epilogue{})
	a.backend.Linear(dst, feature, rows, g.feature, nil, device.Epilogue{Residual: dst})
}

// foldRows is how many tokens Fold aligns at a time, which bounds its memory:
// the attention of a strip has foldRows·B scores a head.
const foldRows = 256

// FoldSteps is how often Fold calls its step for a table of so many rows.
func FoldSteps(rows int) int { return (rows + foldRows - 1) / foldRows }

// Fold aligns a whole table of embeddings [rows, d] and returns the table of F,
// which the caller releases. The embeddings are never on the backend as a whole.
// step is called after each part, in which cancelling ctx takes effect.
func (a *Aligner) Fold(ctx context.Context, embeddings []float32, step func()) (device.Buffer, error) {
	rows := len(embeddings) / a.width
	b, folded := a.backend, a.backend.Floats(len(embeddings))
	part, aligned := b.Floats(min(foldRows, rows)*a.width), b.Floats(min(foldRows, rows)*a.width)
	defer part.Release()
	defer aligned.Release()
	for first := 0; first < rows; first += foldRows {
		n := min(foldRows, rows-first)
		b.Upload(part, 0, embeddings[first*a.width:(first+n)*a.width])
		a.Align(aligned, part, n)
		b.Copy(folded, first*a.width, aligned, 0, n*a.width)
		if err := b.Flush(ctx); err != nil {
			folded.Release()
			return nil, err
		}
		step()
	}
	return folded, nil
}

// Close releases the module, which a folded model needs no more.
func (a *Aligner) Close() {
	a.key.Release()
	a.value.Release()
	a.query.Release()
	a.output.Release()
	for _, g := range []gate{a.input, a.forget} {
		g.embedding.Release()
		g.feature.Release()
	}
}
