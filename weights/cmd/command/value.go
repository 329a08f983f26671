package command

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// OneOf is the value of a flag that is one of a few words.
func OneOf(to *string, words ...string) flag.Value { return &choice{to, words} }

type choice struct {
	to    *string
	words []string
}

func (c *choice) String() string {
	if c.to == nil { // flag makes a zero value to compare defaults with
		return ""
	}
	return *c.to
}

func (c *choice) Set(text string) error {
	if !slices.Contains(c.words, text) {
		last := len(c.words) - 1
		return fmt.Errorf("it must be %s or %s", strings.Join(c.words[:last], ", "), c.words[last])
	}
	*c.to = text
	return nil
}

// UpTo is the value of a flag that is a number over 0 and at most high.
func UpTo(to *float64, high float64) flag.Value { return &positive{to, high} }

type positive struct {
	to   *float64
	high float64
}

func (p *positive) String() string {
	if p.to == nil {
		return "0"
	}
	return strconv.FormatFloat(*p.to, 'g', -1, 64)
}

func (p *positive) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v <= p.high) {
		return fmt.Errorf("it must be over 0 and at most %g", p.high)
	}
	*p.to = v
	return nil
}

// Within is the value of a flag that is a whole number from low to high.
func Within(to *int, low, high int) flag.Value { return &number{to, low, high} }

type number struct {
	to        *int
	low, high int
}

func (n *number) String() string {
	if n.to == nil {
		return "0"
	}
	return strconv.Itoa(*n.to)
}

func (n *number) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < n.low || v > n.high {
		return fmt.Errorf("it must be %d to %d", n.low, n.high)
	}
	*n.to = v
	return nil
}
