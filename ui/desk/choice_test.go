package desk_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func TestChooser(t *testing.T) {
	archive := desktest.File{Named: "three.zip", Begin: "PK\x03\x04"}
	three := func([]desk.File) (*desk.Listing, error) {
		return &desk.Listing{Images: []desk.Found{{Source: desktest.File{Named: "a"}}, {Source: desktest.File{Named: "b"}}, {Source: desktest.File{Named: "c"}}}}, nil
	}
	t.Run("more images than slots are listed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnList = three
			b.Do(func() { b.Add(archive, desktest.File{Named: "m", Begin: desktest.Weights}) })
			assert.Equal(t, "m", b.Model().Name, "weights are no images")
			assert.Len(t, b.Choice().Images, 3)
			assert.Empty(t, b.Engine.Opened)
			assert.Equal(t, desk.Focus{ID: "choice-0", When: desk.Always}, b.TakeFocus())
			b.Do(b.OpenChosen)
			require.NotNil(t, b.Choice(), "nothing is chosen")

			b.Do(func() { b.Choose(2) })
			b.Do(func() { b.Choose(0) })
			b.Do(func() { b.Choose(1) })
			assert.False(t, b.Choice().IsChosen(1), "two are the most")
			assert.Equal(t, 2, b.Choice().Chosen())
			assert.Contains(t, html(b), `disabled="disabled" id="choice-1"`)
			b.Do(func() { b.Choose(0) })
			b.Do(func() { b.Choose(1) })
			b.Do(b.OpenChosen)
			assert.Equal(t, []string{"b", "c"}, b.Engine.Opened)
			assert.Nil(t, b.Choice())
			assert.Len(t, b.Views(), 2)
		})
	})
	t.Run("what does not fit takes the place of what is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("x")
			b.Engine.OnList = three
			b.Do(func() { b.Add(archive) })
			assert.Contains(t, b.Announcement(), "Choose from 3 images. A report is about one or two: a frontal view, and a lateral one if there is one.")
			assert.Contains(t, b.Announcement(), "What does not fit beside the images on the desk takes their place.")
			b.Do(func() { b.Choose(1); b.OpenChosen() })
			assert.Len(t, b.Views(), 2)
			assert.Empty(t, b.Engine.Closed)
			b.Engine.OnList = nil
			b.Do(func() { b.Add(desktest.File{Named: "a"}) })
			require.NotNil(t, b.Choice(), "there is no place for it")
			b.Do(func() { b.Choose(0); b.OpenChosen() })
			assert.Len(t, b.Engine.Closed, 2)
			require.Len(t, b.Views(), 1)
			assert.Equal(t, "a", b.Views()[0].Name)
		})
	})
	t.Run("what is there stays until the others are", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("x")
			b.Engine.OnList = three
			b.Do(func() { b.Add(archive) })
			b.Do(func() { b.Choose(0); b.Choose(1) })
			gate := make(chan error)
			b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) { return &desk.View{Name: f.Name()}, <-gate }
			b.Do(b.OpenChosen)
			gate <- nil
			synctest.Wait()
			assert.True(t, b.Opening())
			assert.Equal(t, "x", b.View(desk.Frontal).Name)
			gate <- status.Errorf(status.DamagedImage, "radiograph: b")
			synctest.Wait()
			assert.Equal(t, "x", b.View(desk.Frontal).Name)
			assert.Contains(t, b.Alert(), "“b”")
			assert.False(t, b.Opening())
			require.Len(t, b.Engine.Closed, 1, "half of the choice is not kept")
			assert.Equal(t, "a", b.Engine.Closed[0].Name)
		})
	})
	t.Run("without a choice there is no list", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnList = func(files []desk.File) (*desk.Listing, error) {
				return &desk.Listing{Images: []desk.Found{{Source: files[0]}}, Others: 2}, nil
			}
			b.Do(func() { b.Add(desktest.File{Named: "a.zip", Begin: "PK\x03\x04", Bytes: 1 << 40}) })
			assert.Equal(t, []string{"a.zip"}, b.Engine.Opened)
			assert.Equal(t, "2 other files are no images that this page can read.", b.Notice())
		})
	})
	t.Run("a folder is listed, whatever is in it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnList = func([]desk.File) (*desk.Listing, error) { return &desk.Listing{Others: 1}, nil }
			b.Do(func() {
				b.Add(desktest.File{Named: "m.safetensors", Whole: "CD/m.safetensors", Begin: desktest.Weights})
			})
			assert.Equal(t, status.Code("no-images"), b.Trouble().Code)
			assert.Nil(t, b.Model())
			b.Do(func() { b.Add() })
			assert.Equal(t, status.Code("no-images"), b.Trouble().Code, "an empty one")
			b.Engine.OnList = func([]desk.File) (*desk.Listing, error) { return nil, status.Errorf(status.UnreadableFile, "gone") }
			b.Do(func() { b.Add(desktest.File{Named: "a", Whole: "CD/a"}) })
			assert.Equal(t, status.UnreadableFile, b.Trouble().Code)
			assert.Contains(t, b.Alert(), "“CD” could not be read")
			assert.False(t, b.Opening())
			b.Do(func() { b.Unreadable(errors.New("browser: gone")) })
			assert.Equal(t, "browser: gone", b.Trouble().Detail)
		})
	})
	t.Run("it says what the files say", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnList = func([]desk.File) (*desk.Listing, error) {
				return &desk.Listing{Images: []desk.Found{
					{Source: desktest.File{Named: "IM<1>", Whole: "CD/DICOM/IM<1>", Bytes: 2_100_000}, Format: "DICOM", View: "frontal", Laterality: "L", Date: "2021-03-04", Modality: "DX", Series: "Chest"},
					{Source: desktest.File{Named: "c.png"}, Format: "PNG"},
					{Source: desktest.File{Named: "b.png", Whole: "CD/b.png"}, Format: "PNG"},
				}, Others: 1, More: 3}, nil
			}
			b.Do(func() { b.Add(archive) })
			page := html(b)
			for _, want := range []string{
				"Choose from 3 images", "frontal view · left · 2021-03-04 · DX · Chest · DICOM · 2.1 MB", ">CD/DICOM</span>", "IM&lt;1&gt;",
				"PNG · 0.0 MB", "Another file is no image that this page can read. 3 more images cannot be listed; choose a smaller folder to see them.",
			} {
				assert.Contains(t, page, want)
			}
			b.Do(b.DismissChoice)
			assert.Contains(t, html(b), `aria-labelledby="choice-title" hidden`)
		})
	})
}
