package radiograph

import (
	"image"
	"math"
)

// viewSide is the side of the picture that the classifier of views looks at.
const viewSide = 16

// LikelyView tells by the picture whether it is a frontal or a lateral view of
// a chest, with its probability, ½ to 1: a logistic regression on 16×16 pixels,
// standardised (weights/train/view.py). On IU X-Ray it is right on 601 of 606
// validation pictures, and on 1,325 of 1,339 outside the split. It knows nothing
// of other pictures.
func LikelyView(m *image.Gray) (View, float64) {
	small := Resize(m, viewSide, viewSide)
	var sum, squares float64
	for _, v := range small.Pix {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(small.Pix))
	mean := sum / n
	deviation := max(math.Sqrt(max(squares/n-mean*mean, 0)), 1)
	score := 0.0
	for i, v := range small.Pix {
		score += float64(lateralWeights[i]) * (float64(v) - mean) / deviation
	}
	lateral := 1 / (1 + math.Exp(-(score*lateralScale + lateralBias)))
	if lateral > 0.5 {
		return Lateral, lateral
	}
	return Frontal, 1 - lateral
}

// Order puts two radiographs in the order of a model's views, frontal before
// lateral: by what the files say, else by the pictures, else as they come. Each
// gets a note of what it is taken for and why. Other numbers of radiographs are
// returned as they are.
func Order(views []*Radiograph) []*Radiograph {
	if len(views) != 2 {
		return views
	}
	sides, reasons := [2]View{}, [2]string{}
	for i, v := range views {
		if sides[i], reasons[i] = v.Facts.View, "as the file says"; sides[i] == "" {
			sides[i], _ = LikelyView(v.Pixels)
			reasons[i] = "by the picture"
		}
	}
	order := []*Radiograph{views[0], views[1]}
	switch {
	case sides[0] == sides[1]:
		sides = [2]View{Frontal, Lateral}
		reasons = [2]string{"by the order of the files", "by the order of the files"}
	case sides[0] == Lateral:
		order[0], order[1] = views[1], views[0]
	}
	for i, v := range views {
		v.Notes = append(v.Notes, "taken for the "+string(sides[i])+" view, "+reasons[i])
	}
	return order
}
