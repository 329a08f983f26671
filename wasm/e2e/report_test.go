//go:build !js

package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
	"uarweb/ui/desk"
	"uarweb/weights/golden"
	"uarweb/weights/model"
)

// The page writes what the command writes, and shows where each word looked.
func TestReport(t *testing.T) {
	t.Parallel()
	p := open(t)
	frontal, lateral := phantoms(t)
	want := command(t, frontal, lateral)
	assert.Equal(t, want.Text, p.show(frontal, lateral))
	assert.Empty(t, p.text("unlike"))

	// Words, one after the other.
	p.waitMap(0, nil)
	for word := range 3 {
		p.press(kb.ArrowRight)
		p.wait(fmt.Sprintf(`document.querySelector("[data-word='%d']").ariaCurrent === "true"`, word))
		p.wait(fmt.Sprintf(`document.getElementById("film-0").dataset.map === "%d"`, word))
		for view := range 2 {
			p.waitMap(view, opacity(want, 2, word, view, desk.Attention), "word %d", word)
		}
		assert.Equal(t, eval[string](p, fmt.Sprintf(`document.getElementById("word-%d").textContent.toLowerCase()`, word)), strings.ToLower(p.text("word-text")))
		assert.Regexp(t, `^([<>] )?[0-9.]+ %$`, p.text("word-probability"))
		assert.True(t, eval[bool](p, `document.querySelector("[data-alternative='0']") !== null`))
	}
	p.press(kb.ArrowLeft)
	p.wait(`document.getElementById("film-0").dataset.map === "1"`)
	p.press(kb.End)
	p.wait(`document.querySelector("#report [data-word]:last-of-type").ariaCurrent === "true"`)

	// The other maps.
	p.press(kb.Home)
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)
	p.clickOn("label:has(#map-mask)")
	p.wait(`document.getElementById("map-mask").checked`)
	p.waitMap(0, opacity(want, 2, 0, 0, desk.Mask))
	p.clickOn("label:has(#map-off)")
	p.wait(`document.getElementById("film-0").dataset.map === ""`)
	p.waitMap(0, nil)
	p.clickOn("label:has(#map-attention)")
	p.wait(`document.getElementById("film-0").dataset.map === "0"`)

	// Swapping the views swaps the pictures, and their maps go with them.
	xray := p.canvas("#film-0 .xray")
	p.click("swap")
	p.waitCanvas("#film-1 .xray", xray)
	for view := range 2 {
		p.waitMap(1-view, opacity(want, 2, 0, view, desk.Attention), "swapped")
	}
	p.run()
	want = command(t, lateral, frontal)
	assert.Equal(t, want.Text, p.text("report"))
	assert.True(t, want.Views[1].Surprisal.Unlike(), "a frontal view in the lateral one's place")
	assert.Contains(t, p.text("unlike"), "unlike the chest X-rays that the model learned from")
}

func TestRealXray(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(golden.Shared(t, "samples") + "/*.png")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	p := open(t)
	for _, file := range []string{files[0], golden.Shared(t, "samples", "gdcm-CR-MONO1-10-chest.dcm")} {
		assert.Equal(t, command(t, file).Text, p.show(file), file)
	}
}

// A cancelled run leaves the page ready for the next.
func TestCancel(t *testing.T) {
	t.Parallel()
	p := openAt(t, product(t, model.FS), "/?backend=portable") // slow enough to cancel
	p.wait(`page.dataset.model === "ready"`)
	frontal, lateral := phantoms(t)
	p.drop(frontal, lateral)
	p.wait(`!run.disabled`)
	for _, stage := range []string{"tokenize", "generate"} {
		// From within the page, where it is in time.
		eval[bool](p, fmt.Sprintf(`new Promise((cancelled) => {
			const observer = new MutationObserver(() => {
				if (document.getElementById("progress")?.dataset.stage !== %q) return;
				observer.disconnect();
				document.getElementById("cancel").click();
				cancelled(true);
			});
			observer.observe(page, { subtree: true, childList: true, attributes: true });
			run.click();
		})`, stage))
		p.wait(`page.dataset.run === "idle" && !run.disabled`)
		assert.True(t, eval[bool](p, `document.getElementById("error").hidden`), "a cancel is no error")
	}
	p.run()
	assert.Equal(t, commandOn(t, "portable", frontal, lateral).Text, p.text("report"))
}

