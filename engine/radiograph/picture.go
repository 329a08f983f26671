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
var pictureFormats = map[string]struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}{
	"GIF":  {gif.DecodeConfig, gif.Decode},
	"BMP":  {bmp.DecodeConfig, bmp.Decode},
	"WebP": {webp.DecodeConfig, webp.Decode},
}

// picture decodes a picture of the web or of a phone.
func (d *decoder) picture(name string, data []byte) (*image.Gray, error) {
	const pixelBytes = 5 // of RGBA, and of the grey
	format, known := pictureFormats[name]
	if !known {
		return nil, fmt.Errorf("%w: a photo in %s; %s", ErrUnsupported, name, exportPicture)
	}
	config, err := format.config(newReader(d.ctx, data))
	if err != nil {
		return nil, d.wrapPicture(err)
	}
	if err := d.checkSize(config.Width, config.Height); err != nil {
		return nil, err
	}
	if err := d.checkMemory(config.Width, config.Height, pixelBytes); err != nil {
		return nil, err
	}
	m, err := format.decode(newReader(d.ctx, data))
	if err != nil {
		return nil, d.wrapPicture(err)
	}
	gray := toGray(fullRange(m))
	if m.Bounds() != image.Rect(0, 0, config.Width, config.Height) {
		// The first frame of a GIF may be a part of the picture.
		whole := image.NewGray(image.Rect(0, 0, config.Width, config.Height))
		draw.Draw(whole, m.Bounds(), gray, image.Point{}, draw.Src)
		gray = whole
	}
	return d.oriented(gray, orientation(webpEXIF(data))), nil
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

// webpEXIF are the EXIF data of a WebP, nil of all else.
func webpEXIF(data []byte) []byte {
	const header = 12
	if !bytes.HasPrefix(data, []byte("RIFF")) {
		return nil
	}
	for rest := data[min(header, len(data)):]; len(rest) >= 8; {
		n := int64(rest[4]) | int64(rest[5])<<8 | int64(rest[6])<<16 | int64(rest[7])<<24
		if n += n & 1; n > int64(len(rest)-8) {
			return nil
		}
		if string(rest[:4]) == "EXIF" {
			return rest[8 : 8+n]
		}
		rest = rest[8+n:]
	}
	return nil
}
