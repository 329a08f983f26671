//go:build !js

package backends

// candidates are all there are, the fastest first.
var candidates = processors
