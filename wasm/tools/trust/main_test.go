package main

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecord(t *testing.T) {
	const events = `{"Action":"attr","Package":"uarweb/weights","Test":"TestHostile","Key":"hostile","Value":"safetensors"}
{"Action":"output","Package":"uarweb/weights","Test":"TestHostile/a_|_b","Output":"said in vain\n"}
{"Action":"pass","Package":"uarweb/weights","Test":"TestHostile/a_|_b"}
{"Action":"pass","Package":"uarweb/weights","Test":"TestHostile/<b>"}
{"Action":"pass","Package":"uarweb/weights","Test":"TestHostile"}
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestCrash","Key":"fault","Value":"the worker crashed"}
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestCrash","Key":"differences","Value":"2"}
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestNoRoom","Key":"fault","Value":"no room"}
{"Action":"output","Package":"uarweb/wasm/e2e","Test":"TestNoRoom","Output":"it was there\n"}
{"Action":"fail","Package":"uarweb/wasm/e2e","Test":"TestNoRoom"}
{"Action":"pass","Package":"uarweb/wasm/e2e","Test":"TestCrash"}
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestNoRoom","Key":"fault","Value":"no room"}
{"Action":"pass","Package":"uarweb/wasm/e2e","Test":"TestNoRoom"}
{"Action":"attr","Package":"uarweb/weights","Test":"TestHostile","Key":"hostile","Value":"safetensors"}
{"Action":"pass","Package":"uarweb/weights","Test":"TestHostile/<b>"}
{"Action":"pass","Package":"uarweb/weights","Test":"TestHostile"}
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestSoak","Key":"differences","Value":"1"}
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestSoak","Key":"differences","Value":"1"}
{"Action":"fail","Package":"uarweb/wasm/e2e"}
== ./weights FuzzParseManifest
fuzz: elapsed: 0s, gathering baseline coverage: 0/9 completed
fuzz: elapsed: 3s, execs: 100 (33/sec), new interesting: 0 (total: 9)
fuzz: elapsed: 6s, execs: 250 (33/sec), new interesting: 0 (total: 9)
PASS
ok  	uarweb/weights	6.1s
== ./weights/safetensors FuzzDecode
fuzz: elapsed: 3s, execs: 30 (33/sec), new interesting: 0 (total: 9)
--- FAIL: FuzzDecode (3.01s)
FAIL
ok  	uarweb/serve	1.0s
== ./weights FuzzParseManifest
fuzz: elapsed: 3s, execs: 5 (33/sec), new interesting: 0 (total: 9)
ok  	uarweb/weights	3.1s
== ./weights FuzzUnbuilt
FAIL	uarweb/weights [build failed]
`
	var log bytes.Buffer
	r := newRecord(&log)
	require.NoError(t, r.read(strings.NewReader(events)))
	page := r.page(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	assert.NotContains(t, page, "| `` |", "a target of no name")
	for _, line := range []string{
		"Written by `wasm/tools/trust` from what the tests of `./build.sh trust` have said, whose rows tell how much of each was done: 2026-11-30, uarweb ",
		"| load held | 0 of 0 |",
		"| faults survived | 1 of 2 |",
		"| hostile inputs refused, made by hand | 2 in 1 of 1 kinds |",
		"| inputs tried by fuzzing | 285, crashers: 1 |",
		"| requests that left for elsewhere, or told something | not counted |",
		"| differences among results that must be the same | 4 |",
		"| the worker crashed | held | `wasm/e2e TestCrash` |",
		"| no room | **failed** | `wasm/e2e TestNoRoom` |",
		"| `weights FuzzParseManifest` | 255 |\n| `weights FuzzUnbuilt` | 0 |\n| `weights/safetensors FuzzDecode` | 30 |\n",
		"| safetensors | held | 2: &lt;b>; a &#124; b | `weights TestHostile` |",
	} {
		assert.Contains(t, page, line)
	}
	assert.Equal(t, []string{"wasm/e2e TestNoRoom", "wasm/e2e ", "--- FAIL: FuzzDecode (3.01s)", "FAIL\tuarweb/weights [build failed]"}, r.failed)
	assert.Contains(t, log.String(), "it was there\n")
	assert.NotContains(t, log.String(), "said in vain")
}

// Every figure of a soak has its line in the plot.
func TestPlot(t *testing.T) {
	svg := plot([]*test{
		{value: "10 reports, natively: heap in MB 1.00 1.50 2.00, at the start 1.00"},
		{value: "2 <loads>: memory of the engine in MB 19.9 19.9, at the start 19.9; of the page, 5.0 5.1, at the start 5.0"},
		{value: "3 rounds without figures"},
	})
	assert.NoError(t, xml.Unmarshal([]byte(svg), new(struct{})))
	assert.Equal(t, 3, strings.Count(svg, "<polyline"))
	for _, part := range []string{
		"10 reports, natively: heap", "2 &lt;loads&gt;: memory of the engine", "2 &lt;loads&gt;: of the page", ">2.00 MB<", ">5.1 MB<",
		`points="540,47 643,47 747,36 850,24"`, // from half of the height to all of it
	} {
		assert.Contains(t, svg, part)
	}
}