// Another model, dropped on the page, is the one that writes. This one's maps
// differ from view to view and from place to place.
func TestOtherWeights(t *testing.T) {
	t.Parallel()
	folder := golden.Path(t, "tiny_two_views")
	weights, frontal, lateral := filepath.Join(folder, "model.safetensors"), filepath.Join(folder, "view_0.png"), filepath.Join(folder, "view_1.png")
	p := open(t)
	shipped := p.text("fact-sha256")
	p.drop(weights)
	p.wait(fmt.Sprintf(`document.getElementById("fact-sha256").textContent.trim() !== %q`, shipped))
	p.wait(`page.dataset.model === "ready"`)
	want := command(t, "-weights", weights, frontal, lateral)
	assert.Equal(t, want.Text, p.show(frontal, lateral))
	p.press(kb.ArrowRight)
	seen := [][]int{nil}
	for _, kind := range []struct {
		desk.Map
		label string
	}{{desk.Mask, "map-mask"}, {desk.Attention, "map-attention"}} {
		p.clickOn("label:has(#" + kind.label + ")")
		for view := range 2 {
			drawn := opacity(want, 2, 0, view, kind.Map)
			assert.NotContains(t, seen, drawn)
			seen = append(seen, drawn)
			p.waitMap(view, drawn, kind.label)
		}
	}

	// A model of one view is not asked about two.
	p.drop(golden.Path(t, "one_view_grey", "model.safetensors"))
	p.wait(`run.disabled && document.getElementById("run-why").textContent.includes("one image")`)
	p.click("remove-1")
	p.run()
}

// firstVisit bounds what a visitor of the first time loads before the model, in
// bytes, compressed. Whoever raises it says in CHANGELOG.md what the page loads
// more for.
const firstVisit = 2_300_000

// The first visit stays small, and what is kept for later ones is fetched after
// it; those ask only whether there is a new version.
func TestVisits(t *testing.T) {
	t.Parallel()
	h, counted := product(t, model.FS), make(chan struct{})
	p := openWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/service-worker.js" {
			select { // what it fetches is for later visits
			case <-counted:
			case <-r.Context().Done():
			}
		}
		h.ServeHTTP(w, r)
	}))
	p.wait(`page.dataset.model === "ready"`)
	assert.True(t, eval[bool](p, `crossOriginIsolated`))
	first := p.list(&p.asked)
	close(counted)
	bytes, table := transfer(t, first)
	assert.LessOrEqual(t, bytes, firstVisit, "bytes, compressed:\n%s", table)
	programs := slices.DeleteFunc(slices.Clone(first), func(path string) bool { return !strings.HasSuffix(path, ".wasm") })
	assert.Len(t, programs, 2, "the page's, which is the engine's, too, and the kernels")

	p.wait(`document.getElementById("offline").dataset.copy === "whole"`)
	before := len(p.list(&p.asked))
	p.do(chromedp.Reload())
	p.wait(`page.dataset.model === "ready"`)
	for _, path := range p.list(&p.asked)[before:] {
		assert.Equal(t, "/service-worker.js", path)
	}
}

// transfer is how many bytes the site's files at these paths have in all, as
// browsers get them, and a table of each. What is asked for again costs nothing.
func transfer(t *testing.T, paths []string) (sum int, table string) {
	t.Helper()
	for _, path := range slices.Compact(slices.Sorted(slices.Values(paths))) {
		name := cmp.Or(strings.TrimPrefix(path, "/"), "index.html")
		content, err := fs.ReadFile(serve.Site(), name+".br")
		if errors.Is(err, fs.ErrNotExist) { // what brotli makes no smaller
			content, err = fs.ReadFile(serve.Site(), name)
		}
		if errors.Is(err, fs.ErrNotExist) { // the model's
			continue
		}
		require.NoError(t, err)
		sum += len(content)
		table += fmt.Sprintf("%9d %s\n", len(content), path)
	}
	return sum, table
}
