//go:build !js

package e2e

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/ui/desk"
	"uarweb/ui/film"
)

// opacity is how opaque each pixel of a word's map over one of the report's
// views has to be, in 0..255, or nil if there is nothing to see there.
func opacity(r report.Report, views, word, view int, m desk.Map) []int {
	shown := make([]*desk.View, views)
	for i := range shown {
		shown[i] = &desk.View{}
	}
	heat := film.Picture{View: shown[view], Result: &desk.Result{Report: &r, Views: shown}, Word: word, Map: m}.Heat()
	if heat == nil {
		return nil
	}
	var alpha []int
	for i := 3; i < len(heat.Pix); i += 4 {
		alpha = append(alpha, int(heat.Pix[i]))
	}
	return alpha
}

// waitMap waits until a slot shows the map of that opacity.
func (p *page) waitMap(slot int, want []int, what ...any) {
	p.t.Helper()
	// The command and the page may add up in another order, and so differ by one
	// of the 256 colours, of which the first rises by 4.
	const tolerance = 5
	differ := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got := eval[[]int](p, fmt.Sprintf(`(() => {
			const canvas = document.querySelector("#film-%d .heat");
			if (canvas.width <= 1) return [];
			const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
			copy.drawImage(canvas, 0, 0);
			return Array.from(copy.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i %% 4 === 3));
		})()`, slot))
		if len(got) != len(want) {
			differ = max(len(got), len(want))
			continue
		}
		differ = 0
		for i := range want {
			if max(want[i], got[i])-min(want[i], got[i]) > tolerance {
				differ++
			}
		}
		if differ == 0 {
			return
		}
	}
	assert.Fail(p.t, fmt.Sprintf("film %d does not come to show the map that belongs there: %d of %d pixels differ", slot, differ, len(want)), what...)
}
