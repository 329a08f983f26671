package kernel

// Pool is the arguments of MaxPool. An item is a row of dst.
//
//	dst[y,x,c] = max(src[2y,2x,c], src[2y,2x+1,c], src[2y+1,2x,c], src[2y+1,2x+1,c])
//
// src [2·height, 2·width, channels], dst [height, width, channels].
type Pool struct {
	Dst, Src        uint32
	Width, Channels uint32
}

// Magnitudes is the arguments of MaxMagnitude. An item is a row of src.
//
//	dst[i] = max_j |max(src[i,j], floor)|
//
// src [rows, columns], dst [rows]; NaN where the row has one. A floor of 0 is a
// ReLU, one of −∞ none.
type Magnitudes struct {
	Dst, Src uint32
	Columns  uint32
	Floor    float32
}

// Pad is the arguments of PadI16 and PadF32, which copy an image into the middle
// of zeros. An item is a row of dst.
//
//	dst[y+margin, x+margin, c] = round(max(src[y,x,c], floor)·inverse)    PadI16
//	dst[y+margin, x+margin, c] = max(src[y,x,c], floor)                   PadF32
//
// src [height, width, channels]; rows of dst are Line bytes. A floor of 0 is a
// ReLU, one of −∞ none. Halves are rounded to even; NaN becomes 0 in int16, so
// that the caller's scale has to tell of it.
type Pad struct {
	Dst, Src       uint32
	Height, Width  uint32
	Channels       uint32
	Margin         uint32
	Line           uint32
	Floor, Inverse float32
}

// Direct is the arguments of DirectI8 and DirectF32. An item is a row of dst.
//
//	dst[y,x,o] = finish(Σ_i Σ_j src[y+i, x, j]·weights[o,i,j])
//
// src is a padded image of int16 or float32, whose rows are Line bytes and whose
// pixels are Pixel bytes; i counts its Kernel rows, j the elements, Segment
// bytes of them, of a pixel and those to its right: no patch is ever copied.
// weights are panels; dst is [items, width, out].
type Direct struct {
	Finish
	Src, Weights    uint32
	Width           uint32
	Line, Pixel     uint32
	Kernel, Segment uint32 // Segment is a multiple of 4
}

// WinogradLimit is the largest integer activation whose transform fits int16.
const WinogradLimit = 32767 / 4

// PlaneGap is how many bytes there should be between two of 16 planes that are
// read or written side by side: the sets of a cache have room for fewer places
// whose distance is a large power of two.
const PlaneGap = 64

// WinogradTiles is the arguments of WinogradTilesI16 and WinogradTilesF32. An
// item is a tile: item i is tile first + i of the image, counted by rows.
//
//	dst[p,i,c] = (Bᵀ·d·B)[p]    d[r,s] = src[2y+r, 2x+s, c]    y, x = divmod(first+i, across)
//
// src [2·down+2, 2·across+2, channels], a padded image of int16 or float32
// whose rows are Line bytes and whose pixels are Pixel bytes, a multiple of 16;
// dst [16, …, channels] of the same type, its 16 planes Plane bytes apart. Bᵀ and
// Aᵀ are those of package generator's winograd.go.
type WinogradTiles struct {
	Dst, Src      uint32
	First, Across uint32 // Across is the number of tiles in a row
	Line, Pixel   uint32
	Plane         uint32
}

// Winograd is the arguments of WinogradI16 and WinogradF32. An item is a chunk
// of tiles with a group of panels of outputs; items with the same chunk are
// neighbours.
//
//	m[p] = Σ_c tiles[p,i,c]·weights[p,o,c]
//	dst[2y+r, 2x+s, o] = finish((Aᵀ·m·A)[r,s])    y, x = divmod(first+i, across)
//
// tiles [16, Count, channels] as WinogradTiles makes them; what follows Count up
// to a multiple of 4 is read. weights are 16 matrices of panels. dst
// [height, width, out]; pixels beyond are left out. A worker's scratch holds m,
// [16, Group, Chunk, 8], its 16 planes apart by PlaneGap more than they need.
type Winograd struct {
	Finish
	Tiles, Weights         uint32
	First, Count, Across   uint32
	Height, Width          uint32
	Pixel, Plane           uint32
	Panels, Group, Chunk   uint32 // Chunk is a multiple of 4
	Scratch, ScratchStride uint32
}

