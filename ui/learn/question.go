package learn

import (
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Question is one for a class, with what the answer shows.
type Question struct{ Desk *desk.Desk }

func (c *Question) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Question) question() string { return page(c.learn().Step()).Question }

func (c *Question) answer() string { return page(c.learn().Step()).Answer }

func (c *Question) label() string {
	if c.learn().Answered() {
		return say.Text("Hide what it shows")
	}
	return say.Text("What it shows")
}
