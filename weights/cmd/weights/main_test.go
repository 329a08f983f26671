package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
	"uarweb/weights/cmd/command/commandtest"
	"uarweb/weights/golden"
	"uarweb/weights/quantize"
	"uarweb/weights/safetensors"
	"uarweb/weights/tensor"
	"uarweb/weights/version"
)

// do runs a command that must succeed without a word on standard error.
func do(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	require.Zero(t, program.Execute(t.Context(), args, &out, &errs), errs.String())
	require.Empty(t, errs.String())
	return out.String()
}

// fail runs a command that must fail with one line on standard error.
func fail(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	require.Equal(t, code, program.Execute(t.Context(), args, &out, &errs))
	require.Empty(t, out.String())
	require.Equal(t, 1, strings.Count(errs.String(), "\n"), errs.String())
	require.True(t, strings.HasPrefix(errs.String(), "weights: "), errs.String())
	return errs.String()
}

func save(t *testing.T, metadata map[string]string, tensors ...tensor.Tensor) string {
	t.Helper()
	c, err := weights.Build(metadata, tensors)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "in.safetensors")
	require.NoError(t, c.Save(name))
	return name
}

func ramp(name string, shape ...int) tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i%251)/125 - 1
	}
	return tensor.FromFloats(name, shape, values)
}

func TestUsage(t *testing.T) {
	assert.Contains(t, do(t, "-h"), "usage: weights COMMAND")
	for _, c := range program.Commands {
		assert.Contains(t, do(t, c.Name, "-h"), "usage: weights "+c.Name)
		assert.Contains(t, fail(t, 2, c.Name), "arguments: 0 given, weights "+c.Name+" takes")
	}
	assert.Equal(t, "weights "+version.String()+"\n", do(t, "-version"))
}

func TestInspect(t *testing.T) {
	name := save(t, map[string]string{"uar.config": `{"dim":8,"vocab":["<bos>","a"]}`},
		tensor.FromFloats("head.weight", []int{2, 2}, []float32{1, -3, 0, 2}),
		tensor.Tensor{Name: "cra.basis", Format: tensor.I8, Shape: []int{1, 2}, Data: []byte{1, 255}, Scale: []float32{2}})
	text := do(t, "inspect", name)
	assert.Regexp(t, `head\.weight +F32 +\[2 2\] +16 +-3 +2 +1\.5`, text)
	assert.Regexp(t, `cra\.basis +I8 +\[1 2\] +6 +-2 +2 +2\n`, text)
	assert.Contains(t, text, `"vocab":"2 words"`)

	var s summary
	require.NoError(t, json.Unmarshal([]byte(do(t, "inspect", name, "--json")), &s))
	assert.Equal(t, int64(6), s.Parameters)
	assert.Equal(t, map[string]total{"F32": {1, 4, 16}, "I8": {1, 2, 6}}, s.Formats)
	assert.Equal(t, &values{-3, 2, 1.5}, s.Tensors[1].Values)
	assert.Equal(t, `{"dim":8,"vocab":["<bos>","a"]}`, s.Metadata["uar.config"])
}

// What no model can use is listed all the same.
func TestInspectForeign(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	var b bytes.Buffer
	require.NoError(t, safetensors.Write(&b, &safetensors.File{Entries: []safetensors.Entry{
		{Name: "step\x1b[2J\n", DType: "I64", Data: make([]byte, 8)},
		{Name: "a", DType: "F16", Shape: []int{1}, Data: []byte{0, 0x7c}},
	}}))
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o644))
	text := do(t, "inspect", name)
	assert.NotContains(t, text, "\x1b")
	assert.Contains(t, text, "a is NaN or infinite at index 0")
	assert.Regexp(t, `step\\u001b\[2J +I64 +\[\] +8`, text)
	assert.Contains(t, fail(t, 2, "verify", name), "a is NaN or infinite at index 0")
}

