package desk_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/report/export"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// What the reader writes is told from what the draft says, and leaves beside it as
// theirs.
func TestYourText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		const draft = "Heart normal. [redacted] clear."
		r := b.Result()
		assert.Equal(t, draft, r.YourText())
		assert.Nil(t, r.Edits())
		assert.False(t, b.Unsaved())

		for _, c := range []struct {
			text string
			want []desk.Edit
		}{
			{"Heart large. Lungs clear, rotated.", []desk.Edit{
				{"", "Heart", desk.Kept}, {" ", "normal", desk.Removed}, {" ", "large", desk.Added}, {"", ".", desk.Kept},
				{" ", "[redacted]", desk.Removed}, {" ", "Lungs", desk.Added}, {" ", "clear", desk.Kept}, {"", ", rotated", desk.Added}, {"", ".", desk.Kept},
			}},
			{"Film:\nheart", []desk.Edit{{"", "Heart normal. [redacted] clear.", desk.Removed}, {" ", "Film:\nheart", desk.Added}}},
			{"Rotated. " + draft, []desk.Edit{{"", "Rotated.", desk.Added}, {" ", draft, desk.Kept}}},
			{"", []desk.Edit{{"", draft, desk.Removed}}},
		} {
			b.Do(func() { b.SetYourText(c.text) })
			assert.Equal(t, c.text, r.YourText())
			assert.Equal(t, c.want, r.Edits(), c.text)
			assert.Equal(t, draft, r.Report.Text)
			assert.Equal(t, c.text != "", b.Unsaved(), "what says nothing is not lost")
		}

		b.Do(func() { b.SetYourText("Lungs clear, rotated.") })
		assert.Equal(t, &export.Reader{Text: "Lungs clear, rotated."}, b.Document().Reader)
		for _, f := range export.Formats() {
			b.Do(func() { b.Export(f) })
			assert.Contains(t, b.Screen.Saved, "Lungs clear, rotated.", f.Name)
			assert.Contains(t, b.Screen.Saved, "Heart normal.", f.Name)
		}
		b.Do(func() { b.SetYourText("Heart  normal. [redacted]\nclear. ") })
		assert.Equal(t, "Heart  normal. [redacted]\nclear. ", r.YourText(), "as it is typed")
		assert.Nil(t, r.Edits(), "it says the same")
		assert.Nil(t, b.Document().Reader)
		b.Do(func() { b.SetYourText("a" + strings.Repeat("ä", 10_000)) })
		assert.Equal(t, "a"+strings.Repeat("ä", 4_999), r.YourText(), "what is too long is left out")
		b.Do(b.BackToDraft)
		assert.Equal(t, draft, r.YourText())
		assert.Nil(t, b.Document().Reader)
	})
}

// Whatever the reader writes, its edits give the draft and their words again.
func TestEditsGiveBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		draft := b.Result().Report.Text
		random := rand.New(rand.NewPCG(1, 2))
		some := []string{"Heart", "normal", ".", "[redacted]", "clear", ",", "x", " ", " ", "\n", "1.5", "…", "é"}
		for range 300 {
			text := ""
			for range random.IntN(12) {
				text += some[random.IntN(len(some))]
			}
			b.Do(func() { b.SetYourText(text) })
			if b.Result().Edits() == nil {
				assert.Equal(t, strings.Fields(draft), strings.Fields(text))
				continue
			}
			from, to := "", ""
			for _, e := range b.Result().Edits() {
				if e.By != desk.Added {
					from += e.Space + e.Text
				}
				if e.By != desk.Removed {
					to += e.Space + e.Text
				}
			}
			bare := strings.NewReplacer(" ", "", "\n", "")
			assert.Equal(t, bare.Replace(draft), bare.Replace(from), text)
			assert.Equal(t, strings.Fields(text), strings.Fields(to), text)
		}
	})
}

// What the reader marks leaves as theirs.
func TestWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		assert.Nil(t, b.Document().Reader)
		b.Do(func() { b.ToggleWrong(1); b.ToggleWrong(0); b.ToggleWrong(1); b.ToggleWrong(1) })
		assert.Equal(t, &export.Reader{Wrong: []int{0, 1}}, b.Document().Reader)
		assert.True(t, b.Result().IsWrong(1))
		b.Do(b.CopyJSON)
		var copied export.Document
		require.NoError(t, json.Unmarshal([]byte(b.Screen.Copied), &copied))
		assert.Equal(t, []int{0, 1}, copied.Reader.Wrong)
	})
}

// What the reader has said of a draft goes with it only after they were asked.
func TestDiscard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		b.Do(func() { b.SetYourText("Heart large.") })
		first := b.Result()
		b.Do(b.Run)
		assert.Same(t, first, b.Result())
		assert.True(t, b.Discarding())
		assert.Equal(t, desk.Focus{ID: "discard", When: desk.Always}, b.TakeFocus())
		b.Do(b.KeepYours)
		assert.False(t, b.Discarding())
		assert.Same(t, first, b.Result())
		b.Do(b.Run)
		b.Do(b.Discard)
		assert.NotSame(t, first, b.Result())
		assert.False(t, b.Discarding())
		assert.Nil(t, b.Document().Reader)

		b.Do(func() { b.ToggleWrong(0) })
		b.Do(b.Run)
		b.Do(func() { b.ToggleWrong(0) })
		assert.False(t, b.Discarding(), "there is nothing to lose any more")
	})
}
