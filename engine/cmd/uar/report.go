package main

import (
	"context"
	"encoding/json"
	"fmt"

	"uarweb/engine/report"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

func runReport(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	asJSON := c.Flags.Bool("json", false, "print one JSON object with every word's attention and mask")
	paths, err := c.Parse("[flags] IMAGE [IMAGE]",
		"Writes the report of a chest X-ray: a frontal image, and a lateral one if there is one.\nWhat a file is is told by its content; what is decided about it is noted on standard error. "+report.Disclaimer, 1, 2)
	if err != nil {
		return err
	}
	study, model, err := m.open(ctx, c, paths)
	if err != nil {
		return err
	}
	defer model.Close()
	r, err := model.Report(ctx, study, m.options(progress(c.Progress).stage))
	if err != nil {
		return blame(err)
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(r)
	}
	s := r.Seconds
	fmt.Fprintf(c.Out, "%s\n\n", r.Text)
	fmt.Fprintf(c.Out, "model %.12s (%s, %s on %s), uarweb %s, log-probability %.2f, alignment %.2f, %.2f s\n",
		r.Model.SHA256, r.Model.Format, r.Precision, r.Backend, version.String(), r.LogProb, r.Alignment,
		s.DecodeImage+s.Tokenize+s.Encode+s.Generate)
	_, err = fmt.Fprintln(c.Out, report.Disclaimer)
	return err
}
