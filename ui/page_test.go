package ui

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func html(b *desktest.Bench) string { return b.HTML(&Page{Desk: b.Desk}) }

func TestStates(t *testing.T) {
	paused := func(p status.Progress) func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
		return func(ctx context.Context, _ []*desk.View, progress func(status.Progress)) (*report.Report, error) {
			progress(p)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	for _, c := range []struct {
		name  string
		bring func(b *desktest.Bench)
		want  []string
		lack  []string
	}{
		{"at first", func(b *desktest.Bench) {},
			[]string{`data-model="none"`, `data-run="idle"`, "No model is loaded", "Drop a chest X-ray here", "Add a chest X-ray to begin.",
				"Research and teaching only. Not a medical device.", `id="run" class="primary" type="button" aria-describedby="run-why" disabled`},
			[]string{`data-filled="true"`, `data-word`}},
		{"loading", func(b *desktest.Bench) {
			b.Engine.OnLoad = func(ctx context.Context, _ desk.File, progress func(status.Progress)) (*desk.Model, error) {
				progress(status.Progress{Stage: status.StageFetch, Done: 1e6, Total: 8e6})
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.Do(b.Start)
		}, []string{`data-model="loading"`, "Fetching the model: 1.0 MB of 8.0 MB", `data-stage="fetch"`, `aria-valuenow="12"`, "Cancel loading"}, nil},
		{"ready", func(b *desktest.Bench) { b.Ready() },
			[]string{`data-model="ready"`, "Model ready · int8 · portable", strings.Repeat("0123456789abcdef", 4), "What the model’s maker says", "IU X-Ray", "Looks &lt;little&gt; at the image.", "uarweb 1.2.3 (abcdef)", ">Nobody</dd>", ">0 bytes sent</span>", `aria-current="false" href="#privacy"`, `6.5h-9zM5.5 7V4a`, `hidden="hidden" href="#privacy"`}, nil},
		{"views", func(b *desktest.Bench) { b.Ready("<a>.png", "b") },
			[]string{`data-count="2"`, "&lt;a&gt;.png", "PNG, 200 × 100", `aria-label="Remove the lateral view"`, `aria-label="Zoom out" aria-disabled="true"`, `aria-keyshortcuts="1"`, `Invert<kbd aria-hidden="true">I</kbd>`},
			[]string{"<a>", "Drop a chest X-ray here"}},
		{"a film zoomed in and out", func(b *desktest.Bench) {
			b.Ready("a")
			b.Do(func() { b.StageKey("+"); b.StageKey("-"); b.StageKey("+") })
		}, []string{"141 %", `aria-label="Zoom out" aria-disabled="false"`, `data-zoomed="true"`}, nil},
		{"tokens", func(b *desktest.Bench) {
			b.Engine.OnReport = paused(status.Progress{Stage: status.StageTokenize, Done: 2, Total: 8})
			b.Ready("a")
			b.Do(b.Run)
		}, []string{`data-run="running"`, `data-stage="tokenize"`, `data-state="now">Visual tokens`, `data-state="next">Encoder`, `aria-valuenow="25"`}, nil},
		{"encoder", func(b *desktest.Bench) {
			b.Engine.OnReport = paused(status.Progress{Stage: status.StageEncode, Done: 1, Total: 3})
			b.Ready("a")
			b.Do(b.Run)
		}, []string{`data-state="done">Visual tokens`, `data-state="now">Encoder`, `data-state="next">Words`}, nil},
		{"words", func(b *desktest.Bench) {
			b.Engine.OnReport = paused(status.Progress{Stage: status.StageGenerate, Done: 3, Total: 60, Text: "Heart <i> normal"})
			b.Ready("a")
			b.Do(b.Run)
		}, []string{`data-state="now">Words`, "Writing word 3", "The model’s draft: the wording may still change.", "Heart &lt;i&gt; normal"}, []string{"<i>"}},
		{"cancelling", func(b *desktest.Bench) {
			b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
				time.Sleep(time.Hour)
				return nil, ctx.Err()
			}
			b.Ready("a")
			b.Do(b.Run)
			b.Do(b.Cancel)
		}, []string{`data-run="cancelling"`, "Stopping…"}, nil},
		{"report", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
		}, []string{`data-run="done"`, `id="word-0"`, `data-word="5"`, `>Heart</span>`, `>[redacted]</span>`, `data-redacted="true"`,
			`data-unsure="true"`, "Choose a word of the report", "Choose a word to see its map.", `id="legend" class="legend" hidden`, "Heart normal. [redacted] clear.</p>", "Write again", "Written in 1.5 s.", "1.5 s: image 0 ms, tokens 1.5 s"},
			[]string{`data-map="0"`, `aria-current="true"`}},
		{"an empty queue", func(b *desktest.Bench) {
			b.Do(func() { b.Go(desk.Place{Room: desk.RoomQueue}) })
		}, []string{`data-room="queue"`, `id="queue-title"`, "Drop three X-rays or more here", `aria-current="page" href="#queue"`, `aria-current="false" href="#read"`},
			[]string{`id="film-0"`, `id="sheet-films"`, `class="study"`}},
		{"a queue", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() {
				b.Add(desktest.File{Named: "a-pa.png"}, desktest.File{Named: "a-<lat>.png"}, desktest.File{Named: "b.png"})
			})
		}, []string{"3 images in 2 studies, written one after another.", "2 studies: 2 done", "a-pa.png and a-&lt;lat&gt;.png", "frontal, by its name; lateral, by its name · paired by their names",
			"no view named · one film", "Done, 1.5 s", "Heart normal. …", "Names no finding.", "Do not sort patients by this list.", `aria-label="Read: b.png"`},
			[]string{"<lat>", `class="queue-empty">`, `id="film-0"`}},
		{"the classroom without a report", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Arrive("#learn/3") })
		}, []string{`data-room="learn"`, "3\u2003A film becomes words", `aria-current="step" href="#learn/3"`, `href="#learn/2"`, "There is none on the desk.", ">Read an example<", "The same as an equation", "A question for a class"},
			[]string{`data-state="chosen"`, `id="learn-film-0"`}},
		{"image words", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Arrive("#learn/3") })
		}, []string{`id="learn-needs" class="learn-needs" hidden`, `role="slider" tabindex="0"`, `aria-valuetext="row 2, column 2"`, "entry 4<", "90.0 %", "z₃ = argmax( … 90.0 % for 4, 5.0 % for 0 … ) = 4", "Entropy 3.00 bits: as if 8.0 entries",
			`<td data-state="chosen">4</td>`, "it uses 4 of the 9 entries, and entry 4 once",
			`viewBox="0 0 5 2"`, `class="learn-frame" vector-effect="non-scaling-stroke" d="M4 0h1v1h-1z"`, `class="learn-thin" vector-effect="non-scaling-stroke" d="M0 0h1v1h-1z"`,
			"5 of the 9 entries have no picture: fewer than 50 of the studies use them", "Entry 4 is one of these.", "1 of its 4 patches has an entry without a picture."}, []string{`id="learn-chances"`, `id="learn-head"`}},
		{"no pictures of the dictionary", func(b *desktest.Bench) {
			b.Engine.OnShow = func(_ context.Context, p trace.Part) (trace.Shown, error) {
				s := desktest.Study()
				s.Tiles = nil
				return map[trace.Kind]trace.Shown{
					trace.OfStudy: {Study: s}, trace.OfPatch: {Patch: desktest.Patch(p.Index)}, trace.OfWord: {Word: desktest.Word(0)},
				}[p.Kind], nil
			}
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Arrive("#learn/3") })
		}, []string{"This model has no pictures of its dictionary."}, []string{"The dictionary, from entry 0 on", `viewBox="0 0 5 2"`}},
		{"one common basis", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Select(0); b.Arrive("#learn/4") })
		}, []string{"“heart” is nearest to the patch at the frontal film, row 2, column 2: cos = 0.250. That is not near", "No word is near to the patch at row 2, column 2", "0.125", "cos = 0.2500 for the chosen word and the chosen patch", `class="level-5" d="M1 1h1v1h-1z"`,
			"<td>3\u00a0×8.00</td><td class=\"number\">1.0</td><td>0\u00a0×8.00</td>", "Among the largest of both the patch and the word: 0 (head 2).",
			"G_F keeps E. The patch: 0.500 on average, from 0.25 to 0.75."}, []string{"the basis tells nothing apart"}},
		{"where a word looks", func(b *desktest.Bench) {
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Select(0); b.Arrive("#learn/6") })
			b.Do(func() { b.Learn().ChooseHead(1) })
		}, []string{"Layer 1, head 2.", "this head looks everywhere and tells nothing apart here", "Of 2 heads, 1 looks everywhere alike", "The same film again", `id="learn-word-0" tabindex="0"`, `aria-label="end of report"`}, []string{`role="slider"`}},
		{"a flat mask", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Arrive("#learn/7") })
		}, []string{"σ(M) runs from 0.50000 to 0.50000, which moves a score by up to 0.00: it is flat", "1000 · (0.50000 − 0.50000) / √16 = 0.00 in layer 1"}, []string{`class="level-`}},
		{"choosing a word", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Select(0); b.Arrive("#learn/8") })
			b.Do(b.Learn().ToggleAnswer)
		}, []string{"30.7 %", "14 others", "ℓ = 2.000 for “heart”, so p = 30.7 % at τ = 1.0", "A search of 3 beams finds the draft, whose log p is 0.00.", "What the search of 3 beams considered for word 1", "kept: what was found", "dropped", "(the beginning)",
			"2 further sequences, all dropped.", `class="learn-won" d="M34 3h150v22h-150zM218 3h150v22h-150zM184 14C`, "At none: a temperature keeps the order.", `aria-expanded="true"`}, nil},
		{"finding a report", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Arrive("#learn/9") })
		}, []string{"Among the reports to compare, the film’s own draft is at rank 2 of 2; by chance it would be at 1.5. These are too few to tell", "cos = 0.0000 for the draft, rank 2 of 2", "a redraw"}, nil},
		{"for teachers", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Arrive("#learn/10") })
		}, []string{">For teachers</h2>", `aria-current="step" href="#learn/10"`, `href="#learn/9"`, "7 The mask", "6 minutes", "About 65 minutes for all steps.", "it is flat, opens and closes nothing"}, nil},
		{"without encryption", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { go b.Screen.Stand(desk.Standing{Insecure: true}) })
		}, []string{"This page came without encryption (https)"}, []string{"Works without"}},
		{"kept", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "whole", Lockable: true}) })
		}, []string{"Works without a network", `data-copy="whole" data-locked="false"`, `aria-pressed="false"`, ">Lock<"}, nil},
		{"not kept", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "refused"}) })
		}, []string{"to open it again needs its server"}, nil},
		{"locked", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() {
				go b.Screen.Stand(desk.Standing{Copy: "whole", Lockable: true, Locked: true, Refused: 2})
			})
		}, []string{"nothing leaves this page; 2 requests refused", `aria-pressed="true"`, ">Unlock<"}, nil},
		{"privacy at first", func(b *desktest.Bench) {
			b.Do(func() { b.Go(desk.Place{Room: desk.RoomPrivacy}) })
		}, []string{`data-room="privacy"`, `id="privacy-title"`, "no film was opened yet", "<dt>Not locked</dt>", "It cannot be locked", "There is no copy of the page in this browser", "There is none.", "This page has none.",
			"0 films on the stage and 0 studies", "after 0 requests in all"}, []string{`id="film-0"`, "%!", "Erase", "Copy all"}},
		{"privacy", func(b *desktest.Bench) {
			b.Screen.Inventory = desk.Inventory{Usage: 25e6, Databases: 1, Signer: "lusab babad", Verified: true, Files: []desk.Copied{
				{Path: "app." + strings.Repeat("0123456789abcdef", 4) + ".wasm", Size: 4.6e6, SHA256: strings.Repeat("0123456789abcdef", 4), State: desk.Same},
				{Path: "<a>.js", Size: 1234, SHA256: "ab", State: desk.Altered},
			}}
			b.Ready("a")
			b.Do(b.Run)
			at := time.Now().UnixMilli()
			b.Do(func() {
				go b.Screen.Asked([]desk.Request{{URL: "https://a.org/<x>.js?12", At: at - 1000, Received: 1500}, {URL: "https://a.org/y.js?1", At: at, Received: 300}, {URL: "https://a.org/z.js", At: at, Local: true}, {URL: "https://b.org", At: at, Refused: "img-src"}})
			})
			b.Pass(time.Minute)
			b.Do(func() {
				go b.Screen.Stand(desk.Standing{Copy: "whole", Lockable: true, Locked: true, Refused: 1})
			})
			b.Do(func() { b.Go(desk.Place{Room: desk.RoomPrivacy}); b.Toggle(desk.Requests) })
		}, []string{`>1</span><span> byte has left this device since the first film was opened, at `, ">1 byte sent</span>", "<dt>Locked since ", "0 requests and 0 bytes have left this page; 1 request refused", `<button type="button">Unlock<`,
			"opened. 1 request left this browser, and received 1.5 kB.", "Since then 1 request left this browser, and received 300 bytes.", "The first report was written", "after 4 requests", " &lt;x&gt;.js?12</dt> <dd>2 bytes sent, 1.5 kB received", `data-state="local" id="request-2"`, "z.js</dt> <dd>answered in this browser", "b.org</dt> <dd>refused, by img-src", "Hide the list",
			`d="M0.0 10V40M333.0 10V40"`, `d="M333 0H1000V40H333Z"`, ">app.01234567…cdef.wasm</dt> <dd>4.6 MB · 01234567…cdef · same</dd>", `data-state="altered" id="file-&lt;a&gt;.js" title="ab"`, "1 of 2 were read just now", "<dt>Files signed by</dt> <dd>The key lusab babad</dd>", "The others are not used",
			"To erase it, unlock first", "Other pages of its host have 1 database.", "stores 25.0 MB", `aria-current="page" href="#privacy"`, `6.5h-9zM5.5 7V5a`, "uarweb 1.2.3", "Forget them"},
			[]string{"<x>", "<a>.js", "%!", "Erase the copy"}},
		{"privacy in another page", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Go(desk.Place{Room: desk.RoomPrivacy}) })
			b.Do(func() { go b.Screen.Stand(desk.Standing{Framed: true, Locked: true, Lockable: true}) })
		}, []string{"which is told the reports", "nothing leaves this page but its reports"}, nil},
		{"the copy erased", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Go(desk.Place{Room: desk.RoomPrivacy}) })
			b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "erased"}) })
		}, []string{"The copy of this page is erased", "Erased. This page works on"}, nil},
		{"a newer version beside other tabs", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { go b.Screen.Stand(desk.Standing{Copy: "whole", Newer: true, Others: true}) })
		}, []string{"Close the other tabs with this page, then use it here.", ">Use it<"}, []string{`id="newer" class="notice newer" hidden`}},
		{"a word", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Select(4) })
		}, []string{`data-map="4"`, `aria-current="true"`, `18.0 %`, "Where the word came from, not where a finding is.", "Looked mostly at: in front of the heart (lateral), 100 %.",
			"end of report", `data-alternative="1" data-chosen="false"`}, nil},
		{"redraws", func(b *desktest.Bench) {
			b.Engine.OnSample = func(_ context.Context, reports int, _ uint64, drawn func(string)) error {
				for i := range reports {
					drawn([]string{"the heart is normal .", "mild edema ."}[i%2])
				}
				return nil
			}
			b.Ready("a")
			b.Do(b.Run)
		}, []string{`aria-controls="panel-findings" aria-selected="true" id="tab-findings" tabindex="0"`, `id="again-state">20 redraws`, `data-finding="no finding"`, "Names no finding", "Said again in 10 of 20", "Not in this draft, but in some redraws: edema 10 of 20."}, nil},
		{"findings", func(b *desktest.Bench) {
			b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
				return &desk.Model{SHA256: strings.Repeat("0123456789abcdef", 4), Views: 2, Card: desk.ReadCard(`{"record":{"studies":100,"findings":{"edema":{"tp":9,"fp":13,"fn":2,"tn":76}}}}`)}, nil
			}
			b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				r := desktest.Sample()
				for i, word := range []string{"mild", "effusion", ".", "no", "pneumothorax", "."} {
					r.Words[i].Text = word
				}
				return r, nil
			}
			b.Ready("a")
			b.Do(b.Run)
		}, []string{`data-finding="pleural effusion" data-said="named"`, ">Named in sentence 1</button>", `data-finding="pneumothorax" data-said="denied"`, ">Denied in sentence 2</button>",
			`data-finding="edema" data-said="silent"`, "Not mentioned", "Named in 0 of 20", "Missed 2 of the 11 times it was there.", "counted on the 100 studies by which this model was chosen"},
			[]string{"Names no finding", `data-finding="no finding"`}},
		{"looking first", func(b *desktest.Bench) {
			b.Engine.OnReport = paused(status.Progress{Stage: status.StageGenerate, Done: 3, Total: 60, Text: "Heart normal"})
			b.Do(func() { b.SetLookFirst(true) })
			b.Ready("a")
			b.Do(b.Run)
		}, []string{"The draft is being written, covered.", ">Nothing of these<", ">Lung opacity<", `id="answer" class="primary" type="button" disabled`, "Writing word 3", `data-state="covered" hidden`},
			[]string{"Heart normal"}},
		{"looked first", func(b *desktest.Bench) {
			b.Do(func() { b.SetLookFirst(true) })
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.See(findings.Edema); b.GiveAnswer() })
		}, []string{"You saw something.", "You saw it.", "You did not see it.", ">Heart</span>"}, nil},
		{"a sentence that the reader calls wrong", func(b *desktest.Bench) {
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Select(4); b.ToggleWrong(1) })
			b.Do(b.Run)
		}, []string{`data-wrong="true"`, `id="wrong" type="button" aria-pressed="true"`, "[redacted] clear. [The reader says: wrong.]", `aria-labelledby="discard-why">`}, []string{`<div class="sheet-yours">`}},
		{"the reader’s text", func(b *desktest.Bench) {
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.SetTab(desk.YoursTab); b.SetYourText("Heart <large>.") })
		}, []string{`aria-selected="true" id="tab-yours"`, `<div id="your-text" lang="en"></div>`, `<div id="your-edits" class="yours">`, "<span>Heart</span><span> </span><del>normal. [redacted] clear</del><span> </span><ins>&lt;large&gt;</ins><span></span><span>.</span>",
			`<div class="sheet-yours">`, "<p>Underlined: added by the reader."}, []string{"<large>"}},
		{"the keys", func(b *desktest.Bench) {
			b.Do(func() { b.PageKey("?") })
		}, []string{`data-asked="1" open="open"`, "<h3>On a film</h3>", "<dt><kbd>PgUp</kbd><kbd>PgDn</kbd></dt><dd>The study of the queue before, or behind</dd>", "mean something only in these places"}, nil},
		{"single keys turned off", func(b *desktest.Bench) {
			b.Do(func() { b.PageKey("?"); b.CloseKeys(); b.SetSingleKeys(false); b.PageKey("?") })
		}, []string{`data-single-keys="false"`, "Letters, digits and signs are turned off"}, []string{"<h3>On a film</h3>", ` open="open"`}},
		{"redraws that stop", func(b *desktest.Bench) {
			b.Engine.OnSample = func(ctx context.Context, _ int, _ uint64, drawn func(string)) error {
				drawn("mild edema .")
				<-ctx.Done()
				return ctx.Err()
			}
			b.Ready("a")
			b.Do(b.Run)
			b.Do(b.StopRedraw)
		}, []string{"stopped after 1 redraw", "edema 1 of 1.", "Said again in 0 of 1"}, nil},
		{"redraws that fail", func(b *desktest.Bench) {
			b.Engine.OnSample = func(context.Context, int, uint64, func(string)) error {
				return status.Errorf(status.Internal, "a fault")
			}
			b.Ready("a")
			b.Do(b.Run)
		}, []string{"redraws failed after 0 redraws", `class="again-count">–`}, nil},
		{"not redrawn", func(b *desktest.Bench) {
			b.Do(func() { b.SetAutomatic(false) })
			b.Ready("a")
			b.Do(b.Run)
		}, []string{`id="again-state">not redrawn`}, []string{"Said again"}},
		{"a word's patches covered", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Select(4) })
			b.Do(b.Cover)
		}, []string{`aria-selected="true" id="tab-compare"`, `id="panel-findings" class="panel" role="tabpanel" aria-labelledby="tab-findings" hidden="hidden"`, "With what “clear” looked at covered",
			"<dt>If covered</dt>", `id="word-rewrite">Still says this sentence, word for word. The sentence there: “[redacted] clear.”</dd>`, "So it does not rest on these patches alone",
			"It is the draft, word for word.", `aria-label="Follow “end of report”" hidden="hidden"`}, []string{"follow-1\" disabled"}},
		{"the draft being compared", func(b *desktest.Bench) {
			b.Engine.OnRewrite = func(ctx context.Context, _ desk.Writing, progress func(status.Progress)) (*report.Report, error) {
				progress(status.Progress{Stage: status.StageGenerate, Done: 2, Total: 60, Text: "Heart <i>"})
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Compare(desk.Comparison{Change: desk.OtherBeam, Beam: 5}) })
		}, []string{"With 5 beams", `aria-pressed="true" id="compare-2"`, "Writing word 2", "Heart &lt;i&gt;", `id="map-change" type="radio" name="map" aria-keyshortcuts="D" disabled`}, []string{"<i>"}},
		{"a comparison that fails", func(b *desktest.Bench) {
			b.Engine.OnRewrite = func(context.Context, desk.Writing, func(status.Progress)) (*report.Report, error) {
				return nil, status.Errorf(status.NotFinite, "a fault")
			}
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Compare(desk.Comparison{Change: desk.LeaveOutTIR}) })
		}, []string{"arithmetic failed on this image"}, nil},
		{"what changed of a word", func(b *desktest.Bench) {
			b.Engine.OnRewrite = func(context.Context, desk.Writing, func(status.Progress)) (*report.Report, error) {
				r := desktest.Sample()
				r.Words = r.Words[:2]
				r.Words[0].Attention, r.Words[1].Text = r.Words[1].Attention, "large"
				return r, nil
			}
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Compare(desk.Comparison{Change: desk.LeaveOutTIR}) })
			b.Do(func() { b.Select(0); b.SetMap(desk.Changed) })
		}, []string{"less, 100.0 %", "more, 100.0 %", "amber, solid line", "Its looking changed", `data-change="true"`, `<span data-differs="true">large</span>`}, nil},
		{"a word's mask", func(b *desktest.Bench) {
			b.Ready("a", "b")
			b.Do(b.Run)
			b.Do(func() { b.Select(0); b.SetMap(desk.Mask) })
		}, []string{"The mask runs from 0.00 to 0.50 and is most open at: the spine (lateral).", "The mask let it look"}, nil},
		{"maps off", func(b *desktest.Bench) {
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Select(0); b.SetMap(desk.Off) })
		}, []string{"Nothing lies over the films."}, []string{`data-map="0"`}},
		{"an empty report", func(b *desktest.Bench) {
			b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				return &report.Report{}, nil
			}
			b.Ready("a")
			b.Do(b.Run)
		}, []string{"The model wrote no words about this image."}, nil},
		{"other images than the report's", func(b *desktest.Bench) {
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Add(desktest.File{Named: "b"}) })
		}, []string{"The images have changed since this report was written."}, nil},
		{"the lab without a model", func(b *desktest.Bench) {
			b.Do(func() { b.Arrive("#lab?seed=7&h=56&le=60&no=9&pm=1") })
			b.Pass(time.Minute)
		}, []string{`data-room="lab"`, "Does the model notice?", "No model is loaded.", "left effusion, 60 %</span>", "nodule, 9 mm", "heart, 0.56",
			`aria-label="Frontal view of a drawn chest with: heart, 0.56, left effusion, 60 %, nodule, 9 mm, pacemaker"`, `aria-keyshortcuts="S" disabled`},
			[]string{`id="film-0"`, "noticed</span>"}},
		{"the lab", func(b *desktest.Bench) {
			b.Engine.OnSample = func(_ context.Context, reports int, _ uint64, drawn func(string)) error {
				for i := range reports {
					drawn([]string{"the heart is normal .", "mild edema . there is a nodule ."}[i%2])
				}
				return nil
			}
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&no=9") })
			b.Pass(time.Minute)
		}, []string{"Heart normal. [redacted] clear.", `<tr data-answer="missed" data-finding="lung lesion">`, "nodule, 9 mm", "Redraws that name it, of 20", `<td class="number">10</td>`,
			"in some redraws: edema 10 of 20.", "8 of the 8 image words", `d="M0 0h1v1h-1zM1 0h1v1h-1z"`, "the drafts noticed 0 of 1 finding, and redraws named them 10 of 20 times"}, nil},
		{"the lab where the draft denies, and would say it anyway", func(b *desktest.Bench) {
			b.Engine.OnReport = func(_ context.Context, views []*desk.View, _ func(status.Progress)) (*report.Report, error) {
				r := desktest.Sample()
				if desktest.IsPlain(views) {
					r.Text = "Pleural effusion, plainly."
				}
				for i, text := range []string{"pleural", "effusion", ".", "no", "pneumothorax", "."} {
					r.Words[i].Text = text
				}
				return r, nil
			}
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&le=50&lp=5") })
			b.Pass(time.Minute)
		}, []string{">denied</span>", ">named anyway</span>", "Pleural effusion, plainly.", `id="lab-same" class="hint" hidden`}, nil},
		{"the lab where a draft does not change", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&hy=50") })
			b.Pass(time.Minute)
		}, []string{`id="lab-same" class="hint">`, `<p class="voice" hidden="hidden">The draft without`}, nil},
		{"the lab without findings", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&oz=3") })
			b.Pass(time.Minute)
		}, []string{`id="lab-same" class="hint" hidden`, `<p class="voice" hidden="hidden">The draft without`, "0 of the 8 image words"}, nil},
		{"the lab’s truth put away", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&no=9") })
			time.Sleep(time.Minute)
			b.Do(func() { b.Lab().Key("t"); b.Lab().Key("d") })
		}, []string{`id="lab-truth" class="tool" type="button" aria-keyshortcuts="T" aria-pressed="false"`}, []string{"lab-name\"", "h1v1"}},
		{"the lab in trouble", func(b *desktest.Bench) {
			b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				return nil, status.Errorf(status.NotFinite, "a fault")
			}
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7") })
			b.Pass(time.Minute)
		}, []string{"arithmetic failed", ">Try again<", "Nothing is drawn that a report could name."}, []string{`id="lab-again" type="button" hidden`}},
		{"a sweep", func(b *desktest.Bench) {
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&le=60") })
			b.Do(b.Lab().StartSweep)
			b.Pass(time.Minute)
		}, []string{"Of 20 reports each, 0 name pleural effusion at none, 20 at 100 %: the model notices.", "At 10 %, 10.", `d="M0.0 100.0L100.0 50.0L200.0 0.0`, "M600.0 0V100", "None of the 11 drafts names it", ">Save as CSV<"}, nil},
		{"a sweep with gaps", func(b *desktest.Bench) {
			b.Engine.OnMeasure = func(_ context.Context, s sweep.Sweep, value float64) (sweep.Point, error) {
				if value == 0.5 {
					return sweep.Point{}, status.Errorf(status.NotFinite, "a fault")
				}
				return sweep.Point{Value: value, Reports: 20, Findings: findings.Table("", nil), Drafts: 1, Inside: new(0.25), Area: new(0.1)}, nil
			}
			b.Ready()
			b.Do(func() { b.Arrive("#lab?seed=7&le=60") })
			b.Do(b.Lab().StartSweep)
			b.Pass(time.Minute)
		}, []string{"10 of 11 values; the others were not measured.", ">Go on<", "M500.0 0V100", "L400.0 100.0M600.0 100.0", "25 % lies where it is drawn; by chance it would be 10 %."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := desktest.New(t)
				c.bring(b)
				page := html(b)
				for _, w := range c.want {
					assert.Contains(t, page, w)
				}
				for _, l := range c.lack {
					assert.NotContains(t, page, l)
				}
				b.Do(b.StopRewrite)
				b.Do(b.Cancel)
				b.Do(b.Cancel)
				time.Sleep(time.Hour) // of the one that does not heed it
			})
		})
	}
}

