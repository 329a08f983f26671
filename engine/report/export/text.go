package export

import (
	"bytes"
	"fmt"
	"strings"

	"uarweb/engine/report"
)

// Text is the report for a letter or a note: the draft in its first line, what
// samples and the reader say of it, and where it comes from.
func Text(d Document) ([]byte, error) {
	var b bytes.Buffer
	draft := plain(d.Report.Text)
	if draft == "" {
		draft = empty
	}
	fmt.Fprintf(&b, "%s\n\n", draft)
	if s := d.Samples; s != nil {
		fmt.Fprintln(&b, "said again  in the draft")
		for _, sentence := range s.Sentences {
			fmt.Fprintf(&b, "%3d of %-3d  %s\n", sentence.Again, len(s.Reports), plain(sentence.Text))
		}
		fmt.Fprintf(&b, "\n%-26s  named  denied  draft\n", "finding")
		for _, f := range s.Findings {
			line := fmt.Sprintf("%-26s  %5d  %6d", plain(f.Label), f.Stated, f.Denied)
			if f.Draft {
				line += "  named"
			}
			fmt.Fprintln(&b, line)
		}
		fmt.Fprintln(&b)
	}
	if lines := d.Reader.lines(); lines != nil {
		fmt.Fprintf(&b, "%s:\n%s\n\n", byReader, strings.Join(lines, "\n"))
	}
	if d.Reader != nil && len(d.Reader.Wrong) > 0 {
		fmt.Fprintln(&b, "The reader says of the draft that this is wrong:")
		for i, sentence := range d.Sentences() {
			if d.Reader.wrong(i) {
				fmt.Fprintf(&b, "- %s\n", sentence)
			}
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "%-8s %s\n", "From", plain(d.Films()))
	for _, f := range d.Provenance() {
		fmt.Fprintf(&b, "%-8s %s\n", f.Label, f.Value)
	}
	fmt.Fprintln(&b, report.Disclaimer)
	return b.Bytes(), nil
}
