package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"

	"uarweb/engine/radiograph"
	"uarweb/weights"
)

func runPhantom(_ context.Context, args []string, out, _ io.Writer) error {
	f := newFlags("phantom", "[flags] -o FILE.png",
		"Draws a synthetic chest X-ray, for trying things out without a real one. It shows nobody.", out)
	to := f.String("o", "", "PNG `FILE` to write")
	seed := f.Uint64("seed", 1, "which of the many phantoms")
	size := f.Int("size", 1024, "`pixels` a side")
	lateral := f.Bool("lateral", false, "the view from the side")
	if _, err := f.parse(args, 0, 0); err != nil {
		return err
	}
	if *to == "" {
		return badInput(errors.New("phantom needs -o FILE; uar phantom -h explains"))
	}
	if *size < 16 || *size > 8192 {
		return badInput(fmt.Errorf("-size is %d, it must be 16 to 8192", *size))
	}
	draw := radiograph.Phantom
	if *lateral {
		draw = radiograph.PhantomLateral
	}
	return badInput(weights.WriteFile(*to, func(w io.Writer) error { return png.Encode(w, draw(*seed, *size, *size)) }))
}