func TestQuantizeShardVerify(t *testing.T) {
	in := save(t, map[string]string{"format": "pt"}, ramp("dvae.output.weight", 64, 32, 1, 1), ramp("cra.basis", 64, 64), ramp("head.bias", 64))
	dir := t.TempDir()
	out := filepath.Join(dir, "out.safetensors")
	var r result
	require.NoError(t, json.Unmarshal([]byte(do(t, "quantize", in, out, "-json")), &r))
	c, err := weights.Open(t.Context(), out)
	require.NoError(t, err)
	assert.Equal(t, []any{c.SHA256, c.Size(), c.Parameters()}, []any{r.SHA256, r.Bytes, r.Parameters})
	assert.Equal(t, []tensor.Format{tensor.F16, tensor.I8}, c.Formats())
	assert.Len(t, r.Tensors, 3)

	do(t, "quantize", "-precision", "int4", "--keep-f16", "dvae.*", in, out)
	c, err = weights.Open(t.Context(), out)
	require.NoError(t, err)
	assert.Equal(t, []tensor.Format{tensor.F16, tensor.U8}, c.Formats())
	text := do(t, "quantize", "--int4", "cra.basis", "--report", "--budget", "0.4", in, out)
	assert.Regexp(t, `cra\.basis +U8 +2304 +\d\.\d\de-\d\d +\d\.\d\de-\d\d +–\n`, text)
	assert.Contains(t, text, "over the budget of 40.0 %")

	shards := filepath.Join(dir, "shards")
	assert.Contains(t, do(t, "shard", out, shards), "shards: 1")
	manifest := filepath.Join(shards, "manifest.json")
	assert.Contains(t, do(t, "verify", manifest), "3 tensors, 6208 parameters")
	assert.Contains(t, do(t, "verify", "-json", out), `"parameters":6208`)

	// One bit, anywhere.
	files, err := filepath.Glob(filepath.Join(shards, "*.safetensors"))
	require.NoError(t, err)
	data, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for _, i := range []int{0, 20, len(data) / 2, len(data) - 1} {
		damaged := bytes.Clone(data)
		damaged[i] ^= 4
		require.NoError(t, os.WriteFile(files[0], damaged, 0o644))
		message := fail(t, 2, "verify", manifest)
		assert.Contains(t, message, filepath.Base(files[0])+": altered, its checksum differs")
	}
	require.NoError(t, os.WriteFile(files[0], data[:len(data)-1], 0o644))
	assert.Contains(t, fail(t, 2, "verify", manifest), "truncated")
	require.NoError(t, os.Remove(files[0]))
	assert.Contains(t, fail(t, 2, "verify", manifest), "no such file")
}

// Whoever ships a model makes a key, signs, and others verify.
func TestKeygenSignVerify(t *testing.T) {
	dir := t.TempDir()
	do(t, "shard", save(t, nil, ramp("cra.basis", 2, 32)), dir)
	manifest, key := filepath.Join(dir, "manifest.json"), filepath.Join(dir, "my.key")
	assert.Contains(t, do(t, "verify", manifest), ", not signed\n")

	made := do(t, "keygen", key)
	words := made[strings.LastIndex(made, ": ")+2:]
	assert.Equal(t, manifest+": signed by "+words, do(t, "sign", "-key", key, manifest))
	assert.True(t, strings.HasSuffix(do(t, "verify", manifest, "-key", key+".pub"), ", signed by "+words))
	assert.Contains(t, do(t, "verify", manifest, "-json"), `"signer":"`+strings.TrimSpace(words))
	info, err := os.Stat(key)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, os.FileMode(0o600), info.Mode())
	}

	other := filepath.Join(dir, "other")
	do(t, "keygen", other)
	assert.Contains(t, fail(t, 2, "verify", manifest, "-key", other+".pub"), "the model is signed by "+strings.TrimSpace(words)+"; the key ")
	do(t, "sign", "-key", other, manifest)
	do(t, "verify", manifest, "-key", other+".pub") // in place of the first

	p256 := filepath.Join(dir, "p256.pub")
	require.NoError(t, os.WriteFile(p256, []byte("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n"), 0o644))
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o644))
	file := save(t, nil, ramp("cra.basis", 2, 32))
	text, err := os.ReadFile(manifest)
	require.NoError(t, err)
	altered := filepath.Join(dir, "altered.json")
	require.NoError(t, os.WriteFile(altered, bytes.Replace(text, []byte(`"value": "`), []byte(`"value": "AAAA`), 1), 0o644))
	for _, c := range []struct {
		says string
		args []string
	}{
		{"-key file is missing", []string{"sign", manifest}},
		{"file exists", []string{"keygen", key}},
		{"no such file", []string{"keygen", filepath.Join(dir, "none", "key")}},
		{"my.key.pub holds no PRIVATE KEY in PEM", []string{"sign", "-key", key + ".pub", manifest}},
		{"my.key holds no PUBLIC KEY in PEM", []string{"verify", "-key", key, manifest}},
		{"empty holds no PUBLIC KEY in PEM", []string{"verify", "-key", empty, manifest}},
		{"p256.pub is no key of Ed25519", []string{"verify", "-key", p256, manifest}},
		{"the model is not signed; the key ", []string{"verify", "-key", key + ".pub", file}},
		{"not a valid manifest", []string{"sign", "-key", key, file}},
		{"no signature of Ed25519", []string{"verify", altered}},
	} {
		assert.Contains(t, fail(t, 2, c.args...), c.says)
	}
}

