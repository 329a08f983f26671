// Package proquint writes bytes as words that can be read aloud and compared over
// a telephone: D. S. Wilkerson, A Proposal for Proquints, arXiv:0901.4016.
package proquint

import (
	"encoding/binary"
	"strings"
)

// Encode returns b as words of five letters with blanks between them, each of which
// stands for two bytes. The last byte of an odd number is left out.
func Encode(b []byte) string {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	var all []string
	for ; len(b) >= 2; b = b[2:] {
		n := binary.BigEndian.Uint16(b)
		all = append(all, string([]byte{consonants[n>>12], vowels[n>>10&3], consonants[n>>6&15], vowels[n>>4&3], consonants[n&15]}))
	}
	return strings.Join(all, " ")
}
