package lab

import (
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/engine/radiograph/phantom"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Controls say what the phantom has.
type Controls struct{ Desk *desk.Desk }

func (c *Controls) lab() *desk.Lab { return c.Desk.Lab() }

func (c *Controls) chest() phantom.Chest { return c.lab().Chest() }

// Row is a slider and what it says.
type Row struct {
	ID, Label    string
	From, To, At int
	Text         string
	Chosen       bool // whether it is another than by the seed
	move         func(to int)
}

func id(s desk.Slider) string { return "slider-" + s.Key }

// rows are all sliders: the patient's, those of a phantom's numbers, and below a
// finding that can be somewhere else that of its place.
func (c *Controls) rows() []Row {
	l, chest := c.lab(), c.chest()
	seed := int(chest.Seed)
	rows := []Row{{"lab-seed", say.Text("Patient (seed)"), 0, desk.MaxSeed, seed, strconv.Itoa(seed), false, l.SetSeed}}
	for _, s := range desk.Sliders {
		from, to := s.Bounds()
		chosen := s.Chosen(chest)
		rows = append(rows, Row{id(s), say.Text(s.Label), from, to, s.Step(chest), s.Text(chest), chosen, func(to int) { l.Move(s, to) }})
		place := func(z phantom.Zone, move func(to int)) {
			if chosen {
				rows = append(rows, Row{id(s) + "-zone", say.F("Place of the %s", say.Text(s.Name)), 0, len(phantom.ZoneNames) - 1, int(z), desk.ZoneName(z), true, move})
			}
		}
		switch s.Name {
		case "opacity":
			place(chest.OpacityZone, l.SetOpacityZone)
		case "nodule":
			place(chest.NoduleZone, l.SetNoduleZone)
		}
	}
	return rows
}

func (c *Controls) move(event vugu.DOMEvent, r Row) {
	if to, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		r.move(to)
	}
}

func (c *Controls) setPacemaker(event vugu.DOMEvent) {
	c.lab().SetPacemaker(event.PropBool("target", "checked"))
}
