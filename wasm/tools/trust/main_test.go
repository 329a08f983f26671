package main

import (
	"bytes"
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
{"Action":"attr","Package":"uarweb/wasm/e2e","Test":"TestSoak","Key":"differences","Value":"1"}
{"Action":"fail","Package":"uarweb/wasm/e2e"}
fuzz: elapsed: 0s, gathering baseline coverage: 0/9 completed
fuzz: elapsed: 3s, execs: 100 (33/sec), new interesting: 0 (total: 9)
fuzz: elapsed: 6s, execs: 250 (33/sec), new interesting: 0 (total: 9)
PASS
ok  	uarweb/weights	6.1s
fuzz: elapsed: 3s, execs: 30 (33/sec), new interesting: 0 (total: 9)
--- FAIL: FuzzDecode (3.01s)
FAIL
`
	var log, page bytes.Buffer
	r := newRecord(&log)
	require.NoError(t, r.read(strings.NewReader(events)))
	r.write(&page, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	for _, line := range []string{
		"The last run of `./build.sh trust`, which wrote this page: 2026-11-30, uarweb ",
		"| load held | 0 of 0 |",
		"| faults survived | 1 of 2 |",
		"| hostile inputs refused, made by hand | 2 in 1 of 1 kinds |",
		"| inputs tried by fuzzing | 280, crashers: 1 |",
		"| requests that left for elsewhere, or told something | not counted |",
		"| differences among results that must be the same | 3 |",
		"| the worker crashed | held | `wasm/e2e TestCrash` |",
		"| no room | **failed** | `wasm/e2e TestNoRoom` |",
		"| safetensors | held | 2: &lt;b>; a &#124; b | `weights TestHostile` |",
	} {
		assert.Contains(t, page.String(), line)
	}
	assert.Equal(t, []string{"wasm/e2e TestNoRoom", "wasm/e2e ", "--- FAIL: FuzzDecode (3.01s)"}, r.failed)
	assert.Contains(t, log.String(), "it was there\n")
	assert.NotContains(t, log.String(), "said in vain")
}
