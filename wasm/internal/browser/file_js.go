package browser

import (
	"errors"
	"fmt"
	"syscall/js"
	"time"

	"github.com/gowebapi/webapi"
	"github.com/gowebapi/webapi/file"
	"github.com/gowebapi/webapi/html"
	"github.com/gowebapi/webapi/url"

	"uarweb/engine/status"
)

// File is a file that a person chose; its bytes stay with the browser until
// they are asked for.
type File struct {
	file *file.File
	path string // if it was chosen with its folder
}

// Files returns the files of a list, which may be nil.
func Files(list *file.FileList) []File {
	if list == nil {
		return nil
	}
	files := make([]File, list.Length())
	for i := range files {
		files[i] = File{file: list.Item(uint(i))}
	}
	return files
}

// ChosenFiles returns the files of an <input type=file> and empties it, so
// that the same file can be chosen again.
func ChosenFiles(input js.Value) []File {
	element := html.HTMLInputElementFromJS(input)
	files := Files(element.Files())
	for i := range files {
		files[i].path = files[i].file.JSValue().Get("webkitRelativePath").String() // empty without a folder
	}
	element.SetValue("")
	return files
}

// GivenFiles returns the files of an Array of them.
func GivenFiles(array js.Value) []File {
	files := make([]File, array.Length())
	for i := range files {
		files[i] = File{file: file.FileFromJS(array.Index(i))}
	}
	return files
}

// PastedFiles returns the files of a paste event.
func PastedFiles(event js.Value) []File {
	clipboard := event.Get("clipboardData")
	if clipboard.IsNull() {
		return nil
	}
	return Files(file.FileListFromJS(clipboard.Get("files")))
}

// Name is the file's name without its folder.
func (f File) Name() string { return f.file.Name() }

// Path is the name behind that of the folder the file was chosen with, if it was.
func (f File) Path() string {
	if f.path == "" {
		return f.Name()
	}
	return f.path
}

// Size is the number of bytes.
func (f File) Size() int64 { return int64(f.file.JSValue().Get("size").Float()) }

// Head returns the first n bytes, fewer if the file is shorter.
func (f File) Head(n int) ([]byte, error) {
	array, err := read(f.file.JSValue().Call("slice", 0, n))
	if err != nil {
		return nil, fmt.Errorf("browser: read %s: %w", f.Name(), err)
	}
	return Bytes(array), nil
}

// Array returns the file's bytes as a Uint8Array of its own buffer.
func (f File) Array() (js.Value, error) {
	array, err := read(f.file.JSValue())
	if err != nil {
		return js.Value{}, fmt.Errorf("browser: read %s: %w", f.Name(), err)
	}
	return array, nil
}

// read reads a blob, whose file may have been moved meanwhile: that is
// status.UnreadableFile. webapi's Blob knows no arrayBuffer().
func read(blob js.Value) (js.Value, error) {
	buffer, err := Await(blob.Call("arrayBuffer"))
	if err != nil {
		return js.Value{}, &status.Error{Code: status.UnreadableFile, Err: err}
	}
	return js.Global().Get("Uint8Array").New(buffer), nil
}

// Save offers data as a download.
func Save(name, mime string, data []byte) {
	part := file.UnionFromJS(Uint8Array(data))
	blob := file.NewBlob([]*file.Union{part}, &file.BlobPropertyBag{Type: mime, Endings: file.TransparentEndingType})
	address := url.CreateObjectURL(blob)
	link := webapi.GetWindow().Document().CreateElement("a", nil).JSValue()
	link.Set("href", address)
	link.Set("download", name)
	link.Call("click")
	time.AfterFunc(time.Minute, func() { url.RevokeObjectURL(address) }) // the download may not have begun
}

// CopyText puts text on the clipboard. Browsers allow it only soon after a
// click or a key.
func CopyText(text string) error {
	clipboard := webapi.GetWindow().Navigator().Clipboard()
	if clipboard == nil {
		return errors.New("browser: copy: no clipboard here")
	}
	if _, err := Await(clipboard.WriteText(text).JSValue()); err != nil {
		return fmt.Errorf("browser: copy: %w", err)
	}
	return nil
}
