// Package node makes the nodes of components: ui/generate.sh has what Vugu generates call
// it. Written out for each node, as Vugu does, or inlined, the same would be a tenth of
// the page's program.
package node

import "github.com/vugu/vugu"

// Element appends an element to a parent. Its attributes may be those of other
// renders too: whoever adds to them gets a copy.
//
//go:noinline
func Element(parent *vugu.VGNode, namespace, tag string, attributes []vugu.VGAttribute) *vugu.VGNode {
	n := &vugu.VGNode{Type: vugu.ElementNode, Namespace: namespace, Data: tag, Attr: attributes[:len(attributes):len(attributes)]}
	parent.AppendChild(n)
	return n
}

// Text appends a text to a parent.
//
//go:noinline
func Text(parent *vugu.VGNode, text string) {
	parent.AppendChild(&vugu.VGNode{Type: vugu.TextNode, Data: text})
}

// On has a node handle a type of event.
//
//go:noinline
func On(n *vugu.VGNode, kind string, handle func(vugu.DOMEvent)) {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: kind, Func: handle})
}

// HTML has a node hold what is the same in each render.
//
//go:noinline
func HTML(n *vugu.VGNode, html string) { n.InnerHTML = &html }
