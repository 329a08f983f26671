package export

import (
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report"
)

// document is a report of these words, with all that there can be beside it.
func document(words ...string) Document {
	r := &report.Report{
		Text: report.Text(words), Forced: 2, Covered: []int{1, 5, 6},
		Views: []report.View{
			{Name: "a.dcm", Format: "DICOM", View: "frontal", SHA256: "aa11", Notes: []string{"values end at 4,095: read as 12 bits"}},
			{Name: "Synthetic lateral"},
		},
		Model:  report.Model{SHA256: "bb22", Format: "uar/1"},
		Engine: report.Engine{Version: "1.2.3", Commit: "abc", SHA256: "cc33"},
		Beam:   3, TIR: "on", Backend: "simd", Precision: "int8",
	}
	for _, w := range words {
		r.Words = append(r.Words, report.Word{Text: w})
	}
	return Document{
		Report:  r,
		Written: time.Date(2026, 11, 30, 14, 9, 5, 0, time.FixedZone("", 3600)),
		Samples: &Samples{
			Draft: "beam", Seed: 7, Temperature: 1.5, TopP: 0.9, Reports: make([]report.Sample, 20),
			Findings:  []Finding{{"pleural effusion", true, 13, 2}},
			Sentences: []Sentence{{Text: "Small effusion.", Stated: []string{"pleural effusion"}, Again: 13}, {Text: "Heart normal.", Again: 4}},
		},
		Reader: &Reader{Text: "No effusion.\n\nRotated film.", Wrong: []int{0}},
	}
}

var words = []string{"small", "effusion", ".", "t-spine", "xxxx", "."}

func encode(t *testing.T, name string, d Document) string {
	t.Helper()
	for _, f := range Formats() {
		if f.Name == name {
			data, err := f.Encode(d)
			require.NoError(t, err)
			return string(data)
		}
	}
	t.Fatalf("no format %q", name)
	return ""
}

