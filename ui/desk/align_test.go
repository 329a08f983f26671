package desk

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAlign(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want []int
	}{
		{"", "", []int{}},
		{"", "a b", []int{}},
		{"a b", "", []int{None, None}},
		{"a b c", "a b c", []int{0, 1, 2}},
		{"there is patchy airspace disease .", "there is mild opacity .", []int{0, 1, None, None, None, 4}},
		{"no effusion .", "no large effusion .", []int{0, 2, 3}},
		{"a b", "b a", []int{None, 0}},
	} {
		assert.Equal(t, c.want, align(strings.Fields(c.a), strings.Fields(c.b)), "%s / %s", c.a, c.b)
	}
}

// The pairs are of equal words, in order, and as many as the longest common
// subsequence that trying each has.
func TestAlignIsLongest(t *testing.T) {
	var longest func(a, b []string) int
	longest = func(a, b []string) int {
		switch {
		case len(a) == 0 || len(b) == 0:
			return 0
		case a[0] == b[0]:
			return 1 + longest(a[1:], b[1:])
		}
		return max(longest(a[1:], b), longest(a, b[1:]))
	}
	random := rand.New(rand.NewPCG(1, 2))
	words := func() []string {
		all := make([]string, random.IntN(8))
		for i := range all {
			all[i] = string('a' + rune(random.IntN(3)))
		}
		return all
	}
	for range 500 {
		a, b := words(), words()
		before, found := None, 0
		for i, j := range align(a, b) {
			if j == None {
				continue
			}
			assert.Equal(t, a[i], b[j])
			assert.Greater(t, j, before)
			before, found = j, found+1
		}
		assert.Equal(t, longest(a, b), found, "%v / %v", a, b)
	}
}
