package dom

import (
	"syscall/js"

	"github.com/vugu/vugu"
	vugujs "github.com/vugu/vugu/js"
)

// event is a vugu.DOMEvent that asks the browser's event for what a handler wants to
// know. It may be asked while the handler runs.
type event struct {
	value js.Value
	env   vugu.EventEnv
}

// Prop returns a property, a string, a float64 or a bool, along a path from the event;
// nil if there is none.
func (e event) Prop(keys ...string) any {
	v := e.value
	for _, key := range keys {
		if v.Type() != js.TypeObject {
			return nil
		}
		v = v.Get(key)
	}
	switch v.Type() {
	case js.TypeString:
		return v.String()
	case js.TypeNumber:
		return v.Float()
	case js.TypeBoolean:
		return v.Bool()
	}
	return nil
}

// PropString is Prop, or empty if that is no string.
func (e event) PropString(keys ...string) string {
	s, _ := e.Prop(keys...).(string)
	return s
}

// PropFloat64 is Prop, or 0 if that is no number.
func (e event) PropFloat64(keys ...string) float64 {
	f, _ := e.Prop(keys...).(float64)
	return f
}

// PropBool is Prop, or false if that is no boolean.
func (e event) PropBool(keys ...string) bool {
	b, _ := e.Prop(keys...).(bool)
	return b
}

// EventSummary is empty: nothing is read that is not asked for.
func (e event) EventSummary() map[string]any { return nil }

// JSEvent is the browser's event.
func (e event) JSEvent() vugujs.Value { return vugujs.Value(e.value) }

// JSEventTarget is what the event happened to.
func (e event) JSEventTarget() vugujs.Value { return vugujs.Value(e.value.Get("target")) }

// JSEventCurrentTarget is the element whose handler runs.
func (e event) JSEventCurrentTarget() vugujs.Value {
	return vugujs.Value(e.value.Get("currentTarget"))
}

// EventEnv is the renderer's.
func (e event) EventEnv() vugu.EventEnv { return e.env }

// PreventDefault keeps the browser from what it would do by itself.
func (e event) PreventDefault() { e.value.Call("preventDefault") }

// StopPropagation keeps the event from the elements around.
func (e event) StopPropagation() { e.value.Call("stopPropagation") }
