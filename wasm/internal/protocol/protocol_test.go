package protocol

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/media"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/radiograph/voi"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
)

// scale is one of which nothing is left out.
func scale() *voi.Scale {
	return &voi.Scale{
		Levels: 4096, First: -2048, Slope: 0.5, Intercept: -1000, Low: -1500, High: 12.5, Inverted: true,
		Curve:   &voi.Curve{First: -3, Entries: []uint16{0, 7, 255}, Top: 255},
		Windows: []voi.Named{{Window: voi.Window{Function: voi.Table, Center: -2, Width: 2}}, {Name: "HARD", Window: voi.Window{Function: voi.Linear, Center: 1, Width: 1}}},
	}
}

func examples() []Message {
	return []Message{
		{1, LoadShipped{Manifest: "https://example.org/model/manifest.json"}},
		{2, LoadFile{Name: "a \"quoted\" name.safetensors"}},
		{2, ListImages{Paths: []string{"CD/DICOMDIR", "CD/IM1"}}},
		{3, OpenImage{View: 7, Name: "chest.png"}},
		{4, OpenPhantom{View: 8, Lateral: true, Chest: phantom.Chest{Seed: 5, LeftEffusion: 0.6, NoduleZone: phantom.LeftUpper}, Size: 768}},
		{5, CloseView{View: 7}},
		{6, WriteReport{Views: []int{7, 8}}},
		{7, RewriteReport{Views: []int{7, 8}, Beam: 5, WithoutTIR: true, Prefix: []int{4, 9}, Cover: []int{0, 391}}},
		{7, SampleReports{Views: []int{7}, Reports: 20, Temperature: 0.5, TopP: 0.9, Seed: 1<<64 - 1}},
		{8, ShowTrace{Views: []int{7, 8}, Part: trace.Part{Kind: trace.OfWord, Index: 3}}},
		{9, MeasurePoint{Sweep: sweep.Sweep{Of: "nodule", Samples: 20, Seeds: 1}, Value: 12}},
		{6, Cancel{}},
		{0, Ready{}},
		{0, Asked{Requests: []Request{{URL: "https://example.org/model/manifest.json?a", At: 1 << 41, Body: 3, Received: 1 << 33, Local: true, Refused: "connect-src"}}}},
		{6, Progress{status.Progress{Stage: status.StageGenerate, Done: 3, Total: 60, Text: "The heart is"}}},
		{1, Loaded{Format: "uar/1", SHA256: "ab", Card: `{"data":"x"}`, Views: 2, Bytes: 1 << 33}},
		{2, Listed{Images: []ListedImage{{File: 1, Entry: "a/b", Size: 1 << 33, Format: "DICOM", View: "lateral", Date: "2026-11-29", Study: "1.2.3"}}, More: 2, Others: 1}},
		{3, Opened{View: 7, Format: "PNG", Notes: []string{"it has no window"}, Shows: "lateral", ByPicture: true, RowsTo: "P", OriginalWidth: 4000, OriginalHeight: 2000, Width: 1024, Height: 512, Scale: scale()}},
		{6, Written{&report.Report{Text: "Clear.", Words: []report.Word{{Text: "clear", Attention: []float32{0.25, 0.75}}}}}},
		{7, Drawn{Index: 3, Report: report.Sample{Text: "The heart.", Tokens: []int{5, 17, 4, 2}, LogProb: -9.5}, Cleaned: "the heart ."}},
		{4, Opened{View: 8, OriginalWidth: 1, OriginalHeight: 1, Width: 1, Height: 1, Scale: new(voi.Plain(8)), Outlines: []phantom.Outline{{Finding: phantom.Finding{Name: "nodule", Label: "lung lesion"}, Path: "M1 1L2 2Z", X: 1, Y: 1}}}},
		{8, Shown{trace.Shown{Word: &trace.Word{Logits: []float32{0.5, -1}, Likeliest: []trace.Choice{{Token: 5, Text: "heart"}}, Attention: [][][]float32{{{0.25, 0.75}}}, Mask: [][]float32{{0.5, 0.5}}}}}},
		{9, Measured{Point: sweep.Point{Value: 12, Reports: 20, Findings: findings.Table("", nil), Inside: new(0.5), Area: new(0.25)}}},
		{5, Done{}},
		{6, Failed{Code: status.BackendLost, Message: "webgpu: the GPU was lost", Backend: "webgpu"}},
	}
}

