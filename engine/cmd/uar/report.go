package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

func runReport(ctx context.Context, c *command.Call) error {
	m, f := newModelFlags(c), newSamplingFlags(c)
	prefix := c.Flags.String("prefix", "", "`words` that the report is to begin with")
	var cover patches
	c.Flags.Var(&cover, "cover", "`PATCHES` to cover before the report is written, such as 12,40-47: row by row, the first image's first")
	var to form
	to.declare(c)
	paths, err := c.Parse("[flags] IMAGE [IMAGE]",
		"Writes the report of a chest X-ray: a frontal image, and a lateral one if there is one.\nWhat a file is is told by its content; what is decided about it is noted on standard error.\n\n"+
			"With -samples it also says how many of n reports, drawn at random from what the model holds possible, say\neach sentence again and name each finding.\n\n"+report.Disclaimer, 1, 2)
	if err != nil {
		return err
	}
	if err := f.check(c); err != nil {
		return err
	}
	if err := to.check(c); err != nil {
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
	for i, v := range r.Views {
		for _, note := range v.Notes[len(study.Views[i].Notes):] { // those before were said when it was opened
			c.Note("%s: %s", v.Name, note)
		}
	}
	d := export.Document{Report: r, Written: time.Now().Truncate(time.Second)}
	if samples != nil {
		d.Samples = f.opinion(model.Vocabulary().Decode(r.Tokens), samples, cleaned(model, samples))
	}
	return to.write(c, d)
}

// form is how a report leaves, and whereto.
type form struct {
	format string // the name of an export.Format
	json   bool
	path   string // of a file; empty is standard output
}

func (f *form) declare(c *command.Call) {
	f.format = "text"
	var names []string
	for _, format := range export.Formats() {
		if format.Name != "json" { // which has a flag of its own
			names = append(names, format.Name)
		}
	}
	c.Flags.Var(command.OneOf(&f.format, names...), "format", "`what` to write: text, markdown, csv, or sr: a DICOM structured report")
	c.Flags.BoolVar(&f.json, "json", false, "write one JSON object with every word's attention and mask")
	c.Flags.StringVar(&f.path, "o", "", "`FILE` to write, in place of standard output")
}

// check returns an error of flags that do not go together.
func (f *form) check(c *command.Call) (err error) {
	c.Flags.Visit(func(set *flag.Flag) {
		if set.Name == "format" && f.json {
			err = command.BadInput(fmt.Errorf("-format does not go with -json"))
		}
	})
	if f.json {
		f.format = "json"
	}
	if f.format == "sr" && f.path == "" {
		return command.BadInput(fmt.Errorf("-format sr is a file of bytes and needs -o FILE"))
	}
	return err
}

func (f *form) write(c *command.Call, d export.Document) error {
	formats := export.Formats()
	format := formats[slices.IndexFunc(formats, func(e export.Format) bool { return e.Name == f.format })]
	data, err := format.Encode(d)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { _, err := w.Write(data); return err }
	if f.path == "" {
		return write(c.Out)
	}
	return command.BadPlace(weights.WriteFile(f.path, write))
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
