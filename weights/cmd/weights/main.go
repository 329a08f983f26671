// Command weights inspects, converts, quantizes, shards, signs and verifies
// the weights of UAR.
package main

import (
	"slices"
	"strings"

	"uarweb/weights/cmd/command"
)

var program = command.Program{
	Name: "weights",
	Commands: []command.Command{
		{Name: "inspect", Summary: "list the tensors of a weights file and what is known about it", Run: inspect},
		{Name: "convert", Summary: "rename the tensors of a PyTorch or OpenAI dVAE file", Run: convert},
		{Name: "quantize", Summary: "round a weights file to int8 or 4 bits", Run: quantizeFile},
		{Name: "shard", Summary: "cut a weights file into shards with a manifest", Run: shard},
		{Name: "keygen", Summary: "make a key to sign models with", Run: keygen},
		{Name: "sign", Summary: "sign the manifest of shards", Run: sign},
		{Name: "verify", Summary: "check a weights file, or a manifest, its shards and its signature", Run: verify},
	},
	Notice: "A FILE is a safetensors file or the manifest.json of shards.",
}

func main() { program.Main() }

// patterns is a flag that may be given several times.
type patterns []string

func (p *patterns) String() string     { return strings.Join(*p, " ") }
func (p *patterns) Set(s string) error { *p = append(*p, s); return nil }

// named are those that are not empty.
func (p patterns) named() []string {
	return slices.DeleteFunc(slices.Clone(p), func(s string) bool { return s == "" })
}
