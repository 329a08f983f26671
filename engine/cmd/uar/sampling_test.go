package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/metrics"
)

// TestReportSamples holds the command to the contract of engine/MODEL.md §11.
func TestReportSamples(t *testing.T) {
	dir := workspace(t)
	args := []string{
		"report", "-weights", filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "images/a.png"),
		"-samples", "20", "-seed", "3", "-temperature", "1.5", "-top-p", "0.9",
	}
	out := must(t, append(args, "-json")...)
	assert.Equal(t, []string{"draft", "seed", "temperature", "top_p", "reports", "findings", "sentences"}, keys(t, out, "samples"))
	var r export.Document
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.NotNil(t, r.Samples)
	assert.Equal(t, draftBeam, r.Samples.Draft)
	assert.Equal(t, []any{uint64(3), 1.5, 0.9}, []any{r.Samples.Seed, r.Samples.Temperature, r.Samples.TopP})
	require.Len(t, r.Samples.Reports, 20)
	var texts []string
	for _, s := range r.Samples.Reports {
		assert.LessOrEqual(t, s.LogProb, 0.0)
		texts = append(texts, report.Clean(s.Text))
	}
	assert.Len(t, r.Samples.Findings, 14)
	assert.EqualValues(t, findings.Labels()[0], r.Samples.Findings[0].Label)

	var again export.Document
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-json")...)), &again))
	again.Seconds, again.Written = r.Seconds, r.Written
	assert.Equal(t, r, again, "the same seed, the same samples")

	var consensus export.Document
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-json", "-draft", "consensus")...)), &consensus))
	assert.Equal(t, r.Samples.Reports, consensus.Samples.Reports)
	assert.Equal(t, draftConsensus, consensus.Samples.Draft)
	assert.Zero(t, consensus.Forced)
	assert.Equal(t, r.Samples.Reports[metrics.Consensus(texts)].Tokens, consensus.Tokens)
	assert.Len(t, consensus.Words[0].Alternatives, 3)

	plain := must(t, args...)
	assert.True(t, strings.HasPrefix(plain, r.Text+"\n"))
	for _, words := range []string{"20 samples, seed 3, temperature 1.5, top-p 0.9", "said again", " of 20  ", "pleural effusion"} {
		assert.Contains(t, plain, words)
	}
}

// keys are those of an object within a JSON object, in their order.
func keys(t *testing.T, text, of string) (all []string) {
	t.Helper()
	var objects map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &objects))
	decoder := json.NewDecoder(strings.NewReader(string(objects[of])))
	_, err := decoder.Token()
	require.NoError(t, err)
	for decoder.More() {
		key, err := decoder.Token()
		require.NoError(t, err)
		all = append(all, key.(string))
		var value json.RawMessage
		require.NoError(t, decoder.Decode(&value))
	}
	return all
}

func TestReportPrefixAndCover(t *testing.T) {
	dir := workspace(t)
	args := []string{"report", "-json", "-weights", filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "images/a.png")}
	var r export.Document
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-prefix", "The heart. clear")...)), &r))
	assert.True(t, strings.HasPrefix(r.Text, "The heart. Clear"), r.Text)
	assert.Equal(t, 4, r.Forced)
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-prefix", "The heart.", "-samples", "2", "-cover", "0-2,5,1")...)), &r))
	assert.Equal(t, 3, r.Forced)
	assert.Equal(t, []int{0, 1, 2, 5}, r.Covered)
	for _, s := range r.Samples.Reports {
		assert.True(t, strings.HasPrefix(s.Text, "The heart."), s.Text)
	}
}

func TestBadSamplingFlags(t *testing.T) {
	dir := workspace(t)
	image := filepath.Join(dir, "images/a.png")
	for want, args := range map[string][]string{
		`"101" for flag -samples: it must be 0 to 100`:                {"-samples", "101"},
		`"0" for flag -temperature: it must be over 0 and at most 10`: {"-samples", "2", "-temperature", "0"},
		`"1.1" for flag -top-p: it must be over 0 and at most 1`:      {"-samples", "2", "-top-p", "1.1"},
		`"-1" for flag -seed`:                                              {"-samples", "2", "-seed", "-1"},
		"-seed does not go without -samples":                               {"-seed", "1"},
		"-top-p does not go without -samples":                              {"-top-p", "0.5"},
		`"best" for flag -draft: it must be beam or consensus`:             {"-draft", "best"},
		"-draft consensus needs at least two -samples":                     {"-samples", "1", "-draft", "consensus"},
		`-prefix: the model does not know the word "lung"`:                 {"-prefix", "the lung"},
		"a report of 10 words, the model takes 7":                          {"-prefix", strings.Repeat("the ", 10)},
		`"3-1" for flag -cover: it must be numbers and ranges, such as 12`: {"-cover", "3-1"},
		`"" for flag -cover: it must be numbers`:                           {"-cover", ""},
		`"-3" for flag -cover: it must be numbers`:                         {"-cover", "-3"},
		"-cover 0,30-9999999999: patch 9999999999, the last one is 31":     {"-cover", "0,30-9999999999"},
		"every patch of a view is to be covered":                           {"-cover", "0-15"},
	} {
		code, out, errs := uar(t, append([]string{"report", "-weights", filepath.Join(dir, "model.safetensors"), image}, args...)...)
		assert.Equal(t, 2, code, want)
		assert.Empty(t, out, want)
		assert.Contains(t, errs, want)
		assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
	}
}

func TestEvalSamples(t *testing.T) {
	dir := workspace(t)
	args := []string{"eval", "-weights", filepath.Join(dir, "model.safetensors"), "-data", dir, "-samples", "10", "-seed", "1"}
	out := must(t, args...)
	var e evaluation
	require.NoError(t, json.Unmarshal([]byte(out), &e))
	require.NotNil(t, e.Calibration)
	assert.Equal(t, draftBeam, e.Draft)
	assert.Equal(t, 10, e.Calibration.Samples)
	assert.Equal(t, settings{1, 1, 1}, e.Calibration.settings)
	assert.Equal(t, 3*13, e.Calibration.Findings.All.Forecasts)
	for _, l := range e.Calibration.Findings.Labels {
		assert.Equal(t, 3, l.Forecasts)
	}
	// Six words of each study's reference, of which one is unknown, and no end: it was cut.
	assert.Equal(t, 3*5, e.Calibration.Words.Forecasts)
	assert.Equal(t, out, must(t, args...))
	table := must(t, append(args, "-table", "-draft", "consensus")...)
	for _, words := range []string{"draft consensus", "calibration, 10 samples a study, seed 1", "all findings", "words: probability"} {
		assert.Contains(t, table, words)
	}
	assert.NotContains(t, must(t, args[:5]...), "calibration")
}
