// Command generate writes the modules of package kernel to the directory it
// runs in.
package main

import (
	"fmt"
	"os"

	"uarweb/engine/device/simd/internal/kernel"
)

func main() {
	for _, v := range kernel.Variants {
		if err := os.WriteFile(v.File(), v.Module(), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}
