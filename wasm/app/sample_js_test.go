package app

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/protocol"
)

func (b *bench) sampling(ctx context.Context, v *desk.View, drawn func(desk.Drawn)) chan error {
	_, failure := begin(func() (any, error) { return nil, b.Sample(ctx, []*desk.View{v}, 20, 7, drawn) })
	return failure
}

// Each report that is drawn arrives, however fast they come.
func TestSample(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	var drawn []string
	failure := b.sampling(t.Context(), v, func(d desk.Drawn) { drawn = append(drawn, d.Cleaned) })
	request := <-w.sent
	assert.Equal(t, protocol.SampleReports{Views: []int{1}, Reports: 20, Seed: 7}, request.Body)
	for i, report := range []string{"a", "b", "c"} {
		w.say(t, request.ID, protocol.Drawn{Index: i, Cleaned: report})
	}
	w.say(t, request.ID, protocol.Progress{Progress: status.Progress{Stage: status.StageGenerate, Done: 1, Total: 2}})
	w.say(t, request.ID, protocol.Done{})
	require.NoError(t, <-failure)
	assert.Equal(t, []string{"a", "b", "c"}, drawn)
	w.say(t, request.ID, protocol.Drawn{Index: 3, Cleaned: "d"}) // of what is over
	assert.NotNil(t, b.Model())
}

// A worker that dies takes what it saw along; the next looks at the views anew.
func TestSampleInTheNextWorker(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	failure := b.sampling(t.Context(), v, func(desk.Drawn) {})
	<-w.sent
	w.say(t, 0, protocol.Failed{Code: status.Crashed, Message: "a fault"})
	assert.Equal(t, status.Crashed, status.CodeOf(<-failure))
	assert.Equal(t, status.NoModel, status.CodeOf(<-b.sampling(t.Context(), v, func(desk.Drawn) {})))

	b.Restart()
	w = b.loaded("simd")
	failure = b.sampling(t.Context(), v, func(desk.Drawn) {})
	w.draw(t, <-w.sent)
	request := <-w.sent
	assert.IsType(t, protocol.SampleReports{}, request.Body)
	w.say(t, request.ID, protocol.Done{})
	require.NoError(t, <-failure)
}

// A report that waits behind redraws whose cancel is not heeded loses its worker, not
// its sense: who asked can load the model and ask again.
func TestReportBehindDeafSamples(t *testing.T) {
	b := newBench(t, nil)
	b.cancelPatience = time.Millisecond
	w := b.loaded("simd")
	v := b.opened(w)
	ctx, cancel := context.WithCancel(t.Context())
	drawing := b.sampling(ctx, v, func(desk.Drawn) {})
	<-w.sent
	writing := b.writing(t.Context(), v)
	<-w.sent
	cancel()
	assert.ErrorIs(t, <-drawing, context.Canceled)
	assert.Equal(t, status.BackendLost, status.CodeOf(<-writing))
	assert.Empty(t, b.faults, "it is no fault")
	w = b.loaded("simd")
	writing = b.writing(t.Context(), v)
	w.draw(t, <-w.sent)
	w.say(t, (<-w.sent).ID, protocol.Written{Report: &report.Report{}})
	require.NoError(t, <-writing)
}

// A draft is written otherwise as the desk asks.
func TestRewrite(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	otherwise := desk.Writing{Beam: 5, WithoutTIR: true, Prefix: []int{4, 5}, Cover: []int{7}}
	written, failure := begin(func() (*report.Report, error) {
		return b.Rewrite(t.Context(), []*desk.View{v}, otherwise, func(status.Progress) {})
	})
	request := <-w.sent
	assert.Equal(t, protocol.RewriteReport{Views: []int{1}, Beam: 5, WithoutTIR: true, Prefix: []int{4, 5}, Cover: []int{7}}, request.Body)
	w.say(t, request.ID, protocol.Written{Report: &report.Report{Text: "Clear."}})
	require.NoError(t, <-failure)
	assert.Equal(t, "Clear.", (<-written).Text)
}
