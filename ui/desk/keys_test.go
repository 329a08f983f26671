package desk

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// No key hides another where both mean something.
func TestKeysAreUnlike(t *testing.T) {
	for name, areas := range map[string][]Area{
		"on a film": {FilmArea, StageArea, StageAndWords, AnyArea}, "in the report": {WordsArea, StageAndWords, AnyArea}, "in the lab": {LabArea, AnyArea},
		"on a film in Learn": {PatchArea, LearnArea, AnyArea}, "among the words in Learn": {WordArea, LearnArea, AnyArea},
	} {
		var names []string
		for _, k := range KeyList() {
			if slices.Contains(areas, k.Area) {
				names = append(names, k.names...)
			}
		}
		slices.Sort(names)
		assert.Len(t, slices.Compact(slices.Clone(names)), len(names), "%s: %q", name, names)
	}
	for i, k := range KeyList() {
		first := slices.IndexFunc(KeyList(), func(other Key) bool { return other.Area == k.Area })
		assert.Equal(t, k.Area, KeyList()[max(first, i-1)].Area, "%s: those of an area stand together", k.Does)
		for _, name := range k.names {
			assert.Equal(t, k.single(), name != " " && len(name) == 1, "%s: of one kind", k.Does)
		}
	}
}
