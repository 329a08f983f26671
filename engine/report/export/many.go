package export

import (
	"bytes"
	"strconv"
	"strings"
)

// Study is the report of one of several studies, and what it says of each finding.
type Study struct {
	Document
	Verdicts []Verdict
}

// Verdict is what a report says of a finding: "named", "denied" or "not mentioned".
type Verdict struct{ Finding, Says string }

// Form is a form in which the reports of several studies leave together.
type Form struct {
	Name      string // "table", …
	Title     string // for people
	Extension string // of a file's name, with its dot
	MIME      string
	Encode    func([]Study) ([]byte, error)
}

// Forms are all that there are. Of them, only Lines can fail, as JSON does.
func Forms() []Form {
	return []Form{
		{"table", "CSV, a row a finding", ".csv", "text/csv;charset=utf-8", Table},
		{"lines", "JSON, a line a study", ".jsonl", "application/jsonl", Lines},
	}
}

// Table is reports as a table, as CSV is, but with one row a study and finding. What
// holds for the whole report stands in each row.
func Table(studies []Study) ([]byte, error) {
	var b bytes.Buffer
	writeRow(&b, append([]string{"study", "finding", "draft", "text"}, shared...))
	for i, s := range studies {
		text := strings.Join(s.Sentences(), " ")
		for _, v := range s.Verdicts {
			writeRow(&b, append([]string{strconv.Itoa(i + 1), v.Finding, v.Says, text}, s.shared()...))
		}
	}
	return b.Bytes(), nil
}

// Lines is reports as JSON writes them, one a line, but without the maps, of which
// many studies have too many.
func Lines(studies []Study) ([]byte, error) {
	var b bytes.Buffer
	for _, s := range studies {
		r := *s.Report
		r.Words = append(r.Words[:0:0], r.Words...)
		for i := range r.Words {
			r.Words[i].Attention, r.Words[i].Mask = nil, nil
		}
		d := s.Document
		d.Report = &r
		line, err := JSON(d)
		if err != nil {
			return nil, err
		}
		b.Write(line)
	}
	return b.Bytes(), nil
}
