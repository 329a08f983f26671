package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
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

// Films says what the report is about: the names of the films' files, of which what was
// drawn has none.
func (r *Report) Films() string {
	names := make([]string, len(r.Views))
	for i, v := range r.Views {
		names[i] = v.Name
		if v.Name == "" {
			names[i] = "a synthetic film"
		}
	}
	if len(names) == 2 && r.Views[0].Name == "" && r.Views[1].Name == "" {
		return "2 synthetic films"
	}
	return strings.Join(names, " and ")
}
