package module

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// What a program of ShareMemory has in addition.
const (
	// MemoryModule and MemoryName name the memory it imports.
	MemoryModule, MemoryName = "env", "memory"
	// PagesSection is the custom section that says, in decimal digits, of how
	// many pages the memory must be at first: JavaScript, which makes it, is not
	// told the limits of an import.
	PagesSection = "initial pages"
)

// maxPages are all that 32 bits address. The memory that is given may have a
// lower maximum.
const maxPages = 1 << 16

// ShareMemory returns a linked program whose own memory has become an imported
// one that is shared. It is memory 0 as before, so the code stays as it is, and
// so does every other section, byte for byte.
func ShareMemory(program []byte) ([]byte, error) {
	shared, err := shareMemory(program)
	if err != nil {
		return nil, fmt.Errorf("module: %w", err)
	}
	return shared, nil
}

func shareMemory(program []byte) ([]byte, error) {
	all, err := sections(program)
	if err != nil {
		return nil, err
	}
	own, err := one(all, memorySection)
	if err != nil {
		return nil, err
	}
	pages, err := initialPages(own.body)
	if err != nil {
		return nil, fmt.Errorf("memory section: %w", err)
	}
	imports, err := one(all, importSection)
	if err != nil {
		return nil, err
	}
	body, err := withMemory(imports.body, pages)
	if err != nil {
		return nil, fmt.Errorf("import section: %w", err)
	}

	out := slices.Grow([]byte(header), len(program)+128)
	for _, s := range all {
		switch s.id {
		case importSection:
			out = appendSection(out, importSection, body)
		case memorySection:
		default:
			out = append(out, s.raw...)
		}
	}
	return appendSection(out, customSection, strconv.AppendUint(appendName(nil, PagesSection), uint64(pages), 10)), nil
}

// initialPages reads a memory section with one memory that is not shared.
func initialPages(body []byte) (uint32, error) {
	if len(body) == 0 {
		return 0, errors.New("there is none")
	}
	r := reader{rest: body}
	if count := r.number(); r.err == nil && count != 1 {
		return 0, fmt.Errorf("%d memories, not one", count)
	}
	l := r.limits()
	if err := r.end(); err != nil {
		return 0, err
	}
	switch {
	case l.flags&isShared != 0:
		return 0, errors.New("the memory is shared already")
	case l.minimum > maxPages:
		return 0, fmt.Errorf("%d pages, more than %d", l.minimum, maxPages)
	}
	return l.minimum, nil
}

// withMemory appends a shared memory to the body of an import section.
func withMemory(body []byte, pages uint32) ([]byte, error) {
	entries, err := imports(body)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, errors.New("nothing is imported: it is no Go program")
	}
	for _, entry := range entries {
		if entry.kind == memoryImport {
			return nil, fmt.Errorf("the memory %s.%s is imported already", entry.module, entry.name)
		}
	}
	_, width := binary.Uvarint(body)
	out := binary.AppendUvarint(nil, uint64(len(entries))+1)
	out = append(out, body[width:]...)
	out = appendName(appendName(out, MemoryModule), MemoryName)
	out = append(out, memoryImport, hasMaximum|isShared)
	return binary.AppendUvarint(binary.AppendUvarint(out, uint64(pages)), maxPages), nil
}

func appendSection(out []byte, id byte, body []byte) []byte {
	return append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
}

func appendName(out []byte, name string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(name))), name...)
}
