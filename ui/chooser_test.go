package ui

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/status"
)

func TestChooser(t *testing.T) {
	three := []File{fakeFile{name: "a"}, fakeFile{name: "b"}, fakeFile{name: "c"}}
	t.Run("more images than slots are listed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.do(func() { b.Add(append(three, fakeFile{name: "m", head: weightsStart})...) })
			assert.Equal(t, "m", b.model().Name, "weights are no images")
			assert.Len(t, b.choice.Images, 3)
			assert.Empty(t, b.engine.opened)
			assert.Equal(t, Focus{"choice-0", Always}, b.TakeFocus())
			b.do(b.OpenChosen)
			require.NotNil(t, b.choice, "nothing is chosen")

			b.do(func() { b.Choose(2) })
			b.do(func() { b.Choose(0) })
			b.do(func() { b.Choose(1) })
			assert.Equal(t, []int{0, 2}, b.choice.chosen, "two are the most")
			assert.Contains(t, b.html(), `disabled="disabled" id="choice-1"`)
			b.do(func() { b.Choose(0) })
			b.do(func() { b.Choose(1) })
			b.do(b.OpenChosen)
			assert.Equal(t, []string{"b", "c"}, b.engine.opened)
			assert.Nil(t, b.choice)
			assert.Len(t, b.views(), 2)
		})
	})
	t.Run("what does not fit takes the place of what is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("x")
			b.do(func() { b.Add(three...) })
			assert.Contains(t, b.Announcement(), "Choose from 3 images. A report is about one or two: a frontal view, and a lateral one if there is one.")
			assert.Contains(t, b.Announcement(), "What does not fit beside the images on the desk takes their place.")
			b.do(func() { b.Choose(1); b.OpenChosen() })
			assert.Len(t, b.views(), 2)
			assert.Empty(t, b.engine.closed)
			b.do(func() { b.Add(three[0]) })
			require.NotNil(t, b.choice, "there is no place for it")
			b.do(func() { b.Choose(0); b.OpenChosen() })
			assert.Len(t, b.engine.closed, 2)
			require.Len(t, b.views(), 1)
			assert.Equal(t, "a", b.views()[0].Name)
		})
	})
	t.Run("what is there stays until the others are", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("x")
			b.do(func() { b.Add(three...) })
			b.do(func() { b.Choose(0); b.Choose(1) })
			gate := make(chan error)
			b.engine.open = func(f Source) (*View, error) { return &View{Name: f.Name()}, <-gate }
			b.do(b.OpenChosen)
			gate <- nil
			synctest.Wait()
			assert.True(t, b.reading())
			assert.Equal(t, "x", b.slots[Frontal].Name)
			gate <- status.Errorf(status.DamagedImage, "radiograph: b")
			synctest.Wait()
			assert.Equal(t, "x", b.slots[Frontal].Name)
			assert.Contains(t, b.Alert(), "“b”")
			assert.False(t, b.reading())
			require.Len(t, b.engine.closed, 1, "half of the choice is not kept")
			assert.Equal(t, "a", b.engine.closed[0].Name)
		})
	})
	t.Run("without a choice there is no list", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.engine.list = func(files []File) (*Listing, error) {
				return &Listing{Images: []Found{{Source: files[0]}}, Others: 2}, nil
			}
			b.do(func() { b.Add(fakeFile{name: "a.zip", head: "PK\x03\x04", size: 1 << 40}) })
			assert.Equal(t, []string{"a.zip"}, b.engine.opened)
			assert.Equal(t, "2 other files are no images that this page can read.", b.notice)
		})
	})
	t.Run("a folder is listed, whatever is in it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.engine.list = func([]File) (*Listing, error) { return &Listing{Others: 1}, nil }
			b.do(func() { b.Add(fakeFile{name: "m.safetensors", path: "CD/m.safetensors", head: weightsStart}) })
			assert.Equal(t, codeNoImages, b.trouble.Code)
			assert.Nil(t, b.model())
			b.do(func() { b.Add() })
			assert.Equal(t, codeNoImages, b.trouble.Code, "an empty one")
			b.engine.list = func([]File) (*Listing, error) { return nil, status.Errorf(status.UnreadableFile, "gone") }
			b.do(func() { b.Add(fakeFile{name: "a", path: "CD/a"}) })
			assert.Equal(t, status.UnreadableFile, b.trouble.Code)
			assert.Contains(t, b.Alert(), "“CD” could not be read")
			assert.False(t, b.reading())
			b.do(func() { b.Unreadable(errors.New("browser: gone")) })
			assert.Equal(t, "browser: gone", b.trouble.Detail)
		})
	})
	t.Run("it says what the files say", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.engine.list = func([]File) (*Listing, error) {
				return &Listing{Images: []Found{
					{Source: fakeFile{name: "IM<1>", path: "CD/DICOM/IM<1>", size: 2_100_000}, Format: "DICOM", View: "frontal", Laterality: "L", Date: "2021-03-04", Modality: "DX", Series: "Chest"},
					{Source: fakeFile{name: "c.png"}, Format: "PNG"},
					{Source: fakeFile{name: "b.png", path: "CD/b.png"}, Format: "PNG"},
				}, Others: 1, More: 3}, nil
			}
			b.do(func() { b.Add(fakeFile{name: "IM1", path: "CD/IM1"}) })
			page := b.html()
			for _, want := range []string{
				"Choose from 3 images", "frontal view · left · 2021-03-04 · DX · Chest · DICOM · 2.1 MB", ">CD/DICOM</span>", "IM&lt;1&gt;",
				"PNG · 0.0 MB", "Another file is no image that this page can read. 3 more images cannot be listed; choose a smaller folder to see them.",
			} {
				assert.Contains(t, page, want)
			}
			b.do(b.DismissChoice)
			assert.Contains(t, b.html(), `aria-labelledby="choice-title" hidden`)
		})
	})
}

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
