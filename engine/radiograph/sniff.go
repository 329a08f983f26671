package radiograph

import (
	"bytes"
	"fmt"
	"image"
	"unicode"
	"unicode/utf8"
)

const formatDICOM = "DICOM"

// format is a kind of file and how it is read.
type format struct {
	name   string
	decode func(*decoder, []byte) (*image.Gray, error)
}

// sniff chooses the decoder by the first bytes, or says what the file is.
func (d *decoder) sniff(data []byte) (format, error) {
	starts := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case len(data) == 0:
		return format{}, ErrEmpty
	case len(data) > d.limits.FileSize:
		return format{}, fmt.Errorf("%w: a file of %d bytes, the limit is %d", ErrTooLarge, len(data), d.limits.FileSize)
	case starts(pngSignature):
		return format{"PNG", (*decoder).png}, nil
	case starts("\xff\xd8\xff"):
		return format{"JPEG", (*decoder).jpeg}, nil
	case isDICOM(data):
		return format{formatDICOM, (*decoder).dicom}, nil
	case starts("II*\x00"), starts("MM\x00*"):
		return format{"TIFF", (*decoder).tiff}, nil
	case starts(jp2Signature), starts("\xff\x4f\xff\x51"):
		return format{"JPEG 2000", (*decoder).codeStreamFile}, nil
	}
	if isAnimatedWebP(data) {
		return format{}, fmt.Errorf("%w: an animation; export one picture of it as PNG or JPEG", ErrUnsupported)
	}
	if name := pictureName(data); name != "" {
		return format{name, func(d *decoder, data []byte) (*image.Gray, error) { return d.picture(name, data) }}, nil
	}
	return format{}, refuse(data)
}

// pictureName names the formats of the web and of phones, empty if it is none.
func pictureName(data []byte) string {
	if len(data) < 12 {
		return ""
	}
	switch start := string(data[:6]); {
	case start == "GIF87a" || start == "GIF89a":
		return "GIF"
	case start[:2] == "BM" && data[6] == 0 && data[7] == 0 && data[8] == 0 && data[9] == 0:
		return "BMP"
	case start[:4] == "RIFF" && string(data[8:12]) == "WEBP":
		return "WebP"
	case string(data[4:8]) == "ftyp":
		switch string(data[8:12]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			return "HEIC"
		case "avif", "avis":
			return "AVIF"
		}
	}
	return ""
}

// isAnimatedWebP reads the flag of an extended WebP (RFC 9649 §2.7).
func isAnimatedWebP(data []byte) bool {
	const flags, animation = 20, 0x02
	return len(data) > flags && string(data[8:16]) == "WEBPVP8X" && data[flags]&animation != 0
}

