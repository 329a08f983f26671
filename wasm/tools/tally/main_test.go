package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	var out bytes.Buffer
	tally := newTally(&out)
	require.NoError(t, tally.read(strings.NewReader(`== a plain line
{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"said by A\n"}
{"Action":"pass","Package":"p","Test":"A","Elapsed":1}
{"Action":"output","Package":"p","Test":"B","Output":"said by B\n"}
{"Action":"fail","Package":"p","Test":"B"}
{"Action":"output","Package":"p","Test":"C","Output":"no such file\n"}
{"Action":"skip","Package":"p","Test":"C"}
{"Action":"output","Package":"p","Output":"said by p\n"}
{"Action":"fail","Package":"p","Elapsed":1.25}
{"Action":"skip","Package":"without tests"}
{"Action":"build-output","ImportPath":"q","Output":"q.go:1: nonsense\n"}
{"Action":"build-fail","ImportPath":"q"}
{"Action":"output","Package":"q","Output":"FAIL q [build failed]\n"}
{"Action":"fail","Package":"q"}
{"Action":"pass","Package":"r"}
{"Action":"exit","Package":"native","Code":1,"Elapsed":61}
{"Action":"exit","Package":"fine"}
{"Action":"exit","Package":"browser","Code":2}
{"no":"event"}
`)))
	assert.Equal(t, `FAIL	p	B
FAIL	q	as a whole
FAIL	browser	as a whole
1 passed, 3 failed, 1 skipped`, tally.String())
	assert.Equal(t, `== a plain line
said by B
no such file
FAIL	p	1.2s
q.go:1: nonsense
FAIL q [build failed]
FAIL	q	0.0s
ok	r	0.0s
exit code 1	native	61s
exit code 0	fine	0s
exit code 2	browser	0s
{"no":"event"}
`, out.String())
}

// The real thing: a package that passes, fails, skips and panics.
func TestGo(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	write("go.mod", "module m\n\ngo 1.26.0\n")
	write("a/a_test.go", `package a; import "testing"
func TestPass(t *testing.T) { t.Run("sub", func(*testing.T) {}) }
func TestFail(t *testing.T) { t.Error("reason of a") }
func TestSkip(t *testing.T) { t.Skip("reason to skip") }
`)
	write("b/b_test.go", "package b; import \"testing\"\nfunc TestPanic(*testing.T) { panic(`reason of b`) }\n")
	write("c/c_test.go", "package c; var nonsense int = ``\n")
	write("d/d_test.go", "package d; import (`os`; `testing`)\nfunc TestMain(*testing.M) { os.Exit(3) }\n")
	write("e/e_test.go", "package e; import `testing`\nfunc TestHang(t *testing.T) { t.Log(`reason of e`); select {} }\n")
	run := exec.Command("go", "test", "-json", "-timeout=2s", "./...")
	run.Dir = dir
	run.Env = append(os.Environ(), "GOFLAGS=")
	events, err := run.Output()
	require.Error(t, err)

	var out bytes.Buffer
	tally := newTally(&out)
	require.NoError(t, tally.read(bytes.NewReader(events)))
	// Failures: TestFail, TestPanic, c does not build, d ends early, TestHang.
	assert.ElementsMatch(t, []test{{"m/a", "TestFail"}, {"m/b", "TestPanic"}, {pkg: "m/c"}, {pkg: "m/d"}, {"m/e", "TestHang"}}, tally.failures, out.String())
	assert.Equal(t, []int{2, 1}, []int{tally.passed, tally.skipped})
	for _, part := range []string{"reason of a", "reason to skip", "reason of b", "c_test.go:1:", "FAIL\tm/d", "reason of e", "test timed out"} {
		assert.Contains(t, out.String(), part)
	}
}
