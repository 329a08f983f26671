//go:build !js

package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/internal/protocol"
	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/model"
	"uarweb/weights/tensor"
)

var fileName = regexp.MustCompile(`“[^”]*”`)

// Bad files of every kind give one clear sentence, and the page goes on.
func TestBadFiles(t *testing.T) {
	t.Attr("hostile", "files dropped on the page")
	t.Parallel()
	frontal, lateral := phantoms(t)
	shard := shippedFile(t)
	other, err := weights.Build(nil, []tensor.Tensor{tensor.FromFloats("a", []int{1}, []float32{1})})
	require.NoError(t, err)
	var otherFile bytes.Buffer
	require.NoError(t, other.Write(&otherFile))
	// A DICOM file's head, which says that its pixels are a video.
	video := append(make([]byte, 128), "DICM\x02\x00\x10\x00UI\x18\x001.2.840.10008.1.2.4.100\x00"...)

	p := open(t)
	for _, c := range []struct {
		name, code string
		files      func(t *testing.T) []string
	}{
		{"empty file", "empty-image", func(t *testing.T) []string { return []string{write(t, "empty.png", nil)} }},
		{"text named .png", "unknown-image", func(t *testing.T) []string { return []string{write(t, "note.png", []byte("Dear colleague"))} }},
		{"huge PNG", "large-image", func(t *testing.T) []string { return []string{write(t, "huge.png", pngHeader(20_000, 20_000))} }},
		{"truncated PNG", "damaged-image", func(t *testing.T) []string {
			content, err := os.ReadFile(frontal)
			require.NoError(t, err)
			return []string{write(t, "half.png", content[:len(content)/2])}
		}},
		{"truncated DICOM", "damaged-image", func(t *testing.T) []string { return []string{write(t, "cut.dcm", video[:150])} }},
		{"DICOM of a video", "unsupported-image", func(t *testing.T) []string { return []string{write(t, "video.dcm", video)} }},
		{"picture of one grey", "blank-image", func(t *testing.T) []string {
			return []string{writePNG(t, "grey.png", image.NewGray(image.Rect(0, 0, 64, 64)))}
		}},
		{"PDF", "unsupported-image", func(t *testing.T) []string { return []string{write(t, "letter.pdf", []byte("%PDF-1.7"))} }},
		{"ZIP without an image", "unknown-image", func(t *testing.T) []string {
			return []string{writeZIP(t, "a.zip", map[string][]byte{"readme.txt": []byte("Read me.")})}
		}},
		{"broken ZIP", "damaged-image", func(t *testing.T) []string { return []string{write(t, "cut.zip", []byte("PK\x03\x04 and no more"))} }},
		{"empty folder", "no-images", func(t *testing.T) []string { return []string{t.TempDir()} }},
		{"hostile code stream", "large-image", func(t *testing.T) []string { return []string{write(t, "bomb.dcm", bomb(t))} }},
		{"truncated weights", "bad-weights", func(t *testing.T) []string { return []string{write(t, "cut.safetensors", shard[:len(shard)/2])} }},
		{"wrong weights", "bad-configuration", func(t *testing.T) []string { return []string{write(t, "other.safetensors", otherFile.Bytes())} }},
		{"card longer than the page is told", "bad-configuration", func(t *testing.T) []string { return []string{write(t, "long.safetensors", withLongCard(t))} }},
		{"weights of NaN", "bad-tensor", func(t *testing.T) []string { return []string{write(t, "nan.safetensors", withNaN(t))} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.clear()
			p.drop(c.files(t)...)
			p.wait(`!document.getElementById("error").hidden && document.getElementById("error").dataset.code === "` + c.code + `"`)
			sentence := p.text("error-text")
			t.Log(sentence)
			assert.Regexp(t, `^\S.*\.$`, sentence)
			assert.NotRegexp(t, `(?i)panic|goroutine|tensor|EOF|undefined|%!`, fileName.ReplaceAllString(sentence, ""))
			p.wait(`document.getElementById("alert").textContent === document.getElementById("error-text").textContent`)
			p.click("error-dismiss")
			p.wait(`document.getElementById("error").hidden && page.dataset.model === "ready"`)
		})
	}
	assert.Equal(t, command(t, frontal, lateral).Text, p.show(frontal, lateral), "after all that")

	// Files that are too large are refused by their size, unread.
	p.watchReads()
	for _, c := range []struct {
		name, code string
		mebibytes  int64
	}{
		{"large.png", "large-image", 300},
		{"large.safetensors", "large-weights", 600},
	} {
		file := write(t, c.name, nil)
		require.NoError(t, os.Truncate(file, c.mebibytes<<20))
		p.drop(file)
		p.wait(`document.getElementById("error").dataset.code === "` + c.code + `"`)
		assert.Less(t, p.bytesRead(), 1<<10, c.name)
		assert.Contains(t, p.text("error-text"), c.name)
		p.click("error-dismiss")
		p.wait(`document.getElementById("error").hidden && page.dataset.model === "ready"`)
	}
}

