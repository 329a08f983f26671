// Package model holds the model that uarweb ships: a manifest and the shards
// it names (model.md §10), made by `go run ./weights/cmd/weights shard`.
package model

import "embed"

// FS holds manifest.json and the shards. The pattern, every file whose
// extension begins with j or s, takes in those and no Go file, and compiles
// before there is a shard.
//
//go:embed *.[js]*
var FS embed.FS
