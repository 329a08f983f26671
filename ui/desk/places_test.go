package desk_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func TestPlaces(t *testing.T) {
	views := map[string]desk.View{
		"frontal":  {Shows: desk.Frontal, Known: desk.ByFile},
		"lateral":  {Shows: desk.Lateral, Known: desk.ByFile},
		"frontal?": {Shows: desk.Frontal, Known: desk.ByPicture},
		"lateral?": {Shows: desk.Lateral, Known: desk.ByPicture},
		"?":        {},
	}
	for _, c := range []struct{ first, second, frontal, lateral, frontalNote, lateralNote string }{
		{"frontal", "lateral", "frontal", "lateral", "The frontal view, as the file says", "The lateral view, as the file says"},
		{"lateral", "frontal", "frontal", "lateral", "The frontal view, as the file says", "The lateral view, as the file says"},
		{"lateral?", "frontal?", "frontal?", "lateral?", "The frontal view, by the look of it", "The lateral view, by the look of it"},
		{"?", "lateral", "?", "lateral", "Taken as the frontal view: nothing says which it is", "The lateral view, as the file says"},
		{"?", "frontal", "frontal", "?", "The frontal view, as the file says", "Taken as the lateral view: nothing says which it is"},
		{"lateral", "?", "?", "lateral", "Taken as the frontal view: nothing says which it is", "The lateral view, as the file says"},
		{"frontal?", "frontal", "frontal", "frontal?", "The frontal view, as the file says", "Also a frontal view, by the look of it: it takes the other’s place"},
		{"frontal", "frontal?", "frontal", "frontal?", "The frontal view, as the file says", "Also a frontal view, by the look of it: it takes the other’s place"},
		{"lateral", "lateral", "lateral", "lateral", "Also a lateral view, as the file says: it takes the other’s place", "The lateral view, as the file says"},
		{"lateral", "", "", "lateral", "", "The lateral view, as the file says"},
	} {
		t.Run(c.first+" "+c.second, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := desktest.New(t)
				b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
					v := views[f.Name()]
					v.Name = f.Name()
					return &v, nil
				}
				files := []desk.File{desktest.File{Named: c.first}}
				if c.second != "" {
					files = append(files, desktest.File{Named: c.second})
				}
				b.Do(func() { b.Add(files...) })
				for slot, want := range []string{c.frontal, c.lateral} {
					note := []string{c.frontalNote, c.lateralNote}[slot]
					if want == "" {
						assert.Nil(t, b.View(slot))
						continue
					}
					assert.Equal(t, want, b.View(slot).Name)
					assert.Equal(t, []string{note}, b.Notes(slot))
				}
			})
		})
	}
}

// A person's word counts more than any other.
func TestPlacesByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
			return &desk.View{Name: f.Name(), Shows: desk.Frontal, Known: desk.ByFile, Notes: []string{"values end at 4,095: read as 12 bits"}}, nil
		}
		b.Do(func() { b.Add(desktest.File{Named: "a"}) })
		assert.Equal(t, "Frontal view: a. The frontal view, as the file says. Values end at 4,095: read as 12 bits.", b.Announcement())
		page := html(b)
		assert.Contains(t, page, "<li lang=\"en\">Values end at 4,095: read as 12 bits</li>")
		assert.Contains(t, page, "Use as lateral")
		b.Do(b.Swap)
		require.Nil(t, b.View(desk.Frontal))
		assert.Equal(t, "The lateral view, as you chose", b.Notes(desk.Lateral)[0])
		assert.Contains(t, html(b), "Use as frontal")
		b.Do(b.Swap)
		b.Do(func() { b.Add(desktest.File{Named: "b"}) })
		assert.Equal(t, "a", b.View(desk.Frontal).Name)
		assert.Equal(t, "Also a frontal view, as the file says: it takes the other’s place", b.Notes(desk.Lateral)[0])
		assert.Contains(t, html(b), "Swap views")
	})
}

// The synthetic pair needs no notes: its badge says it all.
func TestSyntheticHasNoNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Do(b.Example)
		assert.Nil(t, b.Notes(desk.Frontal))
		assert.Nil(t, b.Notes(desk.Lateral))
	})
}