// Norm is the arguments of LayerNorm. An item is a row.
//
//	μ = Σ_j x[i,j]/n,  σ² = Σ_j (x[i,j] − μ)²/n
//	dst[i,j] = (x[i,j] − μ)/√(σ² + ε)·weight[j] + bias[j]
//
// x, dst [rows, n = columns]; dst may be x. The variance is that of the
// corrected two-pass algorithm (Chan, Golub and LeVeque, 1983): μ is rounded, and
// what the deviations still sum up to corrects it.
type Norm struct {
	Dst, X, Weight, Bias uint32
	Columns              uint32
	Epsilon              float32
}

// Gates is the arguments of Gate. An item is an element.
//
//	dst = σ(input)⊙tanh(embedding + feature) + σ(forget)⊙embedding + feature
type Gates struct {
	Dst, Embedding, Feature, Input, Forget uint32
}

// Embedding is the arguments of Embed. An item is a row.
//
//	dst[i,j] = table[ids[i],j],  or dst[i,j] += … if Add is 1
//
// dst [rows, columns]; ids int32.
type Embedding struct {
	Dst, Table, IDs uint32
	Columns         uint32
	Add             uint32
}

// Average is the arguments of Mean. An item is a column.
//
//	dst[j] = Σ_i x[i,j]/rows
//
// x [rows, columns], dst [columns].
type Average struct {
	Dst, X        uint32
	Rows, Columns uint32
}

// Largest is the arguments of ArgMax. An item is a row.
//
//	dst[i] = the lowest j with x[i,j] = max(x[i]), or −1 if an element of x[i] is not finite
//
// x [rows, columns], dst int32.
type Largest struct {
	Dst, X  uint32
	Columns uint32
}

// Best is the arguments of TopK. An item is a row.
//
//	values[i], ids[i] = the k largest elements of x[i] and their columns,
//	                    descending, the lower column first among equals
//	sums[i] = Σ_j exp(x[i,j] − values[i,0])
//
// x [rows, columns], values, ids [rows, k], sums [rows]; ids int32; 1 ≤ k ≤ columns.
type Best struct {
	Values, IDs, Sums, X uint32
	Columns, K           uint32
}

// Masking is the arguments of Mask. An item is a key.
//
//	dst[i,j] = σ(query[i]·key[j]·scale + bias[0])
//
// query [queries, rank], key [keys, rank], dst [queries, keys].
type Masking struct {
	Dst, Query, Key, Bias uint32
	Queries, Keys, Rank   uint32
	Scale                 float32
}

// Attend is the arguments of Attention, for few queries. An item is a head: its
// columns c = head·size to (head+1)·size.
//
//	weights[head,i,j] = softmax_j((Σ_c query[i,c]·key[r,c] + maskScale·mask[i,j])·scale)
//	dst[i,c] = Σ_j weights[head,i,j]·value[r,c]
//
// where r = keyRows[i,j], or j if KeyRows is 0; no mask if Mask is 0.
// query, dst [queries, width], key, value […, width], mask, keyRows
// [queries, keys], weights [heads, queries, keys].
//
// Each key and value is read once, for all queries, four at a time.
type Attend struct {
	Dst, Query, Key, Value uint32
	KeyRows, Mask, Weights uint32
	Queries, Keys          uint32
	Width, Size            uint32
	Scale, MaskScale       float32
}

// StripRows is how many queries an item of AttentionTiles has, at most: their
// weights stay in a thread's own cache.
const StripRows = 16

// AttendTiles is the arguments of AttentionTiles, for many queries. An item is
// a strip of StripRows queries of a head, item = head·strips + strip. The
// results are those of Attend.
//
// keys, values are packed by PackKeys and PackValues; query, dst [queries, width],
// mask [queries, keys] or 0. The weights of the item's queries i in a head are
// the rows of floats from Weights + thread·ThreadStride + head·HeadStride +
// strip·StripStride on, which are bytes: a thread's own, or kept for all.
type AttendTiles struct {
	Dst, Query, Keys, Values, Mask          uint32
	Weights                                 uint32
	ThreadStride, HeadStride, StripStride   uint32
	QueryRows, KeyRows, Width, Size, Strips uint32
	Scale, MaskScale                        float32
}

