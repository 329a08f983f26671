package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"

	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

// summary is what inspect says about a file.
type summary struct {
	SHA256     string            `json:"sha256"`
	Bytes      int64             `json:"bytes"`
	Parameters int64             `json:"parameters"`
	Formats    map[string]total  `json:"formats"`
	Metadata   map[string]string `json:"metadata"`
	Tensors    []row             `json:"tensors"`
}

// total is the sum over the tensors of a format.
type total struct {
	Tensors    int   `json:"tensors"`
	Parameters int64 `json:"parameters"`
	Bytes      int64 `json:"bytes"`
}

// row is a tensor. Values is nil where Note says why it cannot be used.
type row struct {
	Name   string  `json:"name"`
	Format string  `json:"format"`
	Shape  []int   `json:"shape"`
	Bytes  int64   `json:"bytes"` // with scales
	Values *values `json:"values,omitempty"`
	Note   string  `json:"note,omitempty"`
}

type values struct {
	Min     float32 `json:"min"`
	Max     float32 `json:"max"`
	MeanAbs float64 `json:"mean_abs"`
}

func inspect(ctx context.Context, c *command.Call) error {
	asJSON := c.Flags.Bool("json", false, "print JSON")
	files, err := c.Parse("[-json] FILE", "Lists the tensors of a weights file, their sizes and values, and its metadata.", 1, 1)
	if err != nil {
		return err
	}
	w, err := command.OpenWeights(ctx, files[0])
	if err != nil {
		return err
	}
	s := summary{SHA256: w.SHA256, Bytes: w.Size(), Parameters: w.Parameters(), Formats: map[string]total{}, Metadata: w.Metadata}
	names := w.Names()
	for i, name := range names {
		c.Progress("tensor %d/%d", i+1, len(names))
		r, err := describe(w, name)
		if err != nil {
			return command.BadInput(err)
		}
		s.Tensors = append(s.Tensors, r)
		t := s.Formats[r.Format]
		n := int64(1)
		for _, d := range r.Shape {
			n *= int64(d)
		}
		s.Formats[r.Format] = total{t.Tensors + 1, t.Parameters + n, t.Bytes + r.Bytes}
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(s)
	}
	return s.print(c.Out)
}

// describe looks at one tensor. One that cannot be used is described as it is
// stored.
func describe(c *weights.Checkpoint, name string) (row, error) {
	e, err := c.Entry(name)
	if err != nil {
		return row{}, err
	}
	r := row{Name: name, Format: e.DType, Shape: e.Shape, Bytes: int64(len(e.Data))}
	t, err := c.Tensor(name)
	if err != nil {
		r.Note = err.Error()
		return r, nil
	}
	r.Shape = t.Shape
	if len(t.Scale) > 0 {
		scale, err := c.Entry(name + weights.ScaleSuffix)
		if err != nil {
			return row{}, err
		}
		r.Bytes += int64(len(scale.Data))
	}
	floats, err := t.Floats()
	if err != nil {
		r.Note = err.Error()
		return r, nil
	}
	v := values{Min: slices.Min(floats), Max: slices.Max(floats)}
	for _, f := range floats {
		v.MeanAbs += math.Abs(float64(f)) / float64(len(floats))
	}
	r.Values = &v
	return r, nil
}

func (s summary) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "tensor\tformat\tshape\tbytes\tmin\tmax\tmean |x|")
	for _, r := range s.Tensors {
		fmt.Fprintf(w, "%s\t%s\t%v\t%d\t", command.Line(r.Name), r.Format, r.Shape, r.Bytes)
		if r.Values != nil {
			fmt.Fprintf(w, "%.4g\t%.4g\t%.4g\n", r.Values.Min, r.Values.Max, r.Values.MeanAbs)
		} else {
			fmt.Fprintf(w, "%s\n", command.Line(r.Note))
		}
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "format\ttensors\tparameters\tbytes")
	for _, format := range slices.Sorted(maps.Keys(s.Formats)) {
		t := s.Formats[format]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", format, t.Tensors, t.Parameters, t.Bytes)
	}
	fmt.Fprintf(w, "total\t%d\t%d\t%d\n\n", len(s.Tensors), s.Parameters, s.Bytes)
	for _, key := range slices.Sorted(maps.Keys(s.Metadata)) {
		fmt.Fprintf(w, "%s\t%s\n", command.Line(key), command.Line(withoutVocabulary(s.Metadata[key])))
	}
	fmt.Fprintf(w, "sha256\t%s\n", s.SHA256)
	return w.Flush()
}

// withoutVocabulary replaces the word list of a configuration by its length.
func withoutVocabulary(text string) string {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return text
	}
	var words []string
	if json.Unmarshal(members["vocab"], &words) != nil {
		return text
	}
	members["vocab"] = json.RawMessage(fmt.Sprintf(`"%d words"`, len(words)))
	short, err := json.Marshal(members)
	if err != nil {
		return text
	}
	return string(short)
}
