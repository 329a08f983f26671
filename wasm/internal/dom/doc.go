// Package dom brings the document to what Vugu's components have built. It stands
// in place of Vugu's domrender, which sends the whole tree in every render and sets
// every attribute and text again, so that the browser lays out and paints all of
// the page anew; this one remembers what it has built last and changes what differs.
package dom
