package main

import (
	"context"
	"flag"
	"fmt"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/metrics"
	"uarweb/weights/cmd/command"
)

// The drafts: which report is shown as the model's own.
const (
	draftBeam      = "beam"      // the likeliest that beam search finds
	draftConsensus = "consensus" // the sample that the others would have written best
)

// samplingFlags choose how reports are sampled, and which one is the draft.
type samplingFlags struct {
	draft       string
	reports     int
	temperature float64
	topP        float64
	seed        uint64
}

func newSamplingFlags(c *command.Call) *samplingFlags {
	f := &samplingFlags{draft: draftBeam, temperature: 1, topP: 1}
	c.Flags.Var(command.Within(&f.reports, 0, engine.MaxSamples), "samples", "also draw `n` reports from the model's distribution")
	c.Flags.Uint64Var(&f.seed, "seed", 0, "`number` that the samples follow from")
	c.Flags.Var(command.UpTo(&f.temperature, engine.MaxTemperature), "temperature", "`number` that divides the samples' logits, below 1 for likelier words")
	c.Flags.Var(command.UpTo(&f.topP, 1), "top-p", "`mass` of the nucleus that the samples' words are drawn from")
	c.Flags.Var(command.OneOf(&f.draft, draftBeam, draftConsensus), "draft", "`which` report is shown: beam, or consensus: the sample that the others would have written best, which names what a fifth of them name")
	return f
}

// check returns an error of flags that do not go together.
func (f *samplingFlags) check(c *command.Call) (err error) {
	if f.draft == draftConsensus && f.reports < 2 {
		return command.BadInput(fmt.Errorf("-draft consensus needs at least two -samples"))
	}
	c.Flags.Visit(func(set *flag.Flag) {
		switch set.Name {
		case "seed", "temperature", "top-p":
			if f.reports == 0 {
				err = command.BadInput(fmt.Errorf("-%s does not go without -samples", set.Name))
			}
		}
	})
	return err
}

// settings are how samples were drawn.
type settings struct {
	Seed        uint64  `json:"seed"`
	Temperature float64 `json:"temperature"`
	TopP        float64 `json:"top_p"`
}

func (f *samplingFlags) settings() settings {
	return settings{f.seed, f.temperature, f.topP}
}

// write draws the samples, if there are to be any, and writes the draft.
func (f *samplingFlags) write(ctx context.Context, m *engine.Model, s *engine.Session, o engine.Options) (*report.Report, []report.Sample, error) {
	var samples []report.Sample
	var err error
	given := len(o.Prefix)
	if f.reports > 0 {
		samples, err = s.Sample(ctx, engine.SampleOptions{
			Reports: f.reports, Temperature: f.temperature, TopP: f.topP, Seed: f.seed,
			WithoutTIR: o.WithoutTIR, Prefix: o.Prefix, Progress: o.Progress,
		})
		if err != nil {
			return nil, nil, err
		}
	}
	if f.draft == draftConsensus {
		o.Prefix = samples[metrics.Consensus(cleaned(m, samples))].Tokens
	}
	r, err := s.Write(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	r.Forced = given // not what was drawn
	return r, samples, nil
}

// cleaned returns samples as cleaned reports.
func cleaned(m *engine.Model, samples []report.Sample) []string {
	texts := make([]string, len(samples))
	for i, s := range samples {
		texts[i] = m.Vocabulary().Decode(s.Tokens)
	}
	return texts
}

// opinion is what samples say beside a draft, all cleaned.
func (f *samplingFlags) opinion(draft string, samples []report.Sample, texts []string) *export.Samples {
	o := findings.Samples(draft, samples, texts)
	o.Draft, o.Seed, o.Temperature, o.TopP = f.draft, f.seed, f.temperature, f.topP
	return o
}
