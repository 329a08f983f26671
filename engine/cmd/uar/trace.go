package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"io"

	"uarweb/engine"
	"uarweb/engine/cra"
	"uarweb/engine/device"
	"uarweb/engine/report"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
	"uarweb/weights/safetensors"
)

func runTrace(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	to := c.Flags.String("o", "", "safetensors `FILE` to write")
	text := c.Flags.String("report", "", "follow this report's `words` in place of the model's own")
	paths, err := c.Parse("[flags] -o FILE IMAGE [IMAGE]",
		"Writes what the model computes on the way to a report, as tensors: pixels, dvae.logits, tokens,\ncra.image, memory and, word by word, ids, cra.text, logits, attention and mask,\nwhat every attention is computed from: encoder.query, decoder.key, cra.key, …, and CRA's gates;\nin the metadata also how the report was searched", 1, 2)
	if err != nil {
		return err
	}
	if err := c.Require("o"); err != nil {
		return err
	}
	study, model, err := m.open(ctx, c, paths)
	if err != nil {
		return err
	}
	defer model.Close()
	var ids []int
	c.Flags.Visit(func(g *flag.Flag) {
		if g.Name == "report" {
			ids = model.Vocabulary().Encode(report.Clean(*text))
		}
	})
	t, err := model.Trace(ctx, study, ids, m.options(progress(c.Progress).stage))
	if err != nil {
		return blame(err)
	}
	return command.BadPlace(weights.WriteFile(*to, func(w io.Writer) error { return writeTrace(w, t, model.Config()) }))
}

func writeTrace(w io.Writer, t *engine.Trace, c *engine.Config) error {
	config, err := json.Marshal(c)
	if err != nil {
		return err
	}
	program, err := json.Marshal(thisEngine())
	if err != nil {
		return err
	}
	metadata := map[string]string{"uar.config": string(config), "uar.engine": string(program)}
	if t.Search != nil {
		steps, err := json.Marshal(t.Search)
		if err != nil {
			return err
		}
		metadata["uar.search"] = string(steps)
	}
	n, words := c.ImageTokens(), len(t.IDs)
	entries := []safetensors.Entry{
		entry("pixels", "F32", t.Pixels, c.Image.Views, c.Image.Channels, c.Image.Size, c.Image.Size),
		entry("dvae.logits", "F32", t.Logits, n, c.DVAE.Vocab),
		entry("tokens", "I32", t.Tokens, n),
		entry("cra.image", "F32", t.Image, n, c.Dim),
		entry("memory", "F32", t.Memory, n, c.Dim),
		entry("ids", "I32", t.IDs, words),
		entry("cra.text", "F32", t.Text, words, c.Dim),
		entry("logits", "F32", t.Words, words, len(c.Vocab)),
		entry("attention", "F32", t.Attention, words, n),
		entry("mask", "F32", t.Mask, words, n),
	}
	entries = append(entries, aligned("cra.image", t.ImageCRA)...)
	entries = append(entries, aligned("cra.text", t.TextCRA)...)
	entries = append(entries, entry("cra.key", "F32", t.ImageCRA.Basis.Layers[0].Key, c.Basis, c.Dim))
	entries = append(entries, attended("encoder", &t.Encoder)...)
	entries = append(entries, attended("decoder", t.Decoder)...)
	return safetensors.Write(w, &safetensors.File{Metadata: metadata, Entries: entries})
}

// aligned is what CRA computes rows from, as tensors, but for the keys, which all share.
func aligned(name string, a *cra.Aligned) []safetensors.Entry {
	query, width := a.Basis.Layers[0].Query, a.Basis.Width
	rows := len(query) / width
	return []safetensors.Entry{
		entry(name+".query", "F32", query, rows, width),
		entry(name+".input_gate", "F32", a.Input, rows, width),
		entry(name+".forget_gate", "F32", a.Forget, rows, width),
	}
}

// attended is what an attention was computed from, as tensors.
func attended(name string, a *device.Attended) []safetensors.Entry {
	var query, key, mask []float32
	for _, l := range a.Layers {
		query, key, mask = append(query, l.Query...), append(key, l.Key...), append(mask, l.Mask...)
	}
	layers, width := len(a.Layers), a.Width
	keys := len(key) / layers / width
	entries := []safetensors.Entry{
		entry(name+".query", "F32", query, layers, len(query)/layers/width, width),
		entry(name+".key", "F32", key, layers, keys, width),
	}
	if mask != nil {
		entries = append(entries, entry(name+".mask", "F32", mask, layers, len(mask)/layers/keys, keys))
	}
	return entries
}

// entry is a tensor of 32-bit elements, []float32 or []int32.
func entry[E float32 | int32](name, dtype string, values []E, shape ...int) safetensors.Entry {
	data, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		panic("uar: elements of no fixed size")
	}
	return safetensors.Entry{Name: name, DType: dtype, Shape: shape, Data: data}
}
