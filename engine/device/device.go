// Package device is the one interface a backend implements: buffers in its
// memory and the dozen operations UAR needs. The model is written once over
// this interface (engine/dvae, engine/cra, engine/transformer); a backend is
// chosen by value. engine/device/portable is the reference.
//
// # Layout
//
// Every activation is a row-major matrix of float32. An image is channels
// last, [height·width, channels], so that a pixel's channels are a row, a 1×1
// convolution is a Linear, and a visual token is a row from the start. Weights
// are [out, in], the PyTorch way: a Linear computes x·Wᵀ + b.
//
// # Order and errors
//
// Operations run in the order they are called, but a backend may only queue
// them: results are there after Download, which waits. Operations return no
// error: wrong sizes and the wrong kind of buffer are programmer errors and
// panic, and what goes wrong on the device (memory, loss) is returned by the
// next Flush or Download. Unless a comment says otherwise dst must not share
// memory with a source.
//
// What is computed from NaN is not finite, on every backend: ArgMax tells by it
// that something overflowed.
//
// # Precision
//
// A backend may multiply quantized weights with activations that it has rounded
// to integers. A weight that is stored in floating point is multiplied in f32: the
// TIR, whose mask Eq. 11 multiplies by 1000, counts on it.
package device

import (
	"context"

	"uarweb/weights/tensor"
)

// Epsilon is added to the variance by LayerNorm (engine/MODEL.md §5).
const Epsilon = 1e-5

// Buffer is a block of 32-bit elements, float32 or int32, in a backend's
// memory.
type Buffer interface {
	// Len is the number of elements.
	Len() int
	// Release gives the memory back to the backend. The buffer must not be
	// used afterwards, but operations already called may still read it.
	Release()
}

// Matrix is a weight in a backend's memory, in whatever form the backend
// multiplies with.
type Matrix interface {
	// Release is Buffer's.
	Release()
}

// Layer is a weight and its bias, [out, in] and [out].
type Layer struct {
	Weight Matrix
	Bias   Buffer
}

// Release releases both.
func (l Layer) Release() {
	l.Weight.Release()
	l.Bias.Release()
}

// Copy is one part of a Download: the elements of From beginning at Offset go
// to Floats or to Ints, whichever From is of, whose length says how many. Where
// both are nil nothing is copied.
type Copy struct {
	From   Buffer
	Offset int
	Floats []float32
	Ints   []int32
}

// Epilogue is what a Linear or Convolve does to each element of its result
// while it still is in registers. The zero value does nothing.
//
//	dst = Residual + Gain·ReLU?(product + bias)
type Epilogue struct {
	ReLU     bool    // clamp product + bias at 0
	Gain     float32 // multiplies it; 0 means 1
	Residual Buffer  // [rows, out], added last; may be dst itself; nil adds nothing
}

// Attention is the input of the operation of that name. Letters: q queries, k
// keys, d width, h heads.
type Attention struct {
	Query      Buffer // [q, d]
	Key, Value Buffer // [rows, d], rows ≥ k
	// KeyRows, if not nil, is Ints [q, k]: key j of query i is row KeyRows[i, j]
	// of Key and Value. If nil it is row j, for every query.
	KeyRows       Buffer
	Queries, Keys int
	Heads, Width  int
	Mask          Buffer  // σ(M) [q, k], shared by the heads; nil: no mask
	MaskScale     float32 // k of Eq. 11
	Mean          Buffer  // if not nil, receives the weights averaged over heads, [q, k]
}

// Backend computes. Its methods are not safe for concurrent use.
type Backend interface {
	// Name is "portable", "simd" or "webgpu".
	Name() string

	// Floats and Ints allocate n elements, whose contents are undefined.
	Floats(n int) Buffer
	Ints(n int) Buffer
	// Matrix uploads a weight of two dimensions, or four [out, in, k, k] with
	// odd k for Convolve. The tensor's bytes are not kept.
	Matrix(t tensor.Tensor) (Matrix, error)
	// Upload and UploadInts copy src to dst from element offset on.
	Upload(dst Buffer, offset int, src []float32)
	UploadInts(dst Buffer, offset int, src []int32)
	// Download waits for all operations called so far and makes the copies.
	Download(ctx context.Context, copies ...Copy) error
	// Flush submits what is queued, and returns when at most one earlier Flush
	// is unfinished: so much of the work has been done that the model, which
	// calls it after every block and layer, can count it as progress and stop
	// soon. It returns ctx's error once ctx is cancelled.
	Flush(ctx context.Context) error
	// Close releases everything the backend holds.
	Close()

	// Convolve is a convolution of stride 1 with zero padding to the same size,
	// k×k by the weight's shape, after an optional ReLU on its input.
	//	product[y,x,o] = Σ_{i,j,c} in?(src[y+i−⌊k/2⌋, x+j−⌊k/2⌋, c])·w[o,c,i,j]
	// src [height·width, in], dst [height·width, out], bias [out].
	Convolve(dst, src Buffer, height, width int, w Matrix, bias Buffer, reluInput bool, e Epilogue)
	// MaxPool takes the maximum of each 2×2 square; height and width are even.
	// src [height·width, channels], dst [height/2·width/2, channels].
	MaxPool(dst, src Buffer, height, width, channels int)
	// Linear: product = x·wᵀ; x [rows, in], dst [rows, out], bias [out] or nil.
	Linear(dst, x Buffer, rows int, w Matrix, bias Buffer, e Epilogue)
	// LayerNorm normalises each row to mean 0 and variance 1 and applies
	// weight and bias [columns]. x, dst [rows, columns]; dst may be x.
	LayerNorm(dst, x Buffer, rows, columns int, weight, bias Buffer)
	// Attention: dst[i] = Σ_j softmax_j((Q_i·K_j + MaskScale·Mask_ij)/√(d/h))·V_j
	// for each head's d/h columns (Eq. 7 and 11); dst [q, d].
	Attention(dst Buffer, a Attention)
	// Mask: dst[i,j] = σ(query_i·key_j/√rank + bias[0]), Eq. 11's σ(M), in f32
	// on every backend. query [queries, rank], key [keys, rank], dst [queries, keys].
	Mask(dst, query, key, bias Buffer, queries, keys, rank int)
	// Gate: dst = σ(input)⊙tanh(embedding + feature) + σ(forget)⊙embedding + feature,
	// Eq. 9, elementwise over n elements.
	Gate(dst, embedding, feature, input, forget Buffer, n int)
	// Embed: dst[i] = table[ids[offset+i]], or dst[i] += … if add; dst [rows, columns],
	// ids Ints. An id outside the table is a programmer error.
	Embed(dst, table, ids Buffer, offset, rows, columns int, add bool)
	// Mean: dst[j] = Σ_i x[i,j]/rows; x [rows, columns], dst [columns].
	Mean(dst, x Buffer, rows, columns int)
	// ArgMax: dst[i], Ints from element offset on, is the column of the largest
	// element of row i, the lowest of equals; −1 if an element is not finite, so
	// that an overflow is never taken for a token.
	ArgMax(dst Buffer, offset int, x Buffer, rows, columns int)
	// TopK: of log softmax(x_i), the k largest elements, descending, the lower
	// column first among equals; values and ids [rows, k], ids Ints.
	TopK(values, ids, x Buffer, rows, columns, k int)
	// Copy copies n floats between two buffers.
	Copy(dst Buffer, dstOffset int, src Buffer, srcOffset, n int)
}
