package main

import (
	"cmp"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strings"

	"uarweb/engine/radiograph/phantom"
	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

// newChestFlags describe what a phantom has.
func newChestFlags(c *command.Call) *phantom.Chest {
	chest := &phantom.Chest{Seed: 1}
	c.Flags.Uint64Var(&chest.Seed, "seed", 1, "`number`: which of the many phantoms")
	for _, p := range phantom.Parameters {
		c.Flags.Float64Var(p.Of(chest), p.Name, 0, "`number`: "+p.Summary)
	}
	c.Flags.BoolVar(&chest.Pacemaker, "pacemaker", false, "with one, on the left")
	c.Flags.TextVar(&chest.OpacityZone, "opacity-zone", chest.OpacityZone, "`zone` of the opacity: "+strings.Join(phantom.ZoneNames, ", "))
	c.Flags.TextVar(&chest.NoduleZone, "nodule-zone", chest.NoduleZone, "`zone` of the nodule")
	return chest
}

func runPhantom(_ context.Context, c *command.Call) error {
	size := 1024
	chest := newChestFlags(c)
	to := c.Flags.String("o", "", "PNG `FILE` to write")
	c.Flags.Var(command.Within(&size, 16, 8192), "size", "`pixels` a side")
	lateral := c.Flags.Bool("lateral", false, "the view from the side")
	outline := c.Flags.Bool("outline", false, "draw a line around each finding")
	if _, err := c.Parse("[flags] -o FILE.png",
		"Draws a synthetic chest X-ray, for trying things out without a real one. It shows nobody. What it is to\nhave is chosen by flags: left and right are the patient's.", 0, 0); err != nil {
		return err
	}
	if err := cmp.Or(command.BadInput(chest.Check()), c.Require("o")); err != nil {
		return err
	}
	var picture image.Image = chest.Draw(*lateral, size)
	if *outline {
		picture = outlined(picture, chest.Truth(*lateral, size, size))
	}
	return command.BadPlace(weights.WriteFile(*to, func(w io.Writer) error { return png.Encode(w, picture) }))
}

// outlined returns a picture with a line around each finding.
func outlined(picture image.Image, findings []phantom.Drawn) image.Image {
	truth := color.RGBA{0x39, 0xd6, 0xc4, 0xff} // nothing else on a film is green
	bounds := picture.Bounds()
	out := image.NewRGBA(bounds)
	draw.Draw(out, bounds, picture, bounds.Min, draw.Src)
	width := max(1, bounds.Dx()/400)
	for _, f := range findings {
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				if f.Mask.AlphaAt(x, y).A != 0 && onBorder(f.Mask, x, y, width) {
					out.SetRGBA(x, y, truth)
				}
			}
		}
	}
	return out
}

// onBorder says whether a mask ends within width pixels of a place; beyond the
// picture's edge it goes on.
func onBorder(mask *image.Alpha, x, y, width int) bool {
	for _, at := range []image.Point{{x - width, y}, {x + width, y}, {x, y - width}, {x, y + width}} {
		if at.In(mask.Rect) && mask.AlphaAt(at.X, at.Y).A == 0 {
			return true
		}
	}
	return false
}
