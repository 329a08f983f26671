package export

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"uarweb/engine/report"
)

// columns are those of CSV.
var columns = append([]string{"sentence", "text", "reader_says", "said_again", "samples", "seed", "temperature", "top_p", "reader_text"}, shared...)

// shared are the columns of what holds for a whole report.
var shared = []string{
	"images", "image_sha256", "notes", "written", "model_format", "model_sha256", "precision", "engine", "backend", "beam", "tir", "notice",
}

// CSV is the report as a table of RFC 4180, but with lines as Unix ends them, with one row a sentence, since that is
// what is said again or not; what holds for the whole report stands in each row, so
// that tables of many reports can be joined. A report without words has one row
// with an empty sentence.
func CSV(d Document) ([]byte, error) {
	var samples, seed, temperature, topP string
	if s := d.Samples; s != nil {
		samples, seed = strconv.Itoa(len(s.Reports)), strconv.FormatUint(s.Seed, 10)
		temperature, topP = fmt.Sprint(s.Temperature), fmt.Sprint(s.TopP)
	}
	sentences := d.Sentences()
	if len(sentences) == 0 {
		sentences = []string{""}
	}
	var b bytes.Buffer
	writeRow(&b, columns)
	for i, sentence := range sentences {
		again := ""
		if samples != "" && i < len(d.Samples.Sentences) {
			again = strconv.Itoa(d.Samples.Sentences[i].Again)
		}
		says := ""
		if d.Reader.wrong(i) {
			says = "wrong"
		}
		writeRow(&b, append([]string{strconv.Itoa(i + 1), sentence, says, again, samples, seed, temperature, topP, strings.Join(d.Reader.lines(), " ")}, d.shared()...))
	}
	return b.Bytes(), nil
}

// shared are the cells of what holds for the whole report.
func (d *Document) shared() []string {
	var hashes, notes []string
	for _, v := range d.Views {
		if v.SHA256 != "" {
			hashes = append(hashes, v.SHA256)
		}
		notes = append(notes, v.Notes...)
	}
	return []string{
		plain(d.Films()), strings.Join(hashes, " "), strings.Join(notes, "; "), d.Written.Format("2006-01-02T15:04:05-07:00"),
		d.Model.Format, d.Model.SHA256, d.Precision, d.Engine.String(), d.Backend, strconv.Itoa(d.Beam), d.TIR, report.Disclaimer,
	}
}

// writeRow writes a row, each cell of it in quotes. Package encoding/csv would make
// the page 5 kB larger.
func writeRow(b *bytes.Buffer, row []string) {
	for i, text := range row {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(cell(text), `"`, `""`) + `"`)
	}
	b.WriteByte('\n')
}

// cell is text that a spreadsheet takes for text: an apostrophe keeps it from reading
// a formula.
func cell(text string) string {
	text = plain(text)
	if begin := []rune(strings.TrimLeft(text, " ")); len(begin) > 0 && strings.ContainsRune("=+-@＝＋－＠", begin[0]) {
		return "'" + text
	}
	return text
}
