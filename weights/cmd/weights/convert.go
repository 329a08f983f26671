package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"

	"uarweb/weights"
	"uarweb/weights/tensor"
)

var (
	// wrappers are what training programs put before every name.
	wrappers = regexp.MustCompile(`^(?:(?:module|model|_orig_mod|uar)\.)+`)
	// openAI are the names of openai/DALL-E's encoder, which may be part of a
	// whole dVAE.
	openAI = regexp.MustCompile(`^(?:encoder\.)?blocks\.(?:(input|group_\d+\.block_\d+\.(?:id_path|res_path\.conv_\d+))|(output)\.conv)\.(w|b)$`)
	// parts are what this model's names begin with (engine/MODEL.md §10). The rest of a
	// name, and shapes, depend on the configuration: loading checks them.
	parts = regexp.MustCompile(`^(?:dvae|lsu|cra|encoder|decoder|head)\.`)
)

// rename is a tensor's name in this model. Other names return as they are.
func rename(name string) string {
	name = wrappers.ReplaceAllString(name, "")
	if m := openAI.FindStringSubmatch(name); m != nil {
		return "dvae." + m[1] + m[2] + map[string]string{"w": ".weight", "b": ".bias"}[m[3]]
	}
	return name
}

func convert(ctx context.Context, c *call, args []string) error {
	config := c.flags.String("config", "", "`FILE` with the JSON of uar.config")
	card := c.flags.String("card", "", "`FILE` with the JSON of uar.card")
	rest, err := c.parse(args, 2, "[flags] IN OUT", "Renames the tensors of a PyTorch safetensors file (this model's names, perhaps\nafter \"model.\" or \"module.\") or of the OpenAI dVAE encoder (blocks.…) and sets\nthe metadata. Values, formats and shapes stay; a tensor of no part of this model\nis an error. Whether a model has all its tensors is known when it is loaded.")
	if err != nil {
		return err
	}
	in, err := weights.Open(ctx, rest[0])
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
		if !parts.MatchString(to) {
			return fmt.Errorf("convert: %s: tensor %q is in no part of this model", rest[0], name)
		}
		t, err := in.Tensor(name)
		if err != nil {
			return fmt.Errorf("convert: %s: %w", rest[0], err)
		}
		t.Name = to
		tensors = append(tensors, t)
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
