package read

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// The sheet says what is on it, what it is not, and where it comes from.
func TestSheet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		sheet := func() string { return b.HTML(&Sheet{Desk: b.Desk}) }
		assert.NotContains(t, sheet(), "<li>", "before there is a report")
		b.Ready("a.png", "b.png")
		b.Do(b.Run)
		for _, what := range []string{
			"a.png and b.png, written 2000-01-01", "Not for diagnosis.", "<li>Heart normal.</li>", "<li>[redacted] clear.</li>", "what the draft looked at: all words, on average;",
			"Looks &lt;little&gt; at the image.", report.Disclaimer, "SHA-256 f00d", "3 beams",
		} {
			assert.Contains(t, sheet(), what)
		}
		b.Do(func() { b.Select(0) })
		assert.Contains(t, sheet(), "what the draft looked at: “Heart”; line: half way up the scale. Looked mostly at: the right upper zone, 100 %")
		b.Do(func() { b.SetMap(desk.Mask) })
		assert.Contains(t, sheet(), "the mask: “Heart”")
		b.Do(func() { b.Compare(desk.Comparison{Change: desk.LeaveOutTIR}) })
		b.Do(func() { b.SetMap(desk.Changed) })
		assert.Contains(t, sheet(), "the change of attention (Without the mask): “Heart”; line: more, dashed: less, half way up the scale. It looked at the same places.")
		assert.Contains(t, sheet(), "text-to-image mask on", "the draft’s own")
		b.Do(func() { b.SetMap(desk.Off) })
		assert.Contains(t, sheet(), "The films as stored.")
		b.Do(b.Swap)
		assert.Contains(t, sheet(), "have changed")
	})
}

// Escape closes the list of formats, and nothing else does by a key.
func TestExportKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		c := &Export{Desk: b.Desk}
		press := func(key string) bool {
			event := b.NewEvent(map[string]any{"key": key})
			c.key(event)
			return event.Prevented
		}
		assert.False(t, press("Escape"), "nothing is open")
		b.Toggle(desk.Exports)
		assert.False(t, press("a"))
		assert.True(t, b.IsOpen(desk.Exports))
		assert.True(t, press("Escape"))
		assert.False(t, b.IsOpen(desk.Exports))
	})
}