func TestRoundTrip(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range examples() {
		data, err := Encode(m)
		require.NoError(t, err)
		got, err := Decode(data)
		require.NoError(t, err, "%s", data)
		assert.Equal(t, m, got)
		seen[m.Body.kind()] = true
	}
	assert.Len(t, seen, len(readers), "every kind is tried")
}

// TestTheLargestFit: what a worker may load and say fits an envelope.
func TestTheLargestFit(t *testing.T) {
	quoted := func(n int) string { return strings.Repeat("\x01", n) } // as many bytes of JSON as there can be
	for _, m := range []Message{
		{1 << 40, Loaded{Name: quoted(1 << 10), Why: quoted(1 << 10), Card: quoted(MaxCard)}},
		{1 << 40, NewFailed(status.Errorf(status.BadConfiguration, "%s", quoted(MaxEnvelope)))},
		{1 << 40, Written{&report.Report{Text: strings.Repeat("x", MaxReport-1<<10)}}},
	} {
		data, err := Encode(m)
		require.NoError(t, err)
		_, err = Decode(data)
		assert.NoError(t, err, m.Body.kind())
	}
}

func TestNewFailed(t *testing.T) {
	cut := NewFailed(status.Errorf(status.BadTensor, "%s", strings.Repeat("é", MaxFailure)))
	assert.Equal(t, status.BadTensor, cut.Code)
	assert.Equal(t, strings.Repeat("é", MaxFailure/2)+"…", cut.Message)
	assert.Equal(t, Failed{Code: status.Internal, Message: "x"}, NewFailed(errors.New("x")))
}

func TestMaxFiles(t *testing.T) { assert.Equal(t, media.MaxEntries, MaxFiles) }

