package report

import (
	"fmt"
	"math"
	"strconv"
)

// How numbers and words are said to people.

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

// End is the text of the token behind a report's last word.
const End = "<eos>"

// Spoken is a single word as people read it.
func Spoken(word string) string {
	switch text := Layout([]string{word})[0]; {
	case word == stop:
		return "full stop"
	case word == End:
		return "end of report"
	case text.Redacted:
		return text.Text
	}
	return word
}
