package desk

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPlaceOfALink(t *testing.T) {
	for _, c := range []struct {
		link string
		want Place
		says string // its own address
	}{
		{"", Place{Room: RoomRead}, "#read"},
		{"#read", Place{Room: RoomRead}, "#read"},
		{"#nowhere?seed=5", Place{Room: RoomRead}, "#read"},
		{"#READ", Place{Room: RoomRead}, "#read"},
		{"#read?seed=5", Place{Room: RoomRead}, "#read"},
		{"#learn/3", Place{"learn", map[string]int{"step": 3}}, "#learn/3"},
		{"#learn/Doe", Place{Room: "learn"}, "#learn"},
		{"#learn/3?step=4", Place{"learn", map[string]int{"step": 3}}, "#learn/3"},
		{"#read/3", Place{Room: RoomRead}, "#read"},
		{"#lab", Place{Room: "lab"}, "#lab"},
		{"#lab?le=60&seed=-5", Place{"lab", map[string]int{"seed": -5, "le": 60}}, "#lab?seed=-5&le=60"},
		{"#lab?seed=5&seed=6", Place{"lab", map[string]int{"seed": 6}}, "#lab?seed=6"},
		{"#lab?name=Doe&seed=Doe&le=1e9&le=&&=", Place{Room: "lab"}, "#lab"},
		{"#lab?seed=99999999999999999999", Place{Room: "lab"}, "#lab"},
	} {
		got := placeOf(c.link)
		assert.Equal(t, c.want, got, c.link)
		assert.Equal(t, c.says, got.Address(), c.link)
		assert.Equal(t, got, placeOf(got.Address()), c.link)
	}
}
