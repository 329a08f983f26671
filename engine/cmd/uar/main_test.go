package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/dvae"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/transformer"
	"uarweb/weights"
	"uarweb/weights/cmd/command/commandtest"
	"uarweb/weights/safetensors"
	"uarweb/weights/tensor"
	"uarweb/weights/version"
)

// uar runs a command line.
func uar(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = program.Execute(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

// must runs a command line that succeeds, silent on standard error.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := uar(t, args...)
	require.Equal(t, 0, code, errs)
	require.Empty(t, errs)
	return out
}

// writeModel writes a tiny random model.
func writeModel(t *testing.T, path string, views int) {
	t.Helper()
	c := &engine.Config{
		Format: engine.Format,
		Image:  engine.ImageConfig{Size: 16, Channels: 1, Views: views},
		DVAE:   dvae.Config{Hidden: 8, Groups: 3, BlocksPerGroup: 1, Vocab: 16, PixelEpsilon: 0.1},
		Dim:    16, Heads: 2, FeedForward: 16, EncoderLayers: 1, DecoderLayers: 1, Basis: 8, MaxTokens: 8,
		TIR: transformer.Refiner{Scale: 1000, Rank: 4}, BOS: 0, EOS: 1, UNK: 2,
		Vocab: []string{"<bos>", "<eos>", "<unk>", ".", "clear", "heart", "lungs", "the"},
	}
	config, err := json.Marshal(c)
	require.NoError(t, err)
	checkpoint, err := weights.Build(map[string]string{"uar.config": string(config)}, c.RandomTensors(3))
	require.NoError(t, err)
	require.NoError(t, weights.WriteFile(path, checkpoint.Write))
}

// oneView is a model of one view.
func oneView(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "one.safetensors")
	writeModel(t, path, 1)
	return path
}

// dataSet is a data set with this annotation, two images and a pipe.
func dataSet(t *testing.T, annotation string) string {
	t.Helper()
	dir := t.TempDir()
	images := filepath.Join(dir, "images")
	require.NoError(t, os.MkdirAll(filepath.Join(images, "A"), 0o755))
	for i, name := range []string{"0.png", "1.png"} {
		var image bytes.Buffer
		require.NoError(t, png.Encode(&image, radiograph.Phantom(uint64(i), 40, 40)))
		require.NoError(t, os.WriteFile(filepath.Join(images, "A", name), image.Bytes(), 0o644))
	}
	commandtest.Pipe(t, filepath.Join(images, "pipe"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "annotation.json"), []byte(annotation), 0o644))
	return dir
}

// workspace is a folder with a tiny random model and a data set of phantoms.
func workspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	writeModel(t, filepath.Join(dir, "model.safetensors"), 2)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "images"), 0o755))
	splits := map[string][]sample{}
	for i, name := range []string{"a.png", "b.png", "c.png"} {
		var image bytes.Buffer
		require.NoError(t, png.Encode(&image, radiograph.Phantom(uint64(i), 40, 40)))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "images", name), image.Bytes(), 0o644))
		splits["val"] = append(splits["val"], sample{ID: name, Report: "The heart is clear. The lungs.", Images: []string{name, name}})
	}
	annotation, err := json.Marshal(splits)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "annotation.json"), annotation, 0o644))
	return dir
}

// What was decided about an image is said beside the report, and in its JSON.
func TestReportNotes(t *testing.T) {
	image := "../../radiograph/testdata/intake/png-16-of-12-bits.png"
	code, out, errs := uar(t, "report", "-json", "-weights", filepath.Join(workspace(t), "model.safetensors"), image)
	require.Equal(t, 0, code, errs)
	const note = "values end at 4,095: read as 12 bits"
	assert.Contains(t, errs, "uar: "+image+": "+note+"\n")
	var r report.Report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Len(t, r.Views, 1)
	assert.Equal(t, report.View{Name: image, Format: "PNG", SHA256: r.Views[0].SHA256, Notes: []string{note}}, r.Views[0])
}

