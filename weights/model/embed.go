// Package model holds the model that uarweb ships: a manifest and the shards
// it names, parts of one safetensors file (model.md §10). They are made from the
// trained weights by
//
//	uar calibrate -weights STARTER -data IU -limit 32 -o CALIBRATION
//	weights convert -card weights/model/card/starter.json STARTER CARDED
//	weights quantize -calibration CALIBRATION CARDED QUANTIZED
//	weights shard QUANTIZED weights/model
package model

import "embed"

// Manifest is the name of the manifest in FS.
const Manifest = "manifest.json"

// FS holds the manifest and the shards.
//
//go:embed manifest.json *.safetensors
var FS embed.FS
