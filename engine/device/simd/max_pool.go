package simd

import (
	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// MaxPool is device.Backend's.
func (b *Backend) MaxPool(dst, src device.Buffer, height, width, channels int) {
	if height%2 != 0 || width%2 != 0 {
		panic("simd: MaxPool of an odd size")
	}
	area := height * width * channels
	run(b, kernel.MaxPool, height/2, blockItems(2*width*channels), &kernel.Pool{
		Dst: floats(dst, 0, area/4), Src: floats(src, 0, area),
		Width: uint32(width / 2), Channels: uint32(channels),
	})
}