func TestHelp(t *testing.T) {
	out := must(t, "-h")
	assert.Contains(t, out, report.Disclaimer)
	for _, c := range program.Commands {
		assert.Contains(t, out, "  "+c.Name+" ")
		help := must(t, c.Name, "-h")
		assert.Contains(t, help, "usage: uar "+c.Name+" ")
	}
	assert.Equal(t, "uar "+version.String()+"\n", must(t, "-version"))
}

// TestBadInput: one line on standard error that says what and where, nothing on
// standard output, exit code 2.
func TestBadInput(t *testing.T) {
	dir := workspace(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, data []byte) string {
		require.NoError(t, os.WriteFile(in(name), data, 0o644))
		return in(name)
	}
	model, image := in("model.safetensors"), in("images/a.png")
	whole, err := os.ReadFile(model)
	require.NoError(t, err)
	pipe := in("pipe") // nobody will ever write to it
	commandtest.Pipe(t, pipe)
	huge := write("huge.dcm", nil)
	require.NoError(t, os.Truncate(huge, 1<<40)) // takes no room, and no time to refuse
	nan := slices.Repeat([]float32{float32(math.NaN())}, 8)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no command":       {[]string{}, "a command is needed"},
		"unknown command":  {[]string{"read"}, `no command "read"`},
		"unknown flag":     {[]string{"report", "-what", image}, "-what"},
		"no image":         {[]string{"report"}, "arguments: 0 given"},
		"three images":     {[]string{"report", image, image, image}, "arguments: 3 given"},
		"no such image":    {[]string{"report", "-weights", model, in("none.png")}, "none.png"},
		"empty image":      {[]string{"report", "-weights", model, write("empty.png", nil)}, "empty.png"},
		"text named png":   {[]string{"report", "-weights", model, write("text.png", []byte("not a picture at all"))}, "text.png"},
		"endless image":    {[]string{"report", "-weights", model, "/dev/zero"}, "/dev/zero is not a file"},
		"pipe as image":    {[]string{"report", "-weights", model, pipe}, "pipe is not a file"},
		"pipe as weights":  {[]string{"report", "-weights", pipe, image}, "pipe: weights: not a file"},
		"pipe as reports":  {[]string{"eval", "-reports", pipe}, "pipe is not a file"},
		"pipe as data":     {[]string{"eval", "-weights", model, "-data", dataSet(t, `{"val":[{"id":"a","report":"","image_path":["pipe"]}]}`)}, "pipe is not a file"},
		"huge image":       {[]string{"report", "-weights", model, huge}, "huge.dcm has more than"},
		"hostile split":    {[]string{"eval", "-weights", model, "-data", dataSet(t, `{"\u001b]0;x\u0007":[]}`)}, `["\x1b]0;x\a"]`},
		"hostile id":       {[]string{"eval", "-weights", model, "-data", dataSet(t, `{"val":[{"id":"\u001b[2J\u009b2J"}]}`)}, `study \u001b[2J\u009b2J has no images`},
		"hostile path":     {[]string{"eval", "-weights", model, "-data", dataSet(t, `{"val":[{"id":"a","report":"","image_path":["\u001b[2J"]}]}`)}, `\u001b[2J: no such file`},
		"escaping data":    {[]string{"eval", "-weights", model, "-data", dataSet(t, `{"val":[{"id":"a","report":"clear.","image_path":["../../../../etc/hostname"]}]}`)}, "escapes"},
		"unlike models":    {[]string{"compare", "-weights", model, "-reference", oneView(t), "-data", dir}, "differ in their uar.config"},
		"folder as image":  {[]string{"report", "-weights", model, dir}, dir},
		"no such weights":  {[]string{"report", "-weights", in("none"), image}, "none"},
		"cut weights":      {[]string{"report", "-weights", write("cut.safetensors", whole[:len(whole)-10]), image}, "cut.safetensors"},
		"flipped shard":    {[]string{"report", "-weights", flippedShard(t, model), image}, "checksum"},
		"missing tensor":   {[]string{"report", "-weights", spoilt(t, model, nil), image}, "head.bias"},
		"wrong shape":      {[]string{"report", "-weights", spoilt(t, model, []float32{1}), image}, "head.bias has shape [1]"},
		"NaN weights":      {[]string{"report", "-weights", spoilt(t, model, nan), image}, "head.bias"},
		"huge PNG header":  {[]string{"report", "-weights", model, write("huge.png", pngHeader(20_000, 20_000))}, "20000"},
		"image as weights": {[]string{"report", "-weights", image, image}, "a.png"},
		"bad beam":         {[]string{"report", "-beam", "0", "-weights", model, image}, `"0" for flag -beam: it must be 1 to 16`},
		"bad tir":          {[]string{"report", "-tir", "yes", "-weights", model, image}, `"yes" for flag -tir: it must be on or off`},
		"bad backend":      {[]string{"report", "-backend", "abacus", "-weights", model, image}, `"abacus" for flag -backend: it must be simd or portable`},
		"trace to nowhere": {[]string{"trace", "-weights", model, image}, "-o FILE"},
		"trace too long":   {[]string{"trace", "-weights", model, "-o", in("t"), "-report", strings.Repeat("the ", 20), image}, "21 words"},
		"no data":          {[]string{"eval", "-weights", model}, "-data"},
		"no annotation":    {[]string{"eval", "-weights", model, "-data", t.TempDir()}, "annotation.json"},
		"no split":         {[]string{"eval", "-weights", model, "-data", dir, "-split", "test"}, `the split "test", its splits are ["val"]`},
		"no reference":     {[]string{"compare", "-weights", model, "-data", dir}, "-reference"},
		"bad runs":         {[]string{"bench", "-weights", model, "-runs", "0"}, `"0" for flag -runs`},
		"impossible chest": {[]string{"phantom", "-o", in("p.png"), "-left-effusion", "2"}, "left-effusion is 2, it must be 0 to 1"},
		"sweep to nowhere": {[]string{"sweep", "-of", "nodule", "-to", "400"}, "nodule is 400, it must be 0 to 40"},
		"sweep as both":    {[]string{"sweep", "-json", "-csv"}, "-json does not go with -csv"},
		"bad size":         {[]string{"phantom", "-o", in("p.png"), "-size", "9"}, `"9" for flag -size`},
		"unwritable":       {[]string{"phantom", "-o", in("no/such/folder/p.png")}, "no/such/folder"},
		"calibrate what":   {[]string{"calibrate", "-data", dir}, "-weights"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := uar(t, c.args...)
			assert.Equal(t, 2, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, c.want)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.True(t, strings.HasPrefix(errs, "uar: "), errs)
			assert.NotContains(t, errs, "\x1b")
		})
	}
}

