package worker

import (
	"context"
	"fmt"
	"strings"
	"syscall/js"

	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/media"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// list finds the images in files: those of each ZIP, and those of the folder that
// the others make.
func (s *service) list(ctx context.Context, request protocol.ListImages, data js.Value) (protocol.Body, error) {
	files, err := browser.FilesOf(data, request.Paths)
	if err != nil {
		return nil, err
	}
	var answer protocol.Listed
	var last error // of the files that are no images
	add := func(medium media.Medium, image func(media.Image) protocol.ListedImage) error {
		images, skipped, err := media.List(ctx, medium, media.Limits{})
		if err != nil {
			return err
		}
		for _, i := range images {
			answer.Images = append(answer.Images, image(i))
		}
		for _, s := range skipped {
			answer.Others++
			last = s.Err
		}
		return nil
	}

	loose := media.Medium{}
	index := map[string]int{}
	same := map[string]int{} // files of a path, from different folders
	for i, f := range files {
		if zipped, err := isZIP(f); err != nil {
			return nil, err
		} else if !zipped {
			name := f.Path()
			for loose[name] != nil {
				same[f.Path()]++
				name = fmt.Sprintf("%s (%d)", f.Path(), 1+same[f.Path()])
			}
			loose[name], index[name] = f, i
			continue
		}
		archive, err := media.OpenZIP(f.Reader(), f.Size(), media.Limits{})
		if err == nil {
			err = add(archive, func(m media.Image) protocol.ListedImage { return listed(m, i, m.Path) })
		}
		if err != nil {
			return nil, err
		}
	}
	if err := add(loose, func(m media.Image) protocol.ListedImage { return listed(m, index[m.Path], "") }); err != nil {
		return nil, err
	}

	if len(answer.Images) == 0 && answer.Others == 1 {
		return nil, last
	}
	if more := len(answer.Images) - protocol.MaxListed; more > 0 {
		answer.Images, answer.More = answer.Images[:protocol.MaxListed], more
	}
	return answer, nil
}

func listed(m media.Image, file int, entry string) protocol.ListedImage {
	return protocol.ListedImage{
		File: file, Entry: entry, Size: m.Size, Format: m.Format,
		View: string(m.Facts.View), Laterality: m.Facts.Laterality, Date: m.Facts.Date, Modality: m.Facts.Modality, Series: m.Facts.Series,
		Study: m.Facts.StudyUID,
	}
}

// isZIP says whether a file that was chosen by itself is an archive. One in a
// folder is left closed, as it is elsewhere.
func isZIP(f browser.File) (bool, error) {
	if strings.Contains(f.Path(), "/") {
		return false, nil
	}
	head, err := f.Head(4)
	return string(head) == "PK\x03\x04", err
}

func (s *service) openImage(ctx context.Context, o protocol.OpenImage, data js.Value) (protocol.Body, js.Value, error) {
	none := js.Undefined()
	files, err := browser.FilesOf(data, []string{o.Name})
	if err != nil {
		return nil, none, err
	}
	encoded, err := readImage(files[0], o.Entry)
	if err != nil {
		return nil, none, err
	}
	if o.Bare {
		r, err := radiograph.Decode(ctx, o.Name, encoded, radiograph.Limits{})
		if err != nil {
			return nil, none, err
		}
		return s.keep(o.View, r), none, nil
	}
	r, greys, err := radiograph.DecodeGreys(ctx, o.Name, encoded, radiograph.Limits{}, protocol.PreviewSize)
	if err != nil {
		return nil, none, err
	}
	opened, preview := s.open(o.View, r, greys)
	return opened, preview, nil
}

// readImage reads a file, or the entry of that path if it is an archive.
func readImage(f browser.File, entry string) ([]byte, error) {
	if entry == "" {
		array, err := f.Array()
		if err != nil {
			return nil, err
		}
		return browser.Bytes(array), nil
	}
	archive, err := media.OpenZIP(f.Reader(), f.Size(), media.Limits{})
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	return media.Read(archive, entry, media.Limits{})
}
