package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVugu(t *testing.T) {
	t.Chdir("../../..")
	directory := t.TempDir()
	script := filepath.Join(directory, "vugu-dom.js")
	require.NoError(t, run(directory, script))
	text, err := os.ReadFile(script)
	require.NoError(t, err)
	assert.Contains(t, string(text), "window.vuguRender")
	text, err = os.ReadFile(filepath.Join(directory, "module", callFile))
	require.NoError(t, err)
	assert.False(t, strings.Contains(string(text), call))
	text, err = os.ReadFile(filepath.Join(directory, "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "replace "+module+" => ")
}

func TestWithoutCall(t *testing.T) {
	for _, c := range []struct{ source, want, err string }{
		{source: "package p\nfunc f() { a(); g(1) }", want: "package p\nfunc f() { a();  }"},
		{source: "package p\nfunc f() { x := g(1) }", err: "0 statements g(1), not one"},
		{source: "package p\nfunc f() { g(1); g(1) }", err: "2 statements g(1), not one"},
		{source: "nonsense", err: "1:1: expected 'package', found nonsense"},
	} {
		got, err := withoutCall([]byte(c.source), "g(1)")
		if c.err != "" {
			assert.EqualError(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, string(got))
	}
}

func TestStringConstant(t *testing.T) {
	for _, c := range []struct{ source, want, err string }{
		{source: "package p\nconst js = `a\nb`", want: "a\nb"},
		{source: "package p\nvar x, y = 1, 2\nvar (\n z int\n js = \"a\" \n)", want: "a"},
		{source: "package p\nfunc js() {}", err: "no js"},
		{source: "package p\nconst js = ` `", err: "js: it is empty"},
		{source: "package p\nconst js = 1", err: "js is no string literal"},
		{source: "package p\nvar js = f()", err: "js is no string literal"},
		{source: "nonsense", err: "1:1: expected 'package', found nonsense"},
	} {
		got, err := stringConstant([]byte(c.source), "js")
		if c.err != "" {
			assert.EqualError(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
}