// Packing is the arguments of PackKeys and PackValues: the columns of each head
// of src become a matrix of panels, as a tile multiplies with them.
//
// PackKeys: an item is a panel of 8 keys, in all heads.
//
//	dst[head,j/8,c,j%8] = src[j,head·size+c]
//
// PackValues: an item is a row.
//
//	dst[head,c/8,j,c%8] = src[j,head·size+c]
//
// src [rows, heads·size]. What a panel has too much is left undefined.
type Packing struct {
	Dst, Src          uint32
	Rows, Heads, Size uint32
}

// LeastMagnitude is what the largest magnitude of a row is raised to, so that the
// inverse of its scale is finite.
const LeastMagnitude = 0x1p-100

// Quantization is the arguments of QuantizeRows. An item is a row.
//
//	v[j] = max(x[i,j], floor),  top = max(max_j |v[j]|, LeastMagnitude)
//	scale[i] = top/limit,  dst[i,j] = round(v[j]·(limit/top))
//
// x [rows, columns], scale [rows], dst int16 [rows, columns], a row of it a multiple of 2,
// of which what is behind the columns is left as it is. A floor of 0 is a ReLU, one of −∞ none. Halves are rounded to
// even. No |dst[i,j]| is above the limit, an integer below 2¹⁵: |v·(limit/top)| is
// at most limit·(1 + 2⁻²³), which rounds to it.
//
// The scale of a row with NaN or an infinity is that, and dst 0 there and
// elsewhere, so that every product with the row is NaN.
type Quantization struct {
	Dst, X, Scale uint32
	Columns       uint32
	Floor, Limit  float32
}

// ByteQuantization is the arguments of QuantizeBytes, Quantization to bytes.
//
//	dst[i,j] = (round(v[j]·(limit/top)) mod 256) xor flip
//
// dst is bytes, a row of them a multiple of 4 of which what is behind the columns
// is left as it is. A flip of 0x80 adds 128 to integers of −128 to 127, and takes it
// off those of 0 to 255, whatever the byte is read as; 0 leaves them.
type ByteQuantization struct {
	Quantization
	Flip uint32
}

// Finish is the arguments of what becomes of a product's sums.
//
//	dst[i,o] = residual[i,o] + gain·max(sum[i,o]·scale[o] + bias[o], floor)
//
// dst, residual [rows, out], which may be the same; scale, bias [out], read up to
// a multiple of 8. A floor of 0 is a ReLU, one of −∞ none. Without Residual, Scale
// or Bias, 0, there is no such term or factor.
type Finish struct {
	Dst, Residual uint32
	Scale, Bias   uint32
	Out           uint32
	Floor, Gain   float32
}

// Product is the arguments of MultiplyF32, MultiplyI8 and MultiplyI4. An item is a
// part of the result, Rows × Panels of it or what is left at its ends; the
// items are counted by rows.
//
//	sum[i,o] = Σ_c x[i,c]·weight[o,c]                                      MultiplyF32
//	sum[i,o] = rowScale[i]·Σ_c x[i,c]·weight[o,c]                          MultiplyI8
//	sum[i,o] = rowScale[i]·Σ_g scale[o,g]·Σ_{c in g} x[i,c]·weight[o,c]    MultiplyI4
//
// and Finish says what becomes of it. Sums of integers are exact; those over
// the groups g of 32 columns are of float32, in their order.
//
// x [AllRows, k] is of float32 or int16, its rows Stride bytes apart. A panel of
// weights is Length bytes; one of 4 bits has, behind the weights of each group,
// the scales of its 8 outputs as float32.
type Product struct {
	Finish
	X, RowScale    uint32
	Weights        uint32
	AllRows        uint32
	Stride, Length uint32
	Rows, Panels   uint32
}

// ByteProduct is the arguments of MultiplyBytes, a Product of bytes:
//
//	sum[i,o] = rowScale[i]·Σ_c (x[i,c] + offset)·weight[o,c]
//
// x is bytes as QuantizeBytes leaves them, signed or not as Dots says (signed in the
// modules without relaxed instructions), and offset takes the flip back. Behind a
// panel's weights it has Σ_c weight[o,c] of its 8 outputs, as int32. No sum may leave int32; what
// it is computed from may.
type ByteProduct struct {
	Product
	Offset int32
}