// A shipped model that does not arrive whole is said so, and a good one can be
// loaded afterwards.
func TestBadShippedModel(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "a model that does not arrive whole")
	shards, err := fs.Glob(model.FS, "*.safetensors")
	require.NoError(t, err)
	for _, c := range []struct {
		name, code string
		spoil      func(files fstest.MapFS)
	}{
		{"flipped bit", "bad-shipped-weights", func(files fstest.MapFS) {
			last := files[shards[len(shards)-1]].Data
			last[len(last)/2] ^= 1
		}},
		{"truncated", "bad-shipped-weights", func(files fstest.MapFS) {
			last := files[shards[len(shards)-1]]
			last.Data = last.Data[:len(last.Data)/2]
		}},
		{"missing shard", "network", func(files fstest.MapFS) { delete(files, shards[0]) }},
		{"missing manifest", "network", func(files fstest.MapFS) { delete(files, model.Manifest) }},
		{"signature of something else", "bad-shipped-weights", func(files fstest.MapFS) {
			signed, _ := sign(t, files)
			m, err := weights.ParseManifest(signed[model.Manifest].Data)
			require.NoError(t, err)
			m.SHA256 = strings.Repeat("0", 64)
			files[model.Manifest].Data, err = json.Marshal(m)
			require.NoError(t, err)
		}},
		{"bad manifest", "bad-shipped-weights", func(files fstest.MapFS) { files[model.Manifest].Data = []byte("{}") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, name := range append([]string{model.Manifest}, shards...) {
				content, err := model.FS.ReadFile(name)
				require.NoError(t, err)
				files[name] = &fstest.MapFile{Data: content}
			}
			c.spoil(files)
			p := openWith(t, product(t, files))
			p.wait(`page.dataset.model === "failed" && document.getElementById("error").dataset.code === "` + c.code + `"`)
			t.Log(p.text("error-text"))
		})
	}
}

// Many images go to the queue, and their bytes do not come to the page.
func TestManyImages(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.watchReads()
	frontal, _ := phantoms(t)
	p.drop(slices.Repeat([]string{frontal}, 30)...)
	p.wait(`document.querySelectorAll(".study").length === 25 && document.querySelector(".study[data-state=done]") !== null`)
	assert.Less(t, p.bytesRead(), 1<<10)
	p.click("studies-behind")
	p.wait(`document.querySelectorAll(".study").length === 5`)
	p.click("stop-all")
	p.wait(`!document.querySelector(".study[data-state=waiting]")`)
}

// watchReads has the page count what it reads of files from now on.
func (p *page) watchReads() {
	p.t.Helper()
	eval[bool](p, `(() => {
		window.bytesRead = 0;
		for (const name of ["arrayBuffer", "bytes", "stream", "text"]) {
			const read = Blob.prototype[name];
			if (read) Blob.prototype[name] = function () { bytesRead += this.size; return read.call(this); };
		}
		return true;
	})()`)
}

func (p *page) bytesRead() int { return eval[int](p, `bytesRead`) }

