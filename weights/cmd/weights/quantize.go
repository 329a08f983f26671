package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"uarweb/weights/cmd/command"
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

func quantizeFile(ctx context.Context, c *command.Call) error {
	precision := "int8"
	var keep, four, eight patterns
	c.Flags.Var(command.OneOf(&precision, "int8", "int4"), "precision", "`FORMAT`: int8, or int4 (the dVAE and what 4 bits cannot hold stay int8)")
	calibration := c.Flags.String("calibration", "", "`FILE` written by uar calibrate")
	budget := c.Flags.Float64("budget", quantize.DefaultBudget, "the most the file may take for tensors kept in F16, as a share of 2 bytes a parameter")
	report := c.Flags.Bool("report", false, "print a table of all tensors")
	asJSON := c.Flags.Bool("json", false, "print JSON")
	c.Flags.Var(&keep, "keep-f16", "`PATTERN` of tensors to keep in F16, as dvae.output.*; may be repeated")
	c.Flags.Var(&four, "int4", "`PATTERN` of tensors to round to 4 bits; may be repeated")
	c.Flags.Var(&eight, "bytes", fmt.Sprintf("`PATTERN` of int8 matrices whose activations do with 8 bits; may be repeated, and \"\" is none; what IN says does not count (default %s)", strings.Join(quantize.DefaultBytes, " ")))
	files, err := c.Parse("[flags] IN OUT", "Rounds weights to int8 a row or 4 bits a group of 32. With a calibration file\nrounding makes up for its errors, and the tensors of the dVAE that change most\nimage tokens stay F16 as far as the budget goes. Output error is the error of a\nlayer's outputs, tr(ΔHΔᵀ)/tr(WHWᵀ).", 2, 2)
	if err != nil {
		return err
	}
	if !(*budget > 0 && *budget <= 2) {
		return command.BadInput(errors.New("-budget must be over 0 and at most 2"))
	}
	o := quantize.Options{Precision: precisions[precision], Budget: *budget, KeepF16: keep, Int4: four, Bytes: quantize.DefaultBytes}
	if eight != nil {
		o.Bytes = eight.named()
	}
	in, err := command.OpenWeights(ctx, files[0])
	if err != nil {
		return err
	}
	if *calibration != "" {
		k, err := command.OpenWeights(ctx, *calibration)
		if err != nil {
			return err
		}
		if o.Calibration, err = quantize.NewCalibration(k); err != nil {
			return command.BadInput(err)
		}
	}
	plan, err := quantize.NewPlan(in, o)
	if err != nil {
		return command.BadInput(err)
	}
	out, err := plan.Apply(ctx, in, func(done, total int) { c.Progress("tensor %d/%d", done, total) })
	if err != nil {
		return command.BadInput(err)
	}
	if err := out.Save(files[1]); err != nil {
		return command.BadPlace(err)
	}
	r := result{
		SHA256: out.SHA256, Bytes: out.Size(), Parameters: out.Parameters(),
		Size: float64(out.Size()) / float64(2*out.Parameters()), Budget: *budget, Tensors: plan.Choices,
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(r)
	}
	if *report {
		if err := r.print(c.Out); err != nil {
			return err
		}
	}
	over := ""
	if r.Size > r.Budget {
		over = fmt.Sprintf(", over the budget of %.1f %%", 100*r.Budget)
	}
	_, err = fmt.Fprintf(c.Out, "%s: %d bytes, %.1f %% of F16%s, sha256 %s\n", files[1], r.Bytes, 100*r.Size, over, r.SHA256)
	return err
}

func (r result) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "tensor\tformat\tbytes\toutput error\tweight error\tsensitivity")
	for _, t := range r.Tensors {
		fmt.Fprintf(w, "%s\t%s\t%d", command.Line(t.Name), t.Format, t.Bytes)
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