// Each format says what must be known of a report.
func TestProvenance(t *testing.T) {
	d := document(words...)
	for _, f := range Formats() {
		text := encode(t, f.Name, d)
		if f.Name == "markdown" {
			text = strings.ReplaceAll(text, `\`, "")
		}
		for _, what := range []string{
			"Small effusion.", "No effusion.", "Rotated film.", "wrong", "T-spine [redacted].", "aa11", "values end at 4,095: read as 12 bits", "bb22", "uar/1", "int8", "1.2.3", "cc33", "simd",
			report.Disclaimer,
		} {
			assert.Contains(t, text, what, f.Name)
		}
	}
}

func TestText(t *testing.T) {
	assert.Equal(t, `Small effusion. T-spine [redacted].

said again  in the draft
 13 of 20   Small effusion.
  4 of 20   Heart normal.

finding                     named  denied  draft
pleural effusion               13       2  named

The reader’s text, not the model’s:
No effusion.
Rotated film.

The reader says of the draft that this is wrong:
- Small effusion.

From     a.dcm and Synthetic lateral
Written  2026-11-30 14:09:05 +01:00
Model    uar/1, int8, SHA-256 bb22
Program  uarweb 1.2.3 (abc), SHA-256 cc33
Search   on simd, 3 beams, text-to-image mask on
Given    the first 2 of the draft’s words, which were not chosen
Covered  3 patches of the images
Redraws  20 samples, seed 7, temperature 1.5, top-p 0.9; draft: beam
Image 1  DICOM; frontal; values end at 4,095: read as 12 bits; SHA-256 aa11
Image 2  synthetic, without a file
Patient  no patient data was copied from the images’ files
`+report.Disclaimer+"\n", encode(t, "text", document(words...)))

	d := document()
	d.Samples, d.Reader = nil, nil
	plain := encode(t, "text", d)
	assert.True(t, strings.HasPrefix(plain, empty+"\n\nFrom "))
	assert.NotContains(t, plain, "Redraws")
	assert.NotContains(t, plain, "reader")
}

func TestMarkdown(t *testing.T) {
	text := encode(t, "markdown", document(words...))
	for _, line := range []string{
		"1. Small effusion. (said again in 13 of 20 redraws) **The reader says: wrong.**\n",
		"\n## The reader’s text, not the model’s\n\nNo effusion.\n\nRotated film.\n\n##",
		`2. T-spine \[redacted\]\. (said again in 4 of 20 redraws)` + "\n",
		"| pleural effusion | 13 | 2 | named |\n",
		`- From: a\.dcm and Synthetic lateral` + "\n",
	} {
		assert.Contains(t, text, line)
	}
	assert.Contains(t, encode(t, "markdown", document()), empty)
}

func TestInert(t *testing.T) {
	t.Attr("hostile", "words in what is saved of a report")
	for _, c := range []struct{ text, want string }{
		{"The t-spine, 2 cm. Done.", "The t-spine, 2 cm. Done."},
		{"<b>&amp;", `\<b\>\&amp;`},
		{"1. one", `1\. one`},
		{"- one", `\- one`},
		{"a - b+c", `a \- b\+c`},
		{"# *x* _y_ `z` ~~u~~ | [l](m) ![i](j)", "\\# \\*x\\* \\_y\\_ \\`z\\` \\~\\~u\\~\\~ \\| \\[l\\]\\(m\\) \\!\\[i\\]\\(j\\)"},
		{"https://a.b www.c.d e@f.g", `https\:\/\/a\.b www\.c\.d e\@f\.g`},
		{`back\slash.`, `back\\slash.`},
	} {
		assert.Equal(t, c.want, inert(c.text))
	}
}

func TestCSV(t *testing.T) {
	rows := func(d Document) [][]string {
		r := csv.NewReader(strings.NewReader(encode(t, "csv", d)))
		all, err := r.ReadAll()
		require.NoError(t, err)
		assert.Equal(t, columns, all[0])
		return all[1:]
	}
	d := document(words...)
	both := rows(d)
	require.Len(t, both, 2)
	assert.Equal(t, []string{
		"1", "Small effusion.", "wrong", "13", "20", "7", "1.5", "0.9", "No effusion. Rotated film.", "a.dcm and Synthetic lateral", "aa11", "values end at 4,095: read as 12 bits", "2026-11-30T14:09:05+01:00",
		"uar/1", "bb22", "int8", "uarweb 1.2.3 (abc), SHA-256 cc33", "simd", "3", "on", report.Disclaimer,
	}, both[0])
	assert.Equal(t, both[0][8:], both[1][8:], "what holds for the report stands in each row")

	d.Samples, d.Reader, d.Words = nil, nil, nil
	none := rows(d)
	require.Len(t, none, 1)
	assert.Equal(t, []string{"1", "", "", "", "", "", "", "", ""}, none[0][:9])
}

func TestJSON(t *testing.T) {
	d := document(words...)
	text := encode(t, "json", d)
	assert.Equal(t, 1, strings.Count(text, "\n"))
	var back struct {
		Document
		Notice string
	}
	require.NoError(t, json.Unmarshal([]byte(text), &back))
	assert.True(t, d.Written.Equal(back.Written))
	back.Written = d.Written
	assert.Equal(t, d, back.Document)
	assert.Equal(t, report.Disclaimer, back.Notice)

	d.LogProb = math.NaN()
	_, err := JSON(d)
	assert.ErrorContains(t, err, "export: json")
}

// DCMTK reads the document, finds nothing to complain of, and all that it says.
func TestSR(t *testing.T) {
	for name, d := range map[string]Document{"all": document(words...), "no words": document(), "two bytes": document("größe", "\\", ".")} {
		path := filepath.Join(t.TempDir(), "report.dcm")
		require.NoError(t, os.WriteFile(path, []byte(encode(t, "sr", d)), 0o644))
		tree := dcmtk(t, "dsrdump", "+Pl", "+Pc", "+U8", path)
		dump := dcmtk(t, "dcmdump", "+U8", path)
		assert.Regexp(t, `(?s)Observer Type.*Device.*<contains CONTAINER:.*Observer Type.*Person.*PNAME:.*Person Observer Name.*The reader’s text, not the model’s:`, tree, name)
		for _, line := range []string{"Basic Text SR Document", "UNVERIFIED", "PRELIMINARY", "Not for diagnosis. " + report.Disclaimer, "Observer Type", "bb22", "aa11"} {
			assert.Contains(t, tree+dump, line, name)
		}
		for _, sentence := range d.Sentences() {
			assert.Contains(t, tree, sentence, name)
		}
		assert.NotContains(t, dump, "a.dcm", "names of files may name a patient")
		assert.Regexp(t, `\(0010,0010\) PN \(no value`, dump)
	}
}

// dcmtk runs a program of DCMTK, which is to have no complaint.
func dcmtk(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not there: install dcmtk", name)
	}
	var complaints strings.Builder
	run := exec.CommandContext(t.Context(), path, args...)
	run.Stderr = &complaints
	out, err := run.Output()
	require.NoError(t, err, complaints.String())
	const utf8 = "W: The VR checker does not support this Specific Character Set: ISO_IR 192" // what DCMTK cannot check
	assert.Empty(t, strings.TrimSpace(strings.ReplaceAll(complaints.String(), utf8, "")), name)
	return string(out)
}

// The same report is the same document, and another one is another.
func TestSRIdentity(t *testing.T) {
	one := encode(t, "sr", document(words...))
	assert.Equal(t, one, encode(t, "sr", document(words...)))
	other := document(words...)
	other.Written = other.Written.Add(time.Second)
	ids := map[string]bool{}
	for _, file := range []string{one, encode(t, "sr", other)} {
		read := walk(t, file)
		for _, tag := range []uint32{0x0008_0018, 0x0020_000d, 0x0020_000e} {
			ids[read[tag]] = true
		}
	}
	assert.Len(t, ids, 6)
}

// A UUID as a UID is its value as a decimal number, without leading zeros.
func TestUID(t *testing.T) {
	assert.Equal(t, uid("a"), uid("a"))
	assert.NotEqual(t, uid("ab"), uid("a", "b"))
	for _, text := range []string{"", "a", "b", "c", "d"} {
		assert.Regexp(t, `^2\.25\.[1-9]\d{0,38}$`, uid(text))
	}
}

// walk reads the top level of a file, and checks that lengths are even and fit into
// one another all the way down.
func walk(t require.TestingT, file string) map[uint32]string {
	require.Equal(t, "DICM", file[128:132])
	values := map[uint32]string{}
	var elements func(data string, visit func(tag uint32, value string))
	elements = func(data string, visit func(tag uint32, value string)) {
		last := uint32(0)
		for data != "" {
			require.GreaterOrEqual(t, len(data), 8)
			tag := uint32(binary.LittleEndian.Uint16([]byte(data)))<<16 | uint32(binary.LittleEndian.Uint16([]byte(data[2:])))
			require.Greater(t, tag, last, "tags ascend")
			last = tag
			vr, header, length := data[4:6], 8, int(binary.LittleEndian.Uint16([]byte(data[6:])))
			if vr == "OB" || vr == "SQ" || vr == "UT" {
				require.GreaterOrEqual(t, len(data), 12)
				header, length = 12, int(binary.LittleEndian.Uint32([]byte(data[8:])))
			}
			require.Zero(t, length%2)
			require.LessOrEqual(t, length, len(data)-header)
			value := data[header:][:length]
			for items := value; vr == "SQ" && items != ""; {
				require.Equal(t, "\xfe\xff\x00\xe0", items[:4])
				n := int(binary.LittleEndian.Uint32([]byte(items[4:])))
				require.LessOrEqual(t, n, len(items)-8)
				elements(items[8:][:n], func(uint32, string) {})
				items = items[8+n:]
			}
			visit(tag, value)
			data = data[header+length:]
		}
	}
	elements(file[132:], func(tag uint32, value string) { values[tag] = value })
	return values
}

// Whatever words, names and notes are, no form acts upon them.
func FuzzHarmless(f *testing.F) {
	for _, text := range []string{"clear", "<script>alert(1)</script>", "=HYPERLINK(\"http://x\")", "+1", "\u202egnp.exe", "\x1b[2J", "a\r\n# b", "| x | y |", "1. a", "\xff\x00", "\\", `"";`, "＝1", " -1", "\u2028"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := document(text, ".", text)
		d.Views[0].Name, d.Views[0].Notes = text, []string{text}
		d.Reader.Text = text
		d.Engine.Version, d.Samples.Sentences[0].Text, d.Samples.Findings[0].Label = text, text, text
		if text == "." {
			return // which ends a sentence
		}
		for _, format := range Formats() {
			out := encode(t, format.Name, d)
			if format.Name == "sr" {
				walk(t, out)
				continue
			}
			require.True(t, utf8.ValidString(out), format.Name)
			for _, r := range out {
				require.True(t, unicode.IsGraphic(r) || r == '\n', "%s holds %U", format.Name, r)
			}
			harmless := document("clear", ".", "clear")
			harmless.Views[0].Notes = []string{"clear"}
			harmless.Reader.Text = strings.Repeat("clear\n", len(d.Reader.lines()))
			require.Equal(t, strings.Count(encode(t, format.Name, harmless), "\n"), strings.Count(out, "\n"), format.Name)
			switch format.Name {
			case "markdown":
				for _, mark := range []string{"<", "&", "[", "`", "_", "!", "$"} {
					require.Equal(t, strings.Count(out, mark), strings.Count(out, `\`+mark), "%s in %s", mark, out)
				}
			case "json":
				require.NotContains(t, out, "<")
				require.True(t, json.Valid([]byte(out)))
			case "csv":
				rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
				require.NoError(t, err)
				for _, row := range rows {
					require.Len(t, row, len(columns))
					for _, cell := range row {
						require.False(t, strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") || strings.HasPrefix(cell, "@"), cell)
					}
				}
			}
		}
	})
}
