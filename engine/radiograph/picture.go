//go:build !js

package radiograph

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// pictureFormats are decoded by the standard library and golang.org/x/image.
var pictureFormats = map[string]func(io.Reader) (image.Image, error){"GIF": gif.Decode, "BMP": bmp.Decode, "WebP": webp.Decode}

// picture decodes a picture of the web or of a phone.
func (d *decoder) picture(name string, data []byte) (*image.Gray, error) {
	decode, known := pictureFormats[name]
	if !known {
		return nil, fmt.Errorf("%w: a photo in %s; %s", ErrUnsupported, name, exportPicture)
	}
	const pixelBytes = 10 // of the RGBA of a WebP and its palette's indices before, and of the grey before and after it is turned
	h, err := d.pictureHeader(name, data, pixelBytes)
	if err != nil {
		return nil, err
	}
	m, err := decode(newReader(d.ctx, data))
	if err != nil {
		return nil, d.wrapPicture(err)
	}
	gray := toGray(fullRange(m))
	if name == "GIF" && m.Bounds() != image.Rect(0, 0, h.width, h.height) {
		// The first frame may be a part of the picture.
		whole := image.NewGray(image.Rect(0, 0, h.width, h.height))
		draw.Draw(whole, m.Bounds(), gray, image.Point{}, draw.Src)
		gray = whole
	}
	var exif []byte
	if name == "WebP" {
		for kind, body := range chunksOfWebP(data) {
			if kind == "EXIF" {
				exif = body
			}
		}
	}
	return d.oriented(gray, orientation(exif, nil)), nil
}

// fullRange brings the Y, Cb and Cr of a lossy WebP, which have the range of
// video (RFC 6386 §9.2), to that of JPEG, for which the decoder gives them out.
func fullRange(m image.Image) image.Image {
	yuv, ok := m.(*image.YCbCr)
	if a, withAlpha := m.(*image.NYCbCrA); withAlpha {
		yuv, ok = &a.YCbCr, true
	}
	if ok {
		for i, v := range yuv.Y {
			yuv.Y[i] = uint8(min(max((int(v)-16)*255+109, 0)/219, 255))
		}
		for _, plane := range [][]uint8{yuv.Cb, yuv.Cr} {
			for i, v := range plane {
				plane[i] = uint8(min(max(((int(v)-128)*255+28672+112)/224, 0), 255))
			}
		}
	}
	return m
}

// wrapPicture sorts an error of these decoders into ours. They have no common
// type for what they do not support, so that the words decide.
func (d *decoder) wrapPicture(err error) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	reason := ErrDamaged
	if bytes.Contains([]byte(err.Error()), []byte("unsupported")) {
		reason = ErrUnsupported
	}
	return fmt.Errorf("%w: %w", reason, err)
}
