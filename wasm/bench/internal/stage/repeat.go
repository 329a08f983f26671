package stage

import (
	"context"
	"fmt"

	"uarweb/engine"
	"uarweb/engine/radiograph"
)

// phantomSize is the side of the synthetic X-rays in pixels.
const phantomSize = 768

// Repeat writes n reports of a synthetic study and returns their text, or an
// error if they are not all the same.
func (m *Model) Repeat(ctx context.Context, n int) (text string, err error) {
	study := engine.Study{Views: []*radiograph.Radiograph{
		{Name: "phantom, frontal", Pixels: radiograph.Phantom(1, phantomSize, phantomSize)},
		{Name: "phantom, lateral", Pixels: radiograph.PhantomLateral(1, phantomSize, phantomSize)},
	}}
	study.Views = study.Views[:m.Config().Image.Views]
	for i := range n {
		r, err := m.Report(ctx, study, engine.Options{Beam: m.beams})
		if err != nil {
			return "", err
		}
		if i > 0 && r.Text != text {
			return "", fmt.Errorf("stage: report %d is %q, those before it %q", i+1, r.Text, text)
		}
		text = r.Text
	}
	return text, nil
}
