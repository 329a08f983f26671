package findings

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/weights/golden"
)

func TestOf(t *testing.T) {
	none := []Label{NoFinding}
	for text, want := range map[string][]Label{
		"": none,
		"the heart is normal in size . the lungs are clear .":     none,
		"the lungs are clear without focal opacity or effusion .": none,
		"degenerative changes of the spine .":                     none, // none of the 14

		// Each label, in words of the data set.
		"the cardiomediastinal silhouette is enlarged .":       {EnlargedCardiomediastinum},
		"mild prominence of the superior mediastinum .":        {EnlargedCardiomediastinum},
		"stable cardiomegaly .":                                {Cardiomegaly},
		"the heart is mildly enlarged .":                       {Cardiomegaly},
		"enlargement of the cardiac silhouette .":              {Cardiomegaly},
		"borderline enlarged heart .":                          {Cardiomegaly},
		"there is a 2 cm nodule in the right upper lobe .":     {LungLesion},
		"a nodular opacity projects over the left hilum .":     {LungLesion, LungOpacity},
		"patchy infiltrate in the right middle lobe .":         {LungOpacity},
		"there is left lower lobe airspace disease .":          {LungOpacity},
		"increased interstitial markings .":                    {LungOpacity},
		"scarring in the lung apices .":                        {LungOpacity},
		"mild pulmonary vascular congestion .":                 {Edema},
		"probable interstitial edema .":                        {Edema},
		"consolidation is developing in the left lower lobe .": {Consolidation},
		"focal airspace consolidation .":                       {LungOpacity, Consolidation},
		"right middle lobe pneumonia .":                        {Pneumonia},
		"bibasilar atelectasis .":                              {Atelectasis},
		"atelectasisairspace disease .":                        {Atelectasis}, // cleaning drops the slash
		"small right apical pneumothorax .":                    {Pneumothorax},
		"there are small bilateral pleural effusions .":        {PleuralEffusion},
		"blunting of the left costophrenic xxxx .":             {PleuralEffusion},
		"left hydropneumothorax .":                             {Pneumothorax, PleuralEffusion},
		"biapical pleural thickening .":                        {PleuralOther},
		"old healed right rib fractures .":                     {Fracture},
		"xxxx deformity of a lower thoracic vertebra .":        {Fracture},
		"a right picc line ends in the svc .":                  {NoFinding, SupportDevices},
		"xxxx sternotomy xxxx are intact . mild edema .":       {Edema, SupportDevices},

		// Cues before a mention.
		"no pneumothorax .": none,
		"no focal consolidation pneumothorax or large pleural effusion .": none,
		"there is no evidence of acute fracture .":                        none,
		"negative for cardiac enlargement .":                              none,
		"lungs are free of focal airspace disease .":                      none,
		"the lungs are clear of focal infiltrate or effusion .":           none,
		"no focal air space opacity to suggest a pneumonia .":             none,
		"the heart is not significantly enlarged .":                       none,
		"interval resolution of left effusion .":                          none,
		"removal of the left picc line .":                                 none,

		// Cues behind a mention.
		"the left apical pneumothorax has resolved .":                    none,
		"previously present left base airspace disease has cleared .":    none,
		"a pleural effusion is not seen .":                               none,
		"endotracheal tube and ng tube have been removed .":              none,
		"vascular engorgement appears within limits of normal .":         none,
		"the nodule is not well seen on the lateral view .":              {LungLesion},
		"left basilar opacity which is not seen on the lateral view .":   {LungOpacity},
		"atelectasis is unchanged and the aorta is not seen very well .": {Atelectasis},

		// Where a cue's scope ends.
		"no pneumothorax but a small pleural effusion .":             {PleuralEffusion},
		"no edema . mild cardiomegaly .":                             {Cardiomegaly},
		"stable cardiomegaly without edema or pneumothorax .":        {Cardiomegaly},
		"no effusion there is bibasilar atelectasis .":               {Atelectasis},
		"low lung volumes without edema with basilar atelectasis .":  {Atelectasis},
		"lungs are clear except for a nodule in the right apex .":    {LungLesion},
		"no right effusion however small left effusion is present .": {PleuralEffusion},

		// What only looks like a cue.
		"no significant change in right pleural effusion .":   {PleuralEffusion},
		"without change in atelectasis .":                     {Atelectasis},
		"no increase in the nodule .":                         {LungLesion},
		"cannot exclude early edema .":                        {Edema},
		"a superimposed pneumonia cannot be excluded .":       {Pneumonia},
		"a small effusion is not entirely excluded .":         {PleuralEffusion},
		"the heart size is normal . the aorta is enlarged .":  none,
		"there may be a small effusion or pleural reaction .": {PleuralEffusion, PleuralOther},
		"atelectasis versus infiltrate .":                     {LungOpacity, Atelectasis},

		// What only looks like a mention.
		"there may be a pericardial effusion .":        none,
		"calcified nodule in the left lower lobe .":    none,
		"stable calcified granulomas .":                none,
		"residuals of prior granulomatous infection .": none,
		"calcified mediastinal lymph xxxx prominent .": none,
		"limited exam for evaluation of fractures .":   none,
		"the trachea is mid line .":                    none,
		"pectus deformity .":                           none,
		"<unk> xxxx <unk> .":                           none,
	} {
		assert.Equal(t, want, Of(text), text)
	}
}

func TestLabels(t *testing.T) {
	labels := Labels()
	assert.Len(t, labels, 14)
	assert.Equal(t, NoFinding, labels[0])
	assert.Equal(t, SupportDevices, labels[13])
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(labels))), 14)
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
		n, ok := phrases(c.pattern)[0].prefix(strings.Fields(c.text))
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
