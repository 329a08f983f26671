package radiograph

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/weights/golden"
)

func decodeFile(t *testing.T, path string) *Radiograph {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	r, err := Decode(t.Context(), filepath.Base(path), data, Limits{})
	require.NoError(t, err)
	return r
}

// readPNG is for pictures of any content, which Decode refuses if there is none.
func readPNG(t *testing.T, path string) *image.Gray {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := newDecoder(t).png(data)
	require.NoError(t, err)
	return m
}

func TestResizeGolden(t *testing.T) {
	dir := golden.Path(t, "resize")
	files, err := filepath.Glob(filepath.Join(dir, "*out_*.png"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	inputs := strings.NewReplacer("rgb_out_", "rgb_", "out_", "in_")
	for _, out := range files {
		t.Run(filepath.Base(out), func(t *testing.T) {
			want := readPNG(t, out)
			in := readPNG(t, filepath.Join(dir, inputs.Replace(filepath.Base(out))))
			got := Resize(in, want.Rect.Dx(), want.Rect.Dy())
			require.Equal(t, want.Pix, got.Pix)
		})
	}
}

func TestRealFiles(t *testing.T) {
	dir := golden.Shared(t, "samples")

	chest := decodeFile(t, filepath.Join(dir, "gdcm-CR-MONO1-10-chest.dcm"))
	require.Equal(t, "DICOM", chest.Format)
	require.Equal(t, 440, chest.Pixels.Rect.Dx())
	require.Equal(t, 440, chest.Pixels.Rect.Dy())
	// MONOCHROME1 shown right: the spine is brighter than the lung, the lung
	// brighter than the air beside the flank.
	spine, lung, air := chest.Pixels.GrayAt(205, 350).Y, chest.Pixels.GrayAt(100, 280).Y, chest.Pixels.GrayAt(436, 420).Y
	require.Greater(t, spine, lung)
	require.Greater(t, lung, air)

	pngs, err := filepath.Glob(filepath.Join(dir, "*.png"))
	require.NoError(t, err)
	for _, path := range pngs {
		require.Equal(t, 1024, decodeFile(t, path).Pixels.Rect.Dx())
	}
}
