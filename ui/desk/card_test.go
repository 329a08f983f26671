package desk

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestCard(t *testing.T) {
	for _, c := range []struct {
		text string
		want []Claim
	}{
		{``, nil},
		{`[]`, nil},
		{`{"data":"IU X-Ray","train_hours":1.5,"empty":""}`, []Claim{
			{Label: "Data", Value: "IU X-Ray"},
			{Label: "Train hours", Value: "1.5"},
		}},
		{`{"scores":{"b":2,"a":[1,"x"]}}`, []Claim{{Label: "Scores", Value: "a 1, x, b 2"}}},
	} {
		got := claims(c.text)
		assert.ElementsMatch(t, c.want, got, c.text)
	}
	assert.LessOrEqual(t, len([]rune(claims(`{"a":"` + strings.Repeat("é", 9999) + `"}`)[0].Value)), 401)
}

func FuzzCard(f *testing.F) {
	f.Add(`{"data":"IU X-Ray","scores":{"a":[1,null,true]},"":"x","\u00e9":"y"}`)
	f.Fuzz(func(t *testing.T, text string) {
		card := ReadCard(text)
		assert.LessOrEqual(t, len(card.Claims), 12)
		for _, claim := range card.Claims {
			assert.True(t, utf8.ValidString(claim.Label), "%q", claim.Label)
			assert.NotEmpty(t, claim.Value)
		}
	})
}

// Who signed the model is said as it is known.
func TestSignedBy(t *testing.T) {
	for want, m := range map[string]Model{
		"Nobody":              {Verified: true},
		"The key lusab babad": {Signer: "lusab babad", Verified: true},
		"The key lusab babad, it says, which this browser cannot check": {Signer: "lusab babad"},
	} {
		assert.Equal(t, want, m.SignedBy())
	}
}
