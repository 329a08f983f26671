// Package lesson is the way of a film from its pixels to the words of its report, in
// steps for a class: what each says of every film, and what it shows and says of one by the
// parts of its trace.
package lesson

import (
	"fmt"

	"uarweb/engine/report"
)

// Step is one of the steps.
type Step int

// The steps.
const (
	StepPixels Step = 1 + iota
	StepShrink
	StepCodes
	StepBasis
	StepPatches
	StepLook
	StepMask
	StepChoose
	StepFind

	// Teacher is the page for teachers, behind the last step.
	Teacher
)

// Steps are those there are, in their order.
func Steps() []Step {
	all := make([]Step, StepFind)
	for i := range all {
		all[i] = StepPixels + Step(i)
	}
	return all
}

// Page is what a step says of every film; that for teachers has a name, a title and an idea alone.
type Page struct {
	Name, Title string // in a list, and above the step
	Idea        string
	// Equation is the step's, in the letters of engine/MODEL.md, and Letters says what they
	// mean; in HTML, of which they have i, sub and sup alone.
	Equation, Letters string
	Question, Answer  string // for a class, and what it shows
	Minutes           int    // that the step takes with a class, about
	Watch             string // what a teacher is to watch for
}

// Head stands at the head of each sheet of paper.
const Head = "From film to word, a lesson on a program that writes reports of chest X-rays. Not for diagnosis."

// Note is a thing that a teacher is told about the lesson as a whole.
type Note struct{ Name, Text string }

// Notes are those there are.
func Notes() []Note {
	minutes, short := 0, 0
	for _, s := range Steps() {
		minutes += s.Page().Minutes
	}
	for _, s := range []Step{StepPixels, StepShrink, StepCodes, StepLook, StepChoose} {
		short += s.Page().Minutes
	}
	return []Note{
		{"What it is about", "How a program comes from a film to a report, and how one finds out whether it knows what it says. Not how to read films: the model is a small one for research, and often wrong. That it is, and where one sees it, is the lesson."},
		{"How long it takes", fmt.Sprintf("About %d minutes for all steps. Each stands for itself; 1 to 3, 6 and 8 take %d, which in a lesson of 45 leaves time for the Phantom lab.", minutes, short)},
		{"What one needs", "The steps ask for no mathematics but the comparison of numbers; the equations are for who wants them. With computers: the room Learn of uarweb’s page, one screen for two, and no network once it is open. Without: the steps on paper, which the command “uar lesson” writes, for the example or for films of yours, a sheet a step, and last of all one with the answers, which is yours; black and white will do."},
		{"Which films", "The example and those of the Phantom lab are drawn, and show nobody. Of a person’s film you need the right to show it; it does not leave the computer, but its picture is on the paper."},
		{"How to go about it", "Let the class answer the question of a step before you show what it shows, and write down who thought what. In the Phantom lab the truth is known: there “wrong” is no matter of opinion."},
		{"What to say first", report.Disclaimer},
	}
}

// Page is that of a step.
func (s Step) Page() Page { return pages[s] }

