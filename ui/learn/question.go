package learn

import "uarweb/ui/desk"

// Question is one for a class, with what the answer shows.
type Question struct{ Desk *desk.Desk }

func (c *Question) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Question) question() string { return c.learn().Step().Page().Question }

func (c *Question) answer() string { return c.learn().Step().Page().Answer }

func (c *Question) label() string {
	if c.learn().Answered() {
		return "Hide what it shows"
	}
	return "What it shows"
}
