// Command site assembles what package serve embeds:
//
//	site [-best] -o serve/site wasm/page bin/site
//
// It copies the files of the given directories into one, and beside each puts
// its brotli and gzip forms, if they are smaller.
//
// A WebAssembly program is megabytes, so it is named by its hash and kept by
// browsers forever: x.wasm becomes x.<hash>.wasm, here and in the scripts, which
// name it in quotes ("x.wasm"). Everything else keeps its name and is
// asked for again at each visit, which costs an empty answer as long as its
// ETag is the same. What the document names, scripts and style, it names with
// its hash, so that a browser uses that and no other; likewise a script that loads
// another says "sha256 of NAME" where the hash of that is to stand.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("o", "", "`directory` to fill; what else is in it is removed")
	best := flag.Bool("best", false, "compress as well as brotli can, which takes a minute: for what is released")
	flag.Parse()
	if *out == "" || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: site -o DIRECTORY SOURCE…")
		os.Exit(2)
	}
	if err := assemble(*out, flag.Args(), *best); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

func assemble(out string, sources []string, best bool) error {
	f, err := collect(sources...)
	if err != nil {
		return err
	}
	if err := f.nameByHash(); err != nil {
		return err
	}
	if err := f.vouch(); err != nil {
		return err
	}
	if err := f.pin(); err != nil {
		return err
	}
	return f.write(out, best)
}
