package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestCard(t *testing.T) {
	for _, c := range []struct {
		text string
		want []Fact
	}{
		{``, nil},
		{`[]`, nil},
		{`{"data":"IU X-Ray","train_hours":1.5,"empty":""}`, []Fact{
			{ID: "fact-card-0", Label: "Data", Value: "IU X-Ray"},
			{ID: "fact-card-1", Label: "Train hours", Value: "1.5"},
		}},
		{`{"scores":{"b":2,"a":[1,"x"]}}`, []Fact{{ID: "fact-card-0", Label: "Scores", Value: "a 1, x, b 2"}}},
	} {
		got := card(c.text)
		assert.ElementsMatch(t, c.want, got, c.text)
	}
	assert.LessOrEqual(t, len([]rune(card(`{"a":"` + strings.Repeat("é", 9999) + `"}`)[0].Value)), 401)
}

// What the maker claims never stands among what this page knows, and the
// limits are said once.
func TestClaimsStandApart(t *testing.T) {
	b := newBench(t)
	b.engine.model = &Model{SHA256: "measured", Card: `{"sha256":"claimed","limits":"none"}`}
	assert.Equal(t, []Fact{{ID: "fact-card-1", Label: "Sha256", Value: "claimed"}}, b.claims())
	assert.Equal(t, "none", b.model().limits())
	for _, f := range b.facts() {
		assert.NotEqual(t, "claimed", f.Value)
	}
}

func FuzzCard(f *testing.F) {
	f.Add(`{"data":"IU X-Ray","scores":{"a":[1,null,true]},"":"x","\u00e9":"y"}`)
	f.Fuzz(func(t *testing.T, text string) {
		facts := card(text)
		assert.LessOrEqual(t, len(facts), 12)
		for _, fact := range facts {
			assert.True(t, utf8.ValidString(fact.Label), "%q", fact.Label)
			assert.NotEmpty(t, fact.Value)
		}
	})
}
