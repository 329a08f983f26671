//go:build !nomodel && !js

package engine_test

import (
	"context"
	"fmt"
	"image/png"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/engine/radiograph"
	"uarweb/weights"
	"uarweb/weights/model"
)

// write writes the report of an X-ray with the shipped model.
func write(ctx context.Context, path string) (string, error) {
	checkpoint, err := weights.OpenFS(ctx, model.FS, model.Manifest) // or weights.Open(ctx, "model.safetensors")
	if err != nil {
		return "", err
	}
	m, err := engine.Load(ctx, checkpoint, portable.New(), engine.LoadOptions{})
	if err != nil {
		return "", err
	}
	defer m.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	view, err := radiograph.Decode(ctx, path, data, radiograph.Limits{})
	if err != nil {
		return "", err
	}
	r, err := m.Report(ctx, engine.Study{Views: []*radiograph.Radiograph{view}}, engine.Options{})
	if err != nil {
		return "", err
	}
	return r.Text, nil
}

// Example writes the report of a synthetic X-ray.
func Example() {
	folder, err := os.MkdirTemp("", "uarweb")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "phantom.png")
	err = weights.WriteFile(path, func(w io.Writer) error { return png.Encode(w, radiograph.Phantom(1, 512, 512)) })
	if err != nil {
		log.Fatal(err)
	}
	text, err := write(context.Background(), path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	// Output:
	// Old right rib fractures. Mediastinal contours are normal. The heart size and pulmonary vascularity appear within normal limits. The lungs are clear. There is no pleural effusion or pneumothorax. No focal airspace disease.
}

// TestReadmeShowsTheExample as it is compiled and run here.
func TestReadmeShowsTheExample(t *testing.T) {
	code, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(code), "\nfunc write(")
	body, _, found := strings.Cut(rest, "\n}\n")
	require.True(t, found)
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	require.NoError(t, err)
	assert.True(t, strings.Contains(string(readme), "```go\nfunc write("+body+"\n}\n```\n"), "README.md shows another program than example_test.go")
}
