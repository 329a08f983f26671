package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"uarweb/weights/cmd/command"
)

// patches is the value of a flag that lists image tokens: numbers and ranges.
type patches struct {
	text   string
	ranges [][2]int // first and last
}

func (p *patches) String() string { return p.text }

func (p *patches) Set(text string) error {
	p.text, p.ranges = text, nil
	for part := range strings.SplitSeq(text, ",") {
		low, high, found := strings.Cut(part, "-")
		if !found {
			high = low
		}
		first, err := strconv.Atoi(low)
		last, err2 := strconv.Atoi(high)
		if err != nil || err2 != nil || first > last {
			return errors.New("it must be numbers and ranges, such as 12,40-47")
		}
		p.ranges = append(p.ranges, [2]int{first, last})
	}
	return nil
}

// list returns the patches of a study of n.
func (p *patches) list(n int) ([]int, error) {
	var all []int
	for _, r := range p.ranges {
		if r[1] >= n {
			return nil, command.BadInput(fmt.Errorf("-cover %s: patch %d, the last one is %d", p.text, r[1], n-1))
		}
		for i := r[0]; i <= r[1]; i++ {
			all = append(all, i)
		}
	}
	return all, nil
}
