// Package export writes a report in the forms in which it leaves: text, Markdown
// and CSV for people, JSON for programs, and a DICOM structured report for archives.
// Each says which images it is about, by their hashes, what wrote it and how, what
// was decided on the way, and that it is not for diagnosis.
//
// No patient data is copied: of an image's file only its name, as it was given, its
// format, the view that it says it shows and its hash go along, into DICOM not even
// the name.
//
// Words come from weights and names from people, and either may hold anything. What
// is no graphic character, such as one that turns the direction of writing, stands as
// U+FFFD, in JSON as an escape; what the form itself would act upon is escaped.
package export

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"uarweb/engine/report"
)

// Document is a report and what is said beside it.
type Document struct {
	*report.Report
	Written time.Time `json:"written"` // when the report was, in the zone that is to be shown
	Samples *Samples  `json:"samples,omitempty"`
	Reader  *Reader   `json:"reader,omitempty"`
}

// Reader is what a person who has read the draft says of it. It never takes the
// draft's place.
type Reader struct {
	Text  string `json:"text,omitempty"`  // a report in their own words; empty if they wrote none
	Wrong []int  `json:"wrong,omitempty"` // sentences of the draft that they say are wrong, from 0, ascending
}

// Samples is what reports that were drawn say, beside a draft (engine/MODEL.md §11).
type Samples struct {
	Draft       string          `json:"draft"` // which report the draft is: "beam" or "consensus"
	Seed        uint64          `json:"seed"`
	Temperature float64         `json:"temperature"`
	TopP        float64         `json:"top_p"`
	Reports     []report.Sample `json:"reports"`
	Findings    []Finding       `json:"findings"`
	Sentences   []Sentence      `json:"sentences"` // of the draft
}

// Finding is how many samples name a finding.
type Finding struct {
	Label  string `json:"label"`
	Draft  bool   `json:"draft"` // whether the draft states it
	Stated int    `json:"stated"`
	Denied int    `json:"denied"`
}

// Sentence is a sentence of the draft, and how many samples say it again.
type Sentence struct {
	Text   string   `json:"text"`
	Stated []string `json:"stated"` // labels
	Denied []string `json:"denied"`
	Again  int      `json:"again"`
}

// Format is a form in which a report leaves.
type Format struct {
	Name      string // "text", …
	Title     string // for people
	Extension string // of a file's name, with its dot
	MIME      string
	Encode    func(Document) ([]byte, error)
}

// Formats are all that there are. Only JSON can fail: by NaN or infinity, which no
// report of an engine.Model holds.
func Formats() []Format {
	return []Format{
		{"text", "Text", ".txt", "text/plain;charset=utf-8", Text},
		{"markdown", "Markdown", ".md", "text/markdown;charset=utf-8", Markdown},
		{"csv", "CSV, a row a sentence", ".csv", "text/csv;charset=utf-8", CSV},
		{"json", "JSON, with the maps", ".json", "application/json", JSON},
		{"sr", "DICOM structured report", ".dcm", "application/dicom", SR},
	}
}

// JSON is the report as one object on one line (engine/MODEL.md §11).
func JSON(d Document) ([]byte, error) {
	text, err := json.Marshal(struct {
		Document
		Notice string `json:"notice"`
	}{d, report.Disclaimer})
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	escaped := make([]byte, 0, len(text)+1)
	for _, r := range string(text) {
		if unicode.IsGraphic(r) {
			escaped = append(escaped, string(r)...)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	return append(escaped, '\n'), nil
}

// empty stands where there is no sentence.
const empty = "The model wrote no words about these images."

// Sentences are those of the draft, in plain text.
func (d *Document) Sentences() []string {
	var all []string
	words := make([]string, len(d.Words))
	for i, w := range d.Words {
		words[i] = w.Text
	}
	for _, span := range report.Layout(words) {
		if span.Sentence == len(all) {
			all = append(all, "")
		}
		if span.SpaceBefore && all[span.Sentence] != "" {
			all[span.Sentence] += " "
		}
		all[span.Sentence] += plain(span.Text)
	}
	return all
}

// again says how many samples say a sentence of the draft again, or nothing if that
// was not asked.
func (d *Document) again(sentence int) string {
	if d.Samples == nil || sentence >= len(d.Samples.Sentences) {
		return ""
	}
	return fmt.Sprintf("%d of %d", d.Samples.Sentences[sentence].Again, len(d.Samples.Reports))
}

// byReader stands before what a reader has written.
const byReader = "The reader’s text, not the model’s"

// lines are those of the reader's text that say something, in plain text.
func (r *Reader) lines() []string {
	var all []string
	if r == nil {
		return nil
	}
	for line := range strings.Lines(r.Text) {
		if line = strings.TrimSpace(plain(line)); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// wrong says that the reader says a sentence of the draft is wrong.
func (r *Reader) wrong(sentence int) bool { return r != nil && slices.Contains(r.Wrong, sentence) }

// Fact is something that must be known about a report, in plain text.
type Fact struct{ Label, Value string }

// Provenance is what wrote the report, how, and from what.
func (d *Document) Provenance() []Fact {
	facts := []Fact{
		{"Written", d.Written.Format("2006-01-02 15:04:05 -07:00")},
		{"Model", fmt.Sprintf("%s, %s, SHA-256 %s", d.Model.Format, d.Precision, d.Model.SHA256)},
		{"Program", d.Engine.String()},
		{"Search", fmt.Sprintf("on %s, %d beams, text-to-image mask %s", d.Backend, d.Beam, d.TIR)},
	}
	if d.Forced > 0 {
		facts = append(facts, Fact{"Given", fmt.Sprintf("the first %d of the draft’s words, which were not chosen", d.Forced)})
	}
	if len(d.Covered) > 0 {
		facts = append(facts, Fact{"Covered", fmt.Sprintf("%d patches of the images", len(d.Covered))})
	}
	if s := d.Samples; s != nil {
		text := fmt.Sprintf("%d samples, seed %d, temperature %g, top-p %g", len(s.Reports), s.Seed, s.Temperature, s.TopP)
		facts = append(facts, Fact{"Redraws", text + "; draft: " + s.Draft})
	}
	for i, v := range d.Views {
		var parts []string
		for _, part := range append([]string{v.Format, v.View}, v.Notes...) {
			if part != "" {
				parts = append(parts, part)
			}
		}
		if v.SHA256 != "" {
			parts = append(parts, "SHA-256 "+v.SHA256)
		} else {
			parts = append(parts, "synthetic, without a file")
		}
		facts = append(facts, Fact{fmt.Sprintf("Image %d", i+1), strings.Join(parts, "; ")})
	}
	facts = append(facts, Fact{"Patient", "no patient data was copied from the images’ files"})
	for i := range facts {
		facts[i].Value = plain(facts[i].Value)
	}
	return facts
}

// plain is text in one line of graphic characters.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsGraphic(r):
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
