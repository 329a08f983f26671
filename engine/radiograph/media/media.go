// Package media lists the images of a folder, of a ZIP archive, or of a
// hospital's CD, so that a person can choose among them.
package media

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"uarweb/engine/radiograph"
	"uarweb/engine/status"
)

// The limits of a medium unless Limits says otherwise.
const (
	MaxEntries = 10_000  // files
	MaxBytes   = 2 << 30 // of all files together
)

// Limits bound what a medium may ask for. A field that is 0 stands for its
// default.
type Limits struct {
	// Entries is the most files that are looked at: 1 and up, by default MaxEntries.
	Entries int
	// Bytes is the most bytes that are read of all files together, and to which a
	// ZIP may inflate: 1 and up, by default MaxBytes.
	Bytes int64
	// Image bounds each file.
	Image radiograph.Limits
}

func (l Limits) orDefault() Limits {
	if l.Entries <= 0 {
		l.Entries = MaxEntries
	}
	if l.Bytes <= 0 {
		l.Bytes = MaxBytes
	}
	if l.Image.FileSize <= 0 {
		l.Image.FileSize = radiograph.MaxFileSize
	}
	return l
}

// Medium is the files of a folder or an archive by their paths, with slashes.
type Medium map[string]Content

// Content is a file, which reads nothing until it is opened.
type Content interface {
	Size() int64 // bytes
	Open() (io.Reader, error)
}

// Image is a file that holds an image.
type Image struct {
	Path   string // within the medium, with slashes
	Size   int64  // bytes
	Format string
	Facts  radiograph.Facts
}

// Skipped is a file without an image that can be read.
type Skipped struct {
	Path string
	Err  error // why
}

// The reasons for which a medium is refused, or a file of it left out.
var (
	ErrTooLarge  = status.Errorf(status.LargeImage, "the folder or archive is too large")
	ErrDamaged   = status.Errorf(status.DamagedImage, "the archive is damaged or cut off")
	ErrEncrypted = status.Errorf(status.UnsupportedImage, "the file is encrypted; unpack the archive with its password")
)

// List looks at the files of a medium and returns its images in the order of
// their paths, and the files it left out. Of a folder with a DICOMDIR the images
// are those that it names, in its order. The error is ErrTooLarge or that of ctx.
func List(ctx context.Context, medium Medium, limits Limits) (images []Image, skipped []Skipped, err error) {
	limits = limits.orDefault()
	paths := medium.paths()
	if len(paths) > limits.Entries {
		return nil, nil, fmt.Errorf("media: %w: more than %d files", ErrTooLarge, limits.Entries)
	}
	l := &lister{ctx: ctx, medium: medium, limits: limits, left: limits.Bytes}
	paths, skipped, err = l.directories(paths)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range paths {
		data, err := l.read(name)
		if l.err != nil {
			return nil, nil, l.err
		}
		i := Image{Path: name, Size: int64(len(data))}
		if err == nil {
			i.Format, i.Facts, err = radiograph.Inspect(ctx, path.Base(name), data, limits.Image)
		}
		if err != nil {
			skipped = append(skipped, Skipped{name, err})
			continue
		}
		images = append(images, i)
	}
	return images, skipped, nil
}

// paths are those of all files that are not hidden.
func (m Medium) paths() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m)), hidden)
}

// hidden files are what systems put beside those of people.
func hidden(name string) bool {
	return strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(name, "__MACOSX/")
}

// lister reads the files of a medium within its limits.
type lister struct {
	ctx    context.Context
	medium Medium
	limits Limits
	left   int64 // bytes
	err    error // that ends the listing
}

func (l *lister) read(name string) ([]byte, error) {
	if l.err = l.ctx.Err(); l.err != nil {
		return nil, l.err
	}
	data, err := Read(l.medium, name, l.limits)
	if l.left -= int64(len(data)); l.left < 0 {
		l.err = fmt.Errorf("media: %w: more than %d bytes", ErrTooLarge, l.limits.Bytes)
	}
	return data, err
}

// directories replaces the files of each folder with a DICOMDIR by those that it
// names; an outer one counts before those further in. The paths are sorted, so
// that the files of a folder stand together.
func (l *lister) directories(paths []string) (chosen []string, missing []Skipped, err error) {
	indexes := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !strings.EqualFold(path.Base(p), "DICOMDIR") })
	slices.SortStableFunc(indexes, func(a, b string) int { return cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")) })
	replaced := map[string][]string{} // by the first path of a folder
	in := map[string]bool{}           // the paths of these folders
	for _, index := range indexes {
		if in[index] {
			continue
		}
		data, err := l.read(index)
		if l.err != nil {
			return nil, nil, l.err
		}
		if err != nil {
			continue // one that cannot be read counts as none
		}
		named, err := radiograph.Directory(l.ctx, index, data, l.limits.Image)
		if l.ctx.Err() != nil {
			return nil, nil, l.ctx.Err()
		}
		if err != nil || len(named) == 0 {
			continue
		}
		folder := index[:len(index)-len(path.Base(index))]
		at, _ := slices.BinarySearch(paths, folder)
		first := paths[at]
		byName := map[string]string{} // a system may have written them in another case
		for ; at < len(paths) && strings.HasPrefix(paths[at], folder); at++ {
			in[paths[at]] = true
			byName[strings.ToLower(paths[at])] = paths[at]
		}
		replaced[first] = []string{}
		for _, n := range named {
			name := strings.ToLower(folder + n)
			switch p, known := byName[name]; {
			case !known:
				missing = append(missing, Skipped{folder + n, fs.ErrNotExist})
			case p != "":
				replaced[first] = append(replaced[first], p)
				byName[name] = "" // once is enough
			}
		}
	}
	for _, p := range paths {
		if !in[p] {
			chosen = append(chosen, p)
		}
		chosen = append(chosen, replaced[p]...)
	}
	return chosen, missing, nil
}

// Read reads a file of a medium, of as many bytes as an image may have.
func Read(medium Medium, name string, limits Limits) ([]byte, error) {
	most := int64(limits.orDefault().Image.FileSize)
	file := medium[name]
	if file == nil {
		return nil, fmt.Errorf("media: %s: %w", name, fs.ErrNotExist)
	}
	if file.Size() > most {
		return nil, fmt.Errorf("media: %w: %s has %d bytes, the limit is %d", radiograph.ErrTooLarge, name, file.Size(), most)
	}
	content, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(content, most+1))
	switch {
	case err != nil && status.CodeOf(err) == status.Internal: // of the inflater
		return nil, fmt.Errorf("media: %s: %w: %w", name, ErrDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("media: %w", err)
	case int64(len(data)) > most:
		return nil, fmt.Errorf("media: %w: %s has more than %d bytes", radiograph.ErrTooLarge, name, most)
	}
	return data, nil
}
