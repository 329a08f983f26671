// Package node makes the nodes of components: ui/generate.sh has what Vugu generates call
// it. Written out for each node, as Vugu does, or inlined, the same would be a tenth of
// the page's program. It also says what stands in the templates in the reader's
// language, so that a template's texts cost no code; what is below lang="en" stays English.
package node

import (
	"slices"

	"github.com/vugu/vugu"

	"uarweb/ui/say"
)

// Root makes the element around all of a component.
//
//go:noinline
func Root(namespace, tag string, attributes []vugu.VGAttribute) *vugu.VGNode {
	return &vugu.VGNode{Type: vugu.ElementNode, Namespace: namespace, Data: tag, Attr: said(attributes)}
}

// Element appends an element to a parent. Its attributes may be those of other
// renders too: whoever adds to them gets a copy.
//
//go:noinline
func Element(parent *vugu.VGNode, namespace, tag string, attributes []vugu.VGAttribute) *vugu.VGNode {
	n := Root(namespace, tag, attributes)
	parent.AppendChild(n)
	return n
}

// said are attributes with those in the reader's language that people read.
func said(attributes []vugu.VGAttribute) []vugu.VGAttribute {
	if say.Language() != say.English {
		attributes = slices.Clone(attributes)
		for i, a := range attributes {
			switch a.Key {
			case "aria-label", "title", "placeholder", "alt":
				attributes[i].Val = say.Text(a.Val)
			}
		}
	}
	return slices.Clip(attributes)
}

// Text appends a text to a parent.
//
//go:noinline
func Text(parent *vugu.VGNode, text string) {
	if !english(parent) {
		text = say.Within(text)
	}
	parent.AppendChild(&vugu.VGNode{Type: vugu.TextNode, Data: text})
}

// On has a node handle a type of event.
//
//go:noinline
func On(n *vugu.VGNode, kind string, handle func(vugu.DOMEvent)) {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: kind, Func: handle})
}

// HTML has a node hold what is the same in each render, but for the language.
//
//go:noinline
func HTML(n *vugu.VGNode, html string) {
	if !english(n) {
		html = say.Markup(html)
	}
	n.InnerHTML = &html
}

// english says whether what is in a node stays English.
func english(n *vugu.VGNode) bool {
	if say.Language() == say.English {
		return true
	}
	for ; n != nil; n = n.Parent {
		if slices.Contains(n.Attr, vugu.VGAttribute{Key: "lang", Val: say.English}) {
			return true
		}
	}
	return false
}
