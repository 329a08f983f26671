package app

import (
	"encoding/json"
	"syscall/js"

	"uarweb/ui/say"
)

// languages is wasm/page/languages.js.
func languages() js.Value { return js.Global().Get("Languages") }

// speak has the page in the language that it was started in (wasm/page/boot.js).
func speak() { say.In(spoken()) }

// spoken is the language of the document, with its words.
func spoken() (tag string, words map[string]string) {
	var s struct {
		Tag   string
		Words map[string]string
	}
	if err := json.Unmarshal([]byte(languages().Call("spoken").String()), &s); err != nil {
		panic("app: languages.js tells what is no catalogue")
	}
	return s.Tag, s.Words
}
