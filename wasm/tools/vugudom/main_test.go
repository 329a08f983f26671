package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDOMScript(t *testing.T) {
	script, err := domScript()
	require.NoError(t, err)
	assert.Contains(t, script, "window.vuguRender")
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
