package main

import (
	"sync/atomic"

	"github.com/vugu/vugu"
)

// coalescer is an EventEnv that asks for one render, whatever the number of
// changes before it: progress comes faster than a page is drawn.
type coalescer struct {
	vugu.EventEnv
	asked atomic.Bool
}

// UnlockRender unlocks and asks for a render unless one is coming.
func (c *coalescer) UnlockRender() {
	if c.asked.CompareAndSwap(false, true) {
		c.EventEnv.UnlockRender()
		return
	}
	c.EventEnv.UnlockOnly()
}

// rendering is called before each render.
func (c *coalescer) rendering() { c.asked.Store(false) }
