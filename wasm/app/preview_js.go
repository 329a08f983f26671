package app

import (
	"fmt"
	"image"
	"syscall/js"

	"uarweb/engine/radiograph/voi"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// preview is desk.View's: levels that stay with the browser, from the worker's
// message to the canvas.
type preview struct {
	levels js.Value // a Uint16Array
	size   image.Point
	scale  *voi.Scale
}

func newPreview(data js.Value, o protocol.Opened) (preview, error) {
	const levelBytes = 2
	size := image.Pt(o.Width, o.Height)
	if data.IsUndefined() || o.Scale == nil || data.Get("byteLength").Int() != levelBytes*size.X*size.Y {
		return preview{}, fmt.Errorf("app: a preview whose length is not that of %d×%d pixels", size.X, size.Y)
	}
	return preview{js.Global().Get("Uint16Array").New(data.Get("buffer")), size, o.Scale}, nil
}

// asStored are the greys of its levels, as the model is shown them.
func (p preview) asStored() []uint8 { return p.scale.Greys(p.scale.Own(), false) }

// draw paints it as stored.
func (p preview) draw(c *browser.Canvas) { c.DrawLevels(p.levels, p.size, p.asStored(), 1) }
