package desk_test

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// Nothing is remembered until the reader wants it; then each report is, whichever way
// it was written, and all goes when they no longer do.
func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a.png")
		b.Do(b.Run)
		assert.False(t, b.History().On())
		assert.Equal(t, "Off: no report outlives this tab.", b.History().State())
		assert.Empty(t, b.Screen.History)

		b.Do(b.History().Toggle)
		assert.True(t, b.History().On())
		assert.Empty(t, b.History().Reports(), "what was written before is not remembered")
		b.Do(b.Run)
		b.Do(b.Run)
		reports := b.History().Reports()
		require.Len(t, reports, 2)
		assert.Greater(t, reports[0].ID, reports[1].ID, "the newest first, though both were written at once")
		assert.Equal(t, "a.png", reports[0].Films)
		assert.Equal(t, desktest.Sample().Text, reports[0].Text)
		assert.Equal(t, "On: 2 reports remembered in this browser, of at most 40.", b.History().State())

		b.Do(func() { b.History().Save(reports[1]) })
		saved := []byte(b.Screen.Saved[len("report.json application/json "):])
		var r report.Report
		require.NoError(t, json.Unmarshal(saved, &r))
		assert.Equal(t, desktest.Sample().Text, r.Text)

		b.Do(func() { b.History().Forget(reports[0]) })
		assert.Equal(t, reports[1:], b.History().Reports())

		b.Do(func() {
			b.Add(desktest.File{Named: "1.png"}, desktest.File{Named: "2.png"}, desktest.File{Named: "3.png"})
		})
		assert.Len(t, b.History().Reports(), 4, "those of the queue are, too")

		b.Do(b.History().Toggle)
		assert.False(t, b.History().On())
		assert.Empty(t, b.History().Reports())
		assert.Empty(t, b.Screen.Documents)
		b.Do(b.Run)
		assert.Empty(t, b.Screen.History)
	})
}

// A history that was turned on is there when the page is opened again.
func TestHistoryStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Screen.History, b.Screen.Keeping = []desk.Remembered{{ID: 7, Films: "a.png"}}, true
		b.Do(b.Start)
		assert.True(t, b.History().On())
		assert.Equal(t, b.Screen.History, b.History().Reports())
	})
}

// What the browser does not do is said, and changes nothing else.
func TestHistoryFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a.png")
		b.Screen.Denied = errors.New("a private window")
		b.Do(b.History().Toggle)
		assert.False(t, b.History().On())
		assert.Equal(t, "a private window", b.History().Why())
		b.Do(b.Run)
		assert.NotNil(t, b.Result())
		b.Screen.Denied = nil
		b.Do(b.History().Toggle)
		assert.Empty(t, b.History().Why())
		assert.True(t, b.History().On())
	})
}
