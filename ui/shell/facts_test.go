package shell

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// What the maker claims never stands among what this page knows, and the
// limits are said once.
func TestClaimsStandApart(t *testing.T) {
	b := desktest.New(t)
	b.Engine.SetModel(&desk.Model{SHA256: "measured", Card: desk.ReadCard(`{"sha256":"claimed","limits":"none"}`)})
	facts := &Facts{Desk: b.Desk}
	assert.Equal(t, []Fact{{ID: "fact-card-0", Label: "Sha256", Value: "claimed"}}, facts.claims())
	assert.Equal(t, "none", b.Model().Card.Limits)
	for _, f := range facts.facts() {
		assert.NotEqual(t, "claimed", f.Value)
	}
}
