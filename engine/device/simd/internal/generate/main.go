// Command generate writes the modules of the kernels to the directory it
// runs in.
package main

import (
	"fmt"
	"os"

	"uarweb/engine/device/simd/internal/generator"
	"uarweb/engine/device/simd/internal/kernel"
)

func main() {
	for _, v := range kernel.Variants {
		if err := os.WriteFile(v.File(), generator.Module(v), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}
