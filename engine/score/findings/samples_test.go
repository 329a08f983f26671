package findings

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
)

func TestDenied(t *testing.T) {
	for report, want := range map[string][]Label{
		"":                      {},
		"the heart is normal .": {},
		"no pleural effusion or pneumothorax . the lungs are clear .": {Pneumothorax, PleuralEffusion},
		"there is no effusion . small left pleural effusion .":        {},
		"no focal consolidation . cardiomegaly .":                     {Consolidation},
		"the heart is not enlarged":                                   {Cardiomegaly},
	} {
		assert.Equal(t, want, Denied(report), report)
	}
}

var samples = []string{
	"the heart is enlarged . no pleural effusion . the lungs are clear .",
	"cardiomegaly . there is no effusion or pneumothorax .",
	"the lungs are clear . small pleural effusion .",
	"",
}

func TestTable(t *testing.T) {
	want := map[Label]Count{
		NoFinding:       {NoFinding, false, 1, 0}, // of what is empty
		Cardiomegaly:    {Cardiomegaly, true, 2, 0},
		Pneumothorax:    {Pneumothorax, false, 0, 1},
		PleuralEffusion: {PleuralEffusion, false, 1, 2},
	}
	table := Table("the heart is large . no effusion .", samples)
	assert.Len(t, table, 14)
	for i, label := range Labels() {
		count, ok := want[label]
		if !ok {
			count = Count{Label: label}
		}
		assert.Equal(t, count, table[i])
	}
	assert.Len(t, Table("", nil), 14)
}

func TestAgain(t *testing.T) {
	assert.Equal(t, []Sentence{
		{"The heart is large.", []Label{Cardiomegaly}, []Label{}, 2},
		{"No effusion or pneumothorax.", []Label{}, []Label{Pneumothorax, PleuralEffusion}, 1},
		{"No effusion.", []Label{}, []Label{PleuralEffusion}, 2},
		{"Pleural effusion without pneumothorax.", []Label{PleuralEffusion}, []Label{Pneumothorax}, 0},
		{"The lungs are clear.", []Label{}, []Label{}, 2},
		{"Lungs are clear.", []Label{}, []Label{}, 0},
	}, Again("the heart is large . no effusion or pneumothorax . no effusion . pleural effusion without pneumothorax . the lungs are clear . lungs are clear .", samples))
	assert.Equal(t, []Sentence{{"The lungs are clear.", []Label{}, []Label{}, 2}}, Again(". the lungs are clear .", samples), "a stop that ends nothing")
	assert.Equal(t, []Sentence{}, Again("", samples))
}

func TestSamples(t *testing.T) {
	reports := make([]report.Sample, len(samples))
	s := Samples("cardiomegaly . no effusion .", reports, samples)
	assert.Equal(t, reports, s.Reports)
	assert.Len(t, s.Findings, 14)
	assert.Contains(t, s.Findings, export.Finding{Label: "cardiomegaly", Draft: true, Stated: 2})
	assert.Equal(t, []export.Sentence{
		{Text: "Cardiomegaly.", Stated: []string{"cardiomegaly"}, Denied: []string{}, Again: 2},
		{Text: "No effusion.", Stated: []string{}, Denied: []string{"pleural effusion"}, Again: 2},
	}, s.Sentences)
}
