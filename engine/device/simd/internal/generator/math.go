package generator

import "uarweb/engine/device/simd/internal/asm"

// The polynomials are those of Stephen Moshier's Cephes Mathematical Library,
// single precision (expf.c, tanhf.c).

// constants fills a vector.
func constants(v float32) asm.F32x4 { return asm.F32x4Const(v) }

// polynomial is c[0]·xⁿ + … + c[n]; x is a variable.
func (b *builder) polynomial(x asm.F32x4, c ...float32) asm.F32x4 {
	p := constants(c[0])
	for _, next := range c[1:] {
		p = b.mulAdd(p, x, constants(next))
	}
	return p
}

// The results of exp are normal numbers from here to there.
const (
	expLeast = -87.33
	expMost  = 88
)

// exp is eˣ with a relative error below 10⁻⁷: 0 below expLeast, e to the
// expMost above it (so that it is never infinite), NaN of NaN.
//
// x = n·ln 2 + r with |r| ≤ ln 2/2, and eˣ = 2ⁿ·eʳ.
func (b *builder) exp(x asm.F32x4) asm.F32x4 {
	const (
		log2E = 1.44269504088896341
		// ln2High has so few digits that n·ln2High is exact.
		ln2High = 0.693359375
		ln2Low  = -2.12194440e-4
		// Adding round leaves no room for a fraction: the sum's low bits are n.
		round = 3 << 22
		bias  = 127 // of a float's exponent
	)
	x = b.VariableF32x4(x)
	r := b.VariableF32x4(x.PMax(constants(expLeast)).PMin(constants(expMost)))
	rounded := b.VariableF32x4(b.mulAdd(r, constants(log2E), constants(round)))
	n := b.VariableF32x4(rounded.Sub(constants(round)))
	r.Set(b.mulAdd(n, constants(-ln2High), r))
	r.Set(b.mulAdd(n, constants(-ln2Low), r))
	p := b.polynomial(r, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
	power := b.mulAdd(p, r.Mul(r), r).Add(constants(1))
	scale := rounded.Bits().Shl(23).Add(asm.I32x4Const(bias << 23)).Bits()
	return power.Mul(scale).Bits().AndNot(x.Lt(constants(expLeast))).Bits()
}

// sigmoid is 1/(1 + e⁻ˣ) with a relative error below 2·10⁻⁷ where that is a
// normal number.
func (b *builder) sigmoid(x asm.F32x4) asm.F32x4 {
	return constants(1).Div(constants(1).Add(b.exp(x.Neg())))
}

// tanh has a relative error below 2·10⁻⁷. Near 0 it is a polynomial, as
// 1 − 2/(e²ˣ + 1) would lose the digits of a small result.
func (b *builder) tanh(x asm.F32x4) asm.F32x4 {
	const small, sign = 0.625, -1 << 31
	x = b.VariableF32x4(x)
	size := b.VariableF32x4(x.Abs())
	square := b.VariableF32x4(x.Mul(x))
	p := b.polynomial(square, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1)
	near := b.VariableF32x4(b.mulAdd(p.Mul(square), x, x))
	far := b.VariableF32x4(constants(1).Sub(constants(2).Div(b.exp(size.Add(size)).Add(constants(1)))))
	signed := far.Bits().Or(x.Bits().And(asm.I32x4Const(sign))).Bits()
	return size.Lt(constants(small)).Select(near, signed)
}

// group is the floats that a step of sweep works on: four, one a lane, or a
// single one, which is lane 0 of a vector whose other lanes mean nothing.
type group struct {
	single bool
	number int // within a step
}

func (g group) load(p asm.I32) asm.F32x4 {
	if g.single {
		return p.LoadSplatF32(0)
	}
	return p.LoadF32x4(16 * g.number)
}

func (g group) store(p asm.I32, x asm.F32x4) {
	if g.single {
		p.StoreLane(0, x, 0)
		return
	}
	p.StoreF32x4(16*g.number, x)
}

// only is x, with 0 in the lanes that mean nothing.
func (g group) only(x asm.F32x4) asm.F32x4 {
	if g.single {
		return constants(0).WithLane(0, x.Lane(0))
	}
	return x
}

// sweep emits body for all floats from lead to end, and those as far behind
// the other pointers: for steps of unroll groups of four, groups of four, and
// single ones. It leaves the pointers behind the last.
func (b *builder) sweep(unroll int, end asm.I32, body func(g group), lead asm.I32, others ...asm.I32) {
	advance := func(bytes int) {
		for _, p := range others {
			p.Inc(bytes)
		}
		lead.Inc(bytes)
	}
	if unroll > 1 {
		b.While(lead.Add(asm.Const(16*unroll)).LeU(end), func() {
			for i := range unroll {
				body(group{number: i})
			}
			advance(16 * unroll)
		})
	}
	b.While(lead.Add(asm.Const(16)).LeU(end), func() {
		body(group{})
		advance(16)
	})
	b.While(lead.LtU(end), func() {
		body(group{single: true})
		advance(4)
	})
}

// eachItem emits body, once for each item of the block.
func (b *builder) eachItem(body func()) { b.times(b.count, body) }

// times runs body n times; n is a variable, which it counts down to 0.
func (b *builder) times(n asm.I32, body func()) {
	b.While(n, func() {
		body()
		n.Inc(-1)
	})
}

// accumulators are variables of partial sums or maxima, one for each group of
// a step of sweep, so that no addition waits for the one before.
type accumulators []asm.F32x4

func (b *builder) accumulators(n int) accumulators {
	a := make(accumulators, n)
	for i := range a {
		a[i] = b.F32x4()
	}
	return a
}

func (a accumulators) set(v float32) {
	for _, x := range a {
		x.Set(constants(v))
	}
}

func (a accumulators) add(g group, x asm.F32x4) { a[g.number].Set(a[g.number].Add(g.only(x))) }

// sum is the sum of all lanes of all accumulators, in pairs.
func (b *builder) sum(a accumulators) asm.F32 {
	for n := len(a); n > 1; n = (n + 1) / 2 {
		for i := range n / 2 {
			a[i].Set(a[i].Add(a[n-1-i]))
		}
	}
	x := a[0]
	return b.VariableF32(x.Lane(0).Add(x.Lane(2)).Add(x.Lane(1).Add(x.Lane(3))))
}

// top is the largest of all lanes of all accumulators.
func (b *builder) top(a accumulators) asm.F32 {
	x := a[0]
	for _, y := range a[1:] {
		x.Set(x.PMax(y))
	}
	return b.VariableF32(x.Lane(0).Max(x.Lane(2)).Max(x.Lane(1).Max(x.Lane(3))))
}

// transposedSum is the vector of the sums of the lanes of four variables, each
// added like the lanes in sum.
func transposedSum(a [4]asm.F32x4) asm.F32x4 {
	halves := func(a, b asm.F32x4) asm.F32x4 { // a₀+a₂, a₁+a₃, b₀+b₂, b₁+b₃
		return words(a, b, 0, 1, 4, 5).Add(words(a, b, 2, 3, 6, 7))
	}
	first, second := halves(a[0], a[1]), halves(a[2], a[3])
	return words(first, second, 0, 2, 4, 6).Add(words(first, second, 1, 3, 5, 7))
}

// words picks lanes of a (0 to 3) and b (4 to 7).
func words[V asm.Vector](a, b V, lanes ...byte) V {
	var bytes [16]byte
	for i := range bytes {
		bytes[i] = 4*lanes[i/4] + byte(i%4)
	}
	return asm.Shuffle(a, b, bytes)
}
