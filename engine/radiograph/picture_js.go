package radiograph

import (
	"fmt"
	"image"
	"syscall/js"
)

// picture lets the browser decode a picture of the web or of a phone: what it
// shows, it reads.
func (d *decoder) picture(name string, data []byte) (*image.Gray, error) {
	const pixelBytes = 9 // of RGBA in the bitmap and on the canvas, and of the grey
	if _, err := d.pictureHeader(name, data, pixelBytes); err != nil {
		return nil, err
	}
	global := js.Global()
	if global.Get("createImageBitmap").IsUndefined() || global.Get("OffscreenCanvas").IsUndefined() {
		return nil, unread(name, fmt.Errorf("it has no OffscreenCanvas"))
	}
	bytes := global.Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(bytes, data)
	blob := global.Get("Blob").New([]any{bytes})
	// The pixels as they are stored, but turned as the file says.
	options := map[string]any{"premultiplyAlpha": "none", "colorSpaceConversion": "none", "imageOrientation": "from-image"}
	bitmap, err := d.await(global.Call("createImageBitmap", blob, options))
	if err != nil {
		return nil, d.orCancelled(unread(name, err))
	}
	defer bitmap.Call("close")
	return d.drawn(name, bitmap)
}

// unread says that a browser does not read a format, and why.
func unread(name string, err error) error {
	return fmt.Errorf("%w: %s, which this browser does not read (%w); %s", ErrUnsupported, name, err, exportPicture)
}

// drawn reads the grey of a bitmap from a canvas, some rows at a time. Beside it a
// mark is drawn: some browsers return noise in place of what is on a canvas, to hide
// who they are.
func (d *decoder) drawn(name string, bitmap js.Value) (gray *image.Gray, err error) {
	defer func() { // a canvas that is too large for the browser throws
		if thrown, ok := recover().(js.Error); ok {
			gray, err = nil, unread(name, thrown)
		}
	}()
	width, height := bitmap.Get("width").Int(), bitmap.Get("height").Int()
	if err := d.checkSize(width, height); err != nil {
		return nil, err
	}
	canvas := js.Global().Get("OffscreenCanvas").New(width, height+1)
	context := canvas.Call("getContext", "2d", map[string]any{"willReadFrequently": true})
	if !context.Truthy() {
		return nil, unread(name, fmt.Errorf("it gives no canvas of %d×%d pixels", width, height))
	}
	context.Call("drawImage", bitmap, 0, 0)
	mark := [...]int{37, 142, 211}
	context.Set("fillStyle", fmt.Sprintf("rgb(%d,%d,%d)", mark[0], mark[1], mark[2]))
	context.Call("fillRect", 0, height, width, 1)
	rows := 1 + (1<<16)/width // at a time
	band := image.NewNRGBA(image.Rect(0, 0, width, rows))
	read := func(y, height int) []byte {
		n := js.CopyBytesToGo(band.Pix, context.Call("getImageData", 0, y, width, height).Get("data"))
		return band.Pix[:n]
	}
	for i, v := range read(height, 1) {
		if i%4 < 3 && int(v) != mark[i%4] {
			return nil, unread(name, fmt.Errorf("it hides the pixels of a canvas"))
		}
	}
	gray = image.NewGray(image.Rect(0, 0, width, height))
	convert := rowConverter(band)
	for y := range height {
		if y%rows == 0 {
			read(y, min(rows, height-y))
		}
		convert(gray.Pix[y*width:(y+1)*width], 0, y%rows)
	}
	return gray, nil
}

// await waits for a promise, or for ctx.
func (d *decoder) await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	var then, fail js.Func
	release := func() { then.Release(); fail.Release() }
	then = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		done <- outcome{value: args[0]}
		return nil
	})
	fail = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		done <- outcome{err: js.Error{Value: args[0]}}
		return nil
	})
	promise.Call("then", then, fail)
	select {
	case o := <-done:
		return o.value, o.err
	case <-d.ctx.Done():
		return js.Undefined(), d.ctx.Err()
	}
}

// orCancelled is the error of ctx if that is done, else err.
func (d *decoder) orCancelled(err error) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	return err
}
