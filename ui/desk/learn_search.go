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
func (l *Learn) Search() *lesson.Search {
	if l.Study() == nil || l.shown[trace.OfSearch].Search == nil {
		return nil
	}
	if found := l.shown[trace.OfSearch].Search; l.search == nil || l.search.Search != found { // its tree grows once for all who ask
		l.search = lesson.NewSearch(found)
	}
	return l.search
}
