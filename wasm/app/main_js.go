// Package app is the page's part of the program: it renders the components of package ui
// and joins them to the browser and to the engine's worker.
//
// # The life of the engine
//
// The engine is a row of sessions, each the life of one worker. At most one is
// that of now, and every request belongs to the session it was made in:
//
//	none     → starting  by the next request
//	starting → up        by Ready
//	up       → none      by the end of the session
//	starting → none      by the end of the session
//
// A session ends once, in one of four ways, and takes its worker, its model and all
// its open views along; the views' sources stay here, and are opened again in the
// session that needs them.
//
//   - A fault: the script does not load, the program ends, the worker says so, or
//     something that no message is. All that waits gets the error, the page is told
//     (desk.Engine.Watch), and offers a restart.
//   - What computes is lost (status.BackendLost), as the worker says, or as a GPU
//     that is silent for gpuPatience in the middle of a report. Whoever asked for
//     the report gets that error, loads the model again and asks again.
//   - A cancel that is not heeded within cancelPatience, or comes before the worker
//     is up, which it may never be. Whoever cancelled finds that there is no model
//     any more, and loads it again.
//   - The page's wish: another processor, or a restart.
//
// In all but the first, what waits beside is done again in the next session. The
// losses make that simpler than the one before (engine.address). The model is asked
// for wherever it matters (desk.Engine.Model), and kept nowhere else, so that the page
// never believes in one that its worker has not.
package app

import (
	"github.com/vugu/vugu"

	"uarweb/ui"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/dom"
)

// Run runs the page.
func Run() {
	renderer := dom.New(browser.Element("app").JSValue())
	env := renderer.EventEnv()
	build, err := vugu.NewBuildEnv(env)
	if err != nil {
		panic(err)
	}
	speak()
	e, log := newEngine(browser.URL("worker.js"), browser.URL("model/manifest.json"), browser.Parameters()), newLog()
	e.asked = log.add
	d := desk.New(env, e, screen{log: log})
	s := newStage(d, env)
	page := &ui.Page{Desk: d}
	d.Start()
	for {
		env.RLock()
		built := build.RunBuild(page)
		env.RUnlock()
		renderer.Render(built)
		s.sync()
		renderer.Wait()
	}
}

// screen is desk.Screen.
type screen struct {
	log *log
	archive
}

func (screen) Copy(text string) error { return browser.CopyText(text) }

func (screen) Keep(changed func(desk.Standing)) { keep(changed) }

func (screen) Renew() { offline().Call("take") }

func (screen) Lock(locked bool) { offline().Call("lock", locked) }

func (s screen) Log(asked func([]desk.Request)) { s.log.tell(asked) }

func (screen) Inspect() (*desk.Inventory, error) { return inspect() }

func (screen) Erase() error {
	_, err := browser.Await(offline().Call("erase"))
	return err
}

func (screen) Reopen() { browser.Reopen() }

func (screen) Print() { browser.Print() }

func (screen) Speak(language string) (map[string]string, error) {
	if _, err := browser.Await(languages().Call("speak", language)); err != nil {
		return nil, err
	}
	_, words := spoken()
	return words, nil
}

func (screen) Fill(full bool) { browser.FillScreen(full) }

func (screen) Save(name, mime string, data []byte) { browser.Save(name, mime, data) }
