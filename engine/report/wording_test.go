package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFilms(t *testing.T) {
	for want, names := range map[string][]string{
		"":                           nil,
		"a.png":                      {"a.png"},
		"a.png and b.dcm":            {"a.png", "b.dcm"},
		"a synthetic film":           {""},
		"2 synthetic films":          {"", ""},
		"a.png and a synthetic film": {"a.png", ""},
	} {
		r := &Report{}
		for _, name := range names {
			r.Views = append(r.Views, View{Name: name})
		}
		assert.Equal(t, want, r.Films())
	}
}
