package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/engine/score/metrics"
	"uarweb/weights/cmd/command"
)

// constant is one normal report for everybody. On IU X-Ray it scores as much as
// published systems do, so its row stands beside every model's: a model that
// does not beat it has not looked.
const constant = "the cardiomediastinal silhouette is within normal limits . the lungs are clear . there is no pleural effusion or pneumothorax . no focal consolidation . no acute bony abnormality ."

// evaluation is what eval prints.
type evaluation struct {
	Engine  report.Engine `json:"engine"` // this program
	*Writer               // what wrote the reports; nil if they came from a file
	Studies int           `json:"studies"`
	metrics.Evaluation
	Constant metrics.Evaluation `json:"constant"` // of one constant report
}

// Writer is a model that wrote reports, and what only its features tell. It is
// exported for encoding/json, which fills no embedded pointer to another kind.
type Writer struct {
	Model     report.Model      `json:"model"`
	Precision string            `json:"precision"`
	Backend   string            `json:"backend"`
	Split     string            `json:"split"`
	LeftOut   leftOut           `json:"left_out,omitzero"`
	Beam      int               `json:"beam"`
	TIR       string            `json:"tir"`
	Draft     string            `json:"draft"`
	Unlike    *int              `json:"unlike,omitempty"` // studies with a view unlike those that it learned from, if it can tell
	Alignment float64           `json:"alignment"`        // mean cosine of the features of an image and its written report
	Retrieval metrics.Retrieval `json:"retrieval"`        // of the reference reports by their images
	// What samples tell, if there are any.
	Calibration *reliability `json:"calibration,omitempty"`
}

// reliability says how far the model's probabilities can be taken at their word.
type reliability struct {
	Samples int `json:"samples"` // a study
	settings
	Findings metrics.FindingsReliability `json:"findings"` // of shares of samples
	Words    metrics.Reliability         `json:"words"`    // of the likeliest word after each beginning of a reference
}

func runEval(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	f := newSamplingFlags(c)
	d := newDataFlags(c, "val", 0)
	to := c.Flags.String("out", "", "JSON-lines `FILE` to write, one object a study: id, report, reference")
	from := c.Flags.String("reports", "", "JSON-lines `FILE` to score, as -out writes it")
	table := c.Flags.Bool("table", false, "print a table in place of JSON")
	if _, err := c.Parse("[flags] -data DIR\n       uar eval -reports FILE [-table]",
		"Writes a report for every study of a split and prints the scores against the radiologists' reports, as JSON:\n"+
			"BLEU-1 to 4, ROUGE-L, CIDEr and METEOR (exact + stem), in the protocols \"r2gen\" and \"coco\"; the clinical\n"+
			"findings that both state; 95 % bootstrap intervals; how well the model's features find an image's report.\n"+
			"One constant report is scored beside it. Studies are shared among all cores.\n\n"+
			"With -samples it also measures calibration, of findings and of words: expected calibration error, Brier\n"+
			"score, its skill over the base rate, and a reliability table. Study n, from 0, has the seed -seed + n.\n\n"+
			"With -reports it scores reports that are already written, by whatever wrote them.", 0, 0); err != nil {
		return err
	}
	if err := f.check(c); err != nil {
		return err
	}
	e := evaluation{Engine: thisEngine()}
	var outcomes []outcome
	var err error
	if *from != "" {
		c.Flags.Visit(func(set *flag.Flag) {
			if set.Name != "reports" && set.Name != "table" {
				err = command.BadInput(fmt.Errorf("-%s does not go with -reports", set.Name))
			}
		})
		if err == nil {
			outcomes, err = readOutcomes(*from)
		}
	} else {
		outcomes, err = e.write(ctx, c, m, f, d, *to)
	}
	if err != nil {
		return err
	}
	if err := e.score(outcomes); err != nil {
		return err
	}
	if *table {
		return e.print(c.Out)
	}
	encoder := json.NewEncoder(c.Out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(e)
}

// score scores the reports, and the constant one in their place.
func (e *evaluation) score(outcomes []outcome) (err error) {
	e.Studies = len(outcomes)
	pairs, constants := make([]metrics.Pair, len(outcomes)), make([]metrics.Pair, len(outcomes))
	for i, o := range outcomes {
		pairs[i] = metrics.Pair{Hypothesis: o.Report, Reference: o.Reference}
		constants[i] = metrics.Pair{Hypothesis: constant, Reference: o.Reference}
	}
	if e.Evaluation, err = metrics.Evaluate(pairs); err != nil {
		return err
	}
	e.Constant, err = metrics.Evaluate(constants)
	return err
}

// write has the model write the reports of a split, and the outcomes to the
// file named to if that is not empty. What is done stays there if the rest is
// interrupted.
func (e *evaluation) write(ctx context.Context, c *command.Call, m *modelFlags, f *samplingFlags, d *dataFlags, to string) ([]outcome, error) {
	set, err := d.open()
	if err != nil {
		return nil, err
	}
	models, err := loadModels(ctx, m, min(runtime.GOMAXPROCS(0), len(set.samples)), c.Progress)
	if err != nil {
		return nil, err
	}
	defer closeModels(models)
	set.cut(models[0].Config().Image.Views, c.Note)
	e.Writer = &Writer{
		Model: models[0].Identity(), Precision: models[0].Precision(), Backend: models[0].Backend(),
		Split: d.split, LeftOut: set.leftOut, Beam: m.beam, TIR: m.tir, Draft: f.draft,
	}
	if to == "" {
		return e.writeTo(ctx, models, set.samples, m.options(nil), *f, io.Discard, c.Progress)
	}
	file, err := os.Create(to)
	if err != nil {
		return nil, command.BadPlace(err)
	}
	outcomes, err := e.writeTo(ctx, models, set.samples, m.options(nil), *f, file, c.Progress)
	return outcomes, errors.Join(err, file.Close())
}

func (e *evaluation) writeTo(ctx context.Context, models []*engine.Model, samples []sample, o engine.Options, f samplingFlags, lines io.Writer, p progress) ([]outcome, error) {
	var outcomes []outcome
	var images, reports [][]float32
	var references []string
	var opinions []metrics.Opinion
	var words []metrics.Forecast
	encoder := json.NewEncoder(lines)
	start := time.Now()
	if models[0].Config().Surprisal != nil {
		e.Unlike = new(int)
	}
	p("study 0/%d", len(samples))
	err := writeReports(ctx, models, samples, o, f, func(w written) error {
		if err := encoder.Encode(w.outcome); err != nil {
			return fmt.Errorf("writing outcomes: %w", err)
		}
		outcomes = append(outcomes, w.outcome)
		images, reports = append(images, w.image), append(reports, w.text)
		references = append(references, w.Reference)
		opinions, words = append(opinions, metrics.Opinion{Samples: w.samples, Reference: w.Reference}), append(words, w.words...)
		e.Alignment += w.alignment / float64(len(samples))
		if w.unlike {
			*e.Unlike++
		}
		left := time.Since(start) / time.Duration(len(outcomes)) * time.Duration(len(samples)-len(outcomes))
		p("study %d/%d, %v left", len(outcomes), len(samples), left.Round(time.Second))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if e.Retrieval, err = metrics.Retrieve(images, reports, references); err != nil || f.reports == 0 {
		return outcomes, err
	}
	e.Calibration = &reliability{Samples: f.reports, settings: f.settings(), Words: metrics.Calibrate(words)}
	e.Calibration.Findings, err = metrics.CalibrateFindings(opinions)
	return outcomes, err
}
