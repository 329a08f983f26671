package desk

import (
	"uarweb/engine/lesson"
	"uarweb/engine/trace"
)

// Width is the width of the search on the slider.
func (l *Learn) Width() int { return l.width }

// SetWidth changes that, and has the model search anew.
func (l *Learn) SetWidth(width int) {
	if width = min(max(width, 1), MaxWidth); width != l.width {
		l.width = width
		l.next()
	}
}

// Search is the search that was fetched last, or nil; it may be of another width than the
// slider's while that is on its way.
func (l *Learn) Search() *trace.Search {
	if l.Study() == nil {
		return nil
	}
	return l.shown[trace.OfSearch].Search
}

// Tree are the steps of Search, or nil.
func (l *Learn) Tree() [][]lesson.Node {
	s := l.Search()
	if s == nil {
		return nil
	}
	if l.grown != s { // once for all who ask
		l.grown, l.tree = s, lesson.Tree(s.Steps)
	}
	return l.tree
}
