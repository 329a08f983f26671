//go:build nomodel

package model

import "embed"

// Included says whether FS holds the model.
const Included = false

// FS holds nothing.
var FS embed.FS
