package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVocabulary(t *testing.T) {
	v, err := NewVocabulary([]string{"<bos>", "<eos>", "<unk>", ".", "clear", "lungs", "t-spine"}, 0, 1, 2)
	require.NoError(t, err)
	assert.Equal(t, 7, v.Len())
	for id := range v.Len() {
		assert.Equal(t, id, v.ID(v.Word(id)))
	}
	assert.Equal(t, 2, v.ID("heart"))
	assert.Equal(t, []int{5, 4, 3, 2, 3}, v.Encode("lungs  clear .\theart ."))
	assert.Equal(t, []int{}, v.Encode(" "))
	assert.Equal(t, "lungs clear . <unk> .", v.Decode([]int{5, 4, 3, 2, 3, 1, 6}))
	assert.Equal(t, []string{"lungs"}, v.Words([]int{5}))
	assert.Equal(t, "", v.Decode([]int{1, 5}))
	assert.Equal(t, "lungs <bos> .", v.Decode([]int{5, 0, 3}), "a bos in the midst of a report is a word that the model wrote")
	assert.Equal(t, []string{}, v.Words(nil))
	assert.Panics(t, func() { v.Word(7) })
}

func TestVocabularyIsACopy(t *testing.T) {
	words := []string{"<bos>", "<eos>", "<unk>", "clear"}
	v, err := NewVocabulary(words, 0, 1, 2)
	require.NoError(t, err)
	words[3] = "opaque"
	assert.Equal(t, "clear", v.Word(3))
}

func TestVocabularyErrors(t *testing.T) {
	t.Attr("hostile", "vocabulary")
	with := func(word string) []string { return []string{"<bos>", "<eos>", "<unk>", word} }
	many := with("a")
	for i := range MaxWords {
		many = append(many, fmt.Sprint(i))
	}
	for _, c := range []struct {
		words         []string
		bos, eos, unk int
		want          string
	}{
		{nil, 0, 1, 2, "bos is 0, outside a vocabulary of 0 words"},
		{with("a"), -1, 1, 2, "bos is -1"},
		{with("a"), 0, 4, 2, "eos is 4"},
		{with("a"), 0, 1, 1 << 40, "unk is 1099511627776"},
		{with("a"), 0, 0, 2, "must differ"},
		{with("a"), 0, 1, 1, "must differ"},
		{with("a"), 2, 1, 2, "must differ"},
		{with("a"), 0, 1, 3, `word 3 (unk) is "a", want "<unk>"`},
		{with(""), 0, 1, 2, "word 3: empty"},
		{with("<bos>"), 0, 1, 2, `words 0 and 3 are both "<bos>"`},
		{with("two words"), 0, 1, 2, "white space"},
		{with("line\n"), 0, 1, 2, "white space or a control"},
		{with("a\u202eb"), 0, 1, 2, "control character"},
		{with("\xff"), 0, 1, 2, "not UTF-8"},
		{with(strings.Repeat("a", MaxWordLength+1)), 0, 1, 2, "129 bytes, the limit is 128"},
		{many, 0, 1, 2, "the limit is 65536"},
	} {
		t.Run(c.want, func(t *testing.T) {
			_, err := NewVocabulary(c.words, c.bos, c.eos, c.unk)
			assert.ErrorContains(t, err, c.want)
		})
	}
	many[3] = strings.Repeat("a", MaxWordLength)
	_, err := NewVocabulary(many[:MaxWords], 0, 1, 2)
	assert.NoError(t, err, "at the limits")
}
