// Package mutate runs fuzz targets where Go's fuzzing engine does not, as
// js/wasm: it changes the seeds at random, without looking at what a change
// reaches, and always in the same order.
package mutate

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var duration = flag.Duration("mutate", 0, "how long a fuzz target checks mutations of each of its seeds")

// Seeds is the fuzz target check, which with the flag -mutate is also given
// mutations of each seed. One that fails is printed as a file of testdata/fuzz.
func Seeds(check func(t *testing.T, data []byte)) func(t *testing.T, data []byte) {
	return func(t *testing.T, data []byte) {
		check(t, data)
		if *duration == 0 {
			return
		}
		rng := rand.New(rand.NewPCG(uint64(len(data)), 1))
		tried := 0
		for end := time.Now().Add(*duration); time.Now().Before(end); tried++ {
			try(t, check, mutation(rng, data))
		}
		t.Logf("%d mutations", tried)
	}
}

func try(t *testing.T, check func(t *testing.T, data []byte), data []byte) {
	passed := false
	defer func() {
		if !passed {
			fmt.Printf("go test fuzz v1\n[]byte(%q)\n", data)
		}
	}()
	check(t, bytes.Clone(data))
	passed = !t.Failed()
}

// values are those at which lengths and counts go wrong.
var values = []uint32{0, 1, 2, 7, 8, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1<<31 - 1, 1 << 31, 1<<32 - 1}

// mutation changes a copy of data in a few places.
func mutation(rng *rand.Rand, data []byte) []byte {
	const most = 6 // changes
	data = bytes.Clone(data)
	for range 1 + rng.IntN(most) {
		if len(data) == 0 {
			data = []byte{0}
		}
		at := rng.IntN(len(data))
		part := data[at : at+1+rng.IntN(min(len(data)-at, 64))]
		var order binary.AppendByteOrder = binary.LittleEndian
		if rng.IntN(2) == 0 {
			order = binary.BigEndian
		}
		value := values[rng.IntN(len(values))]
		switch rng.IntN(8) {
		case 0, 1:
			data[at] ^= 1 << rng.IntN(8)
		case 2:
			data[at] = byte(rng.Uint32())
		case 3:
			copy(data[at:], order.AppendUint16(nil, uint16(value)))
		case 4:
			copy(data[at:], order.AppendUint32(nil, value))
		case 5:
			data = slices.Delete(data, at, at+len(part))
		case 6:
			data = slices.Insert(data, rng.IntN(len(data)), bytes.Clone(part)...)
		case 7:
			copy(data[rng.IntN(len(data)):], bytes.Clone(part))
		}
	}
	return data
}
