package desk

import (
	"uarweb/engine/score/findings"
	"uarweb/ui/say"
)

// How numbers and words are said to people.

// CountStudies says how many studies there are.
func CountStudies(n int) string { return say.N(n, "%d study", "%d studies") }

// Titled is a finding as a line begins with it.
func Titled(l findings.Label) string { return sentenceCase(say.Text(string(l))) }

// Seconds is a time for people.
func Seconds(s float64) string {
	if s < 0.1 {
		return say.F("%.0f ms", 1000*s)
	}
	return say.F("%.1f s", s)
}

// Megabytes is a number of bytes for people.
func Megabytes(n int64) string { return say.F("%.1f MB", float64(n)/1e6) }
