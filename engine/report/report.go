// Package report is what the engine writes: the Report and its JSON (engine/MODEL.md
// §8 and §11), the vocabulary, the cleaning of reference reports (§9) and the
// wording shown to people.
package report

// Report is what the model wrote about one study, with everything needed to
// show where it looked. N is the number of visual tokens of all views.
type Report struct {
	Text        string  `json:"text"`              // for people: sentences, redactions shown as such
	Tokens      []int   `json:"tokens"`            // ids without bos, with eos if it was reached
	Forced      int     `json:"forced,omitempty"`  // how many of Tokens, the first ones, were given and not chosen
	LogProb     float64 `json:"log_prob"`          // the sum over Tokens
	ImageTokens [][]int `json:"image_tokens"`      // [views of the model][L], row-major over the token grid
	Covered     []int   `json:"covered,omitempty"` // the places among the N image tokens whose code was replaced, ascending
	Views       []View  `json:"views"`             // that were given, in the order of the model's
	Words       []Word  `json:"words"`             // one a token but eos
	Alignment   float64 `json:"alignment"`         // cosine of mean image and mean text features, −1..1
	Model       Model   `json:"model"`
	Engine      Engine  `json:"engine"`
	Backend     string  `json:"backend"`
	Precision   string  `json:"precision"` // int8 or int4 if any weight is quantized so, else f32
	Beam        int     `json:"beam"`      // width of the search
	TIR         string  `json:"tir"`       // the text-to-image mask: "on" or "off"
	Seconds     Seconds `json:"seconds"`
}

// View is an image that a report was written from, and what was decided about it.
type View struct {
	Name   string   `json:"name"`   // of the file
	Format string   `json:"format"` // "PNG", "JPEG", "DICOM", …; empty if it was drawn
	View   string   `json:"view"`   // what the file says it is: "frontal", "lateral" or nothing
	SHA256 string   `json:"sha256"` // of the file; empty if it was drawn
	Notes  []string `json:"notes"`  // what was decided for the user, in short sentences without a full stop
	// Surprisal is nil if the model cannot tell.
	Surprisal *Surprisal `json:"surprisal,omitempty"`
}

// Surprisal is how unlike the X-rays that a model learned from a view is
// (engine/MODEL.md §14).
type Surprisal struct {
	Nats  float64 `json:"nats"`  // the mean of −ln p over the view's tokens
	Limit float64 `json:"limit"` // what few of the views it learned from are over
}

// Unlike says whether a view is none that the model can be asked about: no chest
// X-ray, or another view, or turned, or inverted.
func (s *Surprisal) Unlike() bool { return s != nil && s.Nats > s.Limit }

// Word is one word of a report and what the model saw when it chose it.
type Word struct {
	Token        int           `json:"token"`
	Text         string        `json:"text"`
	LogProb      float64       `json:"log_prob"`
	Alternatives []Alternative `json:"alternatives"` // the beam's width best, the best first
	Attention    []float32     `json:"attention"`    // [N], last decoder layer, mean over heads, sums to 1
	Mask         []float32     `json:"mask"`         // [N], σ(M) of that layer, 0..1
}

// Alternative is a word that could have stood in a word's place.
type Alternative struct {
	Token   int     `json:"token"`
	Text    string  `json:"text"`
	LogProb float64 `json:"log_prob"`
}

// Sample is a report that was drawn, not searched (engine/MODEL.md §13).
type Sample struct {
	Text    string  `json:"text"`     // for people
	Tokens  []int   `json:"tokens"`   // ids without bos, with eos if it was reached
	LogProb float64 `json:"log_prob"` // the sum over Tokens, at a temperature of 1
}

// Model names the weights that wrote a report.
type Model struct {
	SHA256 string `json:"sha256"` // of the weights file, whole or in shards
	Format string `json:"format"` // "uar/1"
}

// Engine names the program that wrote a report.
type Engine struct {
	Version string `json:"version"` // version.Version
	Commit  string `json:"commit"`  // version.Commit; empty if not known
	SHA256  string `json:"sha256"`  // of what computes: natively the executable, in the browser the worker's module; empty if not known
}

// String is the program as people read it.
func (e Engine) String() string {
	text := "uarweb " + e.Version
	if e.Commit != "" {
		text += " (" + e.Commit + ")"
	}
	if e.SHA256 != "" {
		text += ", SHA-256 " + e.SHA256
	}
	return text
}

// Seconds is the time each stage took.
type Seconds struct {
	DecodeImage float64 `json:"decode_image"`
	Tokenize    float64 `json:"tokenize"`
	Encode      float64 `json:"encode"`
	Generate    float64 `json:"generate"`
}

// Total is the time all stages took.
func (s Seconds) Total() float64 { return s.DecodeImage + s.Tokenize + s.Encode + s.Generate }
