package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
)

// TestEvalOnAllCores: any number of cores gives the same scores, and the same
// reports in the same order.
func TestEvalOnAllCores(t *testing.T) {
	dir := workspace(t)
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	var scores, reports []string
	for _, cores := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(cores)
		to := filepath.Join(t.TempDir(), "out.jsonl")
		scores = append(scores, must(t, "eval", "-weights", filepath.Join(dir, "model.safetensors"), "-data", dir, "-out", to))
		data, err := os.ReadFile(to)
		require.NoError(t, err)
		reports = append(reports, string(data))
	}
	for i := range scores {
		assert.Equal(t, scores[0], scores[i])
		assert.Equal(t, reports[0], reports[i])
	}
	assert.Less(t, strings.Index(reports[0], "a.png"), strings.Index(reports[0], "c.png"))
}

// TestEvalReports: a file that -out wrote has the scores of the run that wrote
// it, but for what the model's features tell.
func TestEvalReports(t *testing.T) {
	dir := workspace(t)
	lines := filepath.Join(dir, "out.jsonl")
	var wrote, scored evaluation
	require.NoError(t, json.Unmarshal([]byte(must(t, "eval", "-weights", filepath.Join(dir, "model.safetensors"), "-data", dir, "-out", lines)), &wrote))
	out := must(t, "eval", "-reports", lines)
	require.NoError(t, json.Unmarshal([]byte(out), &scored))
	assert.Equal(t, wrote.Evaluation, scored.Evaluation)
	assert.Equal(t, wrote.Constant, scored.Constant)
	assert.Nil(t, scored.Writer)
	assert.NotContains(t, out, "alignment")
	require.NotNil(t, wrote.Writer)
	assert.Equal(t, 1, wrote.Retrieval.Candidates, "all studies have one report")
	assert.Len(t, wrote.Findings.Labels, 14)
	table := must(t, "eval", "-reports", lines, "-table")
	for _, word := range []string{"3 studies", "BLEU-4, coco", "pleural effusion", "balanced accuracy", "constant"} {
		assert.Contains(t, table, word)
	}
	assert.NotContains(t, table, "median rank")
	assert.Contains(t, must(t, "eval", "-weights", filepath.Join(dir, "model.safetensors"), "-data", dir, "-table"), "median rank")
}

func TestEvalRefusesBadReports(t *testing.T) {
	good := `{"id":"a","report":"clear .","reference":"clear ."}`
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "object 1: no reports"},
		"not JSON":        {good + "\nclear", "object 2: "},
		"no reference":    {`{"id":"a","report":"clear ."}`, "object 1: id, report and reference are needed"},
		"a number for id": {`{"id":3,"report":"","reference":""}`, "object 1: "},
		"cut":             {good[:20], "object 1: "},
		"twice":           {good + "\n" + good, `object 2: id "a" comes twice`},
		"hostile":         {strings.Replace(good, "a", `\u001b[2J`, 1) + "\n" + strings.Replace(good, "a", `\u001b[2J`, 1), `object 2: id "\x1b[2J" comes twice`},
	} {
		path := filepath.Join(t.TempDir(), "reports.jsonl")
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o644))
		code, out, errs := uar(t, "eval", "-reports", path)
		assert.Equal(t, 2, code, name)
		assert.Empty(t, out, name)
		assert.Contains(t, errs, path, name)
		assert.Contains(t, errs, c.want, name)
		assert.Equal(t, 1, strings.Count(errs, "\n"), name)
	}
	code, _, errs := uar(t, "eval", "-reports", "x.jsonl", "-data", "y")
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, "-data does not go with -reports")
	code, _, errs = uar(t, "eval", "-reports", filepath.Join(t.TempDir(), "none.jsonl"))
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, "none.jsonl")
}

// silent shows no progress.
func silent(string, ...any) {}

// openWorkspace loads the model of a workspace several times, and its split.
func openWorkspace(t *testing.T, dir string, models int) ([]*engine.Model, []sample) {
	t.Helper()
	set, err := openSplit(dir, "val", 0)
	require.NoError(t, err)
	loaded, err := loadModels(t.Context(), &modelFlags{weights: filepath.Join(dir, "model.safetensors"), backend: "portable"}, models, silent)
	require.NoError(t, err)
	t.Cleanup(func() { closeModels(loaded) })
	return loaded, set.samples
}

