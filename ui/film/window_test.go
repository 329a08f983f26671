package film

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
)

func TestTransfer(t *testing.T) {
	slope, intercept := Transfer(desk.Look{Window: desk.Presets[0].Window})
	assert.Equal(t, [2]float64{1, 0}, [2]float64{slope, intercept}, "as stored")
	w := desk.Window{Width: 100, Level: 80}
	for grey, want := range map[float64]float64{30: 0, 80: 0.5, 130: 1} {
		slope, intercept := Transfer(desk.Look{Window: w})
		assert.InDelta(t, want, slope*grey/255+intercept, 1e-9)
		slope, intercept = Transfer(desk.Look{Window: w, Inverted: true})
		assert.InDelta(t, 1-want, slope*grey/255+intercept, 1e-9)
	}
}
