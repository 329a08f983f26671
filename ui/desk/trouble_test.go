package desk

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/status"
)

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&status.Error{Code: status.UnsupportedImage, Err: errors.New("long"), Reason: "a PDF document; export the image in it as PNG or JPEG"},
			"“x” cannot be read: a PDF document; export the image in it as PNG or JPEG."},
		{&status.Error{Code: status.UnknownImage, Err: errors.New("long"), Reason: "a text; choose the image itself"}, "“x” is not an image: it is a text; choose the image itself."},
		{&status.Error{Code: status.DamagedImage, Err: errors.New("long"), Reason: "element (0028,0010)"}, "“x” is damaged or cut off. Copy or export it again from where it came."},
		{&status.Error{Code: status.LargeImage, Err: errors.New("long"), Reason: "more than 10000 files"}, "“x” is too large for this page: more than 10000 files. Export it smaller, or choose a part of it."},
		{status.Errorf(status.UnsupportedImage, "long"), "“x” is of a kind this page cannot read. Export it as an uncompressed DICOM file or as PNG."},
		{status.Errorf(status.BlankImage, "long"), "“x” shows nothing: all of it is one grey. Choose another image, or export it again from where it came."},
	} {
		assert.Equal(t, c.want, explain(c.err, "x").Sentence)
	}
}

func TestEverySentenceIsWhole(t *testing.T) {
	for code := range sentences {
		said := explain(status.Errorf(code, "a technical line"), "x.png")
		assert.Equal(t, code, said.Code)
		assert.Regexp(t, `^\S.*\.$`, said.Sentence)
		assert.NotContains(t, said.Sentence, "%!")
		assert.Equal(t, "a technical line", said.Detail)
	}
}
