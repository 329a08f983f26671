package browser

import (
	"syscall/js"

	"github.com/gowebapi/webapi"
	"github.com/gowebapi/webapi/dom"
)

// URL resolves an address relative to the page.
func URL(relative string) string {
	return Beside(js.Global().Get("document").Get("baseURI").String(), relative)
}

// Beside resolves an address relative to another, as a file beside that. It panics
// if the other is not whole.
func Beside(address, relative string) string {
	return js.Global().Get("URL").New(relative, address).Get("href").String()
}

// Parameters are those of the page's address, the last one of each name.
func Parameters() map[string]string {
	all := map[string]string{}
	query := js.Global().Get("URLSearchParams").New(js.Global().Get("location").Get("search"))
	pairs := js.Global().Get("Array").Call("from", query)
	for i := range pairs.Length() {
		all[pairs.Index(i).Index(0).String()] = pairs.Index(i).Index(1).String()
	}
	return all
}

// Query is the parameters as an address has them behind its question mark, in the
// order of their names.
func Query(parameters map[string]string) string {
	query := js.Global().Get("URLSearchParams").New()
	for name, value := range parameters {
		query.Call("set", name, value)
	}
	query.Call("sort")
	return query.Call("toString").String()
}

// Threads is on how many threads the page can share memory: the number of cores,
// within reason (wasm/page/kernels.js), but one if it is not cross-origin
// isolated, or the browser shares none.
func Threads() int {
	const most = 8
	if !js.Global().Get("crossOriginIsolated").Truthy() || js.Global().Get("SharedArrayBuffer").IsUndefined() {
		return 1
	}
	return min(max(1, js.Global().Get("navigator").Get("hardwareConcurrency").Int()), most)
}

// Element returns the element of an id, or nil.
func Element(id string) *dom.Element {
	return webapi.GetWindow().Document().GetElementById(id)
}

// AppendNew puts a new <div> of a class at the end of parent.
func AppendNew(parent *dom.Element, class string) *dom.Element {
	element := webapi.GetWindow().Document().CreateElement("div", nil)
	element.SetClassName(class)
	parent.JSValue().Call("append", element.JSValue())
	return element
}

// CopyOf is a copy of an element without ids, whose canvases show the same.
func CopyOf(element *dom.Element) js.Value {
	canvases := element.JSValue().Call("querySelectorAll", "canvas")
	clone := element.JSValue().Call("cloneNode", true)
	clone.Call("removeAttribute", "id")
	named := clone.Call("querySelectorAll", "[id]")
	for i := range named.Length() {
		named.Index(i).Call("removeAttribute", "id")
	}
	copies := clone.Call("querySelectorAll", "canvas")
	for i := range copies.Length() {
		copies.Index(i).Call("getContext", "2d").Call("drawImage", canvases.Index(i), 0, 0)
	}
	return clone
}

// Listen calls handle with every event of a type anywhere in the document, for
// as long as the page lives. The handler must not wait.
func Listen(kind string, handle func(event js.Value)) { listen(kind, handle, nil) }

// ListenActively is Listen for events that scroll the page, or zoom it, which the
// handler may keep from it: turns of a wheel, and touches.
func ListenActively(kind string, handle func(event js.Value)) {
	listen(kind, handle, map[string]any{"passive": false})
}

func listen(kind string, handle func(event js.Value), options map[string]any) {
	js.Global().Get("document").Call("addEventListener", kind, js.FuncOf(func(_ js.Value, args []js.Value) any {
		handle(args[0])
		return nil
	}), options)
}

// OnFrame returns a function that has do called before the page is next drawn,
// once, however often it is asked for. do must not wait.
func OnFrame(do func()) (ask func()) {
	asked := false
	frame := js.FuncOf(func(js.Value, []js.Value) any {
		asked = false
		do()
		return nil
	})
	return func() {
		if !asked {
			asked = true
			js.Global().Call("requestAnimationFrame", frame)
		}
	}
}

// FillScreen has the page fill the screen, or no longer. A browser that does not
// let it changes nothing.
func FillScreen(full bool) {
	document := js.Global().Get("document")
	var done js.Value
	switch {
	case full == FillsScreen():
		return
	case !full:
		done = document.Call("exitFullscreen")
	case document.Get("documentElement").Get("requestFullscreen").Truthy():
		done = document.Get("documentElement").Call("requestFullscreen")
	default:
		return
	}
	_, _ = Await(done)
}

// FillsScreen says whether the page fills the screen.
func FillsScreen() bool { return js.Global().Get("document").Get("fullscreenElement").Truthy() }

// Reopen opens the page anew.
func Reopen() { js.Global().Get("location").Call("reload") }

// Print opens the dialogue to print the page.
func Print() { js.Global().Call("print") }

// OnPrint calls before when the page is about to be printed, whoever asked for it,
// and after when it was. Neither may wait.
func OnPrint(before, after func()) {
	for kind, do := range map[string]func(){"beforeprint": before, "afterprint": after} {
		js.Global().Call("addEventListener", kind, js.FuncOf(func(js.Value, []js.Value) any {
			do()
			return nil
		}))
	}
}

// Closest returns the nearest element around an event's target, or the target
// itself, that matches a selector; null if there is none.
func Closest(event js.Value, selector string) js.Value {
	target := event.Get("target")
	if target.Get("closest").IsUndefined() { // the document, or text
		return js.Null()
	}
	return target.Call("closest", selector)
}

// FocusNowhere says whether no element has the keyboard.
func FocusNowhere() bool {
	document := js.Global().Get("document")
	active := document.Get("activeElement")
	return active.IsNull() || active.Equal(document.Get("body"))
}

// SetModal shows a <dialog> above the page, which takes part in nothing meanwhile, or no
// longer: then the keyboard goes back to where it was. Whether it is open its attribute
// may say already.
func SetModal(dialog *dom.Element, shown bool) {
	element := dialog.JSValue()
	if element.Call("matches", ":modal").Bool() == shown {
		return
	}
	element.Set("open", !shown) // or there would be nothing to do
	if shown {
		element.Call("showModal")
	} else {
		element.Call("close")
	}
}

// Typing says whether a key goes into something that is typed into.
func Typing(event js.Value) bool {
	return !Closest(event, "input:not([type=checkbox], [type=radio], [type=range]), select, textarea, [contenteditable]").IsNull()
}

// Shown says whether an element is in the document and not hidden.
func Shown(element js.Value) bool { return element.Call("getClientRects").Length() > 0 }

// SelectingText says whether a person has marked some text.
func SelectingText() bool {
	return !js.Global().Call("getSelection").Get("isCollapsed").Bool()
}

// Hash is what the page's address has behind its path, with the mark.
func Hash() string { return js.Global().Get("location").Get("hash").String() }

// OnHash calls changed with the page's hash whenever a link that was followed, or
// the buttons back and forward, have changed it. It must not wait.
func OnHash(changed func(hash string)) {
	js.Global().Call("addEventListener", "hashchange", js.FuncOf(func(js.Value, []js.Value) any {
		changed(Hash())
		return nil
	}))
}

// PushHash gives the page another hash, as a new entry of its history.
func PushHash(hash string) { js.Global().Get("history").Call("pushState", nil, "", hash) }

// ReplaceHash gives the page another hash in place of that it has. Browsers allow
// this some hundred times in half a minute.
func ReplaceHash(hash string) { js.Global().Get("history").Call("replaceState", nil, "", hash) }

// SetTitle names the document.
func SetTitle(title string) { js.Global().Get("document").Set("title", title) }
