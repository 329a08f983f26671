package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

// answer is what report prints as JSON.
type answer struct {
	*report.Report
	Samples *opinion `json:"samples,omitempty"`
}

func runReport(ctx context.Context, c *command.Call) error {
	m, f := newModelFlags(c), newSamplingFlags(c)
	prefix := c.Flags.String("prefix", "", "`words` that the report is to begin with")
	var cover patches
	c.Flags.Var(&cover, "cover", "`PATCHES` to cover before the report is written, such as 12,40-47: row by row, the first image's first")
	asJSON := c.Flags.Bool("json", false, "print one JSON object with every word's attention and mask")
	paths, err := c.Parse("[flags] IMAGE [IMAGE]",
		"Writes the report of a chest X-ray: a frontal image, and a lateral one if there is one.\nWhat a file is is told by its content; what is decided about it is noted on standard error.\n\n"+
			"With -samples it also says how many of n reports, drawn at random from what the model holds possible, say\neach sentence again and name each finding.\n\n"+report.Disclaimer, 1, 2)
	if err != nil {
		return err
	}
	if err := f.check(c); err != nil {
		return err
	}
	study, model, err := m.open(ctx, c, paths)
	if err != nil {
		return err
	}
	defer model.Close()
	o := m.options(progress(c.Progress).stage)
	if o.Prefix, err = beginning(model.Vocabulary(), *prefix); err != nil {
		return err
	}
	places, err := cover.list(model.Config().ImageTokens())
	if err != nil {
		return err
	}
	session, err := look(ctx, model, study, places, o)
	if err != nil {
		return blame(err)
	}
	defer session.Close()
	r, samples, err := f.write(ctx, model, session, o)
	if err != nil {
		return blame(err)
	}
	a := answer{Report: r}
	if samples != nil {
		draft, texts := model.Vocabulary().Decode(r.Tokens), cleaned(model, samples)
		a.Samples = &opinion{f.draft, f.settings(), samples, findings.Table(draft, texts), findings.Again(draft, texts)}
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(a)
	}
	return a.print(c)
}

// look opens a study, with patches covered if there are any to be.
func look(ctx context.Context, model *engine.Model, study engine.Study, places []int, o engine.Options) (*engine.Session, error) {
	session, err := model.Open(ctx, study, o.Progress)
	if err != nil || len(places) == 0 {
		return session, err
	}
	defer session.Close()
	return session.Cover(ctx, places, o.Progress)
}

// beginning returns the ids of the words that a report is to begin with, which all
// must be the model's. A full stop is only at its end if text has it there.
func beginning(v *report.Vocabulary, text string) ([]int, error) {
	cleaned := report.Clean(text)
	if !strings.HasSuffix(strings.TrimSpace(text), ".") {
		cleaned = strings.TrimSuffix(cleaned, ".")
	}
	ids := v.Encode(cleaned)
	for i, word := range strings.Fields(cleaned) {
		if v.Word(ids[i]) != word {
			return nil, command.BadInput(fmt.Errorf("-prefix: the model does not know the word %q", word))
		}
	}
	return ids, nil
}

// print writes the report for people.
func (a *answer) print(c *command.Call) error {
	fmt.Fprintf(c.Out, "%s\n\n", a.Text)
	if a.Samples != nil {
		if err := a.Samples.print(c.Out); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.Out, "model %.12s (%s, %s on %s), uarweb %s, log-probability %.2f, alignment %.2f, %.2f s\n",
		a.Model.SHA256, a.Model.Format, a.Precision, a.Backend, version.String(), a.LogProb, a.Alignment,
		a.Seconds.Total())
	_, err := fmt.Fprintln(c.Out, report.Disclaimer)
	return err
}
