// Package serve is the static server of uarweb: the page, its WebAssembly
// programs and the model's shards, with the headers that keep images on the
// reader's machine.
package serve

import (
	"embed"
	"io/fs"
)

// site is what ./build.sh assembled. Its .gitignore is committed, so that the
// package compiles in a fresh clone too.
//
//go:embed all:site
var site embed.FS

// Site returns the embedded site. It has no index.html if it was not built.
func Site() fs.FS {
	sub, err := fs.Sub(site, "site")
	if err != nil {
		panic("serve: the embedded directory has another name")
	}
	return sub
}
