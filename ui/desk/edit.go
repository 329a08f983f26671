package desk

import (
	"strings"
	"unicode"
)

// Edit is a run of a draft, or of the reader's version of it.
type Edit struct {
	Space string // before it: "", " " or "\n"
	Text  string
	By    Voice
}

// Voice says whose words are.
type Voice string

// The voices.
const (
	Kept    Voice = "kept"    // the draft's, which the reader has let stand
	Removed Voice = "removed" // the draft's, which the reader has taken out
	Added   Voice = "added"   // the reader's
)

// edits returns what makes a text of a draft: runs of the pieces of a longest common
// subsequence of both, and of those that one has alone, the draft's first. It returns
// nil if that is nothing.
func edits(draft, text string) []Edit {
	from, to := pieces(draft), pieces(text)
	var all []Edit
	add := func(by Voice, pieces ...piece) {
		for _, p := range pieces {
			if last := len(all) - 1; last >= 0 && all[last].By == by {
				all[last].Text += p.space + p.text
			} else {
				all = append(all, Edit{p.space, p.text, by})
			}
		}
	}
	at := 0
	for i, pair := range align(pieceTexts(from), pieceTexts(to)) {
		if pair == None {
			add(Removed, from[i])
			continue
		}
		add(Added, to[at:pair]...)
		add(Kept, to[pair])
		at = pair + 1
	}
	add(Added, to[at:]...)
	if len(all) == 0 || len(all) == 1 && all[0].By == Kept {
		return nil
	}
	all[0].Space = ""
	return all
}

// piece is a word, or a mark behind one, and the space before it, as Edit has it.
type piece struct{ space, text string }

// marks end a word or a sentence.
const marks = ".,;:!?"

// pieces are those of a text. Marks are pieces of their own, so that a word stays the
// same word before another mark. The first has a space before it, as all words have.
func pieces(text string) []piece {
	var all []piece
	for {
		rest := strings.TrimLeftFunc(text, unicode.IsSpace)
		if rest == "" {
			return all
		}
		space := " "
		if all != nil && strings.Contains(text[:len(text)-len(rest)], "\n") {
			space = "\n"
		}
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		word := strings.TrimRight(rest[:end], marks)
		if word != "" {
			all = append(all, piece{space, word})
			space = ""
		}
		for _, mark := range rest[len(word):end] {
			all = append(all, piece{space, string(mark)})
			space = ""
		}
		text = rest[end:]
	}
}

func pieceTexts(pieces []piece) []string {
	texts := make([]string, len(pieces))
	for i, p := range pieces {
		texts[i] = p.text
	}
	return texts
}
