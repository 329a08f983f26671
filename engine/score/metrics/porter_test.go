package metrics

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The examples of Porter's paper, each taken through all steps, and words of
// radiology.
func TestStem(t *testing.T) {
	for word, want := range map[string]string{
		"caresses": "caress", "ponies": "poni", "ties": "ti", "caress": "caress", "cats": "cat",
		"feed": "feed", "agreed": "agre", "plastered": "plaster", "bled": "bled", "motoring": "motor", "sing": "sing",
		"conflated": "conflat", "troubled": "troubl", "sized": "size", "hopping": "hop", "tanned": "tan", "falling": "fall",
		"hissing": "hiss", "fizzed": "fizz", "failing": "fail", "filing": "file", "happy": "happi", "sky": "sky",
		"relational": "relat", "conditional": "condit", "rational": "ration", "valenci": "valenc", "hesitanci": "hesit",
		"digitizer": "digit", "conformabli": "conform", "radicalli": "radic", "differentli": "differ", "vileli": "vile",
		"analogousli": "analog", "vietnamization": "vietnam", "predication": "predic", "operator": "oper",
		"feudalism": "feudal", "decisiveness": "decis", "hopefulness": "hope", "callousness": "callous", "formaliti": "formal",
		"sensitiviti": "sensit", "sensibiliti": "sensibl", "triplicate": "triplic", "formative": "form", "formalize": "formal",
		"electriciti": "electr", "electrical": "electr", "hopeful": "hope", "goodness": "good", "revival": "reviv",
		"allowance": "allow", "inference": "infer", "airliner": "airlin", "gyroscopic": "gyroscop", "adjustable": "adjust",
		"defensible": "defens", "irritant": "irrit", "replacement": "replac", "adjustment": "adjust", "dependent": "depend",
		"adoption": "adopt", "homologou": "homolog", "communism": "commun", "activate": "activ", "angulariti": "angular",
		"homologous": "homolog", "effective": "effect", "bowdlerize": "bowdler", "probate": "probat", "rate": "rate",
		"cease": "ceas", "controll": "control", "roll": "roll", "generalizations": "gener", "oscillators": "oscil",

		"opacities": "opac", "opacity": "opac", "effusions": "effus", "effusion": "effus", "enlarged": "enlarg",
		"possibly": "possibl", "cardiology": "cardiolog", "calcified": "calcifi", "lungs": "lung", "sternotomy": "sternotomi",
		"played": "plai", "boxed": "box", "narrowed": "narrow", "plaqued": "plaqu",

		"": "", "s": "s", "is": "is", ".": ".", "ed": "ed", "ing": "ing", "ion": "ion", "sses": "ss", "yyy": "yyi", "t12": "t12",
		"<unk>": "<unk>", "right-sided": "right-sid", "röntgen": "röntgen",
	} {
		assert.Equal(t, want, stem(word), word)
	}
}
