package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unknown is the word that stands for every word outside the vocabulary.
const Unknown = "<unk>"

// Limits of a vocabulary, far above any real one (760 words of at most 19
// bytes for IU X-Ray).
const (
	MaxWords      = 65536 // words, bos, eos and unk included
	MaxWordLength = 128   // bytes of one word
)

// Vocabulary is the words a model knows; a word's id is its index.
type Vocabulary struct {
	words         []string
	ids           map[string]int
	bos, eos, unk int
}

// NewVocabulary checks and indexes the vocabulary of a weights file (engine/MODEL.md
// §10). It is an error if there are more than MaxWords words, if a word is
// empty, longer than MaxWordLength, not printable, holds white space or comes
// twice, if bos, eos and unk are not three ids of it, or if the word at unk is
// not Unknown.
func NewVocabulary(words []string, bos, eos, unk int) (*Vocabulary, error) {
	if len(words) > MaxWords {
		return nil, fmt.Errorf("report: vocabulary of %d words, the limit is %d", len(words), MaxWords)
	}
	for _, special := range []struct {
		name string
		id   int
	}{{"bos", bos}, {"eos", eos}, {"unk", unk}} {
		if special.id < 0 || special.id >= len(words) {
			return nil, fmt.Errorf("report: %s is %d, outside a vocabulary of %d words", special.name, special.id, len(words))
		}
	}
	if bos == eos || bos == unk || eos == unk {
		return nil, fmt.Errorf("report: bos %d, eos %d and unk %d must differ", bos, eos, unk)
	}
	if words[unk] != Unknown {
		return nil, fmt.Errorf("report: word %d (unk) is %.*q, want %q", unk, MaxWordLength, words[unk], Unknown)
	}
	ids := make(map[string]int, len(words))
	for id, word := range words {
		if err := checkWord(word); err != nil {
			return nil, fmt.Errorf("report: word %d: %w", id, err)
		}
		if first, ok := ids[word]; ok {
			return nil, fmt.Errorf("report: words %d and %d are both %q", first, id, word)
		}
		ids[word] = id
	}
	return &Vocabulary{slices.Clone(words), ids, bos, eos, unk}, nil
}

func checkWord(word string) error {
	switch {
	case word == "":
		return errors.New("empty")
	case len(word) > MaxWordLength:
		return fmt.Errorf("%d bytes, the limit is %d", len(word), MaxWordLength)
	case !utf8.ValidString(word):
		return fmt.Errorf("%q is not UTF-8", word)
	case strings.ContainsFunc(word, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		return fmt.Errorf("%q holds white space or a control character", word)
	}
	return nil
}

// Len is the number of words.
func (v *Vocabulary) Len() int { return len(v.words) }

// Word returns the word of an id. It panics if id is outside the vocabulary.
func (v *Vocabulary) Word(id int) string { return v.words[id] }

// ID returns the id of a word, or that of Unknown if the vocabulary does not
// hold it.
func (v *Vocabulary) ID(word string) int {
	if id, ok := v.ids[word]; ok {
		return id
	}
	return v.unk
}

// Encode returns the ids of a cleaned report, without bos and eos.
func (v *Vocabulary) Encode(cleaned string) []int {
	ids := []int{}
	for word := range strings.FieldsSeq(cleaned) {
		ids = append(ids, v.ID(word))
	}
	return ids
}

// Words returns the words of a report up to the first eos. It panics if an id
// is outside the vocabulary.
func (v *Vocabulary) Words(ids []int) []string {
	words := []string{}
	for _, id := range ids {
		if id == v.eos {
			break
		}
		words = append(words, v.words[id])
	}
	return words
}

// Decode returns the cleaned report of ids: their Words, separated by a space.
func (v *Vocabulary) Decode(ids []int) string {
	return strings.Join(v.Words(ids), " ")
}
