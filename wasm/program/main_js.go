// Command program is all that the site runs of Go: in a page the page's part, and in a
// worker the engine's. They are one program because half of what each holds, above all
// Go's runtime, the other holds as well: it is loaded and compiled once for both.
package main

import (
	"os"

	"uarweb/wasm/app"
	"uarweb/wasm/worker"
)

func main() {
	if len(os.Args) > 1 { // wasm/page/worker.js says what to compute with
		worker.Run(os.Args[1])
	} else {
		app.Run()
	}
}
