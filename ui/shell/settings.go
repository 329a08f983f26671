package shell

import (
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Settings is the choice of what the engine computes with, and by itself.
type Settings struct{ Desk *desk.Desk }

// Option is an entry of a list to choose from.
type Option struct {
	Value, Label string
	Chosen       bool
}

func (c *Settings) backends() []Option {
	options := []Option{{Value: "", Label: say.Text("Automatic")}, {Value: "webgpu", Label: say.Text("GPU (WebGPU)")}, {Value: "simd", Label: say.Text("SIMD kernels")}, {Value: "portable", Label: say.Text("Go without SIMD")}}
	return choose(options, c.Desk.Processor().Backend)
}

func (c *Settings) threads() []Option {
	options := []Option{{Value: "0", Label: say.Text("Automatic")}}
	add := func(n int) { options = append(options, Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)}) }
	most, chosen := c.Desk.Threads(), c.Desk.Processor().Threads
	for n := range most {
		add(n + 1)
	}
	if chosen > most { // by the page's address
		add(chosen)
	}
	return choose(options, strconv.Itoa(chosen))
}

// canSetThreads says whether their number can be changed, and means anything.
func (c *Settings) canSetThreads() bool {
	return c.Desk.CanSetProcessor() && c.Desk.Processor().Backend != "portable"
}

// choose marks the option of a value.
func choose(options []Option, value string) []Option {
	for i := range options {
		options[i].Chosen = options[i].Value == value
	}
	return options
}

// languages are those that the page speaks.
func (c *Settings) languages() []Option {
	var options []Option
	for _, l := range desk.Languages {
		options = append(options, Option{Value: l.Tag, Label: l.Name})
	}
	return choose(options, c.Desk.Language())
}

func (c *Settings) setLanguage(event vugu.DOMEvent) {
	c.Desk.SetLanguage(event.PropString("target", "value"))
}

func (c *Settings) setBackend(event vugu.DOMEvent) {
	p := c.Desk.Processor()
	p.Backend = event.PropString("target", "value")
	c.Desk.SetProcessor(p)
}

func (c *Settings) setThreads(event vugu.DOMEvent) {
	p := c.Desk.Processor()
	p.Threads, _ = strconv.Atoi(event.PropString("target", "value"))
	c.Desk.SetProcessor(p)
}

func (c *Settings) setAutomatic(event vugu.DOMEvent) {
	c.Desk.SetAutomatic(event.PropBool("target", "checked"))
}

func (c *Settings) setSingleKeys(event vugu.DOMEvent) {
	c.Desk.SetSingleKeys(event.PropBool("target", "checked"))
}

func (c *Settings) setLookFirst(event vugu.DOMEvent) {
	c.Desk.SetLookFirst(event.PropBool("target", "checked"))
}