func TestEveryErrorIsShown(t *testing.T) {
	for _, code := range status.Codes() {
		if !desk.Explained(code) {
			continue
		}
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := desktest.New(t)
				b.Do(func() { go b.Engine.Stopped(status.Errorf(code, "a <technical> line")) })
				page := html(b)
				assert.Contains(t, page, `data-code="`+string(b.Trouble().Code)+`"`)
				assert.Contains(t, page, "a &lt;technical&gt; line")
				assert.NotContains(t, page, "%!")
				assert.Equal(t, b.Trouble().Sentence, b.Alert())
				b.Do(b.Dismiss)
				assert.Empty(t, b.Alert())
				assert.NotContains(t, html(b), "technical&gt;")
			})
		})
	}
}

// Every shortcut that a control names is in the list of keys.
func TestShortcutsAreListed(t *testing.T) {
	listed := map[string]bool{"Control+P": true} // the browser's own
	for _, k := range desk.KeyList() {
		for _, label := range strings.Fields(k.Label) {
			listed[label] = true
		}
	}
	label := strings.NewReplacer("PageUp", "PgUp", "PageDown", "PgDn", "Plus", "+", "-", "−")
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		found := 0
		for _, room := range desk.Rooms() {
			b.Do(func() { b.Go(desk.Place{Room: room}) })
			b.Pass(time.Minute)
			for _, part := range strings.Split(html(b), `aria-keyshortcuts="`)[1:] {
				shortcut, _, _ := strings.Cut(part, `"`)
				assert.True(t, listed[label.Replace(shortcut)], "%s: %s", room, shortcut)
				found++
			}
		}
		assert.Greater(t, found, 15)
	})
}
