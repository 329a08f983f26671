// Package model holds the model that uarweb ships: a manifest and the shards
// it names (model.md §10), made by `go run ./weights/cmd/weights shard`.
package model

import "embed"

// Manifest is the name of the manifest in FS.
const Manifest = "manifest.json"

// FS holds the manifest and the shards. The pattern, every file whose extension
// begins with j or s, takes in those and no Go file.
//
//go:embed *.[js]*
var FS embed.FS
