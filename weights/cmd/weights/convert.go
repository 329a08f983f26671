package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"

	"uarweb/weights"
	"uarweb/weights/cmd/command"
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

func convert(ctx context.Context, c *command.Call) error {
	config := c.Flags.String("config", "", "`FILE` with the JSON of uar.config")
	card := c.Flags.String("card", "", "`FILE` with the JSON of uar.card")
	scores := c.Flags.String("record", "", "`FILE` as uar eval writes it, whose counts of right and wrong findings go into the card")
	var eight patterns
	c.Flags.Var(&eight, "bytes", "`PATTERN` of int8 matrices whose activations do with 8 bits; may be repeated, and \"\" is none (default what IN says)")
	files, err := c.Parse("[flags] IN OUT", "Renames the tensors of a PyTorch safetensors file (this model's names, perhaps\nafter \"model.\" or \"module.\") or of the OpenAI dVAE encoder (blocks.…) and sets\nthe metadata. Values, formats and shapes stay; a tensor of no part of this model\nis an error. Whether a model has all its tensors is known when it is loaded.", 2, 2)
	if err != nil {
		return err
	}
	in, err := command.OpenWeights(ctx, files[0])
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
	if *scores != "" {
		if metadata["uar.card"], err = recorded(metadata["uar.card"], *scores); err != nil {
			return err
		}
	}
	if eight != nil {
		weights.SetBytes(metadata, eight.named())
	}
	out, err := renamed(in, metadata)
	if err != nil {
		return command.BadInput(fmt.Errorf("%s: %w", files[0], err))
	}
	if err := out.Save(files[1]); err != nil {
		return command.BadPlace(err)
	}
	_, err = fmt.Fprintf(c.Out, "%s: %d tensors, %d bytes, sha256 %s\n", files[1], len(out.Names()), out.Size(), out.SHA256)
	return err
}

// renamed is a checkpoint with this model's names and other metadata.
func renamed(in *weights.Checkpoint, metadata map[string]string) (*weights.Checkpoint, error) {
	var tensors []tensor.Tensor
	for _, name := range in.Names() {
		to := rename(name)
		if !parts.MatchString(to) {
			return nil, fmt.Errorf("tensor %q is in no part of this model", name)
		}
		t, err := in.Tensor(name)
		if err != nil {
			return nil, err
		}
		t.Name = to
		tensors = append(tensors, t)
	}
	return weights.Build(metadata, tensors)
}

// maxJSON is the most bytes of a file of metadata.
const maxJSON = 16 << 20

// readJSON reads a file with one JSON object and returns it without white space.
func readJSON(name string) (string, error) {
	text, err := command.ReadText(name, maxJSON)
	if err != nil {
		return "", err
	}
	var object map[string]json.RawMessage
	err = json.Unmarshal(text, &object)
	if err == nil && object == nil {
		err = errors.New("null, an object is wanted")
	}
	var compact bytes.Buffer
	if err == nil {
		err = json.Compact(&compact, text)
	}
	if err != nil {
		return "", command.BadInput(fmt.Errorf("%s: %w", name, err))
	}
	return compact.String(), nil
}
