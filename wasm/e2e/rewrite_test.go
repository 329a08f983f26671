//go:build !js

package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/weights/golden"
)

// mostLookedAt is the tenth of the patches that a word looked at most, as the command
// takes it.
func mostLookedAt(w report.Word) string {
	places := make([]int, len(w.Attention))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int {
		switch {
		case w.Attention[a] > w.Attention[b]:
			return -1
		case w.Attention[a] < w.Attention[b]:
			return 1
		}
		return 0
	})
	var list []string
	for _, place := range places[:max(1, (len(places)+5)/10)] {
		list = append(list, strconv.Itoa(place))
	}
	return strings.Join(list, ",")
}

// What the page writes otherwise, beside the draft that stays, is what the command
// writes so: with patches covered, another word followed, without the mask, with
// another width. What changed of a word is drawn.
func TestRewrite(t *testing.T) {
	t.Parallel()
	folder := golden.Path(t, "tiny_two_views")
	weights, frontal, lateral := filepath.Join(folder, "model.safetensors"), filepath.Join(folder, "view_0.png"), filepath.Join(folder, "view_1.png")
	p := open(t)
	shipped := p.text("fact-sha256")
	p.drop(weights)
	p.wait(fmt.Sprintf(`document.getElementById("fact-sha256").textContent.trim() !== %q && page.dataset.model === "ready"`, shipped))
	given := func(flags ...string) report.Report {
		return command(t, append(flags, "-weights", weights, frontal, lateral)...)
	}
	draft := given()
	assert.Equal(t, draft.Text, p.show(frontal, lateral))
	rewritten := func(state, want string) {
		t.Helper()
		p.wait(fmt.Sprintf(`document.getElementById("rewrite-other-title").textContent.startsWith(%q) && document.getElementById("rewrite-hint").textContent !== ""`, state))
		assert.Equal(t, want, p.text("rewrite-other"), state)
		assert.Equal(t, draft.Text, p.text("rewrite-draft"))
		assert.Equal(t, draft.Text, p.text("report"), "the draft stays")
	}

	p.press(kb.ArrowRight)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	p.press("c")
	rewritten("With what", given("-cover", mostLookedAt(draft.Words[0])).Text)
	p.wait(`document.getElementById("tab-compare").ariaSelected === "true" && document.activeElement.id === "word-0"`)
	assert.NotEmpty(t, p.text("word-rewrite"))

	other := slices.IndexFunc(draft.Words[0].Alternatives, func(a report.Alternative) bool {
		return a.Token != draft.Words[0].Token && !strings.HasPrefix(a.Text, "<")
	})
	p.click("follow-" + strconv.Itoa(other))
	rewritten("If it had said", given("-prefix", draft.Words[0].Alternatives[other].Text).Text)

	p.click("compare-1")
	rewritten("With 1 beam", given("-beam", "1").Text)
	p.click("compare-0")
	rewritten("Without the mask", given("-tir", "off").Text)
	p.click("keep")
	p.wait(`document.getElementById("keep").ariaPressed === "true"`)

	attention := p.canvas("#film-0 .heat")
	p.focus("word-0")
	p.press("d")
	p.wait(`document.getElementById("map-change").checked`)
	if eval[bool](p, `document.getElementById("legend").hidden`) {
		assert.Contains(t, p.text("word-where"), "no such word")
	} else {
		assert.NotEqual(t, attention, p.canvas("#film-0 .heat"))
		assert.Regexp(t, `^(More|Less) at: |^It looked at the same places`, p.text("word-where"))
	}

	// The tabs, by the keyboard.
	p.focus("tab-compare")
	p.press(kb.ArrowLeft)
	p.wait(`document.activeElement.id === "tab-findings" && document.getElementById("panel-compare").hidden && !document.getElementById("panel-findings").hidden`)
	p.run()
	p.wait(`page.dataset.run === "done" && !document.getElementById("map-change").checked && document.getElementById("map-change").disabled`)
}
