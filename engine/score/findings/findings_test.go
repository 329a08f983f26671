package findings

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/weights/golden"
)

// The cases are those of weights/train/test_recipe.py too.
func TestOf(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.json")
	require.NoError(t, err)
	var groups []struct {
		About string
		Cases map[string][]Label // by cleaned report
	}
	require.NoError(t, json.Unmarshal(text, &groups))
	cases := 0
	for _, g := range groups {
		for text, want := range g.Cases {
			assert.Equal(t, want, Of(text), "%s: %s", g.About, text)
			cases++
		}
	}
	assert.Equal(t, 75, cases)
}

// The rules name the labels that Go knows, and every phrase is whole.
func TestRules(t *testing.T) {
	assert.Equal(t, []Label{
		NoFinding, EnlargedCardiomediastinum, Cardiomegaly, LungLesion, LungOpacity, Edema, Consolidation,
		Pneumonia, Atelectasis, Pneumothorax, PleuralEffusion, PleuralOther, Fracture, SupportDevices,
	}, Labels())
	assert.Equal(t, 4, rules.Gap)
	assert.Equal(t, 6, rules.Reach)
	patterns := []pattern{rules.Cues.Before, rules.Cues.Behind, {Phrases: rules.Terminators}}
	for _, r := range rules.Labels {
		patterns = append(patterns, r.pattern)
	}
	for _, p := range patterns {
		assert.NotEmpty(t, p.Phrases)
		for _, phrase := range slices.Concat(p.Phrases, p.Exceptions) {
			require.NotEmpty(t, phrase)
			for _, alternatives := range phrase {
				assert.NotContains(t, alternatives, "")
				for _, a := range alternatives {
					_, err := path.Match(a, "")
					assert.NoError(t, err, a)
				}
			}
		}
	}
}

func TestPhrase(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		length        int // -1: no match
	}{
		{"a b", "a b c", 2},
		{"a b", "a", -1},
		{"a b", "b a", -1},
		{"a|b c", "b c", 2},
		{"a*", "abc", 1},
		{"*c", "abc", 1},
		{"a*", "ba", -1},
		{"a ... d", "a d", 2},
		{"a ... d", "a b c d d", 4},
		{"a ... d", "a 1 2 3 4 d", 6},
		{"a ... d", "a 1 2 3 4 5 d", -1},
		{"a ... d e", "a d d e", 4},
		{"a ... d", "a", -1},
	} {
		var p phrase
		require.NoError(t, p.UnmarshalText([]byte(c.pattern)))
		n, ok := p.prefix(strings.Fields(c.text))
		if !ok {
			n = -1
		}
		assert.Equal(t, c.length, n, "%s in %s", c.pattern, c.text)
	}
}

// terms are the MeSH terms by which Open-i's curators indexed what a label
// means. They read the impression too, and have no terms for two labels.
var terms = map[Label][]string{
	Cardiomegaly:    {"Cardiomegaly"},
	LungLesion:      {"Nodule", "Mass"},
	LungOpacity:     {"Opacity", "Infiltrate", "Airspace Disease", "Density", "Cicatrix", "Markings", "Lung Diseases, Interstitial", "Consolidation", "Pulmonary Fibrosis"},
	Edema:           {"Pulmonary Edema", "Pulmonary Congestion", "Heart Failure"},
	Consolidation:   {"Consolidation"},
	Pneumonia:       {"Pneumonia"},
	Atelectasis:     {"Pulmonary Atelectasis", "Volume Loss"},
	Pneumothorax:    {"Pneumothorax", "Hydropneumothorax"},
	PleuralEffusion: {"Pleural Effusion", "Costophrenic Angle", "Hydropneumothorax"},
	Fracture:        {"Fractures, Bone"},
	SupportDevices:  {"Catheters, Indwelling", "Surgical Instruments", "Implanted Medical Device", "Medical Device", "Stents", "Tube, Inserted", "Sutures", "Spinal Fusion"},
}

// TestAgreementWithCurators compares the labels of the training reports with
// their MeSH terms.
func TestAgreementWithCurators(t *testing.T) {
	data, err := os.ReadFile(golden.Shared(t, "data", "iu", "annotation.json"))
	require.NoError(t, err)
	var splits map[string][]struct{ ID, Report string }
	require.NoError(t, json.Unmarshal(data, &splits))
	file, err := os.Open(golden.Shared(t, "data", "iu", "findings.csv"))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	indexed := map[string][]string{}
	for _, row := range rows {
		indexed[row[0]] = strings.Split(row[2], ";")
	}
	both, ours, theirs := map[Label]float64{}, map[Label]float64{}, map[Label]float64{}
	normal, overcalled := 0.0, 0.0 // indexed as normal, and labelled otherwise
	for _, study := range splits["train"] {
		labels := Of(report.Clean(study.Report))
		if slices.Equal(indexed[study.ID], []string{"normal"}) {
			normal++
			if !slices.Contains(labels, NoFinding) {
				overcalled++
			}
		}
		for label, terms := range terms {
			said := slices.Contains(labels, label)
			meant := slices.ContainsFunc(terms, func(term string) bool { return slices.Contains(indexed[study.ID], term) })
			if said {
				ours[label]++
			}
			if meant {
				theirs[label]++
			}
			if said && meant {
				both[label]++
			}
		}
	}
	assert.Less(t, overcalled/normal, 0.01)
	for label, floor := range map[Label]struct{ precision, recall float64 }{
		Cardiomegaly: {0.9, 0.8}, LungLesion: {0.5, 0.6}, LungOpacity: {0.9, 0.8}, Edema: {0.85, 0.55},
		Consolidation: {0.7, 0.65}, Pneumonia: {0.3, 0.15}, Atelectasis: {0.85, 0.7}, Pneumothorax: {0.8, 0.8},
		PleuralEffusion: {0.9, 0.85}, Fracture: {0.65, 0.85}, SupportDevices: {0.6, 0.75},
	} {
		precision, recall := both[label]/ours[label], both[label]/theirs[label]
		t.Logf("%-17s %3.0f reports, precision %.2f, recall %.2f", label, ours[label], precision, recall)
		assert.GreaterOrEqual(t, precision, floor.precision, label)
		assert.GreaterOrEqual(t, recall, floor.recall, label)
	}
}
