package learn

import (
	"fmt"

	"uarweb/ui/desk"
)

// Found are the reports that the film may be found again by.
type Found struct{ Desk *desk.Desk }

func (c *Found) learn() *desk.Learn { return c.Desk.Learn() }

// nearest is how many reports are listed.
const nearest = 5

// rows are the nearest reports, and the draft wherever it stands.
func (c *Found) rows() []Near {
	all, rank := c.learn().Found()
	var rows []Near
	for i, r := range all {
		if i < nearest || i == rank-1 {
			rows = append(rows, Near{i + 1, r.Text, r.From, fmt.Sprintf("%.3f", r.Cosine), r.Own})
		}
	}
	return rows
}

// Near is a report and how near it is.
type Near struct {
	Rank               int
	Text, From, Cosine string
	Own                bool
}

// verdict says in plain words what the rank is worth.
func (c *Found) verdict() string {
	all, rank := c.learn().Found()
	if all == nil {
		return "Comparing the reports"
	}
	chance := float64(len(all)+1) / 2
	text := fmt.Sprintf("Of %s, the film’s own draft is at rank %d; by chance it would be at %.1f.", desk.Count(len(all), "report"), rank, chance)
	if len(all) < 10 {
		text += " These are too few to tell: redraws, and studies written in the Queue, add theirs."
	}
	return text + " Redraws are of this film as well, so that they are near is no feat."
}