func TestDecodeRefuses(t *testing.T) {
	t.Attr("hostile", "messages, and the report as JSON in them")
	for _, c := range []struct{ data, want string }{
		{``, "envelope"},
		{`null`, "unknown kind"},
		{`[]`, "envelope"},
		{`{"id":"1","kind":"done","body":{}}`, "envelope"},
		{`{"id":1,"kind":"` + strings.Repeat("x", 1000) + `"}`, "unknown kind"},
		{`{"id":1,"kind":"done"}`, "EOF"},
		{`{"id":1,"kind":"open-image","body":{"view":1,"path":"/etc"}}`, "unknown field"},
		{`{"id":1,"kind":"list-images","body":{"paths":[]}}`, "too many files"},
		{`{"id":1,"kind":"list-images","body":{"paths":[` + strings.Repeat(`"a",`, MaxFiles) + `"a"]}}`, "too many files"},
		{`{"id":1,"kind":"open-phantom","body":{"view":1,"chest":{},"size":0}}`, "size"},
		{`{"id":1,"kind":"open-phantom","body":{"view":1,"chest":{"nodule":1000},"size":64}}`, "nodule"},
		{`{"id":1,"kind":"open-phantom","body":{"view":1,"chest":{"nodule_zone":"hat"},"size":64}}`, "zone"},
		{`{"id":1,"kind":"measure-point","body":{"sweep":{"of":"nodule","seeds":1},"value":1000}}`, "nodule"},
		{`{"id":1,"kind":"show-trace","body":{"views":[],"part":{"kind":"word","index":0}}}`, "views"},
		{`{"id":1,"kind":"show-trace","body":{"views":[1],"part":{"kind":"film","index":0}}}`, "film"},
		{`{"id":1,"kind":"show-trace","body":{"views":[1],"part":{"kind":"word","index":-1}}}`, "part -1"},
		{`{"id":1,"kind":"shown","body":{}}`, "0 parts"},
		{`{"id":1,"kind":"shown","body":{"patch":{},"word":{}}}`, "2 parts"},
		{`{"id":1,"kind":"measure-point","body":{"sweep":{"of":"nodule","seeds":0},"value":1}}`, "phantoms a value"},
		{`{"id":1,"kind":"write-report","body":{"views":[]}}`, "one or two"},
		{`{"id":1,"kind":"write-report","body":{"views":[1,2,3]}}`, "one or two"},
		{`{"id":1,"kind":"rewrite-report","body":{"views":[]}}`, "one or two"},
		{`{"id":1,"kind":"rewrite-report","body":{"views":[1],"cover":[1.5]}}`, "rewrite-report"},
		{`{"id":1,"kind":"sample-reports","body":{"views":[],"reports":20,"seed":0}}`, "one or two"},
		{`{"id":1,"kind":"sample-reports","body":{"views":[1],"reports":20,"seed":-1}}`, "sample-reports"},
		{`{"id":1,"kind":"drawn","body":{"index":-1,"report":{},"cleaned":""}}`, "before the first"},
		{`{"id":0,"kind":"asked","body":{"requests":[{"at":1},{"received":-1}]}}`, "less than nothing"},
		{`{"id":1,"kind":"progress","body":{"done":2,"total":1}}`, "total"},
		{`{"id":1,"kind":"opened","body":{"width":2049,"height":1}}`, "size"},
		{`{"id":1,"kind":"opened","body":{"width":1,"height":0}}`, "size"},
		{`{"id":1,"kind":"opened","body":{"width":1,"height":1,"original_width":1,"original_height":1}}`, "without a scale"},
		{`{"id":1,"kind":"opened","body":{"scale":{},"original_width":1,"original_height":1}}`, "without a preview"},
		{`{"id":1,"kind":"opened","body":{"width":1,"height":1,"scale":{"levels":65537}}}`, "scale outside its bounds"},
		{`{"id":1,"kind":"opened","body":{"width":1,"height":1,"scale":{"levels":2,"slope":1,"high":1,"windows":[{"function":"TABLE","center":1,"width":1}]}}}`, "scale outside its bounds"},
		{`{"id":1,"kind":"opened","body":{"width":1e99,"height":1}}`, "opened"},
		{`{"id":1,"kind":"opened","body":{"original_width":0,"original_height":9}}`, "image"},
		{`{"id":1,"kind":"written","body":{"report":null}}`, "no report"},
		{`{"id":1,"kind":"written","body":{"report":[]}}`, "cannot unmarshal array"},
		{`{"id":1,"kind":"written","body":{"report":{"text":7}}}`, "cannot unmarshal number"},
		{`{"id":1,"kind":"written","body":{"report":{"script":"x"}}}`, "unknown field"},
		{`{"id":1,"kind":"written","body":{"report":{"words":[{"attention":[1e999]}]}}}`, "written"},
		{`{"id":1,"kind":"written","body":` + strings.Repeat("[", 100_000), "exceeded max depth"},
	} {
		t.Run(cmp.Or(fmt.Sprintf("%.60s", c.data), "nothing"), func(t *testing.T) {
			_, err := Decode([]byte(c.data))
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err := Decode(make([]byte, MaxEnvelope+1))
	assert.ErrorContains(t, err, "limit")
}

// What the other side would refuse to read is not sent.
func TestEncodeRefusesWhatIsTooLong(t *testing.T) {
	_, err := Encode(Message{1, Loaded{Card: strings.Repeat("<", MaxEnvelope/6)}}) // six bytes each
	assert.EqualError(t, err, "protocol: loaded: envelope over its limit")
}

func FuzzDecode(f *testing.F) {
	for _, m := range examples() {
		data, err := Encode(m)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(m)
		require.NoError(t, err)
		back, err := Decode(again)
		require.NoError(t, err)
		once, err := Encode(back)
		require.NoError(t, err)
		assert.Equal(t, again, once)
	})
}
