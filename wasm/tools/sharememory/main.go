// Command sharememory rewrites a linked Go program for js/wasm so that its
// memory is imported and can be shared with the threads of the SIMD kernels:
//
//	sharememory -o program-shared.wasm program.wasm
package main

import (
	"flag"
	"fmt"
	"os"

	"uarweb/wasm/internal/module"
)

func main() {
	out := flag.String("o", "", "`file` to write")
	flag.Parse()
	if *out == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: sharememory -o OUT.wasm IN.wasm")
		os.Exit(2)
	}
	if err := rewrite(*out, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "sharememory:", err)
		os.Exit(1)
	}
}

func rewrite(out, in string) error {
	program, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	shared, err := module.ShareMemory(program)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return os.WriteFile(out, shared, 0o644)
}
