package main

import (
	"errors"
	"image"
	"syscall/js"

	"uarweb/wasm/internal/browser"
)

// preview is desk.View's: pixels that stay with the browser, from the worker's
// message to the canvas.
type preview struct {
	rgba js.Value // a Uint8Array
	size image.Point
}

func newPreview(rgba js.Value, width, height int) (preview, error) {
	if rgba.IsUndefined() || rgba.Get("byteLength").Int() != 4*width*height {
		return preview{}, errors.New("app: a preview of the wrong length")
	}
	return preview{rgba, image.Pt(width, height)}, nil
}

func (p preview) draw(c *browser.Canvas) { c.DrawRGBA(p.rgba, p.size) }
