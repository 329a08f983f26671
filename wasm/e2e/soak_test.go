//go:build !js

package e2e

import (
	"flag"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/weights/golden"
)

// soak is how many times the rounds of TestSoak are done: 100 in ./build.sh trust.
var soak = flag.Int("soak", 1, "`times` the rounds of TestSoak")

// rounds are functions of the page that do something n times, and return how many
// reports were not the wanted one.
const rounds = `
	globalThis.until = (holds) => new Promise((done) => {
		const look = () => holds() ? done() : setTimeout(look, 5);
		look();
	});
	// ended has act done, and resolves once the page's run, as it is drawn afterwards, is
	// one of these. What begins and ends between two frames is never seen as running.
	globalThis.ended = async (act, ...ends) => {
		await act();
		await ` + frames + `;
		await until(() => ends.includes(page.dataset.run));
	};
	globalThis.report = async () => {
		await until(() => !run.disabled);
		await ended(() => run.click(), "done");
		return document.getElementById("report").textContent.trim();
	};
	globalThis.reports = async (n, want) => {
		let differences = 0;
		for (let i = 0; i < n; i++) differences += await report() !== want;
		return differences;
	};
	globalThis.cancels = async (n, want) => {
		let differences = 0;
		for (let i = 0; i < n; i++) {
			await until(() => !run.disabled);
			await ended(async () => {
				run.click();
				await new Promise((moment) => setTimeout(moment, Math.random() * 60));
				document.getElementById("cancel")?.click();
			}, "done", "idle");
			differences += await report() !== want;
		}
		return differences;
	};
	true`

// Over many reports, cancels, loads and studies of the queue the engine takes no more
// memory, nor does what the page holds beside its program, and reports stay the same.
func TestSoak(t *testing.T) {
	t.Parallel()
	shards, arguments := tiny(t)
	p := openAt(t, inWorker(`
		globalThis.memories = [];
		WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
			construct(Memory, given) {
				memories.push(new Memory(...given));
				return memories.at(-1);
			},
		});
	`)(product(t, shards)), "/?threads=2")
	p.wait(`page.dataset.model === "ready"`)
	p.example()
	want := command(t, arguments...).Text
	assert.Equal(t, want, p.text("report"))
	eval[bool](p, rounds)
	weights, err := os.ReadFile(golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	folder, loads, queued := t.TempDir(), 0, 0
	for _, c := range []struct {
		name   string
		rounds int
		round  func(n int) (differences int)
	}{
		{"reports", 10, func(n int) int { return eval[int](p, fmt.Sprintf("reports(%d, %q)", n, want)) }},
		{"cancels at random moments", 2, func(n int) int { return eval[int](p, fmt.Sprintf("cancels(%d, %q)", n, want)) }},
		{"loads", 2, func(n int) int {
			for range n { // each of another name, by which it is seen to be the new one
				loads++
				file := filepath.Join(folder, fmt.Sprintf("model-%d.safetensors", loads))
				require.NoError(t, os.WriteFile(file, weights, 0o644))
				p.drop(file)
				p.wait(fmt.Sprintf(`page.dataset.model === "ready" && document.getElementById("fact-model").textContent.includes("model-%d.")`, loads))
				require.NoError(t, os.Remove(file))
			}
			return eval[int](p, fmt.Sprintf("reports(1, %q)", want))
		}},
		{"studies of the queue", 2, func(n int) int {
			p.drop(studies(t, n))
			queued += n
			p.wait(fmt.Sprintf(`new RegExp("^%d stud.*: [0-9]+ done(, [0-9]+ failed)?$").test(document.getElementById("queue-sum")?.textContent)`, queued))
			return eval[int](p, `Number(/([0-9]+) failed/.exec(document.getElementById("queue-sum").textContent)?.[1] ?? 0)`)
		}},
	} {
		n := c.rounds * *soak
		parts := min(10, n)
		differences := c.round(1)
		first, firstPage := p.engineMemory(), p.pageMemory()
		var memory, pageMemory []string
		most, mostPage := first, firstPage
		for i := range parts {
			differences += c.round((i+1)*n/parts - i*n/parts)
			now := p.engineMemory()
			most = max(most, now)
			memory = append(memory, fmt.Sprintf("%.1f", now))
			now = p.pageMemory()
			mostPage = max(mostPage, now)
			pageMemory = append(pageMemory, fmt.Sprintf("%.1f", now))
		}
		assert.Zero(t, differences)
		assert.Less(t, most, first+8, "MB of %s", c.name)
		assert.Less(t, mostPage, firstPage+16, "MB of the page, of %s", c.name)
		t.Attr("soak", fmt.Sprintf("%d %s, in Chromium: memory of the engine in MB %s, at the start %.1f; of the page, without its program, %s, at the start %.1f",
			n, c.name, strings.Join(memory, " "), first, strings.Join(pageMemory, " "), firstPage))
		t.Attr("differences", fmt.Sprint(differences))
	}
}

// studies makes a folder of so many, of two films each.
func studies(t *testing.T, n int) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "clinic")
	require.NoError(t, os.Mkdir(folder, 0o755))
	for i := range n {
		for view, film := range map[string]*image.Gray{"frontal": radiograph.Phantom(uint64(i), 64, 64), "lateral": radiograph.PhantomLateral(uint64(i), 64, 64)} {
			require.NoError(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d-%s.png", i, view)), encode(t, film), 0o644))
		}
	}
	return folder
}

// pageMemory is what the page's scripts and elements hold in MB, once they have tidied up,
// as Chromium counts it: without the worker, and without its own program's linear memory.
func (p *page) pageMemory() float64 {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, heapprofiler.CollectGarbage, cdp.Empty{})
	require.NoError(p.t, err)
	used, err := chromedp.Call(p.ctx, runtime.GetHeapUsage, cdp.Empty{})
	require.NoError(p.t, err)
	return (used.UsedSize + used.EmbedderHeapUsedSize + used.BackingStorageSize) / 1e6
}

// engineMemory is the engine's linear memory in MB, which never shrinks.
func (p *page) engineMemory() float64 {
	p.t.Helper()
	return valueInWorker[float64](p, `memories.at(-1).buffer.byteLength / 1e6`)
}
