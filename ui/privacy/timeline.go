package privacy

import (
	"fmt"
	"strings"
	"time"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// The picture's units, which are stretched: from left to right and from top to
// bottom. What comes before the first film has the first third, however long it took.
const (
	width  = 1000
	height = 40
	before = width / 3
)

// axis places times on the picture.
type axis struct{ from, film, to time.Time }

// axis runs from when the page was opened until now.
func (c *Privacy) axis() axis {
	return axis{c.privacy().Opened(), c.privacy().FirstFilm(), time.Now()}
}

func (a axis) x(t time.Time) float64 {
	switch {
	case a.film.IsZero():
		return width * share(t, a.from, a.to)
	case t.Before(a.film):
		return before * share(t, a.from, a.film)
	}
	return before + (width-before)*share(t, a.film, a.to)
}

// share is what part of the time between two others has passed.
func share(t, from, to time.Time) float64 {
	if !to.After(from) {
		return 0
	}
	return min(max(0, t.Sub(from).Seconds()/to.Sub(from).Seconds()), 1)
}

// Curve is a part of the picture, as the data of an SVG path.
type Curve struct{ Class, Path string }

// curves are the parts of the picture, those behind first: the time since the first
// film, what was asked for, and the first film and report.
func (c *Privacy) curves() []Curve {
	p, a := c.privacy(), c.axis()
	var local, left, film, marks strings.Builder
	for _, r := range c.requests() {
		path := &local
		if r.Left() {
			path = &left
		}
		fmt.Fprintf(path, "M%.1f %dV%d", a.x(time.UnixMilli(r.At)), height/4, height)
	}
	if !p.FirstFilm().IsZero() {
		fmt.Fprintf(&film, "M%d 0H%dV%dH%dZ", before, width, height, before)
	}
	for _, t := range []time.Time{p.FirstFilm(), p.FirstReport()} {
		if !t.IsZero() {
			fmt.Fprintf(&marks, "M%.1f 0V%d", a.x(t), height)
		}
	}
	return []Curve{{"film", film.String()}, {"local", local.String()}, {"left", left.String()}, {"mark", marks.String()}}
}

// listed is how many requests are drawn and listed at most, the newest.
const listed = 200

// requests are those that are drawn and listed.
func (c *Privacy) requests() []desk.Request {
	all := c.privacy().Requests()
	return all[max(0, len(all)-listed):]
}

// asked tells in words what the picture shows, and lists the requests if the reader
// wants to see them.
func (c *Privacy) asked() []Row {
	p := c.privacy()
	loading, since := p.Between(p.Opened(), p.FirstFilm()), p.SinceFilm()
	rows := []Row{{ID: "at-opened", Label: clock(p.Opened()), Text: say.F("The page was opened. %s, and received %s.", leave(loading.Requests), size(loading.Received))}}
	if !p.FirstFilm().IsZero() {
		rows = append(rows, Row{ID: "at-film", Label: clock(p.FirstFilm()), Text: say.F("The first film was opened. Since then %s, and received %s.", leave(since.Requests), size(since.Received))})
	}
	if !p.FirstReport().IsZero() {
		rows = append(rows, Row{ID: "at-report", Label: clock(p.FirstReport()), Text: say.Text("The first report was written.")})
	}
	now := Row{ID: "at-now", Label: clock(time.Now()), Text: say.F("Now, after %s in all.", say.Count(len(p.Requests()), "request")), Action: say.Text("List the last of them"), Do: func() { c.Desk.Toggle(desk.Requests) }}
	if !c.Desk.IsOpen(desk.Requests) {
		return append(rows, now)
	}
	now.Action = say.Text("Hide the list")
	rows = append(rows, now)
	for i, r := range c.requests() {
		row := Row{ID: fmt.Sprintf("request-%d", i), Label: clock(time.UnixMilli(r.At)) + " " + r.Name(), Title: r.URL}
		switch {
		case r.Refused != "":
			row.State, row.Text = "refused", say.F("refused, by %s", say.Text(r.Refused))
		case r.Local:
			row.State, row.Text = "local", say.Text("answered in this browser")
		default:
			row.State, row.Text = "left", say.F("%s sent, %s received", say.Count(r.Sent(), "byte"), size(r.Received))
		}
		rows = append(rows, row)
	}
	return rows
}

// leave says how many requests have left.
func leave(n int) string {
	return say.N(n, "%d request left this browser", "%d requests left this browser")
}
