package learn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/engine/report"
	"uarweb/ui/desk"
)

// Tree is the tree of a search, of the width of the slider, around the chosen word.
type Tree struct{ Desk *desk.Desk }

func (c *Tree) learn() *desk.Learn { return c.Desk.Learn() }

// The picture: a column a step, a row a sequence, a box each.
const (
	treeSteps   = 5 // columns
	treeDropped = 3 // of each column's dropped sequences, at most
	treeWide    = 184
	treeHigh    = 28
	boxWide     = 150
	boxHigh     = 22
	boxLetters  = 14 // of its word
)

// listDropped is how many dropped sequences the table has at most.
const listDropped = 6

// shown are the nodes of a step, all that were kept and the best of the others.
func shown(step []lesson.Node, dropped int) []lesson.Node {
	for i, n := range step {
		if !n.Kept {
			return step[:min(i+dropped, len(step))]
		}
	}
	return step
}

// columns are the steps of the picture, and the place of the first and of the chosen one.
func (c *Tree) columns() (columns [][]lesson.Node, first, chosen int) {
	tree := c.learn().Tree()
	chosen = c.learn().Numbers().WordAt
	first = max(0, min(chosen-treeSteps/2, len(tree)-treeSteps))
	for _, step := range tree[min(first, len(tree)):min(first+treeSteps, len(tree))] {
		columns = append(columns, shown(step, treeDropped))
	}
	return columns, first, chosen
}

func (c *Tree) viewBox() string {
	columns, _, _ := c.columns()
	rows := 1
	for _, column := range columns {
		rows = max(rows, len(column))
	}
	return fmt.Sprintf("0 0 %d %d", treeSteps*treeWide, rows*treeHigh)
}

// now is the column of the chosen word.
func (c *Tree) now() string {
	columns, first, chosen := c.columns()
	if chosen-first >= len(columns) {
		return ""
	}
	return fmt.Sprintf("M%d 0h%dV9999h-%dz", (chosen-first)*treeWide+(treeWide-boxWide)/2, treeWide-(treeWide-boxWide)/2, treeWide-(treeWide-boxWide)/2)
}

// Line is a part of the picture, as the data of an SVG path.
type Line struct{ Class, Path string }

// fates are the classes of boxes, the last drawn on top.
var fates = []string{"learn-dropped", "learn-kept-box", "learn-won"}

func fateOf(n lesson.Node) int {
	switch {
	case n.Won:
		return 2
	case n.Kept:
		return 1
	}
	return 0
}

// paths are the boxes of the nodes, each with the line that leads there.
func (c *Tree) paths() []Line {
	columns, first, _ := c.columns()
	if columns == nil {
		return nil
	}
	paths := make([]strings.Builder, len(fates))
	for i, column := range columns {
		for row, n := range column {
			x, y := box(i, row)
			path := &paths[fateOf(n)]
			fmt.Fprintf(path, "M%d %dh%dv%dh-%dz", x, y, boxWide, boxHigh, boxWide)
			if first+i > 0 {
				const gap = treeWide - boxWide
				from := n.Parent*treeHigh + treeHigh/2
				fmt.Fprintf(path, "M%d %dC%d %d %d %d %d %d", x-gap, from, x-gap/2, from, x-gap/2, y+boxHigh/2, x, y+boxHigh/2)
			}
		}
	}
	var all []Line
	for i, class := range fates {
		all = append(all, Line{class, paths[i].String()})
	}
	return all
}

// box is the upper left corner of a node's.
func box(column, row int) (x, y int) {
	return column*treeWide + treeWide - boxWide, row*treeHigh + (treeHigh-boxHigh)/2
}

// Label is a text in the picture.
type Label struct {
	X, Y        int
	Text, Class string
}

// nodes are the texts of the boxes.
func (c *Tree) nodes() []Label {
	columns, _, _ := c.columns()
	var all []Label
	for i, column := range columns {
		for row, n := range column {
			x, y := box(i, row)
			word := []rune(report.Spoken(n.Text))
			if len(word) > boxLetters {
				word = append(word[:boxLetters-1], '…')
			}
			class := fates[fateOf(n)]
			all = append(all, Label{x + 6, y + 15, string(word), class}, Label{x + boxWide - 6, y + 15, number(n.LogProb), class + " number"})
		}
	}
	return all
}

// step are the nodes of the chosen word's step, or nil.
func (c *Tree) step() []lesson.Node {
	if tree, place := c.learn().Tree(), c.learn().Numbers().WordAt; place < len(tree) {
		return tree[place]
	}
	return nil
}

// considered are those that the table has.
func (c *Tree) considered() []lesson.Node { return shown(c.step(), listDropped) }

// further says how many sequences the table leaves out.
func (c *Tree) further() string {
	step := c.step()
	if step == nil {
		return ""
	}
	place := c.learn().Numbers().WordAt
	n := len(step) - len(c.considered()) + c.learn().Search().Further[place]
	if n == 0 {
		return ""
	}
	return desk.Count(n, "further sequence") + ", all dropped."
}

// search says what the table is of.
func (c *Tree) search() string {
	s := c.learn().Search()
	if s == nil {
		return ""
	}
	place := c.learn().Numbers().WordAt
	if c.step() == nil {
		return fmt.Sprintf("The search of %s took no step for word %d: it had ended, or was cut.", desk.Count(s.Width, "beam"), place+1)
	}
	return fmt.Sprintf("What the search of %s considered for word %d, by the sum over the whole sequence.", desk.Count(s.Width, "beam"), place+1)
}

func (c *Tree) width() string { return desk.Count(c.learn().Width(), "beam") }

func (c *Tree) setWidth(event vugu.DOMEvent) {
	if n, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.learn().SetWidth(n)
	}
}

// found says what the search has found.
func (c *Tree) found() string {
	s := c.learn().Search()
	if s == nil || s.Width != c.learn().Width() {
		return fmt.Sprintf("Searching with %s", desk.Count(c.learn().Width(), "beam"))
	}
	draft := c.Desk.Result().Report
	found := fmt.Sprintf("A search of %s", desk.Count(s.Width, "beam"))
	if s.Text == draft.Text {
		return fmt.Sprintf("%s finds the draft, whose log p is %.2f.", found, s.LogProb)
	}
	than := "likelier than the draft, whose log p is"
	if s.LogProb < draft.LogProb {
		than = "less likely than the draft, whose log p is"
	}
	return fmt.Sprintf("%s finds another report, log p = %.2f, %s %.2f: “%s”", found, s.LogProb, than, draft.LogProb, s.Text)
}
