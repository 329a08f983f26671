package dom

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vugu/vugu"
)

// mount is a renderer of what build returns, in place of a new element.
type mount struct {
	*Renderer
	t     *testing.T
	env   *vugu.BuildEnv
	build func() *vugu.VGNode
	root  vugu.Builder
}

func newMount(t *testing.T) *mount {
	if js.Global().Get("document").IsUndefined() {
		t.Skip("no document: this is no browser")
	}
	document := js.Global().Get("document")
	around, place := document.Call("createElement", "div"), document.Call("createElement", "p")
	around.Call("append", place)
	document.Get("body").Call("append", around)
	t.Cleanup(func() { around.Call("remove") })
	m := &mount{Renderer: New(place), t: t}
	env, err := vugu.NewBuildEnv(m.EventEnv())
	require.NoError(t, err)
	m.env = env
	m.root = component(func() *vugu.VGNode { return m.build() })
	return m
}

// render shows a tree and returns the element that stands for it.
func (m *mount) render(n *vugu.VGNode) js.Value {
	m.t.Helper()
	m.build = func() *vugu.VGNode { return n }
	m.Render(m.env.RunBuild(m.root))
	return m.Renderer.root.value
}

func (m *mount) html(n *vugu.VGNode) string {
	m.t.Helper()
	return m.render(n).Get("outerHTML").String()
}

// component builds what a function returns, and the components in it.
func component(build func() *vugu.VGNode) vugu.Builder {
	return vugu.NewBuilderFunc(func(*vugu.BuildIn) *vugu.BuildOut {
		out := &vugu.BuildOut{Out: []*vugu.VGNode{build()}}
		_ = out.Out[0].Walk(func(n *vugu.VGNode) error {
			if c, ok := n.Component.(vugu.Builder); ok {
				out.Components = append(out.Components, c)
			}
			return nil
		})
		return out
	})
}

func element(name string, children ...*vugu.VGNode) *vugu.VGNode {
	n := &vugu.VGNode{Type: vugu.ElementNode, Data: name}
	for _, c := range children {
		n.AppendChild(c)
	}
	return n
}

func text(s string) *vugu.VGNode { return &vugu.VGNode{Type: vugu.TextNode, Data: s} }

func with(n *vugu.VGNode, pairs ...any) *vugu.VGNode {
	for i := 0; i < len(pairs); i += 2 {
		n.AddAttrInterface(pairs[i].(string), pairs[i+1])
	}
	return n
}

func content(n *vugu.VGNode, s any) *vugu.VGNode {
	n.SetInnerHTML(s)
	return n
}

func property(n *vugu.VGNode, key, json string) *vugu.VGNode {
	n.Prop = append(n.Prop, vugu.VGProperty{Key: key, JSONVal: []byte(json)})
	return n
}

func on(n *vugu.VGNode, kind string, do func(vugu.DOMEvent)) *vugu.VGNode {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: kind, Func: do})
	return n
}

func TestRender(t *testing.T) {
	m := newMount(t)
	for _, c := range []struct {
		name string
		tree *vugu.VGNode
		want string
	}{
		{"attributes", with(element("div"), "id", "a", "hidden", true, "disabled", false, "data-n", 5), `<div id="a" hidden="hidden" data-n="5"></div>`},
		{"others", with(element("div"), "data-n", 6, "class", "b"), `<div data-n="6" class="b"></div>`},
		{"text", element("div", text("a < b"), element("b"), text("")), `<div>a &lt; b<b></b></div>`},
		{"other text", element("div", text("c"), element("b"), text("d")), `<div>c<b></b>d</div>`},
		{"content", content(element("div"), "x < y"), `<div>x &lt; y</div>`},
		{"other content", content(element("div"), vugu.HTML("<i>z</i>")), `<div><i>z</i></div>`},
		{"children after content", element("div", element("u")), `<div><u></u></div>`},
		{"a template", element("div", element("", text("1"), element("", text("2"))), text("3")), `<div>123</div>`},
		{"components", element("div", &vugu.VGNode{Component: component(func() *vugu.VGNode {
			return element("p", &vugu.VGNode{Component: component(func() *vugu.VGNode { return element("q") })})
		})}), `<div><p><q></q></p></div>`},
		{"a comment", element("div", &vugu.VGNode{Type: vugu.CommentNode, Data: "c"}), `<div><!--c--></div>`},
		{"no children", element("div"), `<div></div>`},
		{"another element", with(element("p"), "id", "p"), `<p id="p"></p>`},
	} {
		assert.Equal(t, c.want, m.html(c.tree), c.name)
	}
	svg := m.render(element("div", with(&vugu.VGNode{Type: vugu.ElementNode, Namespace: "svg", Data: "svg"}, "viewBox", "0 0 1 1"))).Get("firstChild")
	assert.Equal(t, "http://www.w3.org/2000/svg", svg.Get("namespaceURI").String())
	assert.Equal(t, "0 0 1 1", svg.Call("getAttribute", "viewBox").String())
	assert.Panics(t, func() { m.render(&vugu.VGNode{Type: vugu.ElementNode, Data: "a", Namespace: "odd"}) })
	made := element("a")
	made.JSCreateHandler = vugu.JSValueFunc(nil)
	assert.Panics(t, func() { m.render(made) })
}

