package learn

import "uarweb/ui/desk"

// Question is one for a class, with what the answer shows.
type Question struct{ Desk *desk.Desk }

func (c *Question) learn() *desk.Learn { return c.Desk.Learn() }

var questions = map[desk.Step]struct{ question, answer string }{
	desk.StepPixels: {"Which part of the body do these numbers show? What do you know about the film that is not in them?",
		"From so few numbers nobody can tell. What one knows comes from the rest of the film, from other films and from the patient: the model has seen other films, but of this patient it is given only these."},
	desk.StepShrink: {"A radiologist looks for a nodule of 6 mm, for a thin line of pleura, and for the size of the heart. Which of the three can be answered from the small film?",
		"The heart’s size: it spans many pixels. The nodule is about two pixels wide and the line less than one, so what the model says of either is more habit than sight."},
	desk.StepCodes: {"Choose two patches that look alike. Do they have the same entry? And in the Phantom lab, when an opacity is drawn: do only the patches under it change?",
		"Often not: each entry is chosen by what lies around the patch, too. So the patches beside an opacity change with it, and the lab counts them."},
	desk.StepBasis: {"Choose “heart” and a patch of the heart. Are they near? Would they be, if the space knew what a heart looks like?",
		"If the common space had learned what words show, “heart” would be nearest to patches of the heart. Where all cosines are small, patch and word stand at right angles: the nearest is near by name only, and what the decoder knows of hearts it has learned elsewhere."},
	desk.StepPatches: {"Find a head that looks at the patch’s neighbours, one that looks at the other film, and one that looks everywhere alike. What might each be good for?",
		"Neighbours tell what a patch is part of; the other film tells how deep it lies. A head that looks everywhere alike gives every patch the same, a mean of the whole study. No head was told its task, and many have none that a person can name."},
	desk.StepLook: {"Compare a word that names a finding with a word like “the”. Does the finding’s word look at other places? Would you believe the finding because of the map?",
		"Often both look at the same places. A map says what was used, not whether it was right: in Read, cover what the word looked at and see whether the report still says it."},
	desk.StepMask: {"What does the report become if the mask is left out? Guess first, then write it “without the mask” in Read, under Compare.",
		"Where σ(M) is flat in every layer, the same report, word for word. A part of a model may be in its equation and do nothing; only trying tells."},
	desk.StepFind: {"The draft was written from this film, by this model. If it is not the nearest, what does that say of the common space? And if it were, what would it prove?",
		"That the decoder uses the film does not make the space common: the two were trained side by side. A first rank among a few reports would prove little, too. Of the 270 different reports of the studies that the model which comes with this page was checked on, a film’s own stood at rank 139 in the median; chance gives 135.5. So here the space does not do what it is there for."},
	desk.StepChoose: {"At which temperature is the draft’s word no longer the likeliest? And what do redraws at a high temperature say of the film?",
		"At none: a temperature keeps the order. The higher it is the more often other words are drawn, and the less the reports have to do with the film."},
}

func (c *Question) question() string { return questions[c.learn().Step()].question }

func (c *Question) answer() string { return questions[c.learn().Step()].answer }

func (c *Question) label() string {
	if c.learn().Answered() {
		return "Hide what it shows"
	}
	return "What it shows"
}
