package main

import (
	"context"
	"image/png"
	"io"

	"uarweb/engine/radiograph"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

func runPhantom(_ context.Context, c *command.Call) error {
	size := 1024
	to := c.Flags.String("o", "", "PNG `FILE` to write")
	seed := c.Flags.Uint64("seed", 1, "which of the many phantoms")
	c.Flags.Var(command.Within(&size, 16, 8192), "size", "`pixels` a side")
	lateral := c.Flags.Bool("lateral", false, "the view from the side")
	if _, err := c.Parse("[flags] -o FILE.png", "Draws a synthetic chest X-ray, for trying things out without a real one. It shows nobody.", 0, 0); err != nil {
		return err
	}
	if err := c.Require("o"); err != nil {
		return err
	}
	draw := radiograph.Phantom
	if *lateral {
		draw = radiograph.PhantomLateral
	}
	return command.BadPlace(weights.WriteFile(*to, func(w io.Writer) error { return png.Encode(w, draw(*seed, size, size)) }))
}
