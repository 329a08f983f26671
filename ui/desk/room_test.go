package desk

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// addLab adds a room whose links have parameters.
func addLab(t *testing.T) {
	before := rooms
	t.Cleanup(func() { rooms = before })
	lab := rooms[0]
	lab.Room, lab.name, lab.parameters = "lab", "Lab", []string{"seed", "le"}
	rooms = append(slices.Clone(rooms), lab)
}

func TestPlaceOfALink(t *testing.T) {
	addLab(t)
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

func TestAnotherRoomTakesTheKeyboard(t *testing.T) {
	addLab(t)
	d := &Desk{at: Place{Room: RoomRead}}
	assert.Equal(t, "Read · uarweb", d.Title())
	d.Arrive("#lab?seed=5")
	assert.Equal(t, Place{"lab", map[string]int{"seed": 5}}, d.Place())
	assert.Equal(t, "Lab · uarweb", d.Title())
	assert.Equal(t, Focus{"lab-title", Always}, d.TakeFocus())

	d.Go(Place{"lab", map[string]int{"seed": 6}})
	assert.Equal(t, "#lab?seed=6", d.Place().Address())
	assert.NotEqual(t, Always, d.TakeFocus().When, "the keyboard stays at the slider")
}
