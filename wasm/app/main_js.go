// Command app is the page's program: it renders the components of package ui
// and joins them to the browser and to the engine's worker.
package main

import (
	"github.com/vugu/vugu"
	"github.com/vugu/vugu/domrender"

	"uarweb/ui"
	"uarweb/wasm/internal/browser"
)

func main() {
	renderer, err := domrender.New("#app")
	if err != nil {
		panic(err)
	}
	env := &coalescer{EventEnv: renderer.EventEnv()}
	build, err := vugu.NewBuildEnv(env)
	if err != nil {
		panic(err)
	}
	desk := ui.NewDesk(env, newEngine(browser.URL("worker.js"), browser.URL("model/manifest.json"), browser.Parameters()), screen{})
	s := newStage(desk, env)
	browser.Element("app").JSValue().Call("replaceChildren") // Vugu would mend what stands there, not replace it
	page := &ui.Page{Desk: desk}
	desk.Start()
	for again := true; again; again = renderer.EventWait() {
		env.rendering()
		env.RLock()
		results := build.RunBuild(page)
		env.RUnlock()
		if err := renderer.Render(results); err != nil {
			panic(err)
		}
		s.sync()
	}
}

// screen is ui.Screen.
type screen struct{}

func (screen) Copy(text string) error { return browser.CopyText(text) }

func (screen) Save(name, mime string, data []byte) { browser.Save(name, mime, data) }
