package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"uarweb/engine/report"
)

func runReport(ctx context.Context, args []string, out, errs io.Writer) error {
	f := newFlags("report", "[flags] IMAGE [IMAGE]",
		"Writes the report of a chest X-ray: a frontal image, and a lateral one if there is one.\nPNG, JPEG and DICOM are told by their content. "+report.Disclaimer, out)
	m := f.model()
	asJSON := f.Bool("json", false, "print one JSON object with every word's attention and mask")
	paths, err := f.parse(args, 1, 2)
	if err != nil {
		return err
	}
	study, err := openStudy(ctx, paths)
	if err != nil {
		return err
	}
	p := newProgress(errs)
	defer p.clear()
	model, err := m.load(ctx, p)
	if err != nil {
		return err
	}
	defer model.Close()
	r, err := model.Report(ctx, study, m.options(p.stage))
	if err != nil {
		return badInput(err)
	}
	p.clear()
	if *asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	s := r.Seconds
	fmt.Fprintf(out, "%s\n\n", r.Text)
	fmt.Fprintf(out, "model %.12s (%s, %s on %s), log-probability %.2f, alignment %.2f, %.2f s\n",
		r.Model.SHA256, r.Model.Format, r.Precision, r.Backend, r.LogProb, r.Alignment,
		s.DecodeImage+s.Tokenize+s.Encode+s.Generate)
	_, err = fmt.Fprintln(out, report.Disclaimer)
	return err
}
