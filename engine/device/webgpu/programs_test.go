//go:build !js

package webgpu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// validated is what validate/validate.mjs reads.
type validated struct {
	Name      string         `json:"name"`
	Code      string         `json:"code"`
	Constants map[string]any `json:"constants,omitempty"`
	Access    string         `json:"access"`
}

// validate returns the problems of programs by name, as Dawn sees them.
func validate(t *testing.T, programs ...validated) map[string][]string {
	t.Helper()
	if _, err := os.Stat(filepath.Join("validate", "node_modules")); err != nil {
		const install = "npm ci --ignore-scripts --prefix engine/device/webgpu/validate"
		if os.Getenv("CI") != "" {
			t.Fatal("the shaders cannot be validated; install what it needs: " + install)
		}
		t.Skip("validating the shaders needs Node.js and " + install)
	}
	input, err := json.Marshal(programs)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), "node", "validate.mjs")
	command.Dir, command.Stdin = "validate", bytes.NewReader(input)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoError(t, err, stderr.String())
	var problems map[string][]string
	require.NoError(t, json.Unmarshal(output, &problems))
	return problems
}

func TestEveryShaderIsValid(t *testing.T) {
	var programs []validated
	for _, p := range allPrograms() {
		programs = append(programs, validated{
			Name: fmt.Sprint(p), Code: source(p.shader, p.variant), Constants: p.constants(), Access: shaders[p.shader].access,
		})
	}
	assert.Equal(t, 10+3+10+5, len(programs)) // plain ones, with subgroups, of product, of vector; Len would print them all
	assert.Empty(t, validate(t, programs...))
}

func TestTheValidatorFindsFaults(t *testing.T) {
	mean := validated{Code: source("mean", plain), Access: "rw"}
	syntax, binding, barrier := mean, mean, mean
	syntax.Name, syntax.Code = "syntax", mean.Code+"fn f( {"
	binding.Name, binding.Access = "binding", "rr"
	barrier.Name, barrier.Code = "barrier", strings.Replace(mean.Code, "var sum = 0.0;", "var sum = 0.0; workgroupBarrier();", 1)
	problems := validate(t, syntax, binding, barrier)
	assert.Len(t, problems, 3)
}

func TestEveryFileIsUsed(t *testing.T) {
	used := map[string]bool{}
	for name, s := range shaders {
		for _, part := range append(strings.Fields(s.parts), name) {
			used[part+".wgsl"] = true
			for _, v := range s.variants() {
				if other := replacements[v][part]; other != "" {
					used[other+".wgsl"] = true
				}
			}
		}
		for _, v := range s.variants() {
			storage := strings.Count(source(name, v), "var<storage")
			assert.Len(t, s.access, storage, name)
			assert.LessOrEqual(t, storage, 8, name)
			assert.Equal(t, s.weights, strings.Contains(source(name, v), "override format"), name)
		}
	}
	all, err := filepath.Glob("*.wgsl")
	require.NoError(t, err)
	for _, file := range all {
		assert.True(t, used[file], file)
	}
}
