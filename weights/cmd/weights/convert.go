package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"strings"

	"uarweb/weights"
	"uarweb/weights/tensor"
)

// modelName are the names of model.md §10. The first group is the layer of a
// weight or bias.
var modelName = regexp.MustCompile(`^(?:(` +
	`dvae\.(?:input|output|group_\d+\.block_\d+\.(?:id_path|res_path\.conv_[1-4]))|` +
	`cra\.attention\.(?:query|key|value|output)|` +
	`encoder\.(?:norm|layer_\d+\.(?:norm_[12]|self_attention\.(?:query|key|value|output)|feed_forward\.(?:up|down)))|` +
	`decoder\.(?:norm|layer_\d+\.(?:norm_[123]|(?:self|cross)_attention\.(?:query|key|value|output)|feed_forward\.(?:up|down)))|` +
	`head)\.(?:weight|bias)|` +
	`lsu\.(?:image|text)_(?:tokens|positions)\.weight|` +
	`cra\.(?:basis|gain|bias|(?:input|forget)_gate\.(?:embedding|feature)\.weight)|` +
	`decoder\.layer_\d+\.tir\.(?:(?:query|key)\.weight|bias))$`)

var (
	// wrappers are what training programs put before every name.
	wrappers = regexp.MustCompile(`^(?:(?:module|model|_orig_mod|uar)\.)+`)
	// openAI are the names of openai/DALL-E's encoder, which may be part of a
	// whole dVAE.
	openAI = regexp.MustCompile(`^(?:encoder\.)?blocks\.(?:(input|group_\d+\.block_\d+\.(?:id_path|res_path\.conv_\d+))|(output)\.conv)\.(w|b)$`)
)

// rename is a tensor's name in this model. Other names return as they are.
func rename(name string) string {
	name = wrappers.ReplaceAllString(name, "")
	if m := openAI.FindStringSubmatch(name); m != nil {
		return "dvae." + m[1] + m[2] + map[string]string{"w": ".weight", "b": ".bias"}[m[3]]
	}
	return name
}

func convert(c *call, args []string) error {
	config := c.flags.String("config", "", "`FILE` with the JSON of uar.config")
	card := c.flags.String("card", "", "`FILE` with the JSON of uar.card")
	rest, err := c.parse(args, 2, "[flags] IN OUT", "Renames the tensors of a PyTorch safetensors file (this model's names, perhaps\nafter \"model.\" or \"module.\") or of the OpenAI dVAE encoder (blocks.…) and sets\nthe metadata. Values, formats and shapes stay; a name that is not this model's is\nan error.")
	if err != nil {
		return err
	}
	in, err := weights.Open(rest[0])
	if err != nil {
		return err
	}
	metadata := map[string]string{}
	maps.Copy(metadata, in.Metadata)
	metadata["format"] = "pt"
	for key, file := range map[string]string{"uar.config": *config, "uar.card": *card} {
		if file == "" {
			continue
		}
		if metadata[key], err = readJSON(file); err != nil {
			return err
		}
	}
	var tensors []tensor.Tensor
	for _, name := range in.Names() {
		to := rename(name)
		if !modelName.MatchString(to) {
			return fmt.Errorf("convert: %s: tensor %q is none of this model's", rest[0], name)
		}
		t, err := in.Tensor(name)
		if err != nil {
			return fmt.Errorf("convert: %s: %w", rest[0], err)
		}
		t.Name = to
		tensors = append(tensors, t)
	}
	if err := checkShapes(tensors); err != nil {
		return fmt.Errorf("convert: %s: %w", rest[0], err)
	}
	out, err := weights.Build(metadata, tensors)
	if err != nil {
		return fmt.Errorf("convert: %s: %w", rest[0], err)
	}
	if err := out.Save(rest[1]); err != nil {
		return internal(err)
	}
	_, err = fmt.Fprintf(c.out, "%s: %d tensors, %d bytes, sha256 %s\n", rest[1], len(tensors), out.Size(), out.SHA256)
	return internal(err)
}

// checkShapes checks what is known without a configuration: the dVAE's kernels,
// and that a layer's bias has an element a row of its weight.
func checkShapes(tensors []tensor.Tensor) error {
	rows := map[string]int{}
	for _, t := range tensors {
		layer := modelName.FindStringSubmatch(t.Name)[1]
		if layer == "" {
			continue
		}
		if strings.HasSuffix(t.Name, ".bias") && len(t.Shape) != 1 {
			return fmt.Errorf("%s has shape %v, a vector is wanted", t.Name, t.Shape)
		}
		if strings.HasPrefix(layer, "dvae.") && strings.HasSuffix(t.Name, ".weight") {
			if k := kernel(layer); len(t.Shape) != 4 || t.Shape[2] != k || t.Shape[3] != k {
				return fmt.Errorf("%s has shape %v, a %d×%d kernel is wanted", t.Name, t.Shape, k, k)
			}
		}
		if n, ok := rows[layer]; ok && n != t.Rows() {
			return fmt.Errorf("weight and bias of %s have %d and %d rows", layer, t.Rows(), n)
		}
		rows[layer] = t.Rows()
	}
	return nil
}

// kernel is the width of a dVAE layer's kernel (model.md §2).
func kernel(layer string) int {
	switch layer[strings.LastIndexByte(layer, '.')+1:] {
	case "input":
		return 7
	case "conv_1", "conv_2", "conv_3":
		return 3
	}
	return 1
}

// readJSON reads a file with one JSON object and returns it without white space.
func readJSON(name string) (string, error) {
	const most = 16 << 20
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return "", err
	}
	if len(data) > most {
		return "", fmt.Errorf("%s: more than %d bytes", name, most)
	}
	var b bytes.Buffer
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if object == nil {
		return "", fmt.Errorf("%s: null, an object is wanted", name)
	}
	if err := json.Compact(&b, data); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return b.String(), nil
}