// The kinds of file that are often given and hold no picture that can be
// read, with what to do. The first whose magic stands at its place counts.
var refused = []struct {
	at           int
	magic        string
	what, advice string
}{
	{0, "%PDF-", "a PDF document", "export the image in it as PNG or JPEG"},
	{0, "%!PS", "a PostScript document", exportPicture},
	{0, "{\\rtf", "a text document", chooseImage},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document", "save the image in it as PNG or JPEG"},
	{0, "PK\x03\x04", "a ZIP archive", "unpack it, and choose the images in it"},
	{0, "PK\x05\x06", "a ZIP archive with nothing in it", chooseImage},
	{0, "Rar!\x1a\x07", "a RAR archive", unpack},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive", unpack},
	{0, "\x1f\x8b", "a gzip archive", unpack},
	{0, "BZh", "a bzip2 archive", unpack},
	{0, "\xfd7zXZ\x00", "an xz archive", unpack},
	{0, "\x28\xb5\x2f\xfd", "a Zstandard archive", unpack},
	{257, "ustar", "a tar archive", unpack},
	{0, "\xff\x0a", "JPEG XL", exportPicture},
	{0, "\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL", exportPicture},
	{0, "II\xbc", "JPEG XR", exportPicture},
	{0, "II+\x00", "BigTIFF", "export it as TIFF or PNG"},
	{0, "MM\x00+", "BigTIFF", "export it as TIFF or PNG"},
	{4, "ftypcrx ", "a camera's raw picture", exportPicture},
	{4, "ftyp", "a video", "export one picture of it as PNG or JPEG"},
	{8, "AVI ", "a video", "export one picture of it as PNG or JPEG"},
	{0, "\x1a\x45\xdf\xa3", "a video", "export one picture of it as PNG or JPEG"},
	{0, "\x00\x00\x01\xba", "a video", "export one picture of it as PNG or JPEG"},
	{0, "\x00\x00\x01\xb3", "a video", "export one picture of it as PNG or JPEG"},
	{8, "WAVE", "a sound", chooseImage},
	{0, "ID3", "a sound", chooseImage},
	{344, "n+1\x00", "a NIfTI volume", exportPicture},
	{344, "ni1\x00", "the header of a NIfTI volume", exportPicture},
	{4, "n+2\x00\r\n\x1a\n", "a NIfTI volume", exportPicture},
	{0, "NRRD000", "an NRRD volume", exportPicture},
	{0, "ObjectType", "a MetaImage volume (MHA)", exportPicture},
	{0, "NDims", "a MetaImage volume (MHA)", exportPicture},
	{0, "\x89HDF\r\n\x1a\n", "an HDF5 file", exportPicture},
	{0, "\x93NUMPY", "a NumPy array", exportPicture},
	{0, "SIMPLE  =", "a FITS picture", exportPicture},
	{0, "8BPS", "a Photoshop document", exportPicture},
	{0, "gimp xcf", "a GIMP document", exportPicture},
	{0, "v/1\x01", "an OpenEXR picture", exportPicture},
	{0, "#?RADIANCE", "a Radiance picture", exportPicture},
	{0, "AT&TFORM", "a DjVu document", exportPicture},
	{0, "\x00\x00\x01\x00", "an icon", chooseImage},
	{0, "P4\n", "a Netpbm picture", exportPicture},
	{0, "P5\n", "a Netpbm picture", exportPicture},
	{0, "P6\n", "a Netpbm picture", exportPicture},
	{0, "P7\n", "a Netpbm picture", exportPicture},
	{0, "\x00\x05\x16\x07", "what macOS keeps beside a file", "choose the file whose name has no ._ in front"},
	{0, "\x7fELF", "a program", chooseImage},
	{0, "MZ", "a program", chooseImage},
}

const (
	chooseImage   = "choose the image itself"
	exportPicture = "export it as PNG or JPEG"
	unpack        = "unpack it, and choose the images in it"
)

// refuse says what a file is that cannot be read.
func refuse(data []byte) error {
	for _, r := range refused {
		if len(data) >= r.at && bytes.HasPrefix(data[r.at:], []byte(r.magic)) {
			return fmt.Errorf("%w: %s; %s", ErrUnsupported, r.what, r.advice)
		}
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := bytes.ToLower(start)
	has := func(s string) bool { return bytes.Contains(lower, []byte(s)) }
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG")):
		return fmt.Errorf("%w: a PNG that was sent as a text; send it again as a file", ErrDamaged)
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return fmt.Errorf("%w: a web page; save the image itself from it", ErrUnknownFormat)
	case bytes.HasPrefix(lower, []byte("<")) && has("<svg"):
		return fmt.Errorf("%w: a drawing (SVG); %s", ErrUnsupported, exportPicture)
	case bytes.HasPrefix(lower, []byte("<?xml")):
		return fmt.Errorf("%w: an XML document; %s", ErrUnknownFormat, chooseImage)
	case isText(start):
		return fmt.Errorf("%w: a text; %s", ErrUnknownFormat, chooseImage)
	}
	return ErrUnknownFormat
}

// isText says whether these are words for people. The last rune may be cut.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && len(b) >= utf8.UTFMax || !unicode.IsPrint(r) && !unicode.IsSpace(r) && r != utf8.RuneError {
			return false
		}
		b = b[size:]
	}
	return true
}