// TestInterruptedEvalKeepsWhatIsDone: the lines written before an interruption
// stay, whole and in order.
func TestInterruptedEvalKeepsWhatIsDone(t *testing.T) {
	models, samples := openWorkspace(t, workspace(t), 2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	samples = append(samples, samples...)
	lines := &interrupting{after: 2, cancel: cancel}
	var e evaluation
	e.Writer = &Writer{}
	_, err := e.writeTo(ctx, models, samples, engine.Options{}, samplingFlags{}, lines, silent)
	// At most a report for each model was under way and is not lost either.
	done := strings.Count(lines.String(), "\n")
	assert.GreaterOrEqual(t, done, 2)
	if done < len(samples) {
		assert.ErrorIs(t, err, context.Canceled)
	}
	for i, line := range strings.Split(strings.TrimSpace(lines.String()), "\n") {
		var o outcome
		require.NoError(t, json.Unmarshal([]byte(line), &o))
		assert.Equal(t, samples[i].ID, o.ID)
	}
}

// interrupting cancels once so many lines are written.
type interrupting struct {
	bytes.Buffer
	after  int
	cancel func()
}

func (w *interrupting) Write(line []byte) (int, error) {
	if w.after--; w.after == 0 {
		w.cancel()
	}
	return w.Buffer.Write(line)
}

// TestWriteReportsStopsAtTheFirstError: of the samples, not of the clock.
func TestWriteReportsStopsAtTheFirstError(t *testing.T) {
	models, samples := openWorkspace(t, workspace(t), 3)
	samples[1].Images = []string{"none.png"}
	samples[2].Images = []string{"neither.png"}
	var done []string
	err := writeReports(t.Context(), models, samples, engine.Options{}, samplingFlags{}, func(w written) error {
		done = append(done, w.ID)
		return nil
	})
	assert.ErrorContains(t, err, "study b.png")
	assert.ErrorContains(t, err, "none.png")
	assert.Equal(t, []string{"a.png"}, done)

	full := errors.New("disk full")
	err = writeReports(t.Context(), models, samples, engine.Options{}, samplingFlags{}, func(written) error { return full })
	assert.ErrorIs(t, err, full)
}

// What Windows writes is read: backslashes in paths, and a byte order mark.
func TestEvalReadsWhatWindowsWrites(t *testing.T) {
	for _, name := range []string{"annotation-windows-paths.json", "annotation-bom.json"} {
		annotation, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		out := must(t, "eval", "-weights", oneView(t), "-data", dataSet(t, string(annotation)))
		assert.Contains(t, out, `"studies": 1,`, name)
		assert.NotContains(t, out, "left_out", name)
	}
	lines := filepath.Join(t.TempDir(), "reports.jsonl")
	require.NoError(t, os.WriteFile(lines, []byte("\ufeff"+`{"id":"a","report":"clear .","reference":"clear ."}`), 0o644))
	must(t, "eval", "-reports", lines)
}

// What is not scored is said, on standard error and in the JSON.
func TestEvalSaysWhatItLeavesOut(t *testing.T) {
	annotation := `{"val": [
		{"id": "a", "report": "clear.", "image_path": ["A/0.png", "A/1.png", "A/0.png"]},
		{"id": "\u001b[2J", "report": null, "image_path": ["A/0.png"]},
		{"id": "c", "image_path": ["A/0.png"]},
		{"id": "a", "report": "another", "image_path": ["A/0.png"]},
		{"id": "e", "report": "", "image_path": ["A/1.png"]}
	]}`
	args := []string{"eval", "-weights", filepath.Join(workspace(t), "model.safetensors"), "-data", dataSet(t, annotation)}
	code, out, errs := uar(t, args...)
	require.Zero(t, code, errs)
	assert.Equal(t, "uar: studies left out, as their ids came before: 1 (a)\n"+
		`uar: studies left out, as they have no report: 2 (\u001b[2J, c)`+"\n"+
		"uar: images left out, as the model takes 2 a study: 1\n", errs)
	var e evaluation
	require.NoError(t, json.Unmarshal([]byte(out), &e))
	assert.Equal(t, 2, e.Studies)
	assert.Equal(t, leftOut{Repeated: []string{"a"}, Unwritten: []string{"\x1b[2J", "c"}, Images: 1}, e.LeftOut)

	// A limit counts the studies that are used, and ends the reading.
	code, _, errs = uar(t, append(args, "-limit", "1")...)
	assert.Zero(t, code)
	assert.Equal(t, "uar: images left out, as the model takes 2 a study: 1\n", errs)

	code, _, errs = uar(t, "eval", "-data", dataSet(t, `{"val": [{"id": "a", "image_path": ["A/0.png"]}]}`))
	assert.Equal(t, 2, code)
	assert.Contains(t, errs, `no studies with a report in the split "val"`)
}