// grow makes a tree by chance.
func grow(r *rand.Rand, depth int) *vugu.VGNode {
	n := element([]string{"div", "span", "b"}[r.IntN(3)])
	for _, key := range []string{"id", "class", "title"} {
		if r.IntN(2) > 0 {
			with(n, key, r.IntN(3))
		}
	}
	for _, kind := range []string{"click", "keydown"} {
		if r.IntN(2) > 0 {
			on(n, kind, func(vugu.DOMEvent) {})
		}
	}
	if r.IntN(4) == 0 {
		return content(n, vugu.HTML(strings.Repeat("<i>a</i>", r.IntN(3))))
	}
	for range r.IntN(5) {
		switch child := r.IntN(6); {
		case child == 0 || depth == 0:
			n.AppendChild(text(fmt.Sprint(r.IntN(3))))
		case child == 1:
			n.AppendChild(element("", grow(r, depth-1), text("t")))
		case child == 2:
			inner := grow(r, depth-1)
			n.AppendChild(&vugu.VGNode{Component: component(func() *vugu.VGNode { return inner })})
		default:
			n.AppendChild(grow(r, depth-1))
		}
	}
	return n
}

// Whatever stood there, a render gives what a first one would.
func TestRenderAfterAnother(t *testing.T) {
	m := newMount(t)
	for seed := range uint64(100) {
		tree := func() *vugu.VGNode { return grow(rand.New(rand.NewPCG(seed, 0)), 4) }
		fresh := newMount(t)
		require.True(t, fresh.render(tree()).Call("isEqualNode", m.render(tree())).Bool(), "seed %d", seed)
		assert.Equal(t, fresh.count(), m.count(), "listeners, seed %d", seed)
	}
}

// count is the number of listeners.
func (m *mount) count() int {
	var of func(at *node) int
	of = func(at *node) int {
		n := len(at.listeners)
		for _, c := range at.children {
			n += of(c)
		}
		return n
	}
	return of(m.Renderer.root)
}

// What something else has moved, as a browser's translation does, ends no page.
func TestMovedAway(t *testing.T) {
	m := newMount(t)
	at := m.render(element("div", element("p", text("a"), text("b"))))
	font := js.Global().Get("document").Call("createElement", "font")
	for range 2 {
		font.Call("append", at.Get("firstChild").Get("firstChild"))
	}
	at.Get("firstChild").Call("append", font)
	assert.Equal(t, `<div><p><font><b></b></font></p></div>`, m.html(element("div", element("p", element("b")))))
}

// A root that gives way to another listens no longer.
func TestOldRoot(t *testing.T) {
	m := newMount(t)
	old := m.render(on(element("div"), "click", func(vugu.DOMEvent) { t.Error("an element that is gone was clicked") }))
	m.render(element("p"))
	old.Call("click")
}

// The value of a select is one of the options of the same render.
func TestSelect(t *testing.T) {
	m := newMount(t)
	option := func(value string) *vugu.VGNode { return with(element("option"), "value", value) }
	at := m.render(property(element("select", option("a"), option("b")), "value", `"b"`))
	assert.Equal(t, "b", at.Get("value").String())
	m.render(property(element("select", option("a"), option("b"), option("c")), "value", `"c"`))
	assert.Equal(t, "c", at.Get("value").String())
}

