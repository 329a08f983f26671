// Package browser is what the page's program needs from the browser,
// over gowebapi/webapi, and over syscall/js where webapi's definitions lack it
// or send fields that nobody set. Calls that wait are made from goroutines,
// never from event handlers: a handler that waits stops the program.
package browser
