package film

import "uarweb/ui/desk"

// Transfer is what becomes of a film's greys under a look, of 0 to 1: slope·grey +
// intercept, and what lies beyond is black or white.
func Transfer(l desk.Look) (slope, intercept float64) {
	const white = 255
	slope, intercept = white/l.Width, 0.5-l.Level/l.Width
	if l.Inverted {
		slope, intercept = -slope, 1-intercept
	}
	return slope, intercept
}
