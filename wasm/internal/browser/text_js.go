package browser

import (
	"syscall/js"

	"github.com/gowebapi/webapi/dom"
)

// TextBox is an element to write plain text of several lines into. It is made here,
// since a component would not know what was written, and is no field of a form: Chromium
// asks its maker what could be filled into those. Help with spelling and wording is off,
// for which browsers may ask others, too.
type TextBox struct {
	element js.Value
}

// NewTextBox returns an empty box of a class, with the ids of the elements that name and
// describe it. It is nowhere in the document yet.
func NewTextBox(class, labelledBy, describedBy string) *TextBox {
	element := js.Global().Get("document").Call("createElement", "div")
	for name, value := range map[string]string{
		"class": class, "contenteditable": "plaintext-only", "role": "textbox", "aria-multiline": "true", "tabindex": "0",
		"aria-labelledby": labelledBy, "aria-describedby": describedBy,
		"spellcheck": "false", "writingsuggestions": "false", "autocorrect": "off", "autocapitalize": "off", "translate": "no",
	} {
		element.Call("setAttribute", name, value)
	}
	return &TextBox{element}
}

// AppendTo puts the box at the end of parent unless it is there already.
func (b *TextBox) AppendTo(parent *dom.Element) { appendTo(b.element, parent) }

// Text is what is written in the box.
func (b *TextBox) Text() string {
	return b.element.Get("innerText").String() // which has line breaks, however a browser makes them
}

// SetText replaces it.
func (b *TextBox) SetText(text string) { b.element.Set("textContent", text) }

// OnInput calls written whenever a person has changed the text. It must not wait.
func (b *TextBox) OnInput(written func()) {
	b.element.Call("addEventListener", "input", js.FuncOf(func(js.Value, []js.Value) any {
		written()
		return nil
	}))
}

// BeforeLeaving has the browser ask whether the page may be left, whenever ask says so,
// which must not wait.
func BeforeLeaving(ask func() bool) {
	js.Global().Call("addEventListener", "beforeunload", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if ask() {
			args[0].Call("preventDefault")
		}
		return nil
	}))
}
