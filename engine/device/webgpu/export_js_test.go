package webgpu

// UseF16 has b compute in f16 what it may, whatever its trial said, if the GPU can.
func UseF16(b *Backend) bool {
	if b.gpu.f16 {
		b.linear = inF16
	}
	return b.gpu.f16
}
