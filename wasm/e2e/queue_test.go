//go:build !js

package e2e

import (
	"encoding/csv"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
)

// A folder becomes studies, which are written one after another. One of them is read
// on the stage, with the report it has, and from there the next; the rooms are as they
// were left.
func TestQueue(t *testing.T) {
	t.Parallel()
	shards, arguments := tiny(t)
	frontal, lateral := radiograph.Phantom(7, 64, 64), radiograph.PhantomLateral(7, 64, 64)
	folder := filepath.Join(t.TempDir(), "clinic")
	for name, content := range map[string][]byte{
		"1/IM1":           studyDICOM(frontal, "PA", "1.2.3"),
		"2/IM9":           studyDICOM(lateral, "LL", "1.2.3"),
		"2/7-frontal.png": encode(t, frontal),
		"2/7-lateral.png": encode(t, lateral),
		"blank.png":       encode(t, image.NewGray(image.Rect(0, 0, 64, 64))),
		"notes.txt":       []byte("Read me."),
		"walk-in.png":     encode(t, frontal),
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	p := openWith(t, product(t, shards))
	p.wait(`page.dataset.model === "ready"`)
	p.drop(folder)
	p.wait(`page.dataset.room === "queue" && location.hash === "#queue" && document.activeElement.id === "queue-title"`)
	p.wait(`document.querySelectorAll(".study[data-state=done]").length === 3 && document.querySelectorAll(".study[data-state=failed]").length === 1`)
	assert.Equal(t, "6 images in 4 studies, written one after another. Another file is no image that this page can read.", p.text("notice"))
	assert.Equal(t, "4 studies: 3 done, 1 failed", p.text("queue-sum"))
	assert.Equal(t, []string{
		"IM1 and IM9", "frontal, as the file says; lateral, as the file says · paired: one study by DICOM · clinic/1/",
		"7-frontal.png and 7-lateral.png", "frontal, by its name; lateral, by its name · paired by their names · clinic/2/",
		"blank.png", "no view named · one film · clinic/",
	}, eval[[]string](p, `[...document.querySelectorAll(".study")].slice(0, 3).flatMap((s) => [s.querySelector("h3").textContent, s.querySelector(".study-facts").textContent])`))
	assert.Contains(t, eval[string](p, `document.querySelector(".study[data-state=failed] .study-named").textContent`), "“blank.png” shows nothing")

	rows, err := csv.NewReader(strings.NewReader(p.saved(func() { p.click("save-table") }))).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 1+3*14)
	assert.Len(t, strings.Split(strings.TrimSpace(p.saved(func() { p.click("save-lines") })), "\n"), 3)

	// The second is on the stage with the report that it has.
	want := command(t, arguments[0], arguments[1], filepath.Join(folder, "2", "7-frontal.png"), filepath.Join(folder, "2", "7-lateral.png")).Text
	p.clickOn(".study:nth-child(2) button")
	p.wait(`page.dataset.room === "read" && page.dataset.run === "done" && document.activeElement.id === "read-title"`)
	assert.Equal(t, want, p.text("report"))
	assert.Equal(t, "Study 2 of 4: 7-frontal.png and 7-lateral.png", p.text("position-now"))
	p.click("word-0")
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	film, map0 := p.canvas("#film-0 .xray"), p.canvas("#film-0 .heat")

	p.evaluate(`history.back()`)
	p.wait(`page.dataset.room === "queue" && !document.getElementById("film-0") && document.title === "Queue · uarweb"`)
	p.evaluate(`history.forward()`)
	p.wait(`page.dataset.room === "read" && document.getElementById("film-0").dataset.map === "0"`)
	assert.Equal(t, film, p.canvas("#film-0 .xray"))
	assert.Equal(t, map0, p.canvas("#film-0 .heat"))

	p.click("word-0")
	p.press(kb.PageDown) // over the one that cannot be read
	p.wait(`document.getElementById("position-now").textContent.startsWith("Study 4 of 4") && page.dataset.run === "done"`)
	assert.Contains(t, p.text("slot-0"), "walk-in.png")
	p.evaluate(`location.hash = "#nowhere?name=Doe"`)
	p.wait(`location.hash === "#read"`)
}
