package desk

import (
	"strings"

	"uarweb/engine/status"
	"uarweb/ui/say"
)

// Trouble is an error as it is shown.
type Trouble struct {
	Code     status.Code
	Sentence string // what happened and what to do, for a clinician
	Detail   string // the error, for whoever knows the program
	Action   string // label of the button that may help, or empty
}

// crashed says whether the engine needs a restart.
func (t *Trouble) crashed() bool {
	switch t.Code {
	case status.Crashed, status.BackendLost, status.OutOfMemory:
		return true
	}
	return false
}

// Codes of errors that arise on the page alone.
const (
	codeLargeWeights status.Code = "large-weights"
	codeShipped      status.Code = "bad-shipped-weights"
	codeNoImages     status.Code = "no-images"
	codeBusy         status.Code = "busy"
	codeClipboard    status.Code = "clipboard"
)

// sentences says each code in words; %s is the name of the file.
var sentences = map[status.Code]string{
	status.InvalidArgument:  say.Key("The engine does not know what this page asks of it. Reload the page and try again."),
	status.UnreadableFile:   say.Key("%s could not be read. It may have been moved, or be out of reach; copy it to this device and choose it again."),
	status.EmptyImage:       say.Key("%s is empty. Choose it again, or export it again from where it came."),
	status.UnknownImage:     say.Key("%s is not an image this page can read. It reads PNG, JPEG, DICOM, TIFF, BMP, GIF and WebP files, whatever their names are."),
	status.LargeImage:       say.Key("%s is too large for this page. Export it with fewer pixels and try again."),
	status.UnsupportedImage: say.Key("%s is of a kind this page cannot read. Export it as an uncompressed DICOM file or as PNG."),
	status.DamagedImage:     say.Key("%s is damaged or cut off. Copy or export it again from where it came."),
	status.BlankImage:       say.Key("%s shows nothing: all of it is one grey. Choose another image, or export it again from where it came."),
	status.WrongViews:       say.Key("This model writes about one image, and there are two. Remove one of them and try again, or use a model for two views."),
	status.BadWeights:       say.Key("%s is not a model this page can use: the file is damaged, cut off, or of another kind."),
	status.BadConfiguration: say.Key("%s is not a model this page can use: it is of another kind, or larger than the engine allows."),
	status.BadTensor:        say.Key("%s is not a model this page can use: a part of it is missing, of the wrong size, or holds no numbers."),
	status.Network:          say.Key("The model could not be fetched. Check the connection to this site and try again."),
	status.NoDecoder:        say.Key("What reads images such as %s could not be fetched. Check the connection to this site and add the image again."),
	status.NoModel:          say.Key("No model is loaded yet. Wait until it is, then write the report."),
	status.NotFinite:        say.Key("The model's arithmetic failed on this image, so no report was written. Reload the page; if it happens again, use another model."),
	status.OutOfMemory:      say.Key("There is not enough memory. Close other tabs and programs, restart the engine and try again, or use a smaller model."),
	status.NoBackend:        say.Key("Nothing in this browser can do the model's arithmetic. Reload the page; if that does not help, use a newer browser."),
	status.BackendLost:      say.Key("The engine has stopped: what it computes with has failed, again and again. Your images and the last report are still here; restart the engine to go on."),
	status.Crashed:          say.Key("The engine has stopped. Your images and the last report are still here; restart the engine to go on."),
	status.Internal:         say.Key("Something went wrong in this program. Your images and the last report are still here; try again."),
	codeLargeWeights:        say.Key("%s is larger than this page can hold (512 MiB)."),
	codeShipped:             say.Key("The model that came with this page is damaged. Reload the page; if that does not help, tell the people who run this site."),
	codeNoImages:            say.Key("There is no image here that this page can read. It reads PNG, JPEG, DICOM, TIFF, BMP, GIF and WebP files, whatever their names are."),
	codeBusy:                say.Key("A report is being written. Wait for it, or cancel it, before you load another model."),
	codeClipboard:           say.Key("The browser did not allow copying. Select the text and copy it by hand, or save the JSON file."),
}

// reasoned says the codes whose errors themselves say what a file is and what to
// do, the second %s.
var reasoned = map[status.Code]string{
	status.UnknownImage:     say.Key("%s is not an image: it is %s."),
	status.UnsupportedImage: say.Key("%s cannot be read: %s."),
	status.LargeImage:       say.Key("%s is too large for this page: %s. Export it smaller, or choose a part of it."),
}

// Explained says whether a code has a sentence of its own.
func Explained(code status.Code) bool { return sentences[code] != "" }

// explain says an error about the file of that name, which may be empty.
func explain(err error, name string) *Trouble {
	code := status.CodeOf(err)
	if !Explained(code) {
		code = status.Internal
	}
	switch code {
	case status.BadWeights, status.BadConfiguration, status.BadTensor:
		if name == "" {
			code = codeShipped
		}
	}
	t := trouble(code, name)
	if sentence, reason := reasoned[code], status.Reason(err); sentence != "" && reason != "" {
		t.Sentence = say.F(sentence, quoted(name), say.Text(reason))
	}
	t.Detail = err.Error()
	return t
}

// quoted is what a sentence calls the file of a name, which may be empty.
func quoted(name string) string {
	if name == "" {
		return say.Text("The file")
	}
	return "“" + name + "”"
}

func trouble(code status.Code, name string) *Trouble {
	sentence := sentences[code]
	if strings.Contains(sentence, "%s") {
		sentence = say.F(sentence, quoted(name))
	} else {
		sentence = say.Text(sentence)
	}
	t := &Trouble{Code: code, Sentence: sentence}
	switch {
	case t.crashed():
		t.Action = say.Text("Restart the engine")
	case code == status.Network:
		t.Action = say.Text("Try again")
	}
	return t
}
