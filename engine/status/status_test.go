package status_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/status"
)

func TestCodeOf(t *testing.T) {
	lost := status.Errorf(status.BackendLost, "simd: a thread was lost")
	plain := errors.New("weights: truncated")
	for _, c := range []struct {
		err  error
		code status.Code
		text string
	}{
		{lost, status.BackendLost, "simd: a thread was lost"},
		{fmt.Errorf("engine: %w", lost), status.BackendLost, "engine: simd: a thread was lost"},
		{status.Errorf(status.NotFinite, "engine: %w", lost), status.NotFinite, "engine: simd: a thread was lost"},
		{fmt.Errorf("engine: %w", context.Canceled), status.Cancelled, "engine: context canceled"},
		{status.Errorf(status.BadWeights, "%w", context.DeadlineExceeded), status.Cancelled, "context deadline exceeded"},
		{plain, status.Internal, "weights: truncated"},
		{status.Mark(status.BadWeights, plain), status.BadWeights, "weights: truncated"},
		{status.Mark(status.BadWeights, lost), status.BackendLost, "simd: a thread was lost"},
		{status.Mark(status.BadWeights, context.Canceled), status.Cancelled, "context canceled"},
	} {
		assert.Equal(t, c.code, status.CodeOf(c.err), c.text)
		assert.EqualError(t, c.err, c.text)
	}
	assert.ErrorIs(t, status.Mark(status.BadWeights, plain), plain)
	assert.NoError(t, status.Mark(status.BadWeights, nil))
}

func TestReason(t *testing.T) {
	kind := status.Errorf(status.UnsupportedImage, "not supported")
	for _, c := range []struct {
		err    error
		reason string
	}{
		{fmt.Errorf("radiograph: a.pdf: %w: a PDF document; export the image", kind), "a PDF document; export the image"},
		{fmt.Errorf("radiograph: a.pdf: %w", kind), ""},
		{fmt.Errorf("worker: %w", &status.Error{Code: status.UnknownImage, Err: errors.New("x: text"), Reason: "a text"}), "a text"},
		{status.Errorf(status.BadWeights, "truncated: at byte 3"), ""},
		{errors.New("weights: truncated"), ""},
		{nil, ""},
	} {
		assert.Equal(t, c.reason, status.Reason(c.err), "%v", c.err)
	}
}

func TestCodes(t *testing.T) {
	seen := map[status.Code]bool{}
	for _, c := range status.Codes() {
		assert.NotEmpty(t, c)
		assert.False(t, seen[c], "%s comes twice", c)
		seen[c] = true
	}
	assert.True(t, status.WrongViews.Input())
	assert.False(t, status.OutOfMemory.Input())
	assert.False(t, status.Internal.Input())
}
