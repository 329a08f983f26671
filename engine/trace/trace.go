// Package trace is what a study looks like from inside the model, in the parts that
// people look at one after another: the study as a whole, one of its patches, one of
// the report's words. engine.Model.Show cuts them out of an engine.Trace; what they are
// and how they are computed is engine/MODEL.md. Letters as there: S views, L tokens a
// view, N = S·L, K codes, V words.
package trace

import "fmt"

// Part is a part of a trace.
type Part struct {
	Kind  Kind `json:"kind"`
	Index int  `json:"index"`           // of the patch among the N, or of the word in the report; else 0
	Width int  `json:"width,omitempty"` // of an OfSearch: how many sequences are followed at once
	// Reports are what OfReports asks about: the ids of each, without bos.
	Reports [][]int `json:"reports,omitempty"`
}

// Kind is what a Part is of.
type Kind string

// The kinds of parts.
const (
	OfStudy   Kind = "study"
	OfPatch   Kind = "patch"
	OfWord    Kind = "word"
	OfReports Kind = "reports"
	OfSearch  Kind = "search"
)

// Check says whether there can be such a part, in some trace.
func (p Part) Check() error {
	switch p.Kind {
	case OfStudy, OfPatch, OfWord, OfReports, OfSearch:
	default:
		return fmt.Errorf("trace: no part is a %.40q", string(p.Kind))
	}
	if p.Index < 0 {
		return fmt.Errorf("trace: part %d, they begin at 0", p.Index)
	}
	return nil
}

// Shown is what a part holds: one of its fields, that of the Kind.
type Shown struct {
	Study   *Study   `json:"study,omitempty"`
	Patch   *Patch   `json:"patch,omitempty"`
	Word    *Word    `json:"word,omitempty"`
	Reports *Reports `json:"reports,omitempty"`
	Search  *Search  `json:"search,omitempty"`
}

// Study is the whole study, after its report was written.
type Study struct {
	Size    int            `json:"size"`    // pixels a side, as the model sees a view
	Grid    int            `json:"grid"`    // tokens a side
	Codes   int            `json:"codes"`   // K
	Vocab   int            `json:"vocab"`   // V
	Scale   float32        `json:"scale"`   // k of Eq. 11
	Columns int            `json:"columns"` // d/h, the width of a head
	Vectors int            `json:"vectors"` // B, of the basis
	Pixels  [][]byte       `json:"pixels"`  // [S][size·size], grey
	Films   []Size         `json:"films"`   // before they were resized [S]
	Tokens  []int32        `json:"tokens"`  // [N]
	Entropy []float32      `json:"entropy"` // of each patch's code, in bits [N]
	Tiles   [][]byte       `json:"tiles"`   // of each code a picture of a patch, grey, row by row, nil if it has none [K]; nil if the model has none
	Studies int            `json:"studies"` // the fewest studies that a tile is the mean of
	Words   []Choice       `json:"words"`   // the report, without bos and eos
	Search  [][]Considered `json:"search"`  // how the report was found, step by step
}

// Size is that of a film in pixels.
type Size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Choice is a word of the vocabulary.
type Choice struct {
	Token int    `json:"token"`
	Text  string `json:"text"`
}

// Considered is a sequence that a step of beam search made (engine/MODEL.md §7). Those of a
// step stand in the order of their sums, the largest first.
type Considered struct {
	Row     int     `json:"row"` // of the step before, the sequence that it extends: among those kept there but the finished
	Token   int     `json:"token"`
	Text    string  `json:"text"`
	LogProb float64 `json:"log_prob"` // of the word
	Sum     float64 `json:"sum"`      // over the sequence
	Kept    bool    `json:"kept"`
	Ends    bool    `json:"ends,omitempty"` // in eos: no step extends it
	Won     bool    `json:"won,omitempty"`  // what was found begins so, or is it
}

// Search is how beam search finds a report.
type Search struct {
	Width   int            `json:"width"`    // sequences followed at once
	Text    string         `json:"text"`     // the report that it found, for people
	LogProb float64        `json:"log_prob"` // its sum
	Steps   [][]Considered `json:"steps"`    // the MostConsidered of the largest sums in each
	Further []int          `json:"further"`  // how many others each step considered, all of which it dropped
}

// MostConsidered is how many sequences a Search says of each step: more than any keeps.
const MostConsidered = 24

// Patch is one of the N.
type Patch struct {
	Film      Region        `json:"film"`      // of the film as it was
	Likeliest []Code        `json:"likeliest"` // the codes of most probability, 5 at most
	Attention [][][]float32 `json:"attention"` // to all patches, in the encoder [layers][heads][N]
	Nearest   []Near        `json:"nearest"`   // the words whose F is nearest to the patch's, 5 at most
	Basis     Basis         `json:"basis"`
}

// Basis is what CRA makes the F of a patch or a word from (engine/MODEL.md §4).
type Basis struct {
	Heads  []Picked  `json:"heads"`  // how each head attends to the B vectors of the basis
	Input  []float32 `json:"input"`  // the gate G_I [d]
	Forget []float32 `json:"forget"` // the gate G_F [d]
}

// Picked is how a head attends to the vectors of the basis.
type Picked struct {
	Largest []Weight `json:"largest"` // the vectors of the largest weights, 3 at most
	Equal   float64  `json:"equal"`   // to how many vectors of the same weight that amounts: e to the entropy in nats
}

// Weight is that of a vector of the basis, which counts from 0.
type Weight struct {
	Vector int     `json:"vector"`
	Weight float32 `json:"weight"`
}

// Near is a word, and the cosine of its F and a patch's (engine/MODEL.md §4).
type Near struct {
	Text   string  `json:"text"`
	Cosine float64 `json:"cosine"`
}

// Region is a part of a film of W×H pixels: of a patch it is where its pixels come from.
type Region struct {
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Sample []byte `json:"sample"` // the SampleSide² pixels in its middle, row by row; fewer where it is smaller
	Side   Size   `json:"side"`   // of Sample
}

// SampleSide is the most pixels a side of a Region's Sample.
const SampleSide = 8

// Code is an entry of the codebook.
type Code struct {
	Code        int     `json:"code"`
	Probability float64 `json:"probability"` // softmax of the dVAE's logits
}

// Word is what the decoder computes on the way to a word of the report.
type Word struct {
	Logits    []float32     `json:"logits"`    // of the words that might stand here [V]
	Likeliest []Choice      `json:"likeliest"` // those of the largest logits, 12 at most
	Attention [][][]float32 `json:"attention"` // to the patches [layers][heads][N]
	Mask      [][]float32   `json:"mask"`      // σ(M) [layers][N]
	Alike     []float32     `json:"alike"`     // cosines of the F of the word that stands there and each patch's [N]
	Basis     Basis         `json:"basis"`     // of the word that stands there
}

// Place says where a patch of the N lies: in which view, row and column, from 0.
func (s *Study) Place(patch int) (view, row, column int) {
	return patch / (s.Grid * s.Grid), patch / s.Grid % s.Grid, patch % s.Grid
}

// Reports says how near reports are to the study.
type Reports struct {
	Cosines []float64 `json:"cosines"` // of f_I and each one's f_R (engine/MODEL.md §8)
}
