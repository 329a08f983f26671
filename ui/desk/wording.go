package desk

import (
	"fmt"

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
