package radiograph

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// Directory lists the images that a DICOMDIR names (PS3.3 §F): the paths of
// their files from the folder it lies in, with slashes, in the order of their
// records. Errors are those of Decode that need no pixels; a file that is no
// DICOMDIR is ErrUnsupported.
func Directory(ctx context.Context, name string, data []byte, limits Limits) ([]string, error) {
	c, err := scan(ctx, data, limits.orDefault().FileSize)
	if err != nil {
		return nil, fmt.Errorf("radiograph: %s: %w", name, err)
	}
	records, is := c.attributes[directoryRecordSequence]
	if !is {
		return nil, fmt.Errorf("radiograph: %s: %w: no index of a CD (DICOMDIR)", name, ErrUnsupported)
	}
	var paths []string
	for _, r := range records.items {
		if file := r[referencedFileID].bytes; r.code(directoryRecordType) == "IMAGE" && len(file) > 0 {
			parts := strings.Split(string(bytes.TrimRight(file, " \x00")), `\`)
			for i, part := range parts {
				parts[i] = strings.TrimSpace(part)
			}
			paths = append(paths, strings.Join(parts, "/"))
		}
	}
	return paths, nil
}
