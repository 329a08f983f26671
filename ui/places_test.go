package ui

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlaces(t *testing.T) {
	views := map[string]View{
		"frontal":  {Shows: Frontal, Known: ByFile},
		"lateral":  {Shows: Lateral, Known: ByFile},
		"frontal?": {Shows: Frontal, Known: ByPicture},
		"lateral?": {Shows: Lateral, Known: ByPicture},
		"?":        {},
	}
	for _, c := range []struct{ first, second, frontal, lateral, frontalNote, lateralNote string }{
		{"frontal", "lateral", "frontal", "lateral", "the frontal view, as the file says", "the lateral view, as the file says"},
		{"lateral", "frontal", "frontal", "lateral", "the frontal view, as the file says", "the lateral view, as the file says"},
		{"lateral?", "frontal?", "frontal?", "lateral?", "the frontal view, by the look of it", "the lateral view, by the look of it"},
		{"?", "lateral", "?", "lateral", "taken as the frontal view: nothing says which it is", "the lateral view, as the file says"},
		{"?", "frontal", "frontal", "?", "the frontal view, as the file says", "taken as the lateral view: nothing says which it is"},
		{"lateral", "?", "?", "lateral", "taken as the frontal view: nothing says which it is", "the lateral view, as the file says"},
		{"frontal?", "frontal", "frontal", "frontal?", "the frontal view, as the file says", "also a frontal view, by the look of it: it takes the other’s place"},
		{"frontal", "frontal?", "frontal", "frontal?", "the frontal view, as the file says", "also a frontal view, by the look of it: it takes the other’s place"},
		{"lateral", "lateral", "lateral", "lateral", "also a lateral view, as the file says: it takes the other’s place", "the lateral view, as the file says"},
		{"lateral", "", "", "lateral", "", "the lateral view, as the file says"},
	} {
		t.Run(c.first+" "+c.second, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.engine.open = func(f Source) (*View, error) {
					v := views[f.Name()]
					v.Name = f.Name()
					return &v, nil
				}
				files := []File{fakeFile{name: c.first}}
				if c.second != "" {
					files = append(files, fakeFile{name: c.second})
				}
				b.do(func() { b.Add(files...) })
				for slot, want := range []string{c.frontal, c.lateral} {
					note := []string{c.frontalNote, c.lateralNote}[slot]
					if want == "" {
						assert.Nil(t, b.slots[slot])
						continue
					}
					assert.Equal(t, want, b.slots[slot].Name)
					assert.Equal(t, []string{note}, b.notes(slot))
				}
			})
		})
	}
}

// A person's word counts more than any other.
func TestPlacesByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.engine.open = func(f Source) (*View, error) {
			return &View{Name: f.Name(), Shows: Frontal, Known: ByFile, Notes: []string{"values end at 4,095: read as 12 bits"}}, nil
		}
		b.do(func() { b.Add(fakeFile{name: "a"}) })
		assert.Equal(t, "Frontal view: a. The frontal view, as the file says. Values end at 4,095: read as 12 bits.", b.Announcement())
		page := b.html()
		assert.Contains(t, page, "<li>Values end at 4,095: read as 12 bits</li>")
		assert.Contains(t, page, "It is the lateral view")
		b.do(b.Swap)
		require.Nil(t, b.slots[Frontal])
		assert.Equal(t, "the lateral view, as you chose", b.notes(Lateral)[0])
		assert.Contains(t, b.html(), "It is the frontal view")
		b.do(b.Swap)
		b.do(func() { b.Add(fakeFile{name: "b"}) })
		assert.Equal(t, "a", b.slots[Frontal].Name)
		assert.Equal(t, "also a frontal view, as the file says: it takes the other’s place", b.notes(Lateral)[0])
		assert.Contains(t, b.html(), "Swap views")
	})
}

// The synthetic pair needs no notes: its badge says it all.
func TestSyntheticHasNoNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.do(b.Example)
		assert.Nil(t, b.notes(Frontal))
		assert.Nil(t, b.notes(Lateral))
	})
}
