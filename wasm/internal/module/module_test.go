package module

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// small is a program with one type, one imported function gojs.f, a memory of
// 3 pages exported as mem, and a custom section at either end.
var small = build(
	part{customSection, appendName(nil, "before")},
	part{1, []byte{1, 0x60, 0, 0}},
	part{importSection, []byte("\x01\x04gojs\x01f\x00\x00")},
	part{memorySection, []byte{1, 0, 3}},
	part{7, []byte("\x01\x03mem\x02\x00")},
	part{customSection, append(appendName(nil, "after"), "anything"...)},
)

type part struct {
	id   byte
	body []byte
}

func build(parts ...part) []byte {
	out := []byte(header)
	for _, p := range parts {
		out = appendSection(out, p.id, p.body)
	}
	return out
}

func TestShareMemory(t *testing.T) {
	shared, err := ShareMemory(small)
	require.NoError(t, err)
	checkRewritten(t, small, shared)

	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesThreads))
	defer r.Close(t.Context())
	compiled, err := r.CompileModule(t.Context(), shared)
	require.NoError(t, err)
	memories := compiled.ImportedMemories()
	require.Len(t, memories, 1)
	from, name, imported := memories[0].Import()
	maximum, bounded := memories[0].Max()
	assert.True(t, imported)
	assert.True(t, bounded)
	assert.Equal(t, []any{"env", "memory", uint32(3), uint32(65536)}, []any{from, name, memories[0].Min(), maximum})
	assert.Contains(t, compiled.ExportedMemories(), "mem")
	assert.Len(t, compiled.ImportedFunctions(), 1)

	_, err = ShareMemory(shared)
	assert.EqualError(t, err, "module: memory section: there is none")
}

// A whole program that Go links.
func TestShareMemoryOfGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program.wasm")
	source := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(source, []byte("package main\n\nfunc main() { println(1) }\n"), 0o644))
	link := exec.Command("go", "build", "-o", path, source)
	link.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := link.CombinedOutput()
	require.NoError(t, err, string(out))
	program, err := os.ReadFile(path)
	require.NoError(t, err)
	shared, err := ShareMemory(program)
	require.NoError(t, err)
	checkRewritten(t, program, shared)
}

// checkRewritten compares a program with what ShareMemory made of it: but for
// the imports and the memory every section is the same, byte for byte.
func checkRewritten(t *testing.T, program, shared []byte) {
	t.Helper()
	before, err := sections(program)
	require.NoError(t, err)
	after, err := sections(shared)
	require.NoError(t, err)
	var kept [][]byte
	for _, s := range before {
		if s.id != memorySection {
			kept = append(kept, s.raw)
		}
	}
	require.Len(t, after, len(kept)+1)
	for i, s := range after[:len(kept)] {
		if s.id == importSection {
			checkImports(t, kept[i], s)
			continue
		}
		require.True(t, bytes.Equal(kept[i], s.raw), "section %d of id %d", i, s.id)
	}
	own, err := one(before, memorySection)
	require.NoError(t, err)
	pages, err := initialPages(own.body)
	require.NoError(t, err)
	last := reader{rest: after[len(kept)].body}
	assert.Equal(t, PagesSection, string(last.bytes(last.number())))
	assert.Equal(t, fmt.Sprint(pages), string(last.rest))
}

// checkImports: the imports there were, in order, and the memory.
func checkImports(t *testing.T, raw []byte, after section) {
	t.Helper()
	r := reader{rest: raw[1:]}
	before := r.bytes(r.number())
	entries, err := imports(before)
	require.NoError(t, err)
	now, err := imports(after.body)
	require.NoError(t, err)
	require.Equal(t, append(entries, imported{MemoryModule, MemoryName, memoryImport}), now)
	_, skip := binary.Uvarint(before)
	assert.True(t, bytes.Contains(after.body, before[skip:]))
}

func TestImports(t *testing.T) {
	for name, want := range map[string]bool{"gojs": true, "goj": false, "kernels": false, "": false} {
		got, err := Imports(small, name)
		require.NoError(t, err)
		assert.Equal(t, want, got, name)
	}
	got, err := Imports([]byte(header), "gojs")
	require.NoError(t, err)
	assert.False(t, got)
}