// spoilt is the model with another head.bias, or none.
func spoilt(t *testing.T, model string, bias []float32) string {
	c, err := weights.Open(t.Context(), model)
	require.NoError(t, err)
	var tensors []tensor.Tensor
	for _, name := range c.Names() {
		x, err := c.Tensor(name)
		require.NoError(t, err)
		if name == "head.bias" {
			if bias == nil {
				continue
			}
			x = tensor.FromFloats(name, []int{len(bias)}, bias)
		}
		tensors = append(tensors, x)
	}
	c, err = weights.Build(c.Metadata, tensors)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "spoilt.safetensors")
	require.NoError(t, weights.WriteFile(path, c.Write))
	return path
}

// flippedShard is the manifest of the model's shards, of which one bit is wrong.
func flippedShard(t *testing.T, model string) string {
	dir := t.TempDir()
	c, err := weights.Open(t.Context(), model)
	require.NoError(t, err)
	m, err := weights.WriteShards(dir, c)
	require.NoError(t, err)
	path := filepath.Join(dir, m.Shards[0].Name)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[len(data)/2] ^= 4
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return filepath.Join(dir, weights.ManifestName)
}

// pngHeader is a PNG of a size, without its pixels.
func pngHeader(width, height uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	chunk = append(binary.BigEndian.AppendUint32(chunk, height), 8, 0, 0, 0, 0) // 8-bit grey
	data := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(chunk))
}

// dicomHeader is the head of a DICOM file in a transfer syntax, without the rest.
func dicomHeader(syntax string) []byte {
	data := append(make([]byte, 128), "DICM\x02\x00\x10\x00UI"...)
	data = binary.LittleEndian.AppendUint16(data, uint16(len(syntax)))
	return append(data, syntax...)
}