func TestQuantizeWithCalibration(t *testing.T) {
	in := save(t, nil, ramp("dvae.input.weight", 4, 1, 7, 7), ramp("cra.basis", 512, 64))
	gram := make([]float32, 49*49)
	for i := range gram {
		gram[i] = 1
		if i%50 == 0 {
			gram[i] = 2
		}
	}
	k := save(t, map[string]string{quantize.SensitivityKey: `{"dvae.input.weight":0.1}`}, tensor.FromFloats("dvae.input.weight", []int{49, 49}, gram))
	out := filepath.Join(t.TempDir(), "out")
	text := do(t, "quantize", "--calibration", k, "--report", in, out)
	assert.Regexp(t, `dvae\.input\.weight +F16 .* 10\.00 %`, text)
	text = do(t, "quantize", "--calibration", k, "--report", "--budget", "0.5", in, out)
	assert.Regexp(t, `dvae\.input\.weight +I8 .* 10\.00 %`, text)
}

func TestBadInput(t *testing.T) {
	in := save(t, nil, ramp("cra.basis", 2, 33))
	gain := save(t, nil, ramp("cra.gain", 2, 32))
	out := filepath.Join(t.TempDir(), "out")
	pipe := filepath.Join(t.TempDir(), "pipe")
	commandtest.Pipe(t, pipe)
	for _, test := range []struct {
		says string
		args []string
	}{
		{"none: no such file or directory", []string{"inspect", filepath.Join(t.TempDir(), "none")}},
		{"not a file", []string{"verify", t.TempDir()}},
		{"pipe: weights: not a file", []string{"verify", pipe}}, // nobody will ever write to it
		{"pipe is not a file", []string{"convert", "-card", pipe, in, out}},
		{"shard pipe: weights: not a file", []string{"verify", shardIsPipe(t)}},
		{`invalid value "int2" for flag -precision: it must be int8 or int4`, []string{"quantize", "-precision", "int2", in, out}},
		{"-budget must be", []string{"quantize", "-budget", "NaN", in, out}},
		{`pattern "["`, []string{"quantize", "-keep-f16", "[", in, out}},
		{"33 columns, no multiple of 32", []string{"quantize", "-int4", "cra.*", in, out}},
		{"cra.gain must stay floating point", []string{"quantize", "-int4", "cra.*", gain, out}},
		{"no such file", []string{"quantize", "-calibration", out, in, out}},
		{"no such file", []string{"quantize", in, filepath.Join(out, "deeper", "x")}},
	} {
		assert.Contains(t, fail(t, 2, test.args...), test.says)
	}
	assert.NoFileExists(t, out)
	assert.NoDirExists(t, out)
}

// shardIsPipe is a manifest whose shard is a pipe.
func shardIsPipe(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	commandtest.Pipe(t, filepath.Join(folder, "pipe"))
	zeros := strings.Repeat("0", 64)
	manifest, err := json.Marshal(weights.Manifest{
		Format: weights.ManifestFormat, Size: 1, SHA256: zeros, Shards: []weights.Shard{{Name: "pipe", Size: 1, SHA256: zeros}},
	})
	require.NoError(t, err)
	name := filepath.Join(folder, weights.ManifestName)
	require.NoError(t, os.WriteFile(name, manifest, 0o644))
	return name
}

