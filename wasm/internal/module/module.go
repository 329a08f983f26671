// Package module reads WebAssembly modules as far as the build and the test
// runners need it, and rewrites a linked Go program so that its memory can be
// shared by several threads.
//
// The format is that of the WebAssembly specification, section 5.5.
package module

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// header is the magic number and the version.
const header = "\x00asm\x01\x00\x00\x00"

// Section ids.
const (
	customSection = 0
	importSection = 2
	memorySection = 5
)

// Kinds of imports.
const (
	functionImport = iota
	tableImport
	memoryImport
	globalImport
	tagImport
)

// Flags of a memory's limits.
const (
	hasMaximum = 1 << iota
	isShared
	knownFlags = hasMaximum | isShared
)

// section is one section of a module.
type section struct {
	id   byte
	body []byte
	raw  []byte // the id, the size and the body as they are in the module
}

// sections splits a module.
func sections(module []byte) ([]section, error) {
	if len(module) < len(header) || string(module[:len(header)]) != header {
		return nil, errors.New("it does not begin as a module of version 1 does")
	}
	var all []section
	r := reader{rest: module[len(header):]}
	for len(r.rest) > 0 {
		start := r.rest
		id := r.byte()
		body := r.bytes(r.number())
		if r.err != nil {
			return nil, fmt.Errorf("section %d, at byte %d: %w", len(all), len(module)-len(start), r.err)
		}
		all = append(all, section{id, body, start[:len(start)-len(r.rest)]})
	}
	return all, nil
}

// one returns the only section of an id. What has none gets an empty one.
func one(all []section, id byte) (section, error) {
	found := section{id: id}
	for _, s := range all {
		if s.id != id {
			continue
		}
		if found.raw != nil {
			return section{}, fmt.Errorf("section of id %d is there twice", id)
		}
		found = s
	}
	return found, nil
}

// imported is an entry of the import section.
type imported struct {
	module, name string
	kind         byte
}

// imports reads the body of an import section. What an entry needs is only
// skipped.
func imports(body []byte) ([]imported, error) {
	if len(body) == 0 {
		return nil, nil
	}
	r := reader{rest: body}
	count := r.number()
	var all []imported
	for i := uint32(0); i < count && r.err == nil; i++ {
		entry := imported{module: string(r.bytes(r.number())), name: string(r.bytes(r.number())), kind: r.byte()}
		switch entry.kind {
		case functionImport:
			r.number()
		case tableImport:
			r.byte()
			r.limits()
		case memoryImport:
			r.limits()
		case globalImport, tagImport:
			r.byte()
			r.number()
		default:
			r.fail(fmt.Errorf("kind %d is unknown", entry.kind))
		}
		if r.err != nil {
			return nil, fmt.Errorf("import %d: %w", i, r.err)
		}
		all = append(all, entry)
	}
	return all, r.end()
}

// Imports says whether a module imports something of another of that name.
func Imports(module []byte, name string) (bool, error) {
	all, err := sections(module)
	if err != nil {
		return false, fmt.Errorf("module: %w", err)
	}
	s, err := one(all, importSection)
	if err != nil {
		return false, fmt.Errorf("module: %w", err)
	}
	entries, err := imports(s.body)
	if err != nil {
		return false, fmt.Errorf("module: %w", err)
	}
	for _, entry := range entries {
		if entry.module == name {
			return true, nil
		}
	}
	return false, nil
}

// limits are the size of a memory in pages of 64 KiB.
type limits struct {
	flags   byte
	minimum uint32
}

// reader reads what a section holds. After an error everything is 0.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err, r.rest = err, nil
	}
}

var errShort = errors.New("it ends too early")

func (r *reader) byte() byte {
	b := r.bytes(1)
	if r.err != nil {
		return 0
	}
	return b[0]
}

func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.rest)) {
		r.fail(errShort)
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// number reads an unsigned LEB128 number of 32 bits.
func (r *reader) number() uint32 {
	n, width := binary.Uvarint(r.rest)
	switch {
	case width == 0:
		r.fail(errShort)
		return 0
	case width < 0 || width > 5 || n > math.MaxUint32:
		r.fail(errors.New("a number of more than 32 bits"))
		return 0
	}
	r.rest = r.rest[width:]
	return uint32(n)
}

func (r *reader) limits() limits {
	l := limits{flags: r.byte()}
	if l.flags > knownFlags {
		r.fail(fmt.Errorf("limits of kind %d are unknown", l.flags))
	}
	l.minimum = r.number()
	if l.flags&hasMaximum != 0 {
		r.number()
	}
	return l
}

func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		return fmt.Errorf("%d bytes too many", len(r.rest))
	}
	return r.err
}
