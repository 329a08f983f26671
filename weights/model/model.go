// Package model holds the model that uarweb ships: a manifest and the shards
// it names, parts of one safetensors file (engine/MODEL.md §10). They are made from the
// weights that weights/train exports, card included, by
//
//	uar calibrate -weights SMALL -data IU -limit 32 -o CALIBRATION
//	weights quantize -calibration CALIBRATION SMALL QUANTIZED
//	uar eval -weights QUANTIZED -data IU > EVAL
//	weights convert -record EVAL QUANTIZED CARD
//	weights shard CARD weights/model
//
// Before the last step weights/train/surprisal.py added what tells other pictures
// (engine/MODEL.md §14) and weights/train/tiles.py the pictures of its dictionary (§15),
// which the recipe now does when it exports.
//
// Its terms, those of the data it was learnt from, are in LICENSE. A program that
// is built with -tags nomodel is without it.
package model

// Manifest is the name of the manifest in FS.
const Manifest = "manifest.json"
