package desk

import "uarweb/ui/say"

// Languages are those that the page speaks, by their own names.
var Languages = []struct{ Tag, Name string }{{say.English, "English"}, {"es", "Español"}}

// SetLanguage has the page speak a language once its words are there. Nothing keeps the
// wish: the next visit begins in the browser's language.
func (d *Desk) SetLanguage(tag string) {
	d.clear()
	d.language = tag
	go func() {
		words, err := d.screen.Speak(tag)
		d.update(func() {
			switch {
			case d.language != tag: // the newest wish counts
			case err != nil:
				d.language = ""
				d.notice = say.Text("The words of this language could not be fetched. Check the connection to this site and choose it again.")
				d.say(d.notice)
			default:
				say.In(tag, words)
				d.announcement = "" // of the language before
			}
		})
	}()
}

// Language is the one that the page speaks, or is to speak.
func (d *Desk) Language() string {
	if d.language == "" {
		return say.Language()
	}
	return d.language
}
