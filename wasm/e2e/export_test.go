//go:build !js

package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
)

// The report leaves in each format, chosen by the keyboard, and on paper.
func TestExport(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.example()
	p.focus("export")
	p.press(kb.Enter)
	p.wait(`!exports.hidden && document.getElementById("export").ariaExpanded === "true"`)
	for format, begins := range map[string]string{
		"text": p.text("report"), "markdown": "# Chest X-ray", "csv": `"sentence","text",`, "json": `{"text":`, "sr": "\x00",
	} {
		p.focus("save-" + format)
		saved := p.saved(func() { p.press(kb.Enter) })
		assert.Equal(t, begins, saved[:len(begins)], format)
		assert.Contains(t, saved, report.Disclaimer, format)
	}
	p.press(kb.Escape)
	p.wait(`exports.hidden && document.activeElement.id === "export"`)

	// On paper are the films, and once more with the map of all words, or that of the
	// chosen one.
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	require.NoError(t, err)
	films := func() []string {
		p.evaluate(`dispatchEvent(new Event("beforeprint"))`)
		return eval[[]string](p, `[...document.querySelectorAll(".sheet-film")].map((f) => [...f.children].map((e) => e.getAttribute("class")).join(" "))`)
	}
	want := []string{"xray", "xray heat contour", "xray", "xray heat contour"}
	assert.Equal(t, want, films())
	all := p.canvas("#sheet-films .heat")
	p.evaluate(`document.getElementById("word-0").click()`)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	assert.Equal(t, want, films())
	assert.NotEqual(t, all, p.canvas("#sheet-films .heat"))
	for _, canvas := range []string{".xray", ".heat"} {
		assert.Equal(t, p.canvas("#film-0 "+canvas), p.canvas("#sheet-films "+canvas), canvas)
	}
	assert.Equal(t, []string{"sheet"}, eval[[]string](p, `[...page.children, ...document.querySelector(".read-room").children].filter((e) => e.getClientRects().length).map((e) => e.className)`))
	assert.Equal(t, p.text("report"), eval[string](p, `[...document.querySelectorAll(".sheet-draft li")].map((e) => e.textContent).join(" ")`))
	p.evaluate(`dispatchEvent(new Event("afterprint"))`)
	assert.Zero(t, eval[int](p, `document.getElementById("sheet-films").children.length`))
}

// saved is what the page offers to save when do is done, as text.
func (p *page) saved(do func()) string {
	p.t.Helper()
	p.evaluate(`window.saving = new Promise((saved) => {
		const create = URL.createObjectURL;
		URL.createObjectURL = (blob) => {
			URL.createObjectURL = create;
			blob.text().then(saved);
			return create.call(URL, blob);
		};
	})`)
	do()
	return eval[string](p, `saving`)
}
