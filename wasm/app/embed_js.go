package app

import (
	"encoding/json"
	"syscall/js"

	"uarweb/engine/report/export"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// embedding is what a page that shows this one in a frame was told last, by
// wasm/page/embed.js.
type embedding struct {
	model   string // its SHA-256
	result  *desk.Result
	trouble *desk.Trouble
}

// embed is wasm/page/embed.js.
func embed() js.Value { return js.Global().Get("Embed") }

// listenToEmbedder does what such a page wishes.
func (s *stage) listenToEmbedder() {
	embed().Call("heeds", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) == 0 {
			s.change(s.desk.Run)
			return nil
		}
		s.add(browser.GivenFiles(args[0]))
		return nil
	}))
}

// tellEmbedder tells such a page what has changed.
func (s *stage) tellEmbedder() {
	if !embed().Get("framed").Bool() {
		return
	}
	e, d := &s.embedding, s.desk
	tell := func(kind string, text []byte, err error) {
		if err != nil {
			panic("app: what is told is no JSON")
		}
		embed().Call("tell", kind, string(text))
	}
	facts := func(kind string, facts map[string]string) {
		text, err := json.Marshal(facts)
		tell(kind, text, err)
	}
	s.env.RLock()
	defer s.env.RUnlock()
	if m := d.Model(); m != nil && m.SHA256 != e.model {
		e.model = m.SHA256
		facts("ready", map[string]string{"model": e.model})
	}
	if r := d.Result(); r != nil && r != e.result {
		e.result = r
		text, err := export.JSON(d.Document())
		tell("report", text, err)
	}
	if t := d.Trouble(); t != e.trouble {
		if e.trouble = t; t != nil {
			facts("error", map[string]string{"code": string(t.Code), "message": t.Sentence})
		}
	}
}
