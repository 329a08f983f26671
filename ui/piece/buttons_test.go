package piece

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk/desktest"
)

func TestButtons(t *testing.T) {
	pressed := 0
	do := func() { pressed++ }
	open, closed := Button{Label: "Read", About: "<a>", Do: do}, Button{ID: "next", Label: "Next", Keys: "PageDown", Closed: true, Do: do}
	html := desktest.New(t).HTML(&Buttons{Label: "All", Buttons: []Button{open, closed}})
	assert.Contains(t, html, `aria-disabled="false" aria-label="Read: &lt;a&gt;">Read<`)
	assert.Contains(t, html, `aria-disabled="true" aria-keyshortcuts="PageDown" id="next">Next<`)
	assert.NotContains(t, html, `id=""`)
	open.press()
	closed.press()
	assert.Equal(t, 1, pressed)
}