var pages = map[Step]Page{
	Teacher: {
		Name:  "For teachers",
		Title: "For teachers",
		Idea:  "What can be asked at each step, what the answer shows, what to watch for, and how long it takes.",
	},
	StepPixels: {
		Name:     "Pixels",
		Title:    "A film is a table of numbers",
		Idea:     "In a computer a film is one number a pixel, its grey: 0 is black, 255 is white. This is all that the model is given. It knows no patient, no history and no earlier film.",
		Equation: `<i>x</i> = grey / 255, in 0 … 1`,
		Letters:  `grey is the detector’s value as 8 bits: of b bits, 14 at most, value ≫ (b − 8). A DICOM file’s window comes before it.`,
		Question: "Which part of the body do these numbers show? What do you know about the film that is not in them?",
		Answer:   "From so few numbers nobody can tell. What one knows comes from the rest of the film, from other films and from the patient: the model has seen other films, but of this patient it is given only these.",
		Minutes:  5,
		Watch:    "The eye completes a picture from few numbers: let the class guess before they see the film. In a DICOM file’s film what lies outside its window is black or white here, and gone.",
	},
	StepShrink: {
		Name:     "What the model sees",
		Title:    "What the model sees is small",
		Idea:     "The film is shrunk to a small square, whatever its size and shape. What is finer than a pixel of that is gone before the model has begun.",
		Equation: `grey<sub><i>i</i></sub> = Σ<sub><i>j</i></sub> <i>w</i><sub><i>ij</i></sub> · grey<sub><i>j</i></sub>, Σ<sub><i>j</i></sub> <i>w</i><sub><i>ij</i></sub> = 1; <i>x</i> = grey / 255`,
		Letters:  `w is a triangle as wide as two pixels of the small film; along the rows first, then along the columns, each rounded to 8 bits.`,
		Question: "A radiologist looks for a nodule of 6 mm, for a thin line of pleura, and for the size of the heart. Which of the three can be answered from the small film?",
		Answer:   "The heart’s size: it spans many pixels. The nodule is about two pixels wide and the line less than one, so what the model says of either is more habit than sight.",
		Minutes:  5,
		Watch:    "“It cannot see that” is answered by “but it wrote it”. Both are true: it has read in many reports what is usual. That is habit, not sight.",
	},
	StepCodes: {
		Name:     "Image words",
		Title:    "A film becomes words",
		Idea:     "The model has a dictionary of little pictures. It cuts the film into patches and writes down, for each, the entry that fits best. From here on it never sees the pixels again: what the dictionary has no entry for is lost.",
		Equation: `<i>z</i><sub><i>i</i></sub> = argmax<sub><i>k</i></sub> (<i>W</i> · ReLU(<i>h</i><sub><i>i</i></sub>) + <i>b</i>)<sub><i>k</i></sub>`,
		Letters:  `h is what the convolutions of the dVAE make of patch i and what lies around it, so two patches that are alike in themselves may get different entries. The percentages are the softmax over all k.`,
		Question: "Choose two patches that look alike. Do they have the same entry? What of the film is still there in the one that is made of the dictionary’s pictures? And in the Phantom lab, when an opacity is drawn: do only the patches under it change?",
		Answer:   "Often not: each entry is chosen by what lies around the patch, too. So the patches beside an opacity change with it, and the lab counts them. In the film of pictures the large shapes are still there, and what is small or sharp is not: each picture is the mean of many patches. Somewhat more than this the model knows, which entry it was; but not how the patch differed from its entry.",
		Minutes:  8,
		Watch:    "Many bits are no fault of the film: several entries stand for nearly the same. And a picture of something else gets entries, too: the dictionary has none for “this is no chest”.",
	},
	StepBasis: {
		Name:     "One common basis",
		Title:    "One common basis",
		Idea:     "Image words and report words are both written anew in terms of the same set of vectors, the basis. So a patch and a word become comparable: the smaller the angle between them, the nearer they are.",
		Equation: `<i>F</i> = <i>G</i><sub>I</sub> ⊙ tanh(<i>E</i> + <i>F̃</i>) + <i>G</i><sub>F</sub> ⊙ <i>E</i> + <i>F̃</i>, <i>F̃</i> = MultiHead(<i>E</i>, <i>B̂</i>, <i>B̂</i>)`,
		Letters:  `Equations 7 and 9 of the paper: E is what the model has learned of a code or a word, B̂ the basis, F̃ what attention picks from it, and the gates G say how much of each is kept. The cosine is that of two F.`,
		Question: "Choose “heart” and a patch of the heart. Are they near? Would they be, if the space knew what a heart looks like? And do the heads take other vectors of the basis for the word than for the patch?",
		Answer:   "If the common space had learned what words show, “heart” would be nearest to patches of the heart. Where all cosines are small, patch and word stand at right angles: the nearest is near by name only, and what the decoder knows of hearts it has learned elsewhere. Where no vector gets much more than an even share, the heads take the whole basis, whatever they are given: F̃ is then the same for all, and what tells patches and words apart is in E alone.",
		Minutes:  8,
		Watch:    "A list of nearest words always has a first. Where the step says that it is not near, read nothing into it. A class will: ask what it would take to be wrong.",
	},
	StepPatches: {
		Name:     "Who compares with whom",
		Title:    "Patches compare themselves with each other",
		Idea:     "Each patch asks every other, on both films, how much it matters to it. It does so with several heads at once, in several layers, and nobody has told any head what to look for.",
		Equation: `<i>A</i> = softmax(<i>Q</i><i>K</i><sup>T</sup> / √(<i>d</i>/<i>h</i>)), <i>x</i> ← <i>x</i> + output(<i>A</i> <i>V</i>)`,
		Letters:  `Q is what the patch asks, K what every patch answers to, V what it tells; d is the model’s width and h the number of heads.`,
		Question: "Is there a head that looks at the patch’s neighbours, one that looks at the other film, one that looks everywhere alike? What might each be good for?",
		Answer:   "Perhaps all look everywhere alike: the step counts them, and another patch may have others. Neighbours tell what a patch is part of; the other film tells how deep it lies. A head that looks everywhere alike gives every patch the same, a mean of the whole study. No head was told its task, and many have none that a person can name.",
		Minutes:  7,
		Watch:    "Name no head after one film: what looks at the heart here should do so on the next film, too. Try two.",
	},
	StepLook: {
		Name:     "From image to word",
		Title:    "From image to word",
		Idea:     "Before each word the model looks at the patches again, with every head of every layer. The map that Read shows is the mean of the last layer’s heads: here are all of them. It is where the word came from, not where a finding is.",
		Equation: `<i>A</i> = softmax((<i>Q</i><i>K</i><sup>T</sup> + <i>k</i> · σ(<i>M</i>)) / √(<i>d</i>/<i>h</i>))`,
		Letters:  `Equation 11 of the paper: Q comes from the words so far, K and V from the patches, M is the mask of the next step.`,
		Question: "Compare a word that names a finding with a word like “the”. Does the finding’s word look at other places? Would you believe the finding because of the map?",
		Answer:   "Often both look at the same places. A map says what was used, not whether it was right: in Read, cover what the word looked at and see whether the report still says it.",
		Minutes:  8,
		Watch:    "Where a map lies outside the chest, or is the same for every word, say so: then it explains little. And a map in the right place does not make the word right.",
	},
	StepMask: {
		Name:     "The mask",
		Title:    "The mask",
		Idea:     "A mask may open and close patches for each word before its heads look. It was learned, not drawn. The paper multiplies it by a large number, so that small differences decide.",
		Equation: `<i>M</i> = (<i>n</i> · <i>W</i><sub>query</sub><sup>T</sup>)(memory · <i>W</i><sub>key</sub><sup>T</sup>)<sup>T</sup> / √<i>r</i> + <i>b</i>, added as <i>k</i> · σ(<i>M</i>)`,
		Letters:  `n is the word so far, r the rank of the mask, k = 1000 in the paper. What the mask moves a score by is k · (largest − smallest σ(M)) / √(d/h).`,
		Question: "What does the report become if the mask is left out? Guess first, then write it “without the mask” in Read, under Compare.",
		Answer:   "Where σ(M) is flat in every layer, the same report, word for word; often the same, too, where a mask leans. A part of a model may be in its equation and do nothing; only trying tells.",
		Minutes:  6,
		Watch:    "Does the step say that the mask is flat, or that it leans? Then do not teach what the mask is meant for as what it does. Where it decides, it says where a word may look, and still not whether the word is right.",
	},
	StepChoose: {
		Name:     "Choosing words",
		Title:    "Choosing words",
		Idea:     "The model gives every word of its vocabulary a number. A softmax turns these into probabilities, and a search keeps the few beginnings of a report that are likeliest as a whole.",
		Equation: `<i>p</i><sub><i>w</i></sub> = e<sup>ℓ<sub><i>w</i></sub>/τ</sup> / Σ<sub><i>v</i></sub> e<sup>ℓ<sub><i>v</i></sub>/τ</sup>; a search keeps the largest Σ log <i>p</i>`,
		Letters:  `ℓ are the decoder’s numbers (logits), τ the temperature. The draft is searched at τ = 1; redraws draw words by these chances, but never an unknown one.`,
		Question: "At which temperature is the word that was the likeliest no longer so? At which word of the tree, if at any, was the beginning of the report not the likeliest? And what would reports say of the film that are drawn at a high temperature, by the bars that you see there?",
		Answer:   "At none: a temperature keeps the order. Where the beginning fell behind, a single beam might have lost it: that is why a search keeps several. A likelier report is a more usual one, not a truer one. The higher the temperature the more often other words are drawn, and the less the reports have to do with the film.",
		Minutes:  10,
		Watch:    "A probability is that of the wording, not of the finding: “no” at 99 % makes no lung healthy. The likeliest report is the most usual one, and the film may be another.",
	},
	StepFind: {
		Name:     "Finding a report again",
		Title:    "Finding a report again",
		Idea:     "The basis is there to make images and words comparable: the mean of a film’s patches and the mean of a report’s words are two points in one space. If that works, a film’s own report lies nearer to it than others.",
		Equation: `cos(<i>f</i><sub>I</sub>, <i>f</i><sub>R</sub>) = <i>f</i><sub>I</sub> · <i>f</i><sub>R</sub> / (|<i>f</i><sub>I</sub>| |<i>f</i><sub>R</sub>|)`,
		Letters:  `f<sub>I</sub> is the mean of F over all patches, f<sub>R</sub> that over the words of a report: what the basis makes of them (Figure 3 of the paper).`,
		Question: "The draft was written from this film, by this model. If it is not the nearest, what does that say of the common space? And if it were, what would it prove?",
		Answer:   "That the decoder uses the film does not make the space common: the two were trained side by side. A first rank among a few reports would prove little, too. Of the 270 different reports of the studies that the model which comes with this page was checked on, a film’s own stood at rank 139 in the median; chance gives 135.5. So here the space does not do what it is there for.",
		Minutes:  8,
		Watch:    "One film among a few reports proves nothing, whatever its rank. The figure that counts is the median in the answer, and that is chance.",
	},
}
