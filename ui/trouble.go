package ui

import (
	"errors"
	"fmt"
	"strings"
)

// Trouble is an error as it is shown.
type Trouble struct {
	Code     string
	Sentence string // what happened and what to do, for a clinician
	Detail   string // the error, for whoever knows the program
	Action   string // label of the button that may help, or empty
}

// crashed says whether the engine needs a restart.
func (t *Trouble) crashed() bool { return t.Code == codeCrashed || t.Code == codeBackendLost }

// Codes of errors that arise on the page itself; an Engine uses CodeUnreadable
// for a file that the browser will not read.
const (
	codeInternal     = "internal"
	codeCrashed      = "crashed"
	codeBackendLost  = "backend-lost"
	codeNetwork      = "network"
	codeLargeImage   = "large-image"
	codeWeights      = "bad-weights"
	codeLargeWeights = "large-weights"
	codeShipped      = "bad-shipped-weights"
	CodeUnreadable   = "unreadable-file"
	codeTooMany      = "too-many-images"
	codeBusy         = "busy"
	codeClipboard    = "clipboard"
)

// sentences says each code in words; %s is the name of the file.
var sentences = map[string]string{
	"empty-image":       "%s is empty. Choose it again, or export it again from where it came.",
	"unknown-image":     "%s is not an image this page can read. It reads PNG, JPEG and DICOM files, whatever their names are.",
	codeLargeImage:      "%s is too large for this page. Export it with fewer pixels and try again.",
	"unsupported-image": "%s is stored in a way this page cannot read, such as a compressed DICOM. Export it as an uncompressed DICOM file or as PNG.",
	"damaged-image":     "%s is damaged or cut off. Copy or export it again from where it came.",
	CodeUnreadable:      "%s could not be read. If it is a folder, choose the files in it.",
	codeWeights:         "%s is not a model this page can use: the file is damaged, cut off, or of another kind.",
	codeLargeWeights:    "%s is larger than this page can hold (512 MiB).",
	codeShipped:         "The model that came with this page is damaged. Reload the page; if that does not help, tell the people who run this site.",
	codeNetwork:         "The model could not be fetched. Check the connection to this site and try again.",
	"not-finite":        "The model's arithmetic failed on this image, so no report was written. Reload the page; if it happens again, use another model.",
	"no-model":          "No model is loaded yet. Wait until it is, then write the report.",
	codeCrashed:         "The engine has stopped. Your images and the last report are still here; restart the engine to go on.",
	codeBackendLost:     "The engine has stopped: what it computes with has failed, again and again. Your images and the last report are still here; restart the engine to go on.",
	codeTooMany:         "A report is about at most two images, one frontal and one lateral view. Nothing was added; choose fewer files, or remove an image first.",
	codeBusy:            "A report is being written. Wait for it, or cancel it, before you load another model.",
	codeClipboard:       "The browser did not allow copying. Select the text and copy it by hand, or save the JSON file.",
	codeInternal:        "Something went wrong in this program. Your images and the last report are still here; try again.",
}

// Explained says whether a code has a sentence of its own.
func Explained(code string) bool { return sentences[code] != "" }

// explain says an error about the file of that name, which may be empty.
func explain(err error, name string) *Trouble {
	code := codeInternal
	var known *Error
	if errors.As(err, &known) && Explained(known.Code) {
		code = known.Code
	}
	if code == codeWeights && name == "" {
		code = codeShipped
	}
	t := trouble(code, name)
	t.Detail = err.Error()
	return t
}

func trouble(code, name string) *Trouble {
	sentence := sentences[code]
	if strings.Contains(sentence, "%s") {
		if name == "" {
			name = "The file"
		} else {
			name = "“" + name + "”"
		}
		sentence = fmt.Sprintf(sentence, name)
	}
	actions := map[string]string{codeCrashed: "Restart the engine", codeBackendLost: "Restart the engine", codeNetwork: "Try again"}
	return &Trouble{Code: code, Sentence: sentence, Action: actions[code]}
}
