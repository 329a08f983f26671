package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"uarweb/engine"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/weights/cmd/command"
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

// study decodes the sample's images. Names that lead out of the data set's images/
// are errors.
func (s sample) study(ctx context.Context) (engine.Study, error) {
	var study engine.Study
	folder, err := os.OpenRoot(filepath.Join(s.folder, "images"))
	if err != nil {
		return study, command.BadInput(err)
	}
	defer folder.Close()
	for _, name := range s.Images {
		name = strings.ReplaceAll(name, `\`, "/") // as programs on Windows write it
		data, err := command.ReadFileIn(folder, name, radiograph.MaxFileSize)
		if err != nil {
			return study, err
		}
		v, err := radiograph.Decode(ctx, name, data, radiograph.Limits{})
		if err != nil {
			return study, err
		}
		study.Views = append(study.Views, v)
	}
	return study, nil
}

// reference is the report as the model could have written it: cleaned, unknown
// words as unk, cut to the most words the model writes.
func (s sample) reference(m *engine.Model) []int {
	ids := m.Vocabulary().Encode(report.Clean(s.Report))
	return ids[:min(len(ids), m.Config().MaxTokens-2)]
}

// dataset is a split, or the beginning of one.
type dataset struct {
	samples []sample
	leftOut leftOut
}

// leftOut is what of a split is not used.
type leftOut struct {
	Repeated  []string `json:"repeated_ids,omitempty"`   // of studies, each time one comes again
	Unwritten []string `json:"without_report,omitempty"` // ids of studies whose report is null or missing
	Images    int      `json:"further_images,omitempty"` // beyond those the model takes
}

// openSplit reads one split of a data set, its first limit studies that can be used
// if limit is not 0.
func openSplit(folder, split string, limit int) (*dataset, error) {
	path := filepath.Join(folder, "annotation.json")
	text, err := command.ReadText(path, maxAnnotation)
	if err != nil {
		return nil, err
	}
	var splits map[string][]struct {
		sample
		Report *string `json:"report"`
	}
	if err := json.Unmarshal(text, &splits); err != nil {
		return nil, command.BadInput(fmt.Errorf("reading %s: %w", path, err))
	}
	d := &dataset{}
	seen := map[string]bool{}
	for _, s := range splits[split] {
		switch {
		case limit > 0 && len(d.samples) == limit:
			return d, nil
		case len(s.Images) == 0:
			return nil, command.BadInput(fmt.Errorf("%s: study %s has no images", path, s.ID))
		case seen[s.ID]:
			d.leftOut.Repeated = append(d.leftOut.Repeated, s.ID)
		case s.Report == nil:
			d.leftOut.Unwritten = append(d.leftOut.Unwritten, s.ID)
		default:
			s.folder, s.sample.Report = folder, *s.Report
			d.samples = append(d.samples, s.sample)
		}
		seen[s.ID] = true
	}
	if len(d.samples) == 0 {
		return nil, command.BadInput(fmt.Errorf("%s has no studies with a report in the split %q, its splits are %q", path, split, slices.Sorted(maps.Keys(splits))))
	}
	return d, nil
}

// cut leaves out the images beyond so many views a study, and notes how many.
func (d *dataset) cut(views int, note func(format string, args ...any)) {
	n := 0
	for i, s := range d.samples {
		used := min(views, len(s.Images))
		n += len(s.Images) - used
		d.samples[i].Images = s.Images[:used]
	}
	if n > 0 {
		d.leftOut.Images = n
		note("images left out, as the model takes %d a study: %d", views, n)
	}
}

// dataFlags choose a split.
type dataFlags struct {
	call          *command.Call
	folder, split string
	limit         int
}

func newDataFlags(c *command.Call, split string, limit int) *dataFlags {
	d := &dataFlags{call: c, limit: limit}
	c.Flags.StringVar(&d.folder, "data", "", "data set `DIR` with annotation.json and images/ (R2Gen layout)")
	c.Flags.StringVar(&d.split, "split", split, "`name` of the split")
	c.Flags.Var(command.Within(&d.limit, 0, math.MaxInt), "limit", "use the first `n` studies, 0 for all")
	return d
}

// open opens the split and notes what of it is not used.
func (d *dataFlags) open() (*dataset, error) {
	if err := d.call.Require("data"); err != nil {
		return nil, err
	}
	set, err := openSplit(d.folder, d.split, d.limit)
	if err != nil {
		return nil, err
	}
	if ids := set.leftOut.Repeated; len(ids) > 0 {
		d.call.Note("studies left out, as their ids came before: %d (%s)", len(ids), some(ids))
	}
	if ids := set.leftOut.Unwritten; len(ids) > 0 {
		d.call.Note("studies left out, as they have no report: %d (%s)", len(ids), some(ids))
	}
	return set, nil
}

// some are the first of ids, for a line.
func some(ids []string) string {
	const most = 5
	if len(ids) > most {
		return strings.Join(ids[:most], ", ") + " …"
	}
	return strings.Join(ids, ", ")
}