// A render changes what differs, and nothing else.
func TestRenderChangesWhatDiffers(t *testing.T) {
	m := newMount(t)
	tree := func(class, said string) *vugu.VGNode {
		return element("div",
			on(with(element("button"), "class", class, "id", "b"), "click", func(vugu.DOMEvent) {}),
			content(element("p"), "always"), content(element("p"), said), element("p", text(said)),
			property(element("p"), "style", `"left:1px"`),
			with(element("canvas"), "width", 10))
	}
	m.render(tree("a", "x"))
	ignore := js.FuncOf(func(js.Value, []js.Value) any { return nil })
	defer ignore.Release()
	observer := js.Global().Get("MutationObserver").New(ignore)
	observer.Call("observe", m.Renderer.root.value, map[string]any{"subtree": true, "childList": true, "attributes": true, "characterData": true})
	defer observer.Call("disconnect")
	changes := func(n *vugu.VGNode) (records []string) {
		m.render(n)
		taken := observer.Call("takeRecords")
		for i := range taken.Length() {
			records = append(records, taken.Index(i).Get("type").String()+" "+taken.Index(i).Get("target").Get("nodeName").String())
		}
		return records
	}
	assert.Empty(t, changes(tree("a", "x")))
	assert.Equal(t, []string{"attributes BUTTON"}, changes(tree("b", "x")))
	assert.Equal(t, []string{"childList P", "characterData #text"}, changes(tree("b", "y")))
}

func TestWhatScriptsAndReadersChangeStays(t *testing.T) {
	m := newMount(t)
	tree := func(at string) *vugu.VGNode {
		return element("div", with(element("p"), "class", at), property(property(with(element("input"), "type", "checkbox"), "checked", "true"), "value", `"v"`))
	}
	at := m.render(tree("a"))
	host, box := at.Get("firstChild"), at.Get("lastChild")
	host.Set("textContent", "a script's")
	host.Call("setAttribute", "data-of", "a script")
	box.Set("checked", false)
	box.Set("value", "typed")
	m.render(tree("b"))
	assert.Equal(t, `<p class="b" data-of="a script">a script's</p>`, host.Get("outerHTML").String())
	assert.True(t, box.Get("checked").Bool(), "what a component says of an input holds, whatever the reader does")
	assert.Equal(t, "v", box.Get("value").String())
}

// An element is not reused for one that would show what is left of it.
func TestNothingIsLeft(t *testing.T) {
	m := newMount(t)
	at := m.render(element("div", with(element("p"), "id", "host"), property(element("b"), "style", `"left:1px"`)))
	at.Get("firstChild").Set("textContent", "a script's")
	assert.Equal(t, `<div><p id="other"><i></i></p><b></b></div>`, m.html(element("div", with(element("p", element("i")), "id", "other"), element("b"))))
}

func TestEvents(t *testing.T) {
	m := newMount(t)
	var said []string
	tree := func(name string) *vugu.VGNode {
		return on(element("div", property(with(element("input"), "id", "i"), "value", `"typed"`)), "input", func(e vugu.DOMEvent) {
			said = append(said, name, e.PropString("target", "value"), e.PropString("target", "id"))
			assert.Equal(t, 5.0, e.PropFloat64("detail"))
			assert.True(t, e.PropBool("bubbles"))
			assert.Nil(t, e.Prop("nothing", "there"))
			assert.Nil(t, e.Prop("target"), "no value")
			assert.Empty(t, e.PropString("detail"))
			assert.Nil(t, e.EventSummary())
			assert.Equal(t, "input", js.Value(e.JSEvent()).Get("type").String())
			assert.Equal(t, "i", js.Value(e.JSEventTarget()).Get("id").String())
			assert.Equal(t, "DIV", js.Value(e.JSEventCurrentTarget()).Get("nodeName").String())
			e.PreventDefault()
			e.StopPropagation()
		})
	}
	fire := func(at js.Value) (prevented bool) {
		return !at.Call("dispatchEvent", js.Global().Get("CustomEvent").New("input", map[string]any{"bubbles": true, "cancelable": true, "detail": 5})).Bool()
	}
	at := m.render(tree("first"))
	input := at.Get("firstChild")
	assert.True(t, fire(input))
	assert.True(t, fire(input))
	assert.Equal(t, []string{"first", "typed", "i", "first", "typed", "i"}, said)
	js.Global().Call("queueMicrotask", js.FuncOf(func(js.Value, []js.Value) any { return fire(input) }))
	m.Wait()
	assert.Len(t, said, 9)
	assert.Empty(t, m.wanted, "one render for all that came before the page is drawn")

	m.render(tree("second"))
	said = nil
	fire(input)
	assert.Equal(t, []string{"second", "typed", "i"}, said)

	said = nil
	m.render(element("div", element("input")))
	assert.False(t, fire(input))
	input = at.Get("firstChild") // another, for it has no value
	assert.False(t, fire(input))
	m.render(element("div", on(element("input"), "input", func(vugu.DOMEvent) { said = append(said, "inner") })))
	fire(input)
	assert.Equal(t, []string{"inner"}, said)
	m.render(element("div"))
	fire(input)
	assert.Equal(t, []string{"inner"}, said, "what was removed says nothing")
}
