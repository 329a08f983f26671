// Package radiograph turns files into grey pixels (model.md §1): it sniffs
// PNG, JPEG and DICOM by content, decodes them to 8-bit grey within fixed
// limits, and resizes bit-exactly as Pillow does.
package radiograph

import (
	"image"
	"time"
)

// Radiograph is one decoded view.
type Radiograph struct {
	Name       string        // as given to Decode, for messages
	Format     string        // "PNG", "JPEG" or "DICOM"
	Pixels     *image.Gray   // origin at (0, 0), Stride = width
	DecodeTime time.Duration // what Decode took
}