// TestBadDICOM: a file cut off in its head, and a video.
func TestBadDICOM(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"cut.dcm":   dicomHeader("1.2.840.10008.1.2.1\x00")[:150],
		"video.dcm": dicomHeader("1.2.840.10008.1.2.4.100\x00"),
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o644))
		code, out, errs := uar(t, "report", path)
		assert.Equal(t, 2, code)
		assert.Empty(t, out)
		assert.Contains(t, errs, name)
		assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
	}
}

func TestInterrupted(t *testing.T) {
	dir := workspace(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := program.Execute(ctx, []string{"report", "-weights", filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "images/a.png")}, &out, &errs)
	assert.Equal(t, 130, code)
	assert.Equal(t, "uar: interrupted\n", errs.String())
	assert.Empty(t, out.String())
}

// TestReportJSON holds the command to the contract of engine/MODEL.md §11.
func TestReportJSON(t *testing.T) {
	dir := workspace(t)
	args := []string{"report", "--weights", filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "images/a.png"), "--beam", "2", "--tir", "off", "--json", filepath.Join(dir, "images/b.png")}
	out := must(t, args...)
	require.Equal(t, 1, strings.Count(out, "\n"))
	var keys map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(out), &keys))
	assert.Len(t, keys, 16)
	var r struct {
		export.Document
		Notice string
	}
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&r))
	require.Len(t, r.ImageTokens, 2)
	assert.Len(t, r.ImageTokens[0], 16)
	assert.Equal(t, thisEngine(), r.Engine)
	assert.Equal(t, "portable", r.Backend)
	assert.Equal(t, "f32", r.Precision)
	assert.Equal(t, 2, r.Beam)
	assert.Equal(t, "off", r.TIR)
	assert.Equal(t, report.Disclaimer, r.Notice)
	for _, v := range r.Views {
		data, err := os.ReadFile(v.Name)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("%x", sha256.Sum256(data)), v.SHA256)
	}
	assert.Equal(t, engine.Format, r.Model.Format)
	sum := 0.0
	for i, w := range r.Words {
		assert.Equal(t, r.Tokens[i], w.Token)
		assert.Len(t, w.Alternatives, 2)
		assert.Len(t, w.Attention, 32)
		assert.Len(t, w.Mask, 32)
		sum += w.LogProb
	}
	if len(r.Tokens) == len(r.Words) { // no eos
		assert.InDelta(t, r.LogProb, sum, 1e-6)
	}
	plain := must(t, slices.DeleteFunc(args, func(a string) bool { return a == "--json" })...)
	assert.True(t, strings.HasPrefix(plain, r.Text+"\n"))
	assert.Contains(t, plain, "uarweb "+version.String())
	assert.Contains(t, plain, report.Disclaimer)
}

