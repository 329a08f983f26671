package desk

import (
	"fmt"
	"math"
	"strconv"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
)

// How numbers and words are said to people.

// Count says how many there are of what, one of them in the singular.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// CountStudies says how many studies there are.
func CountStudies(n int) string {
	if n == 1 {
		return "1 study"
	}
	return fmt.Sprintf("%d studies", n)
}

// isAre is the verb of n things.
func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Titled is a finding as a line begins with it.
func Titled(l findings.Label) string { return sentenceCase(string(l)) }

// Seconds is a time for people.
func Seconds(s float64) string {
	if s < 0.1 {
		return fmt.Sprintf("%.0f ms", 1000*s)
	}
	return fmt.Sprintf("%.1f s", s)
}

// Megabytes is a number of bytes for people.
func Megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// Percent is a probability for people, from its logarithm.
func Percent(logProb float64) string {
	p := 100 * math.Exp(logProb)
	switch {
	case p >= 99.95:
		return "> 99.9 %"
	case p < 0.1:
		return "< 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", p)
}

// Decimals writes v so that values of that range can be told apart.
func Decimals(v, span float32) string {
	digits := 2
	for s := span; s < 0.1 && digits < 5; s *= 10 {
		digits++
	}
	return strconv.FormatFloat(float64(v), 'f', digits, 32)
}

// endOfReport is the text of the token behind a report's last word.
const endOfReport = "<eos>"

// Spoken is a single word as people read it.
func Spoken(word string) string {
	switch text := report.Layout([]string{word})[0]; {
	case word == ".":
		return "full stop"
	case word == endOfReport:
		return "end of report"
	case text.Redacted:
		return text.Text
	}
	return word
}
