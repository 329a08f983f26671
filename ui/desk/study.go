package desk

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/ui/say"
)

// Study is what one report of the queue is about: one film, or two. Films that are
// not on the stage are not held, only where they come from.
type Study struct {
	Films []*Film
	How   Pairing
	State StudyState

	Why     string // it failed, in a sentence
	Report  *report.Report
	Named   []findings.Label // by the report
	Written time.Time

	yours  yours // of Report
	number int
	job    *Job // while State is StudyReading or StudyWriting
}

// Film is an image of a study.
type Film struct {
	Found
	Shows int      // Frontal or Lateral, unless Known is ByOrder
	Known Evidence // by what
}

// Pairing is how the films of a study came together, or why there is one.
type Pairing string

// The ways.
const (
	OneFilm       Pairing = "one film"
	PairedByFile  Pairing = "paired: one study by DICOM"
	PairedByName  Pairing = "paired by their names"
	PairedByHand  Pairing = "paired by you"
	PartedByHand  Pairing = "parted by you"
	UnclearByFile Pairing = "one film: its study has others, and DICOM does not say which two belong together"
	UnclearByName Pairing = "one film: others are named alike, and their names do not say which two belong together"
)

// StudyState says what has become of a study.
type StudyState string

// The states.
const (
	StudyWaiting   StudyState = "waiting"
	StudyReading   StudyState = "reading" // its films are being decoded
	StudyWriting   StudyState = "writing"
	StudyDone      StudyState = "done"
	StudyFailed    StudyState = "failed"
	StudyCancelled StudyState = "cancelled"
)

// pair makes studies of images, in their order. Two films make one if DICOM says
// that they are of one study, or if their names differ in the view alone. Where more
// than two could, only a single frontal and a single lateral one do.
func pair(images []Found) []*Study {
	type group struct {
		films  []*Film
		byFile bool
	}
	var groups []*group
	known := map[string]*group{}
	for _, i := range images {
		f := &Film{Found: i}
		stem, shows, named := viewInName(i.Source.Path())
		key := ""
		switch {
		case i.View != "":
			f.Shows, f.Known = slices.Index(viewNames[:], i.View), ByFile
		case named:
			f.Shows, f.Known = shows, ByName
		}
		switch {
		case i.Study != "":
			key = "study " + i.Study
		case named:
			key = "name " + stem
		}
		g := known[key]
		if g == nil || key == "" {
			g = &group{byFile: i.Study != ""}
			groups, known[key] = append(groups, g), g
		}
		g.films = append(g.films, f)
	}
	var studies []*Study
	for _, g := range groups {
		how, unclear := PairedByName, UnclearByName
		if g.byFile {
			how, unclear = PairedByFile, UnclearByFile
		}
		studies = append(studies, pairGroup(g.films, how, unclear)...)
	}
	return studies
}

// pairGroup makes studies of films that may belong together.
func pairGroup(films []*Film, how, unclear Pairing) []*Study {
	if len(films) == 1 {
		return []*Study{{Films: films, How: OneFilm}}
	}
	var shown [Slots][]*Film
	for _, f := range films {
		if f.Known != ByOrder {
			shown[f.Shows] = append(shown[f.Shows], f)
		}
	}
	var two []*Film
	switch frontal, lateral := shown[Frontal], shown[Lateral]; {
	case len(frontal) == 1 && len(lateral) == 1:
		two = []*Film{frontal[0], lateral[0]}
	case len(films) == 2 && len(frontal) < 2 && len(lateral) < 2: // the view of one is known, or of none
		two = slices.Clone(films)
		if len(lateral) == 1 && films[0] == lateral[0] || len(frontal) == 1 && films[1] == frontal[0] {
			slices.Reverse(two)
		}
	}
	var studies []*Study
	paired := false
	for _, f := range films {
		switch {
		case !slices.Contains(two, f):
			studies = append(studies, &Study{Films: []*Film{f}, How: unclear})
		case !paired:
			studies = append(studies, &Study{Films: two, How: how})
			paired = true
		}
	}
	return studies
}

// viewWords are the words of a file's name that say which view it shows.
var viewWords = map[string]int{"frontal": Frontal, "pa": Frontal, "ap": Frontal, "lateral": Lateral, "lat": Lateral}

// viewInName reads from the name of a file which view it shows, if a word of it says
// one: 7-frontal.png, a_LAT.dcm, view1_frontal.jpg. Files of a folder whose names
// differ in that alone, and in the number of the view, have the same stem.
func viewInName(whole string) (stem string, shows int, ok bool) {
	folder, name := path.Split(whole)
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r < 0x80 && !('0' <= r && r <= '9' || 'a' <= r && r <= 'z')
	})
	at := slices.IndexFunc(words, func(w string) bool { _, is := viewWords[w]; return is })
	if at < 0 {
		return "", 0, false
	}
	shows = viewWords[words[at]]
	words = slices.DeleteFunc(slices.Delete(words, at, at+1), func(w string) bool {
		number, is := strings.CutPrefix(w, "view")
		return is && strings.Trim(number, "0123456789") == ""
	})
	return folder + strings.Join(words, " "), shows, true
}

// Name is what a study is called: by the files of its films.
func (s *Study) Name() string {
	names := make([]string, len(s.Films))
	for i, f := range s.Films {
		names[i] = f.Source.Name()
	}
	if len(names) == Slots {
		return say.F("%s and %s", names[0], names[1])
	}
	return strings.Join(names, "")
}

// Says is which view a film is taken for, and why.
func (f *Film) Says() string {
	if f.Known == ByOrder {
		return say.Text("no view named")
	}
	return say.Text(viewNames[f.Shows]) + say.Text(evidence[f.Known])
}

// swap takes the first film for the lateral view and the second for the frontal one,
// or a single film for the view that it is not taken for.
func (s *Study) swap() {
	to := Frontal
	if first := s.Films[0]; first.Known == ByOrder || first.Shows == Frontal {
		to = Lateral
	}
	for i, f := range s.Films {
		f.Shows, f.Known = (to+i)%Slots, ByHand
	}
	if s.Films[0].Shows == Lateral { // the frontal one stands first
		slices.Reverse(s.Films)
	}
}

// ID is the element of a study.
func (s *Study) ID() string { return "study-" + strconv.Itoa(s.number) }

// Job is the work on a study, or nil.
func (s *Study) Job() *Job { return s.job }
