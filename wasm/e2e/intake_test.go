//go:build !js

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
)

// What comes to the page comes to one: to open one takes longer than most of this.
func TestIntake(t *testing.T) {
	t.Parallel()
	p := open(t)
	for _, c := range []struct {
		name string
		test func(t *testing.T, p *page)
	}{
		{"pasted", testPaste}, {"chosen", testOneView}, {"notes", testNotes}, {"ZIP", testZIP}, {"CD", testCD},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.clear()
			c.test(t, p)
		})
	}
}

// What was decided about an image is said under it, aloud, and in the JSON.
func testNotes(t *testing.T, p *page) {
	for _, c := range []struct{ file, facts, note string }{
		{"png-16-of-12-bits.png", "PNG, 16 × 16", "Values end at 4,095: read as 12 bits"},
		{"exif-6.jpg", "JPEG, 32 × 48", "Turned by 90° to the right, as the file says"},
		{"missing-jpeg2000-lossless-90.dcm", "DICOM, 16 × 16", ""},
		{"missing-jpeg-lossless-70.dcm", "DICOM, 16 × 16", ""},
		{"mono2-lut-shape-inverse.dcm", "DICOM, 16 × 16", "Presentation LUT Shape is INVERSE: shown inverted"},
	} {
		p.clear()
		p.drop(intake(t, c.file))
		p.wait(`document.querySelector("[data-filled=true] .slot-facts") !== null`)
		assert.Equal(t, c.facts, eval[string](p, `document.querySelector("figure[data-filled=true] .slot-facts").textContent`), c.file)
		notes := eval[[]string](p, `[...document.querySelectorAll("figure[data-filled=true] .slot-notes li")].map((e) => e.textContent)`)
		require.NotEmpty(t, notes, "%s: why it stands where it does", c.file)
		if c.note == "" {
			assert.Len(t, notes, 1, c.file)
			continue
		}
		assert.Equal(t, c.note, notes[1], c.file)
		p.wait(fmt.Sprintf(`document.getElementById("announce").textContent.includes(%q)`, c.note))
	}
	p.run()
	assert.Contains(t, p.saved(func() { p.evaluate(`document.getElementById("save-json").click()`) }), `"Presentation LUT Shape is INVERSE: shown inverted"`)
}

// A CD's images are listed as its index names them: of an archive to choose from, and
// opened by the keyboard alone; of a folder in the queue. A lateral view goes to the
// lateral's place, and can be moved.
func testCD(t *testing.T, p *page) {
	folder := filepath.Join(t.TempDir(), "CD")
	files := map[string][]byte{
		"DICOMDIR":        dicomdir(`IMAGES\LATERAL`, `IMAGES\FRONTAL`, `IMAGES\OTHER`),
		"IMAGES/LATERAL":  radiographDICOM(radiograph.PhantomLateral(7, 64, 64), "LL"),
		"IMAGES/FRONTAL":  radiographDICOM(radiograph.Phantom(7, 64, 64), "PA"),
		"IMAGES/OTHER":    radiographDICOM(radiograph.Phantom(8, 64, 64), "AP"),
		"VIEWER/logo.png": encode(t, radiograph.Phantom(9, 64, 64)),
		"README.TXT":      []byte("Read me."),
	}
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	p.drop(writeZIP(t, "CD.zip", files))
	p.wait(`!choice.hidden && document.activeElement.id === "choice-0"`)
	assert.Equal(t, []string{"CD.zip/IMAGES/LATERAL", "CD.zip/IMAGES/FRONTAL", "CD.zip/IMAGES/OTHER"},
		eval[[]string](p, `[...document.querySelectorAll(".choice-name")].map((e) => e.querySelector(".choice-folder").textContent + "/" + e.querySelector("strong").textContent)`))
	assert.Contains(t, p.text("choice"), "lateral view · 2021-03-04 · DX · DICOM")
	for _, width := range []int64{320, 360} {
		p.do(chromedp.EmulateViewport(width, 740))
		assert.LessOrEqual(t, eval[int64](p, `document.documentElement.scrollWidth`), width)
	}
	p.do(chromedp.EmulateViewport(1280, 900))

	assert.True(t, eval[bool](p, `document.getElementById("choice-open").disabled`))
	p.press(" ")
	p.tabTo("choice-1")
	p.press(" ")
	p.wait(`document.getElementById("choice-1").checked && document.getElementById("choice-2").disabled`)
	p.tabTo("choice-open")
	p.press(kb.Enter)
	p.wait(`choice.hidden && document.querySelectorAll("figure[data-filled=true]").length === 2`)
	assert.Contains(t, p.text("slot-0"), "FRONTAL")
	assert.Equal(t, "The frontal view, as the file says", p.text("notes-0"))
	assert.Equal(t, "The lateral view, as the file says", p.text("notes-1"))
	p.tabTo("swap")
	p.press(" ")
	p.wait(`document.getElementById("notes-0").textContent.trim() === "The frontal view, as you chose"`)
	assert.Contains(t, p.text("slot-0"), "LATERAL")
	p.run()

	p.do(chromedp.SetUploadFiles(chromedp.ID("folder"), []string{folder}))
	p.wait(`page.dataset.room === "queue" && document.querySelectorAll(".study").length === 2`)
	assert.Equal(t, "FRONTAL and LATERAL", eval[string](p, `document.querySelector(".study h3").textContent`))
}

// A ZIP's images can be chosen from, and are inflated when they are.
func testZIP(t *testing.T, p *page) {
	frontal, lateral := radiograph.Phantom(7, 640, 512), radiograph.PhantomLateral(7, 512, 600)
	files := map[string][]byte{"study/a.png": encode(t, frontal), "study/b.png": encode(t, lateral), "study/c.txt": []byte("Read me.")}
	p.drop(writeZIP(t, "study.zip", files))
	p.wait(`document.querySelectorAll("figure[data-filled=true]").length === 2`)
	assert.Equal(t, "Another file is no image that this page can read.", p.text("notice"))
	p.run()
	a, b := writePNG(t, "a.png", frontal), writePNG(t, "b.png", lateral)
	assert.Equal(t, command(t, a, b).Text, p.text("report"))

	files["study/d.dcm"] = radiographDICOM(frontal, "PA")
	p.drop(writeZIP(t, "more.zip", files))
	p.wait(`!choice.hidden && document.querySelectorAll("#choice input").length === 3`)
	p.click("choice-2")
	p.click("choice-open")
	p.wait(`choice.hidden && document.querySelectorAll("figure[data-filled=true]").length === 1`)
	assert.Contains(t, p.text("slot-0"), "d.dcm")
}

func testPaste(t *testing.T, p *page) {
	eval[bool](p, `(async () => {
		const canvas = new OffscreenCanvas(64, 64).getContext("2d");
		canvas.fillStyle = "grey";
		canvas.fillRect(16, 16, 32, 32);
		const clipboardData = new DataTransfer();
		clipboardData.items.add(new File([await canvas.canvas.convertToBlob()], "image.png"));
		document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
		return true;
	})()`)
	p.wait(`document.querySelectorAll("figure[data-filled=true]").length === 1`)
}

// One view, chosen with the file dialogue.
func testOneView(t *testing.T, p *page) {
	frontal, _ := phantoms(t)
	p.do(chromedp.SetUploadFiles(chromedp.ID("files"), []string{frontal}))
	p.wait(`document.getElementById("slot-0").dataset.filled === "true"`)
	p.run()
	assert.Equal(t, command(t, frontal).Text, p.text("report"))
}
