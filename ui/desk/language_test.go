package desk_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
	"uarweb/ui/say"
)

func TestLanguage(t *testing.T) {
	t.Cleanup(func() { say.In(say.English, nil) })
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Screen.Words = map[string]string{"Frontal": "Frontal", "Lateral": "De perfil", "Read": "Leer"}
		b.Ready("a")
		assert.Equal(t, "en", b.Language())

		b.Screen.Mute = errors.New("no network")
		b.Do(func() { b.SetLanguage("es") })
		assert.Contains(t, b.Notice(), "could not be fetched")
		assert.Equal(t, "en", b.Language())
		assert.Equal(t, "Lateral", desk.SlotName(desk.Lateral))

		b.Screen.Mute = nil
		b.Do(func() { b.SetLanguage("es") })
		assert.Empty(t, b.Notice())
		assert.Empty(t, b.Announcement(), "what was said in English is not said again")
		assert.Equal(t, "es", b.Language())
		assert.Equal(t, "De perfil", desk.SlotName(desk.Lateral))
		assert.Equal(t, "Leer · uarweb", b.Title())

		b.Do(func() { b.SetLanguage("es"); b.SetLanguage("en") })
		assert.Equal(t, "en", b.Language(), "the newest wish counts")
		assert.Equal(t, "Lateral", desk.SlotName(desk.Lateral))
	})
}
