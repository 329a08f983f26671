package app

import (
	"context"
	"errors"
	"fmt"
	"path"

	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

var errTooManyFiles = status.Errorf(status.LargeImage, "too many files")

func (e *engine) List(ctx context.Context, files []desk.File) (*desk.Listing, error) {
	if len(files) > protocol.MaxFiles {
		return nil, fmt.Errorf("app: %w: more than %d files", errTooManyFiles, protocol.MaxFiles)
	}
	chosen, request := make([]browser.File, len(files)), protocol.ListImages{}
	for i, f := range files {
		chosen[i] = f.(browser.File)
		request.Paths = append(request.Paths, f.Path())
	}
	var listed protocol.Listed
	err := e.try(func(s *session) (err error) {
		listed, err = expect[protocol.Listed](e.do(ctx, s, request, browser.FileArray(chosen...), shows{}))
		return err
	})
	if err != nil {
		return nil, err
	}
	l := &desk.Listing{More: listed.More, Others: listed.Others}
	for _, i := range listed.Images {
		if i.File < 0 || i.File >= len(chosen) {
			return nil, errors.New("app: an image of no file")
		}
		l.Images = append(l.Images, desk.Found{
			Source: found{file: chosen[i.File], entry: i.Entry, size: i.Size},
			Format: i.Format, View: i.View, Laterality: i.Laterality, Date: i.Date, Modality: i.Modality, Series: i.Series,
			Study: i.Study,
		})
	}
	return l, nil
}

// found is an image that List has found.
type found struct {
	file  browser.File
	entry string // its path in the file, if that is an archive
	size  int64
}

func (f found) Name() string { return path.Base(f.Path()) }
func (f found) Path() string { return path.Join(f.file.Path(), f.entry) }
func (f found) Size() int64  { return f.size }

// shown says which view an image shows, and how that is known.
func shown(o protocol.Opened) (slot int, known desk.Evidence) {
	switch o.Shows {
	case "frontal":
		slot = desk.Frontal
	case "lateral":
		slot = desk.Lateral
	default:
		return 0, desk.ByOrder
	}
	if o.ByPicture {
		return slot, desk.ByPicture
	}
	return slot, desk.ByFile
}