// A load can be given up, and taken up again.
func TestCancelLoad(t *testing.T) {
	t.Parallel()
	whole := product(t, model.FS)
	var fast atomic.Bool
	p := openWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fast.Load() || !strings.HasSuffix(r.URL.Path, ".safetensors") {
			whole.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		whole.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	p.wait(`page.dataset.model === "loading" && document.getElementById("progress")?.dataset.stage === "fetch"`)
	p.click("cancel")
	p.wait(`page.dataset.model === "none"`)
	assert.True(t, eval[bool](p, `document.getElementById("error").hidden`), "a cancel is no error")
	fast.Store(true)
	p.click("load")
	p.wait(`page.dataset.model === "ready"`)
	p.example()
}

// When the worker dies, images and report stay, and a new one goes on.
func TestCrash(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the worker crashed in a report")
	p := open(t)
	frontal, lateral := phantoms(t)
	text := p.show(frontal, lateral)
	p.breakWorker()
	p.click("run")
	p.wait(`document.getElementById("error").dataset.code === "crashed"`)
	p.wait(`page.dataset.model === "failed" && page.dataset.run === "done"`)
	assert.Equal(t, text, p.text("report"))
	p.forgive("warning: exit code: 2") // Go's own word on the panic
	p.click("error-restart")
	p.wait(`page.dataset.model === "ready" && document.getElementById("error").hidden`)
	p.run()
	assert.Equal(t, text, p.text("report"))
}

// A worker that dies while nobody waits for it takes the model along, and the
// page says so.
func TestIdleCrash(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the worker crashed while idle")
	p := open(t)
	p.example()
	p.wait(`document.getElementById("again-state").textContent === "20 redraws"`)
	p.inWorker(`setTimeout(() => { throw new Error("a fault"); }); true`)
	p.wait(`document.getElementById("error").dataset.code === "crashed" && page.dataset.model === "failed" && run.disabled`)
	p.click("error-restart")
	p.wait(`page.dataset.model === "ready" && document.getElementById("error").hidden`)
	p.run()
	p.mu.Lock()
	defer p.mu.Unlock()
	// The browser may say so, too, or end the worker first.
	p.console = slices.DeleteFunc(p.console, func(m string) bool { return strings.Contains(m, "a fault") })
}

// What stops answering in the middle of a report can be cancelled: the worker is
// ended, images and report stay, and the model comes back.
func TestHang(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the engine stuck")
	sound := product(t, model.FS)
	p := openAt(t, onlyFirst(inWorker(hangs)(sound), sound), "/?threads=2")
	p.wait(`page.dataset.model === "ready"`)
	frontal, lateral := phantoms(t)
	p.drop(frontal, lateral)
	p.wait(`!run.disabled`)
	p.click("run")
	p.wait(`page.dataset.run === "running"`)
	p.click("cancel")
	p.wait(`document.getElementById("notice").textContent.includes("the model is loaded again")`)
	p.wait(`page.dataset.model === "ready"`)
	assert.Regexp(t, `^simd \(relaxed SIMD( with byte dots)?, 2 threads;`, p.backend())
	p.run()
	assert.Equal(t, command(t, frontal, lateral).Text, p.text("report"))
}

// hangs has the first kernels of a report never end.
var hangs = `
	let writing = false;
	WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
		construct(Instance, args) {
			const { exports } = new Instance(...args);
			const run = (...args) => {
				while (writing);
				return exports.run(...args);
			};
			return { exports: exports.run ? { ...exports, run } : exports };
		},
	});
	addEventListener("message", ({ data }) => { writing = data.text?.includes("write-report"); });
`

// onlyFirst serves the first worker as first does, and all else as others.
func onlyFirst(first, others http.Handler) http.Handler {
	var workers atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/worker.js" && workers.Add(1) == 1 {
			first.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// breakWorker lets the worker's program end by a panic when it speaks next.
func (p *page) breakWorker() {
	p.t.Helper()
	p.inWorker(`self.postMessage = () => { throw new Error("a fault") }; true`)
}

// inWorker evaluates a JavaScript expression in the engine's worker.
func (p *page) inWorker(expression string) {
	p.t.Helper()
	valueInWorker[bool](p, expression)
}

// valueInWorker is the value of a JavaScript expression in the engine's worker.
func valueInWorker[T any](p *page, expression string) T {
	p.t.Helper()
	targets, err := chromedp.Targets(p.ctx)
	require.NoError(p.t, err)
	at := slices.IndexFunc(targets, func(info *target.Info) bool { return strings.HasPrefix(info.URL, p.server+"/worker.js") })
	require.NotEqual(p.t, -1, at, "no worker")
	worker, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(targets[at].TargetID), chromedp.WithDetachOnCancel())
	defer cancel()
	value, err := chromedp.Run(worker, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err)
	return value
}

// shippedFile is the shipped model as one file.
func shippedFile(t *testing.T) []byte {
	t.Helper()
	c, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, c.Write(&file))
	return file.Bytes()
}

// withLongCard is a model whose card is longer than a message may be.
func withLongCard(t *testing.T) []byte {
	t.Helper()
	tiny, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	tiny.Metadata["uar.card"] = `{"data":"` + strings.Repeat("<", protocol.MaxEnvelope/6) + `"}`
	var file bytes.Buffer
	require.NoError(t, tiny.Write(&file))
	return file.Bytes()
}

// withNaN is the shipped model with a NaN in the head's bias.
func withNaN(t *testing.T) []byte {
	t.Helper()
	shipped, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
	require.NoError(t, err)
	var tensors []tensor.Tensor
	for _, name := range shipped.Names() {
		x, err := shipped.Tensor(name)
		require.NoError(t, err)
		if name == "head.bias" {
			require.Contains(t, []tensor.Format{tensor.F32, tensor.F16, tensor.BF16}, x.Format)
			x.Data = bytes.Repeat([]byte{0xff}, len(x.Data))
		}
		tensors = append(tensors, x)
	}
	spoilt, err := weights.Build(shipped.Metadata, tensors)
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, spoilt.Write(&file))
	return file.Bytes()
}

// pngHeader is a PNG of that size without its pixels.
func pngHeader(width, height uint32) []byte {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)...)
	ihdr = append(ihdr, 8, 0, 0, 0, 0) // 8-bit grey
	header := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	header = append(header, ihdr...)
	return binary.BigEndian.AppendUint32(header, crc32.ChecksumIEEE(ihdr))
}
