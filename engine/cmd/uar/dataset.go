package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"uarweb/engine"
	"uarweb/engine/report"
)

// maxAnnotation is the most bytes of annotation.json; MIMIC-CXR's has 148 MB.
const maxAnnotation = 1 << 30

// sample is a study of a data set in the R2Gen layout: a folder with
// annotation.json and images/.
type sample struct {
	ID     string   `json:"id"`
	Report string   `json:"report"` // as the radiologist wrote it
	Images []string `json:"image_path"`
	folder string
}

// study decodes the sample's images, as many as the model takes. Names that lead
// out of the data set's images/ are errors.
func (s sample) study(ctx context.Context, views int) (engine.Study, error) {
	var study engine.Study
	folder, err := os.OpenRoot(filepath.Join(s.folder, "images"))
	if err != nil {
		return study, err
	}
	defer folder.Close()
	for _, name := range s.Images[:min(views, len(s.Images))] {
		file, err := folder.Open(name)
		if err != nil {
			return study, err
		}
		v, err := openView(ctx, name, file)
		if err != nil {
			return study, err
		}
		study.Views = append(study.Views, v)
	}
	return study, nil
}

// reference is the report as the model could have written it: cleaned, unknown
// words as <unk>, cut to the most words the model writes.
func (s sample) reference(m *engine.Model) string {
	ids := m.Vocabulary().Encode(report.Clean(s.Report))
	return m.Vocabulary().Decode(ids[:min(len(ids), m.Config().MaxTokens-2)])
}

// openSplit reads one split of a data set, its first limit studies if limit
// is not 0.
func openSplit(folder, split string, limit int) ([]sample, error) {
	path := filepath.Join(folder, "annotation.json")
	file, err := os.Open(path)
	if err != nil {
		return nil, badInput(err)
	}
	data, err := readAll(path, file, maxAnnotation)
	if err != nil {
		return nil, badInput(err)
	}
	var splits map[string][]sample
	if err := json.Unmarshal(data, &splits); err != nil {
		return nil, badInput(fmt.Errorf("reading %s: %w", path, err))
	}
	samples := splits[split]
	if len(samples) == 0 {
		var names []string
		for name := range splits {
			names = append(names, name)
		}
		slices.Sort(names)
		return nil, badInput(fmt.Errorf("%s has no split %q, it has %v", path, split, names))
	}
	if limit > 0 {
		samples = samples[:min(limit, len(samples))]
	}
	for i, s := range samples {
		if len(s.Images) == 0 {
			return nil, badInput(fmt.Errorf("%s: study %s has no images", path, s.ID))
		}
		samples[i].folder = folder
	}
	return samples, nil
}

// dataFlags choose a split.
type dataFlags struct {
	folder, split string
	limit         int
}

func (f *flags) data(split string, limit int) *dataFlags {
	d := &dataFlags{}
	f.StringVar(&d.folder, "data", "", "data set `DIR` with annotation.json and images/ (R2Gen layout)")
	f.StringVar(&d.split, "split", split, "`name` of the split")
	f.IntVar(&d.limit, "limit", limit, "use the first `n` studies, 0 for all")
	return d
}

func (d *dataFlags) open() ([]sample, error) {
	if d.folder == "" {
		return nil, badInput(fmt.Errorf("-data DIR is needed"))
	}
	return openSplit(d.folder, d.split, d.limit)
}
