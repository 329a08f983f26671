package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"uarweb/weights"
	"uarweb/weights/quantize"
	"uarweb/weights/tensor"
)

var precisions = map[string]tensor.Format{"int8": tensor.I8, "int4": tensor.U8}

// result is what quantize says about its output.
type result struct {
	SHA256     string            `json:"sha256"`
	Bytes      int64             `json:"bytes"`
	Parameters int64             `json:"parameters"`
	Size       float64           `json:"size"` // share of 2 bytes a parameter
	Budget     float64           `json:"budget"`
	Tensors    []quantize.Choice `json:"tensors"`
}

func quantizeFile(ctx context.Context, c *call, args []string) error {
	var keep, four patterns
	precision := c.flags.String("precision", "int8", "int8, or int4 (the dVAE and what 4 bits cannot hold stay int8)")
	calibration := c.flags.String("calibration", "", "`FILE` written by uar calibrate")
	budget := c.flags.Float64("budget", quantize.DefaultBudget, "the most the file may take for tensors kept in F16, as a share of 2 bytes a parameter")
	report := c.flags.Bool("report", false, "print a table of all tensors")
	asJSON := c.flags.Bool("json", false, "print JSON")
	c.flags.Var(&keep, "keep-f16", "`PATTERN` of tensors to keep in F16, as dvae.output.*; may be repeated")
	c.flags.Var(&four, "int4", "`PATTERN` of tensors to round to 4 bits; may be repeated")
	rest, err := c.parse(args, 2, "[flags] IN OUT", "Rounds weights to int8 a row or 4 bits a group of 32. With a calibration file\nrounding makes up for its errors, and the tensors of the dVAE that change most\nimage tokens stay F16 as far as the budget goes. Output error is the error of a\nlayer's outputs, tr(ΔHΔᵀ)/tr(WHWᵀ).")
	if err != nil {
		return err
	}
	o := quantize.Options{Precision: precisions[*precision], Budget: *budget, KeepF16: keep, Int4: four}
	if o.Precision == "" {
		return fmt.Errorf("quantize: -precision is %q, it must be int8 or int4", *precision)
	}
	if !(*budget > 0 && *budget <= 2) {
		return errors.New("quantize: -budget must be over 0 and at most 2")
	}
	in, err := weights.Open(ctx, rest[0])
	if err != nil {
		return err
	}
	if *calibration != "" {
		k, err := weights.Open(ctx, *calibration)
		if err == nil {
			o.Calibration, err = quantize.NewCalibration(k)
		}
		if err != nil {
			return err
		}
	}
	plan, err := quantize.NewPlan(in, o)
	if err != nil {
		return err
	}
	out, err := plan.Apply(ctx, in, func(done, total int) { c.progress("tensor ", done, "/", total) })
	if err != nil {
		return err
	}
	c.progress()
	if err := out.Save(rest[1]); err != nil {
		return internal(err)
	}
	r := result{
		SHA256: out.SHA256, Bytes: out.Size(), Parameters: out.Parameters(),
		Size: float64(out.Size()) / float64(2*out.Parameters()), Budget: *budget, Tensors: plan.Choices,
	}
	if *asJSON {
		return internal(json.NewEncoder(c.out).Encode(r))
	}
	if *report {
		if err := r.print(c.out); err != nil {
			return internal(err)
		}
	}
	over := ""
	if r.Size > r.Budget {
		over = fmt.Sprintf(", over the budget of %.1f %%", 100*r.Budget)
	}
	_, err = fmt.Fprintf(c.out, "%s: %d bytes, %.1f %% of F16%s, sha256 %s\n", rest[1], r.Bytes, 100*r.Size, over, r.SHA256)
	return internal(err)
}

func (r result) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "tensor\tformat\tbytes\toutput error\tweight error\tsensitivity")
	for _, t := range r.Tensors {
		fmt.Fprintf(w, "%s\t%s\t%d", oneLine(t.Name), t.Format, t.Bytes)
		if t.Stats != nil {
			fmt.Fprintf(w, "\t%.2e\t%.2e", t.Stats.Output, t.Stats.Weight)
		} else {
			fmt.Fprint(w, "\t–\t–")
		}
		if t.Sensitivity != nil {
			fmt.Fprintf(w, "\t%.2f %%\n", 100**t.Sensitivity)
		} else {
			fmt.Fprintln(w, "\t–")
		}
	}
	return w.Flush()
}
