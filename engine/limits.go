package engine

import (
	"cmp"

	"uarweb/engine/status"
)

// MaxBeam is the width of the widest beam search that Limits can allow, MaxSamples
// the number of the most samples.
const (
	MaxBeam    = 16
	MaxSamples = 100
)

// Limits bound what a checkpoint and its reports may ask for: a file of a few
// bytes must not ask for more memory than there is, and what a loaded model
// writes must fit where it is sent. Load refuses checkpoints whose reports could
// exceed them, so that none does later. A field of 0 is its default.
type Limits struct {
	// Activation is the most elements, of 4 bytes, that any one activation or
	// cache may have: 1 to 1<<28, by default 1<<26, 256 MiB. The paper's model
	// needs 3.7 million.
	Activation int
	// Beam is the width of the widest search that a report may ask for: 1 to
	// MaxBeam, the default. The decoder's caches grow with it.
	Beam int
	// Samples is how many reports may be drawn at once: 1 to MaxSamples, the
	// default. The decoder's caches grow with it, and no checkpoint is refused for
	// that: of a model whose caches for so many exceed Activation, fewer are drawn.
	Samples int
	// Report is the most bytes that the JSON of a report may have: 1 to 1<<30, by
	// default 16 MiB. One of two views, 60 words and a beam of 3 has half a
	// megabyte.
	Report int
	// Card is the most bytes that the metadata "uar.card" may have: 1 to 1<<30, by
	// default 1 MiB.
	Card int
}

// complete fills in the defaults and checks the rest.
func (l Limits) complete() (Limits, error) {
	for _, field := range []struct {
		name      string
		value     *int
		otherwise int
		most      int
	}{
		{"Activation", &l.Activation, 1 << 26, 1 << 28},
		{"Beam", &l.Beam, MaxBeam, MaxBeam},
		{"Samples", &l.Samples, MaxSamples, MaxSamples},
		{"Report", &l.Report, 16 << 20, 1 << 30},
		{"Card", &l.Card, 1 << 20, 1 << 30},
	} {
		*field.value = cmp.Or(*field.value, field.otherwise)
		if *field.value < 1 || *field.value > field.most {
			return l, status.Errorf(status.InvalidArgument, "Limits.%s is %d, it must be 1 to %d", field.name, *field.value, field.most)
		}
	}
	return l, nil
}
