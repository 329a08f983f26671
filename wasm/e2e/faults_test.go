//go:build !js

package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/model"
)

// A server that is gone in the middle of a download, and for a moment after, is
// asked for the rest alone, and the model is used when it is whole.
func TestBrokenDownload(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the server gone in the middle of a download, then back")
	shards, arguments := tiny(t)
	whole := product(t, shards)
	var mu sync.Mutex
	var ranges []string // asked for of shards
	arrived := make(chan struct{})
	p := openWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".safetensors") {
			whole.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		ranges = append(ranges, r.Header.Get("Range"))
		n := len(ranges)
		mu.Unlock()
		if n > 2 {
			whole.ServeHTTP(w, r)
			return
		}
		if n == 1 {
			answer := httptest.NewRecorder()
			whole.ServeHTTP(answer, r)
			w.Header().Set("Content-Length", answer.Header().Get("Content-Length"))
			_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			_ = http.NewResponseController(w).Flush()
			<-arrived
		}
		panic(http.ErrAbortHandler)
	}))
	p.wait(`page.dataset.model === "loading" && document.getElementById("progress")?.dataset.stage === "fetch"`)
	close(arrived)
	p.wait(`page.dataset.model === "ready"`)
	p.example()
	assert.Equal(t, command(t, arguments...).Text, p.text("report"))
	mu.Lock()
	defer mu.Unlock()
	require.GreaterOrEqual(t, len(ranges), 3)
	assert.Empty(t, ranges[0])
	for _, rest := range ranges[1:3] {
		assert.Regexp(t, `^bytes=[1-9]\d*-$`, rest)
	}
}

// An engine that gets no more memory ends; the page and what lies on it stay, and
// another engine goes on.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "out of memory")
	sound := product(t, model.FS)
	p := openAt(t, onlyFirst(inWorker(`
		const { Memory } = WebAssembly;
		WebAssembly.Memory = class { constructor({ initial }) { return new Memory({ initial, maximum: initial + 16, shared: true }); } };
	`)(sound), sound), "/?threads=2")
	p.wait(`page.dataset.model === "failed" && document.getElementById("error").dataset.code === "crashed"`)
	p.forgive("warning: exit code: 2") // Go's own word on the panic
	p.click("error-restart")
	p.wait(`page.dataset.model === "ready" && document.getElementById("error").hidden`)
	p.example()
}

// clockGoesBack is a script after which every look at the clock is a minute before
// the last one.
const clockGoesBack = `{
	const Real = Date;
	let now = Real.now();
	globalThis.Date = class extends Real {
		constructor(...given) { super(...(given.length ? given : [now -= 60000])); }
		static now() { return now -= 60000; }
	};
}
`

// A page without IndexedDB or local storage, whose clock runs back, writes the same
// report, also while another tab is in front, in two tabs at a time, and when it
// was put to sleep in the middle.
func TestOddPage(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"no IndexedDB", "the clock set back", "a tab in the background", "two tabs at once", "sleep and wake in the middle of a report"} {
		t.Attr("fault", fault)
	}
	shards, arguments := tiny(t)
	want := command(t, arguments...).Text
	h := newHost(t)
	h.serve(inWorker(clockGoesBack)(product(t, shards)))
	b, err := startChromium(t, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)

	open := func(b browser) visit {
		v := visit{t, b}
		_, err := chromedp.Call(b.(chromium).ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: clockGoesBack + `delete globalThis.indexedDB; delete globalThis.localStorage;`,
		})
		require.NoError(t, err)
		require.NoError(t, v.Navigate("http://"+h.address+"/?threads=2"))
		v.wait(`page.dataset.model === "ready"`)
		assert.Equal(t, "none", v.text(`"indexedDB" in globalThis || "localStorage" in globalThis || Date.now() <= Date.now() ? "some" : "none"`))
		v.text(`(document.getElementById("example").click(), "")`)
		v.wait(`page.dataset.run === "done"`)
		return v
	}
	begin := func(v visit) {
		v.text(`(globalThis.began = false, document.getElementById("run").click(),
			new MutationObserver(() => { began ||= page.dataset.run === "running"; }).observe(page, { attributeFilter: ["data-run"] }), "")`)
	}
	end := func(v visit) {
		v.wait(`began && page.dataset.run === "done" && document.getElementById("error").hidden`)
		assert.Equal(t, want, v.text(`document.getElementById("report").textContent.trim()`))
	}
	first := open(b)
	begin(first)
	end(first)

	tab, closeTab := chromedp.NewContext(b.(chromium).ctx)
	defer closeTab()
	second := open(chromium{ctx: tab}) // in front
	begin(first)
	begin(second)
	end(second)
	end(first)

	begin(first)
	for _, state := range []cdppage.SetWebLifecycleStateState{"frozen", "active"} {
		_, err = chromedp.Call(b.(chromium).ctx, cdppage.SetWebLifecycleState, cdppage.SetWebLifecycleStateParams{State: state})
		require.NoError(t, err)
		time.Sleep(200 * time.Millisecond)
	}
	end(first)
}

// Words, a model's card and a file's name that are markup or script are text on the
// page.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	t.Attr("hostile", "words, a card and a file's name on the page")
	tiny, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, json.Unmarshal([]byte(tiny.Metadata["uar.config"]), &config))
	attacks := []string{
		`x<img/src=x/onerror="document.title='acted'">`, `</dd><script>document.title='acted'</script>`, `"onmouseover="document.title='acted'"`,
		`&lt;b&gt;&#60;`, `javascript:alert(1)`, `${document.title='acted'}`, `<svg/onload=document.title='acted'>x`, `=HYPERLINK("http://x")`,
	}
	words := config["vocab"].([]any)
	for i := range words {
		if word := words[i].(string); !strings.HasPrefix(word, "<") && word != "." {
			words[i] = attacks[i%len(attacks)] + strings.Repeat("'", i/len(attacks))
		}
	}
	text, err := json.Marshal(config)
	require.NoError(t, err)
	tiny.Metadata["uar.config"] = string(text)
	card, err := json.Marshal(map[string]string{"name": attacks[0], "limits": attacks[1], attacks[6]: attacks[0]})
	require.NoError(t, err)
	tiny.Metadata["uar.card"] = string(card)
	var file bytes.Buffer
	require.NoError(t, tiny.Write(&file))

	p := openWith(t, product(t, model.FS))
	p.wait(`page.dataset.model === "ready"`)
	elements := `document.querySelectorAll("script, img, [onerror], [onload], [onmouseover]").length`
	name := `x<img src=x onerror=document.title='acted'>.safetensors`
	p.drop(write(t, strings.ReplaceAll(name, "/", ""), file.Bytes()))
	p.wait(`page.dataset.model === "ready" && document.getElementById("fact-model").textContent.includes("onerror")`)
	before := eval[int](p, elements)
	p.example()
	report := p.text("report")
	assert.Contains(t, report, "acted")
	assert.Equal(t, before, eval[int](p, elements), report)
	assert.NotContains(t, eval[string](p, `document.title`), "acted")
}
