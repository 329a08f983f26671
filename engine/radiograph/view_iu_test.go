//go:build !js && !nomodel

package radiograph

import (
	"encoding/csv"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/weights/golden"
)

// The figures of LikelyView, on real X-rays.
func TestLikelyViewIU(t *testing.T) {
	dir := golden.Shared(t, "data", "iu")
	file, err := os.Open(filepath.Join(dir, "images.csv"))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	wrong, known, total := 0, 0, 0
	for _, row := range rows[1:] {
		if row[2] != "val" {
			continue
		}
		f, err := os.Open(filepath.Join(dir, "images", row[0]))
		require.NoError(t, err)
		m, err := jpeg.Decode(f)
		f.Close()
		require.NoError(t, err)
		total++
		if v, _ := LikelyView(toGray(m)); v != "" {
			known++
			if string(v) != row[3] {
				wrong++
			}
		}
	}
	require.Equal(t, 606, total)
	require.GreaterOrEqual(t, known, 575)
	require.LessOrEqual(t, wrong, 3)
}