// Each format goes to standard output or, byte for byte the same but for the time,
// to a file.
func TestReportFormats(t *testing.T) {
	dir := workspace(t)
	args := []string{"report", "-weights", filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "images/a.png")}
	written := regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d`)
	for format, begins := range map[string]string{"text": "", "markdown": "# Chest X-ray", "csv": `"sentence","text",`} {
		out := must(t, append(args, "-format", format)...)
		assert.True(t, strings.HasPrefix(out, begins), out)
		assert.Contains(t, out, report.Disclaimer)
		to := filepath.Join(t.TempDir(), "report")
		assert.Empty(t, must(t, append(args, "-format", format, "-o", to)...))
		file, err := os.ReadFile(to)
		require.NoError(t, err)
		assert.Equal(t, written.ReplaceAllString(out, ""), written.ReplaceAllString(string(file), ""))
	}
	to := filepath.Join(t.TempDir(), "report.dcm")
	must(t, append(args, "-format", "sr", "-o", to)...)
	file, err := os.ReadFile(to)
	require.NoError(t, err)
	assert.Equal(t, "DICM", string(file[128:132]))

	for want, extra := range map[string][]string{
		"-format does not go with -json":       {"-json", "-format", "csv"},
		"needs -o FILE":                        {"-format", "sr"},
		"it must be text, markdown, csv or sr": {"-format", "pdf"},
		"no such file or directory":            {"-o", filepath.Join(t.TempDir(), "none", "report.txt")},
	} {
		code, _, errs := uar(t, append(args, extra...)...)
		assert.Equal(t, 2, code, want)
		assert.Contains(t, errs, want)
	}
}

// What this program writes says which program that is, its hash included.
func TestThisEngine(t *testing.T) {
	e := thisEngine()
	assert.Equal(t, version.Version, e.Version)
	assert.Equal(t, version.Commit, e.Commit)
	assert.Regexp(t, "^[0-9a-f]{64}$", e.SHA256)
}

// The arithmetic of the browser's kernels, which on weights of floating point
// is that of the reference but for rounding.
func TestBackendSIMD(t *testing.T) {
	dir := workspace(t)
	args := []string{"report", "-weights", filepath.Join(dir, "model.safetensors"), "-json", filepath.Join(dir, "images/a.png")}
	var want, got report.Report
	require.NoError(t, json.Unmarshal([]byte(must(t, args...)), &want))
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-backend", "simd")...)), &got))
	assert.Equal(t, "simd", got.Backend)
	assert.Equal(t, want.Tokens, got.Tokens)
	assert.InDelta(t, want.LogProb, got.LogProb, 1e-4)
}

// decode reads a safetensors file, and the shapes of its tensors by name.
func decode(t *testing.T, path string) (file *safetensors.File, shapes map[string][]int) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	file, err = safetensors.Decode(data)
	require.NoError(t, err)
	shapes = map[string][]int{}
	for _, e := range file.Entries {
		shapes[e.Name] = e.Shape
	}
	return file, shapes
}

func TestTrace(t *testing.T) {
	dir := workspace(t)
	to := filepath.Join(dir, "trace.safetensors")
	must(t, "trace", "-weights", filepath.Join(dir, "model.safetensors"), "-o", to, filepath.Join(dir, "images/a.png"), "-report", "The heart is unclear.")
	file, shapes := decode(t, to)
	assert.Equal(t, map[string][]int{
		"pixels": {2, 1, 16, 16}, "dvae.logits": {32, 16}, "tokens": {32}, "cra.image": {32, 16}, "memory": {32, 16},
		"cra.key": {8, 16}, "cra.image.query": {32, 16}, "cra.image.input_gate": {32, 16}, "cra.image.forget_gate": {32, 16},
		"cra.text.query": {6, 16}, "cra.text.input_gate": {6, 16}, "cra.text.forget_gate": {6, 16},
		"ids": {6}, "cra.text": {6, 16}, "logits": {6, 8}, "attention": {6, 32}, "mask": {6, 32},
		"encoder.query": {1, 32, 16}, "encoder.key": {1, 32, 16},
		"decoder.query": {1, 6, 16}, "decoder.key": {1, 32, 16}, "decoder.mask": {1, 6, 32},
	}, shapes)
	var made report.Engine
	require.NoError(t, json.Unmarshal([]byte(file.Metadata["uar.engine"]), &made))
	assert.Equal(t, thisEngine(), made)
	for _, e := range file.Entries {
		if e.Name == "ids" { // <bos> the heart <unk> <unk> .
			assert.Equal(t, []byte{0, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}, e.Data)
		}
	}
}

func TestEval(t *testing.T) {
	dir := workspace(t)
	lines := filepath.Join(dir, "out.jsonl")
	args := []string{"eval", "-weights", filepath.Join(dir, "model.safetensors"), "-data", dir, "-out", lines}
	var e evaluation
	require.NoError(t, json.Unmarshal([]byte(must(t, args...)), &e))
	assert.Equal(t, thisEngine(), e.Engine)
	assert.Equal(t, 3, e.Studies)
	assert.Equal(t, "val", e.Split)
	data, err := os.ReadFile(lines)
	require.NoError(t, err)
	outcomes := strings.Split(strings.TrimSpace(string(data)), "\n")
	require.Len(t, outcomes, 3)
	var o outcome
	require.NoError(t, json.Unmarshal([]byte(outcomes[2]), &o))
	assert.Equal(t, "c.png", o.ID)
	assert.Equal(t, "the heart <unk> clear . the", o.Reference, "cleaned, unknown words marked, cut to six")
	assert.Contains(t, must(t, append(args, "-table", "-limit", "1")...), "BLEU-4")
}

func TestCompareWithItself(t *testing.T) {
	dir := workspace(t)
	model := filepath.Join(dir, "model.safetensors")
	args := []string{"compare", "-weights", model, "-reference", model, "-data", dir}
	var c comparison
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-json")...)), &c))
	assert.Equal(t, thisEngine(), c.Engine)
	assert.Equal(t, 3, c.Studies)
	assert.EqualValues(t, 1, c.ImageTokens)
	assert.EqualValues(t, 1, c.Reports)
	assert.Zero(t, c.LogProbPerWord)
	assert.Greater(t, c.Size, 1.9, "32-bit floats against 16-bit")
	assert.Contains(t, must(t, args...), "100.00 %")
}

func TestCalibrate(t *testing.T) {
	dir := workspace(t)
	to := filepath.Join(dir, "calibration.safetensors")
	must(t, "calibrate", "-weights", filepath.Join(dir, "model.safetensors"), "-data", dir, "-split", "val", "-o", to)
	file, shapes := decode(t, to)
	assert.Equal(t, []int{49, 49}, shapes["dvae.input.weight"])
	assert.Equal(t, []int{18, 18}, shapes["dvae.group_1.block_1.res_path.conv_2.weight"])
	assert.Equal(t, []int{16, 16}, shapes["head.weight"])
	var sensitivity map[string]float64
	require.NoError(t, json.Unmarshal([]byte(file.Metadata["uar.sensitivity"]), &sensitivity))
	assert.Len(t, sensitivity, 1+3*4+2+1)
	for name, share := range sensitivity {
		assert.True(t, share >= 0 && share <= 1, name)
		assert.Contains(t, shapes, name)
	}
}

// TestCalibrateOneView: a model of one view takes the first image of each study.
func TestCalibrateOneView(t *testing.T) {
	dir := workspace(t)
	code, _, errs := uar(t, "calibrate", "-weights", oneView(t), "-data", dir, "-split", "val", "-o", filepath.Join(dir, "c"))
	assert.Zero(t, code)
	assert.Equal(t, "uar: images left out, as the model takes 1 a study: 3\n", errs)
}

func TestBench(t *testing.T) {
	dir := workspace(t)
	args := []string{"bench", "-weights", filepath.Join(dir, "model.safetensors"), "-runs", "2"}
	var b benchmark
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-json")...)), &b))
	assert.Equal(t, thisEngine(), b.Engine)
	assert.Len(t, b.Rows, 6)
	for _, r := range b.Rows {
		assert.True(t, r.Low <= r.Median && r.Median <= r.High, r)
	}
	assert.NotZero(t, b.Memory.Weights)
	assert.Contains(t, must(t, args...), "median ms")
}

func TestPhantom(t *testing.T) {
	to := filepath.Join(t.TempDir(), "p.png")
	must(t, "phantom", "-o", to, "-size", "64", "-lateral")
	data, err := os.ReadFile(to)
	require.NoError(t, err)
	v, err := radiograph.Decode(t.Context(), "p.png", data, radiograph.Limits{})
	require.NoError(t, err)
	assert.Equal(t, 64, v.Pixels.Rect.Dx())
	assert.Equal(t, radiograph.PhantomLateral(1, 64, 64).Pix, v.Pixels.Pix)

	must(t, "phantom", "-o", to, "-size", "200", "-left-effusion", "0.5", "-outline")
	data, err = os.ReadFile(to)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	green := 0
	for y := range 200 {
		for x := range 200 {
			if picture.At(x, y) == (color.RGBA{0x39, 0xd6, 0xc4, 0xff}) {
				green++
				assert.Greater(t, x, 100, "the patient's left is on the right")
			}
		}
	}
	assert.Greater(t, green, 100)
}
