package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func gate(b *builder) {
	var a kernel.Gates
	at := b.Variable(b.first.Shl(2))
	pointer := func(offset uintptr) asm.I32 { return b.Variable(b.arg(offset).Add(at)) }
	dst, embedding, feature := pointer(unsafe.Offsetof(a.Dst)), pointer(unsafe.Offsetof(a.Embedding)), pointer(unsafe.Offsetof(a.Feature))
	input, forget := pointer(unsafe.Offsetof(a.Input)), pointer(unsafe.Offsetof(a.Forget))
	end := b.Variable(dst.Add(b.count.Shl(2)))
	b.sweep(1, end, func(g group) {
		e, f := b.VariableF32x4(g.load(embedding)), b.VariableF32x4(g.load(feature))
		kept := b.mulAdd(b.sigmoid(g.load(forget)), e, f)
		g.store(dst, b.mulAdd(b.sigmoid(g.load(input)), b.tanh(e.Add(f)), kept))
	}, dst, embedding, feature, input, forget)
}
