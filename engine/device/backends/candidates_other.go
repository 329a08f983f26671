//go:build !js

package backends

// candidates are all there are, in the order of trying.
var candidates = processors