// What cannot be written for another reason than a wrong place is not the input's
// fault.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	defer full.Close()
	var errs bytes.Buffer
	assert.Equal(t, 1, program.Execute(t.Context(), []string{"verify", save(t, nil, ramp("cra.basis", 2, 32))}, full, &errs))
	assert.Contains(t, errs.String(), "no space left")
}

func TestVerifyDamage(t *testing.T) {
	file := func(entries ...safetensors.Entry) string {
		name := filepath.Join(t.TempDir(), "x")
		var b bytes.Buffer
		require.NoError(t, safetensors.Write(&b, &safetensors.File{Entries: entries}))
		require.NoError(t, os.WriteFile(name, b.Bytes(), 0o644))
		return name
	}
	scale := safetensors.Entry{Name: "a_scale", DType: "F32", Shape: []int{1}, Data: make([]byte, 4)}
	assert.Contains(t, fail(t, 2, "verify", file(scale)), "a_scale belongs to no quantized tensor a")
	assert.Contains(t, fail(t, 2, "verify", file(safetensors.Entry{Name: "a", DType: "I8", Shape: []int{1}, Data: []byte{1}})), "no such tensor: a_scale")
	assert.Contains(t, fail(t, 2, "verify", file(scale, safetensors.Entry{Name: "a", DType: "I8", Shape: []int{1, 2}, Data: []byte{1, 0x80}})), "a is −128, beyond −127 to 127, at index 1")
}

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	card := filepath.Join(dir, "card.json")
	require.NoError(t, os.WriteFile(card, []byte("{ \"data\": \"IU\" }\n"), 0o644))

	in := save(t, map[string]string{"uar.config": "{}"}, ramp("module.model.dvae.input.weight", 2, 1, 7, 7), ramp("model.encoder.norm.bias", 4))
	do(t, "convert", "--card", card, in, out)
	c, err := weights.Open(t.Context(), out)
	require.NoError(t, err)
	assert.Equal(t, []string{"dvae.input.weight", "encoder.norm.bias"}, c.Names())
	assert.Equal(t, map[string]string{"uar.config": "{}", "uar.card": `{"data":"IU"}`, "format": "pt"}, c.Metadata)
	moved, err := c.Tensor("dvae.input.weight")
	require.NoError(t, err)
	assert.Equal(t, ramp("dvae.input.weight", 2, 1, 7, 7), moved)

	in = save(t, nil,
		ramp("blocks.input.w", 4, 3, 7, 7), ramp("blocks.input.b", 4),
		ramp("blocks.group_1.block_2.res_path.conv_4.w", 4, 1, 1, 1), ramp("blocks.group_2.block_1.id_path.b", 8),
		ramp("blocks.output.conv.w", 16, 32, 1, 1), ramp("blocks.output.conv.b", 16))
	do(t, "convert", in, out)
	c, err = weights.Open(t.Context(), out)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"dvae.group_1.block_2.res_path.conv_4.weight", "dvae.group_2.block_1.id_path.bias",
		"dvae.input.bias", "dvae.input.weight", "dvae.output.bias", "dvae.output.weight",
	}, c.Names())

	for name, test := range map[string]struct {
		tensors []tensor.Tensor
		says    string
	}{
		"unknown": {[]tensor.Tensor{ramp("optimizer.step", 2)}, `tensor "optimizer.step" is in no part of this model`},
		"no part": {[]tensor.Tensor{ramp("header.weight", 2)}, `tensor "header.weight"`},
		"twice":   {[]tensor.Tensor{ramp("model.head.bias", 2), ramp("head.bias", 2)}, `the key "head.bias" twice`},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Contains(t, fail(t, 2, "convert", save(t, nil, test.tensors...), out), test.says)
		})
	}
	for text, says := range map[string]string{"": "unexpected end", "null": "null", "[]": "cannot unmarshal"} {
		require.NoError(t, os.WriteFile(card, []byte(text), 0o644))
		assert.Contains(t, fail(t, 2, "convert", "-config", card, in, out), says)
	}
}

