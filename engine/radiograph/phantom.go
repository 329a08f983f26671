package radiograph

import (
	"image"

	"uarweb/engine/radiograph/phantom"
)

// Phantom draws a synthetic frontal chest radiograph of width×height pixels: a
// phantom.Chest of that seed, which is healthy. The same seed gives the same picture.
func Phantom(seed uint64, width, height int) *image.Gray {
	return phantom.Chest{Seed: seed}.Frontal(width, height)
}

// PhantomLateral is the left lateral view of the patient of Phantom, who looks
// to the left.
func PhantomLateral(seed uint64, width, height int) *image.Gray {
	return phantom.Chest{Seed: seed}.Lateral(width, height)
}
