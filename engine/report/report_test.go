package report

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var example = Report{
	Text:        "Clear.",
	Tokens:      []int{4, 3, 1},
	LogProb:     -0.75,
	ImageTokens: [][]int{{7, 8}, {9, 7}},
	Views:       []View{{Name: "a.dcm", Format: "DICOM", View: "frontal", SHA256: "f00d", Notes: []string{"values end at 4,095: read as 12 bits"}}},
	Words: []Word{
		{4, "clear", -0.5, []Alternative{{4, "clear", -0.5}, {3, ".", -1}}, []float32{0.1, 0.2, 0.3, 0.4}, []float32{0, 1, 1e-7, 0.5}},
		{3, ".", -0.25, []Alternative{{3, ".", -0.25}}, []float32{0.25, 0.25, 0.25, 0.25}, []float32{0, 0, 0, 1}},
	},
	Alignment: 0.61,
	Model:     Model{SHA256: "00ff", Format: "uar/1"},
	Engine:    Engine{Version: "1.2.3", Commit: "abc+", SHA256: "ff00"},
	Backend:   "portable",
	Precision: "f32",
	Beam:      3,
	TIR:       "on",
	Seconds:   Seconds{0.1, 0.2, 0.3, 0.4},
}

func TestReportRoundTrip(t *testing.T) {
	bytes, err := json.Marshal(example)
	require.NoError(t, err)
	var back Report
	require.NoError(t, json.Unmarshal(bytes, &back))
	assert.Equal(t, example, back)
}

func TestEngineString(t *testing.T) {
	assert.Equal(t, "uarweb 1.2.3 (abc+), SHA-256 ff00", example.Engine.String())
	assert.Equal(t, "uarweb 1.2.3", Engine{Version: "1.2.3"}.String())
}

// The keys are a contract with tests from outside (engine/MODEL.md §11).
func TestReportKeys(t *testing.T) {
	bytes, err := json.Marshal(example)
	require.NoError(t, err)
	var object map[string]any
	require.NoError(t, json.Unmarshal(bytes, &object))
	keys := func(value any) []string { return slices.Sorted(maps.Keys(value.(map[string]any))) }
	word := object["words"].([]any)[0].(map[string]any)
	assert.Equal(t, []string{"alignment", "backend", "beam", "engine", "image_tokens", "log_prob", "model", "precision", "seconds", "text", "tir", "tokens", "views", "words"}, keys(object))
	assert.Equal(t, []string{"alternatives", "attention", "log_prob", "mask", "text", "token"}, keys(word))
	assert.Equal(t, []string{"log_prob", "text", "token"}, keys(word["alternatives"].([]any)[0]))
	assert.Equal(t, []string{"format", "name", "notes", "sha256", "view"}, keys(object["views"].([]any)[0]))
	assert.Equal(t, []string{"format", "sha256"}, keys(object["model"]))
	assert.Equal(t, []string{"commit", "sha256", "version"}, keys(object["engine"]))
	assert.Equal(t, []string{"decode_image", "encode", "generate", "tokenize"}, keys(object["seconds"]))
}

func TestReportRefusesNaN(t *testing.T) {
	for _, r := range []Report{
		{Alignment: math.NaN()},
		{LogProb: math.Inf(-1)},
		{Words: []Word{{Attention: []float32{float32(math.NaN())}}}},
	} {
		_, err := json.Marshal(r)
		assert.Error(t, err)
	}
}