// Which layers do with 8 bits of activations is said when a file is quantized, and
// can be said of one that is there.
func TestBytes(t *testing.T) {
	dir := t.TempDir()
	in, eight, none, all := save(t, nil, ramp("head.weight", 4, 8), ramp("dvae.output.weight", 4, 8, 1, 1)), filepath.Join(dir, "eight"), filepath.Join(dir, "none"), filepath.Join(dir, "all")
	bytes := func(file string) (head, output bool) {
		c, err := weights.Open(t.Context(), file)
		require.NoError(t, err)
		h, err := c.Tensor("head.weight")
		require.NoError(t, err)
		o, err := c.Tensor("dvae.output.weight")
		require.NoError(t, err)
		return h.Bytes, o.Bytes
	}
	do(t, "quantize", in, eight)
	head, output := bytes(eight)
	assert.True(t, head)
	assert.False(t, output)
	do(t, "convert", "-bytes", "", eight, none)
	head, output = bytes(none)
	assert.False(t, head || output)
	do(t, "convert", "-bytes", "dvae.output.*", "-bytes", "h*", none, all)
	head, output = bytes(all)
	assert.True(t, head && output)
	assert.Contains(t, fail(t, 2, "convert", "-bytes", "[", eight, none), `uar.bytes: pattern "["`)
	assert.Contains(t, fail(t, 2, "quantize", "-bytes", "[", in, none), `pattern "["`)
}

// What uar eval has counted goes into the card, beside what is there.
func TestRecord(t *testing.T) {
	in := save(t, map[string]string{"uar.card": `{"data":"IU"}`}, ramp("head.bias", 4))
	out, scores := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "eval.json")
	write := func(text string) { require.NoError(t, os.WriteFile(scores, []byte(text), 0o644)) }
	write(`{"engine":{},"studies":100,"split":"val","findings":{"micro":{},"labels":[{"label":"edema","positives":11,"predicted":22,"both":9,"f1":0.5}]}}`)
	do(t, "convert", "-record", scores, in, out)
	c, err := weights.Open(t.Context(), out)
	require.NoError(t, err)
	assert.JSONEq(t, `{"data":"IU","record":{"studies":100,"split":"val","findings":{"edema":{"tp":9,"fp":13,"fn":2,"tn":76}}}}`, c.Metadata["uar.card"])
	for text, says := range map[string]string{
		"": "unexpected end", "{}": "no findings",
		`{"studies":9,"findings":{"labels":[{"label":"edema","positives":1,"predicted":1,"both":2}]}}`: `the counts of "edema" do not add up`,
		`{"studies":9,"findings":{"labels":[{"label":"edema","positives":9,"predicted":9,"both":0}]}}`: `the counts of "edema" do not add up`,
	} {
		write(text)
		assert.Contains(t, fail(t, 2, "convert", "-record", scores, in, out), says)
	}
	write(`{"studies":1,"findings":{"labels":[{"label":"edema"}]}}`)
	assert.Contains(t, fail(t, 2, "convert", "-record", scores, save(t, map[string]string{"uar.card": "text"}, ramp("head.bias", 4)), out), "uar.card")
}

// Every tensor of a model has a name that convert knows.
func TestConvertModels(t *testing.T) {
	models := []string{filepath.Join("..", "..", "model", "manifest.json")}
	for _, name := range golden.Models {
		models = append(models, golden.Path(t, name, "model.safetensors"))
	}
	for _, in := range models {
		out := filepath.Join(t.TempDir(), "out")
		do(t, "convert", in, out)
		before, err := weights.Open(t.Context(), in)
		require.NoError(t, err)
		after, err := weights.Open(t.Context(), out)
		require.NoError(t, err)
		assert.Equal(t, before.Names(), after.Names())
		assert.Equal(t, before.Metadata, after.Metadata)
	}
}

func TestInterrupted(t *testing.T) {
	in := save(t, nil, ramp("cra.basis", 2, 32))
	out := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"inspect", in}, {"convert", in, out}, {"quantize", in, out}, {"shard", in, out}, {"verify", in}} {
		var results, errs bytes.Buffer
		assert.Equal(t, 130, program.Execute(ctx, args, &results, &errs))
		assert.Equal(t, "weights: interrupted\n", errs.String())
		assert.Empty(t, results.String())
	}
	assert.NoFileExists(t, out)
	assert.NoDirExists(t, out)
}
