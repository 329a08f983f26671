package backends

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/internal/selftest"
	"uarweb/engine/device/portable"
)

// wrong is a backend that takes the last column for the largest.
type wrong struct {
	device.Backend
	closed *bool
}

func (w wrong) ArgMax(dst device.Buffer, offset int, x device.Buffer, rows, columns int) {
	w.Backend.ArgMax(dst, offset, x, rows, columns)
	w.Backend.UploadInts(dst, offset, []int32{int32(columns) - 1})
}

func (w wrong) Close() {
	*w.closed = true
	w.Backend.Close()
}

// A backend that computes wrong numbers is not used: named, it is an error that
// says which operation failed, else the next takes its place and the answer says
// why. Either way it is closed.
func TestAWrongBackendIsNotUsed(t *testing.T) {
	var closed bool
	faulty := candidate{name: "faulty", open: func(context.Context, bool, bool) (device.Backend, string, error) {
		return wrong{portable.New(), &closed}, "a faulty one", nil
	}}
	defer func(before []candidate) { candidates = before }(candidates)
	candidates = append([]candidate{faulty}, processors...)

	b, _, err := Open(t.Context(), "faulty")
	assert.Nil(t, b)
	assert.ErrorIs(t, err, selftest.ErrWrong)
	assert.ErrorContains(t, err, "argmax")
	assert.True(t, closed)

	closed = false
	b, why, err := Choice{}.Open(t.Context())
	require.NoError(t, err)
	defer b.Close()
	assert.NotEqual(t, "faulty", b.Name())
	assert.Contains(t, why, "; not faulty: ")
	assert.Contains(t, why, "argmax")
	assert.True(t, closed)
}

// A failure that may be that of more than the plain is followed by a try without,
// and by the next backend only if that fails, too.
func TestAPlainOneMayDoBetter(t *testing.T) {
	defer func(before []candidate) { candidates = before }(candidates)
	for _, c := range []struct {
		name         string
		plainIsRight bool
		why          string // a regular expression
	}{
		{"it does", true, `^a plain one; not with more: selftest: wrong result: argmax: .+$`},
		{"it does not", false, `^Go without SIMD; not fancy: selftest: wrong result: argmax: .+$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opened []string
			candidates = []candidate{{
				name: "fancy",
				open: func(_ context.Context, _, plain bool) (device.Backend, string, error) {
					what := map[bool]string{false: "a fancy one", true: "a plain one"}[plain]
					opened = append(opened, what)
					if plain && c.plainIsRight {
						return portable.New(), what, nil
					}
					return wrong{portable.New(), new(bool)}, what, nil
				},
				doubted: func(_ device.Backend, err error) bool { return errors.Is(err, selftest.ErrWrong) },
			}, processors[len(processors)-1]}
			b, why, err := Choice{}.Open(t.Context())
			require.NoError(t, err)
			defer b.Close()
			assert.Regexp(t, c.why, why)
			assert.Equal(t, []string{"a fancy one", "a plain one"}, opened)
		})
	}
}

// late is a backend whose results come when nobody waits for them any more.
type late struct {
	device.Backend
	stop   context.CancelFunc
	closed chan struct{}
}

func (l late) Download(ctx context.Context, copies ...device.Copy) error {
	l.stop()
	<-l.closed
	return l.Backend.Download(context.WithoutCancel(ctx), copies...)
}

func (l late) Close() { close(l.closed) }

// A backend that may hang is closed when the context ends, and then is not handed
// out, though it has passed.
func TestABackendClosedInTheTestIsNotUsed(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	slow := candidate{name: "slow", patience: time.Hour, open: func(context.Context, bool, bool) (device.Backend, string, error) {
		return late{portable.New(), stop, make(chan struct{})}, "a slow one", nil
	}}
	defer func(before []candidate) { candidates = before }(candidates)
	candidates = []candidate{slow}

	b, _, err := Open(ctx, "slow")
	assert.Nil(t, b)
	assert.ErrorIs(t, err, context.Canceled)
}
