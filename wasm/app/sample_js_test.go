package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/protocol"
)

func (b *bench) sampling(ctx context.Context, v *desk.View, drawn func(string)) chan error {
	_, failure := begin(func() (any, error) { return nil, b.Sample(ctx, []*desk.View{v}, 20, 7, drawn) })
	return failure
}

// Each report that is drawn arrives, however fast they come.
func TestSample(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	var drawn []string
	failure := b.sampling(t.Context(), v, func(report string) { drawn = append(drawn, report) })
	request := <-w.sent
	assert.Equal(t, protocol.SampleReports{Views: []int{1}, Reports: 20, Seed: 7}, request.Body)
	for i, report := range []string{"a", "b", "c"} {
		w.say(t, request.ID, protocol.Drawn{Index: i, Report: report})
	}
	w.say(t, request.ID, protocol.Progress{Progress: status.Progress{Stage: status.StageGenerate, Done: 1, Total: 2}})
	w.say(t, request.ID, protocol.Done{})
	require.NoError(t, <-failure)
	assert.Equal(t, []string{"a", "b", "c"}, drawn)
	w.say(t, request.ID, protocol.Drawn{Index: 3, Report: "d"}) // of what is over
	assert.NotNil(t, b.Model())
}

// A worker that dies takes what it saw along; the next looks at the views anew.
func TestSampleInTheNextWorker(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	failure := b.sampling(t.Context(), v, func(string) {})
	<-w.sent
	w.say(t, 0, protocol.Failed{Code: status.Crashed, Message: "a fault"})
	assert.Equal(t, status.Crashed, status.CodeOf(<-failure))
	assert.Equal(t, status.NoModel, status.CodeOf(<-b.sampling(t.Context(), v, func(string) {})))

	b.Restart()
	w = b.loaded("simd")
	failure = b.sampling(t.Context(), v, func(string) {})
	w.draw(t, <-w.sent)
	request := <-w.sent
	assert.IsType(t, protocol.SampleReports{}, request.Body)
	w.say(t, request.ID, protocol.Done{})
	require.NoError(t, <-failure)
}
