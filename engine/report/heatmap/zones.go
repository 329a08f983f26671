package heatmap

// atlas says in which part of a chest film each of its cells lies, row-major: a
// letter of zones.
type atlas [atlasSide]string

const atlasSide = 14

// atlases are those of the frontal and the lateral view. They are fixed: a film that
// shows the chest larger, turned or off the middle fits them the less.
//
// Frontal, lungs and heart are where at least half of 247 films have them by the masks
// of Van Ginneken et al. (2006) of the JSRT films (Shiraishi et al., 2000), each cell by
// its mean; the lungs in thirds of their height. Mediastinum, hila, costophrenic angles
// and diaphragm are drawn around them by hand, with the patient's right at the image's
// left. Lateral, all is drawn by hand, after the phantom, with the patient's front at the
// image's left.
var atlases = [...]atlas{
	{
		"..............",
		"....AAmmDD....",
		"...AAAmmDDD...",
		"...AAAmmDDDD..",
		"..BBBBmmhEEE..",
		"..BBBhmmhEEE..",
		"..BBBhmmmEEE..",
		"..CCCCmmmmFF..",
		"..CCCmmmmmFF..",
		"..CCCmmmmmFF..",
		"..cbbbbmmmbd..",
		"..cbbbbbbbbd..",
		"..bbbbbbbbbb..",
		"..bbbbbbbbbb..",
	},
	{
		"..............",
		".....aaaaass..",
		"....faaaaasss.",
		"...ffaaaarsss.",
		"..fffaaarrsss.",
		"..ffkkkrrrsss.",
		"..fkkkkrrrsss.",
		"..fkkkkkrrsss.",
		"..fkkkkkrrsss.",
		"..bbkkkkrrsss.",
		"..bbbbbbbrsss.",
		"..bbbbbbbbss..",
		"..bbbbbbbbss..",
		"..bbbbbbbbss..",
	},
}

const outside = "outside the chest"

// zones names the letters of atlases. Sides are the patient's.
var zones = [...]struct {
	letter byte
	name   string
}{
	{'A', "the right upper zone"},
	{'B', "the right middle zone"},
	{'C', "the right lower zone"},
	{'D', "the left upper zone"},
	{'E', "the left middle zone"},
	{'F', "the left lower zone"},
	{'h', "the hila"},
	{'m', "the heart and mediastinum"},
	{'c', "the right costophrenic angle"},
	{'d', "the left costophrenic angle"},
	{'f', "in front of the heart"},
	{'k', "the heart"},
	{'r', "behind the heart"},
	{'a', "above the heart"},
	{'s', "the spine"},
	{'b', "below the diaphragm"},
	{'.', outside},
}

// zone is a part of a view and what of a map lies there.
type zone struct {
	name        string
	sum, tokens float64
}

func (z zone) mean() float64 { return z.sum / z.tokens }

// zonesOf sums up grids of these views, by the zones that a token's
// centre lies in. What lies in the lateral view says so if there are two.
func zonesOf(grids []Grid, views []int) []zone {
	var all []zone
	for i, g := range grids {
		view := make([]zone, len(zones))
		cell := func(k int) int { return atlasSide * (2*k + 1) / (2 * g.Side) } // of the token's centre
		for j, v := range g.Values {
			letter := atlases[views[i]][cell(j/g.Side)][cell(j%g.Side)]
			for k, named := range zones {
				if named.letter == letter {
					view[k].sum += float64(v)
					view[k].tokens++
				}
			}
		}
		for k, z := range view {
			if z.tokens == 0 {
				continue
			}
			z.name = zones[k].name
			if len(grids) > 1 && views[i] == Lateral {
				z.name += " (lateral)"
			}
			all = append(all, z)
		}
	}
	return all
}
