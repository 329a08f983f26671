package app

import (
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/radiograph/voi"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/protocol"
)

// What a phantom has is drawn where it is drawn again, and its outlines come along.
func TestPhantom(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	chest := phantom.Chest{Seed: 5, Nodule: 9}
	view, failure := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), chest, true, 64) })
	request := <-w.sent
	assert.Equal(t, protocol.OpenPhantom{View: 1, Chest: chest, Lateral: true, Size: 64}, request.Body)
	outlines := []phantom.Outline{{Finding: phantom.Finding{Name: "nodule", Label: "lung lesion"}, Path: "M1 1L2 2Z"}}
	w.say(t, request.ID, protocol.Opened{View: 1, OriginalWidth: 64, OriginalHeight: 64, Width: 1, Height: 1, Scale: new(voi.Plain(8)), Outlines: outlines}, js.Global().Get("Uint8Array").New(2))
	require.NoError(t, <-failure)
	assert.Equal(t, outlines, (<-view).Outlines)
}

func TestShow(t *testing.T) {
	b := newBench(t, nil)
	part := trace.Part{Kind: trace.OfPatch, Index: 12}
	showing := func(v *desk.View) (chan trace.Shown, chan error) {
		return begin(func() (trace.Shown, error) { return b.Show(t.Context(), []*desk.View{v}, part, nil) })
	}
	w := b.loaded("simd")
	v := b.opened(w)
	shown, failure := showing(v)
	request := <-w.sent
	assert.Equal(t, protocol.ShowTrace{Views: []int{1}, Part: part}, request.Body)
	want := trace.Shown{Patch: &trace.Patch{Likeliest: []trace.Code{{Code: 3, Probability: 0.5}}}}
	w.say(t, request.ID, protocol.Shown{Shown: want})
	require.NoError(t, <-failure)
	assert.Equal(t, want, <-shown)
}

func TestMeasure(t *testing.T) {
	b := newBench(t, nil)
	s := sweep.Sweep{Of: "nodule", Samples: 2, Seeds: 1}
	measuring := func() (chan sweep.Point, chan error) {
		return begin(func() (sweep.Point, error) { return b.Measure(t.Context(), s, 12) })
	}
	_, failure := measuring()
	assert.Equal(t, status.NoModel, status.CodeOf(<-failure))
	w := b.loaded("simd")
	point, failure := measuring()
	request := <-w.sent
	assert.Equal(t, protocol.MeasurePoint{Sweep: s, Value: 12}, request.Body)
	w.say(t, request.ID, protocol.Measured{Point: sweep.Point{Value: 12, Reports: 2}})
	require.NoError(t, <-failure)
	assert.Equal(t, sweep.Point{Value: 12, Reports: 2}, <-point)
	_, failure = measuring()
	w.say(t, (<-w.sent).ID, protocol.Failed{Code: status.NotFinite, Message: "a fault"})
	assert.Equal(t, status.NotFinite, status.CodeOf(<-failure))
}
