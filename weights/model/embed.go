//go:build !nomodel

package model

import "embed"

// Included says whether FS holds the model.
const Included = true

// FS holds the manifest and the shards, or nothing in a program without the model.
//
//go:embed manifest.json *.safetensors
var FS embed.FS
