package desk

import (
	"math"
	"slices"
	"strings"

	"uarweb/engine/radiograph/phantom"
	"uarweb/ui/say"
)

// Slider is a number of a phantom as a person moves it, in whole steps.
type Slider struct {
	phantom.Parameter
	Key   string  // in an address
	Label string  // for people
	steps float64 // in one of the number
	text  func(v float64) string
}

// Sliders are those of all numbers of a phantom.
var Sliders = []Slider{
	slider("heart", "h", say.Key("Heart"), 100, func(v float64) string { return say.F("%.2f", v) }),
	slider("right-effusion", "re", say.Key("Right effusion"), 100, share),
	slider("left-effusion", "le", say.Key("Left effusion"), 100, share),
	slider("opacity", "op", say.Key("Opacity"), 100, share),
	slider("nodule", "no", say.Key("Nodule"), 1, unlessNone(say.Key("%.0f mm"))),
	slider("right-pneumothorax", "rp", say.Key("Right pneumothorax"), 100, share),
	slider("left-pneumothorax", "lp", say.Key("Left pneumothorax"), 100, share),
	slider("hyperinflation", "hy", say.Key("Hyperinflation"), 100, share),
	slider("exposure", "ex", say.Key("Exposure"), 10, unlessNone(say.Key("%+.1f stops"))),
	slider("rotation", "ro", say.Key("Rotation"), 1, unlessNone(say.Key("%+.0f°"))),
}

func slider(name, key, label string, steps float64, text func(v float64) string) Slider {
	at := slices.IndexFunc(phantom.Parameters, func(p phantom.Parameter) bool { return p.Name == name })
	return Slider{phantom.Parameters[at], key, label, steps, text}
}

func share(v float64) string {
	if v == 0 {
		return say.Text("none")
	}
	return say.F("%.0f %%", 100*v)
}

func unlessNone(format string) func(v float64) string {
	return func(v float64) string {
		if v == 0 {
			return say.Text("none")
		}
		return say.F(format, v)
	}
}

// Bounds are the first step and the last.
func (s Slider) Bounds() (from, to int) { return s.step(s.From), s.step(s.To) }

func (s Slider) step(v float64) int { return int(math.Round(v * s.steps)) }

// Step is where the slider stands. That of a heart stands where the seed has it.
func (s Slider) Step(c phantom.Chest) int { return s.step(s.value(c)) }

func (s Slider) value(c phantom.Chest) float64 {
	if s.Name == "heart" {
		return c.HeartRatio()
	}
	return *s.Of(&c)
}

// Text is the number for people.
func (s Slider) Text(c phantom.Chest) string { return s.text(s.value(c)) }

// At is a value of the number for people.
func (s Slider) At(v float64) string { return s.text(v) }

// Chosen says whether the number is another than by the seed.
func (s Slider) Chosen(c phantom.Chest) bool { return *s.Of(&c) != 0 }

// moved is the chest with the slider at a step, or at the nearest that there is.
func (s Slider) moved(c phantom.Chest, step int) phantom.Chest {
	from, to := s.Bounds()
	*s.Of(&c) = float64(min(max(step, from), to)) / s.steps
	return c
}

// The names in an address of what is no slider.
const (
	seedKey        = "seed"
	pacemakerKey   = "pm"
	opacityZoneKey = "oz"
	noduleZoneKey  = "nz"
)

// MaxSeed is the highest seed of a phantom on the page.
const MaxSeed = 999

// labParameters are those of an address of the phantom lab.
var labParameters = func() []string {
	keys := []string{seedKey}
	for _, s := range Sliders {
		keys = append(keys, s.Key)
	}
	return append(keys, opacityZoneKey, noduleZoneKey, pacemakerKey)
}()

// chestOf is the phantom of an address's parameters. What is out of its bounds is
// brought within.
func chestOf(parameters map[string]int) phantom.Chest {
	var c phantom.Chest
	c.Seed = uint64(min(max(parameters[seedKey], 0), MaxSeed))
	for _, s := range Sliders {
		if step := parameters[s.Key]; step != 0 {
			c = s.moved(c, step)
		}
	}
	c.OpacityZone = zoneOf(parameters[opacityZoneKey])
	c.NoduleZone = zoneOf(parameters[noduleZoneKey])
	c.Pacemaker = parameters[pacemakerKey] != 0
	return c
}

func zoneOf(n int) phantom.Zone {
	return phantom.Zone(min(max(n, 0), len(phantom.ZoneNames)-1))
}

// parametersOf are those of the address of a phantom: what differs from the healthy
// one of seed 0, but for the seed, which is always said.
func parametersOf(c phantom.Chest) map[string]int {
	parameters := map[string]int{seedKey: int(c.Seed)}
	set := func(key string, n int) {
		if n != 0 {
			parameters[key] = n
		}
	}
	for _, s := range Sliders {
		set(s.Key, s.step(*s.Of(&c)))
	}
	set(opacityZoneKey, int(c.OpacityZone))
	set(noduleZoneKey, int(c.NoduleZone))
	if c.Pacemaker {
		set(pacemakerKey, 1)
	}
	return parameters
}

// ZoneName is a zone of a phantom for people.
func ZoneName(z phantom.Zone) string {
	return say.Text(strings.ReplaceAll(phantom.ZoneNames[z], "-", " ") + " zone")
}
