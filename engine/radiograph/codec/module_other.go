//go:build !js

package codec

import (
	"bytes"
	"context"
	"embed"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

//go:embed *.wasm
var modules embed.FS

// engine runs the modules of the process.
var engine = sync.OnceValue(func() wazero.Runtime {
	return wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
})

// compiled holds each module's compilation, which is made by the first stream
// that needs it.
var compiled = map[Format]func() (wazero.CompiledModule, error){
	JPEG2000: compile(JPEG2000),
	JPEGLS:   compile(JPEGLS),
	JPEG:     compile(JPEG),
}

func compile(format Format) func() (wazero.CompiledModule, error) {
	return sync.OnceValues(func() (wazero.CompiledModule, error) {
		module, err := modules.ReadFile(string(format) + ".wasm")
		if err != nil {
			return nil, err
		}
		return engine().CompileModule(context.Background(), module)
	})
}

func decode(ctx context.Context, format Format, stream []byte, limits Limits) (Frame, error) {
	module, err := compiled[format]()
	if err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	instance, err := engine().InstantiateModule(ctx, module, config)
	if err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer instance.Close(context.Background())

	memory := instance.Memory()
	call := func(name string, arguments ...uint64) (uint32, error) {
		results, err := instance.ExportedFunction(name).Call(ctx, arguments...)
		if err != nil {
			return 0, err
		}
		return uint32(results[0]), nil
	}
	refuse := func(trap error) (Frame, error) {
		address, err := call("failed")
		if err != nil {
			return Frame{}, trap
		}
		const size = 256 // of struct failure
		told, _ := memory.Read(address, size)
		text, _, _ := bytes.Cut(told[4:], []byte{0})
		return Frame{}, failure(binary.LittleEndian.Uint32(told), string(text), trap)
	}
	if _, err := instance.ExportedFunction("limit_memory").Call(ctx, uint64(min(limits.Memory, MaxMemory))); err != nil {
		return refuse(err)
	}
	address, err := call("allocate", uint64(len(stream)))
	if err != nil {
		return refuse(err)
	}
	memory.Write(address, stream)
	result, err := call("decode", uint64(address), uint64(len(stream)), uint64(limits.Samples))
	if err != nil {
		return refuse(err)
	}
	return readFrame(memory, result, limits.Samples)
}

// readFrame reads the frame at an address.
func readFrame(memory api.Memory, address uint32, limit int) (Frame, error) {
	fail := func() (Frame, error) {
		return Frame{}, fmt.Errorf("%w: the decoder failed: its frame is outside its memory", ErrDamaged)
	}
	var h header
	size := uint32(binary.Size(h))
	told, ok := memory.Read(address, size+4)
	if !ok {
		return fail()
	}
	_, _ = binary.Decode(told, binary.LittleEndian, &h)
	frame, err := h.frame(limit)
	if err != nil {
		return Frame{}, err
	}
	samples, ok := memory.Read(binary.LittleEndian.Uint32(told[size:]), uint32(2*len(frame.Samples)))
	if !ok {
		return fail()
	}
	for i := range frame.Samples {
		frame.Samples[i] = binary.LittleEndian.Uint16(samples[2*i:])
	}
	return frame, nil
}