func TestErrors(t *testing.T) {
	memory, function := part{memorySection, []byte{1, 0, 3}}, part{importSection, []byte("\x01\x04gojs\x01f\x00\x00")}
	for _, c := range []struct {
		name   string
		module []byte
		want   string
	}{
		{"nothing", nil, "module: it does not begin as a module of version 1 does"},
		{"another version", []byte("\x00asm\x0d\x00\x01\x00"), "module: it does not begin as a module of version 1 does"},
		{"cut in a size", small[:9], "module: section 0, at byte 8: it ends too early"},
		{"cut in a body", small[:len(small)-1], "module: section 5, at byte 49: it ends too early"},
		{"an endless size", append([]byte(header), 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "module: section 0, at byte 8: it ends too early"},
		{"a size of 35 bits", append([]byte(header), 1, 0xff, 0xff, 0xff, 0xff, 0x7f), "module: section 0, at byte 8: a number of more than 32 bits"},
		{"a size beyond the end", append([]byte(header), 1, 0xff, 0xff, 0xff, 0xff, 0x0f), "module: section 0, at byte 8: it ends too early"},
		{"no memory", build(function), "module: memory section: there is none"},
		{"two memory sections", build(function, memory, memory), "module: section of id 5 is there twice"},
		{"two memories", build(function, part{memorySection, []byte{2, 0, 3, 0, 3}}), "module: memory section: 2 memories, not one"},
		{"no memories", build(function, part{memorySection, []byte{0, 0, 0}}), "module: memory section: 0 memories, not one"},
		{"a shared memory", build(function, part{memorySection, []byte{1, 3, 1, 2}}), "module: memory section: the memory is shared already"},
		{"a memory of 64 bits", build(function, part{memorySection, []byte{1, 4, 1}}), "module: memory section: limits of kind 4 are unknown"},
		{"a memory that is too large", build(function, part{memorySection, []byte{1, 0, 0x81, 0x80, 4}}), "module: memory section: 65537 pages, more than 65536"},
		{"no imports", build(memory), "module: import section: nothing is imported: it is no Go program"},
		{"an imported memory", build(part{importSection, []byte("\x01\x01a\x01b\x02\x00\x01")}, memory), "module: import section: the memory a.b is imported already"},
		{"more imports than there are", build(part{importSection, []byte("\xff\xff\xff\xff\x0f\x01a\x01b\x00\x00")}, memory), "module: import section: import 1: it ends too early"},
		{"fewer imports than there are", build(part{importSection, []byte("\x00\x01a")}, memory), "module: import section: 2 bytes too many"},
		{"an import of an unknown kind", build(part{importSection, []byte("\x01\x01a\x01b\x05")}, memory), "module: import section: import 0: kind 5 is unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ShareMemory(c.module)
			assert.EqualError(t, err, c.want)
		})
	}
	_, err := Imports(nil, "x")
	assert.Error(t, err)
	_, err = Imports(build(function, function), "x")
	assert.EqualError(t, err, "module: section of id 2 is there twice")
	_, err = Imports(build(part{importSection, []byte{9}}), "x")
	assert.EqualError(t, err, "module: import 0: it ends too early")
}

// Whatever is not an error is a program that differs in its memory alone.
func FuzzShareMemory(f *testing.F) {
	f.Add(small)
	f.Add(build(part{importSection, []byte("\x04\x01a\x01b\x00\x00\x01a\x01c\x01\x70\x01\x01\x02\x01a\x01d\x03\x7f\x00\x01a\x01e\x04\x00\x00")}, part{memorySection, []byte{1, 1, 2, 3}}))
	f.Add([]byte(header))
	f.Fuzz(func(t *testing.T, program []byte) {
		shared, err := ShareMemory(program)
		if err != nil {
			return
		}
		checkRewritten(t, program, shared)
		does, err := Imports(shared, MemoryModule)
		require.NoError(t, err)
		require.True(t, does)
		_, err = ShareMemory(shared)
		require.Error(t, err)
	})
}
