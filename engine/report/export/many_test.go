package export

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
)

func several() []Study {
	verdicts := []Verdict{{"edema", "named"}, {"fracture", "denied"}, {"pneumonia", "not mentioned"}}
	first, second := document(words...), document("=1+1", ".")
	first.Words[0].Attention = []float32{0.25, 0.75}
	return []Study{{first, verdicts}, {second, verdicts[:1]}}
}

func TestTable(t *testing.T) {
	data, err := Table(several())
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+3+1)
	assert.Equal(t, []string{"study", "finding", "draft", "text", "images"}, rows[0][:5])
	assert.Equal(t, []string{"1", "fracture", "denied", "Small effusion. T-spine [redacted].", "a.dcm and Synthetic lateral", "aa11"}, rows[2][:6])
	assert.Equal(t, []string{"2", "edema", "named", "'=1+1."}, rows[4][:4], "no formula")
	for _, row := range rows[1:] {
		assert.Equal(t, report.Disclaimer, row[len(row)-1])
	}
}

func TestLines(t *testing.T) {
	studies := several()
	data, err := Lines(studies)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	require.Len(t, lines, 2)
	for i, line := range lines {
		var d Document
		require.NoError(t, json.Unmarshal([]byte(line), &d))
		assert.Equal(t, studies[i].Text, d.Text)
		assert.Nil(t, d.Words[0].Attention)
		assert.Contains(t, line, report.Disclaimer)
	}
	assert.Len(t, studies[0].Words[0].Attention, 2, "the report keeps its maps")
}
