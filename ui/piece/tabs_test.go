package piece

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk/desktest"
)

func TestTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		c := &Tabs{Label: "All", Tabs: []Tab{{"a", "of-a", "A"}, {"b", "of-b", "B"}, {"c", "of-c", "<C>"}}}
		c.Choose = func(tab int) { c.Chosen = tab }
		for _, press := range []struct {
			key  string
			want int
			alt  bool
		}{
			{"ArrowRight", 1, false}, {"ArrowRight", 1, true}, {"ArrowRight", 2, false}, {"ArrowRight", 0, false},
			{"ArrowLeft", 2, false}, {"ArrowLeft", 1, false}, {"Home", 0, false}, {"End", 2, false}, {"x", 2, false},
		} {
			e := b.NewEvent(map[string]any{"key": press.key, "ctrlKey": false, "altKey": press.alt, "metaKey": false})
			c.key(e)
			assert.Equal(t, press.want, c.Chosen, press.key)
			assert.Equal(t, press.key != "x" && !press.alt, e.Prevented, press.key)
		}
		html := b.HTML(c)
		assert.Contains(t, html, `role="tablist" aria-label="All"`)
		assert.Contains(t, html, `<button type="button" role="tab" aria-controls="of-b" aria-selected="false" id="b" tabindex="-1">B</button>`)
		assert.Contains(t, html, `aria-controls="of-c" aria-selected="true" id="c" tabindex="0">&lt;C&gt;</button>`)
	})
}
