package stage

import "uarweb/engine"

// Operations is how many floating-point operations one Run of a stage takes, two
// for a multiplication with its addition, as products without savings need them:
// Winograd and the like take fewer. It is 0 for Report, which is several stages.
func Operations(c *engine.Config, name string, beams int) float64 {
	d, n := float64(c.Dim), float64(c.ImageTokens())
	feedForward := 2 * d * float64(c.FeedForward)
	products := 0.0
	switch name {
	case DVAE:
		products = tokenizerProducts(c)
	case Encoder:
		products = float64(c.EncoderLayers) * n * (4*d*d + 2*n*d + feedForward)
	case Decoder:
		past, rank := float64(c.MaxTokens), float64(c.TIR.Rank)
		self := 4*d*d + 2*past*d
		cross := 2*d*d + 2*n*d + d*rank + n*rank // keys and values are there, of the image and of TIR
		products = float64(beams) * (float64(c.DecoderLayers)*(self+cross+feedForward) + d*float64(len(c.Vocab)))
	}
	return 2 * products
}

// tokenizerProducts are those of one view in the dVAE (package dvae has the
// layers).
func tokenizerProducts(c *engine.Config) float64 {
	h := c.DVAE
	products := 0
	side, in := c.Image.Size, h.Hidden
	layer := func(out, in, kernel int) { products += side * side * out * in * kernel * kernel }
	layer(h.Hidden, c.Image.Channels, 7)
	for g := range h.Groups {
		width := h.Hidden << g
		for range h.BlocksPerGroup {
			if in != width {
				layer(width, in, 1)
			}
			layer(width/4, in, 3)
			layer(width/4, width/4, 3)
			layer(width/4, width/4, 3)
			layer(width, width/4, 1)
			in = width
		}
		if g < h.Groups-1 {
			side /= 2
		}
	}
	layer(h.Vocab, in, 1)
	return float64(products)
}
