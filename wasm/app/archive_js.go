package app

import (
	"encoding/json"
	"syscall/js"

	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// archive is desk.Archive: wasm/page/archive.js.
type archive struct{}

func (archive) call(name string, args ...any) (js.Value, error) {
	return browser.Await(js.Global().Get("Archive").Call(name, args...))
}

func (a archive) Recall() (reports []desk.Remembered, on bool, err error) {
	text, err := a.call("recall")
	if err != nil || text.String() == "" {
		return nil, false, err
	}
	return reports, true, json.Unmarshal([]byte(text.String()), &reports)
}

func (a archive) Begin() error { return a.do("begin") }

func (a archive) Remember(r desk.Remembered, document []byte, views []*desk.View) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	pictures := []any{}
	for _, v := range views {
		if p, ok := v.Preview.(preview); ok {
			pictures = append(pictures, map[string]any{"levels": p.levels, "width": p.size.X, "height": p.size.Y, "greys": browser.Uint8Array(p.asStored())})
		}
	}
	return a.do("remember", r.ID, string(text), string(document), pictures, desk.MaxHistory)
}

func (a archive) Document(id int64) ([]byte, error) {
	text, err := a.call("documentOf", id)
	if err != nil {
		return nil, err
	}
	return []byte(text.String()), nil
}

func (a archive) Forget(id int64) error { return a.do("forget", id) }

func (a archive) End() error { return a.do("end") }

func (a archive) do(name string, args ...any) error {
	_, err := a.call(name, args...)
	return err
}
