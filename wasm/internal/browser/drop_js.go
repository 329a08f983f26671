package browser

import (
	"fmt"
	"strings"
	"syscall/js"

	"github.com/gowebapi/webapi/file"
)

// Drop is what a drop event brings.
type Drop struct {
	files   []File
	folders []js.Value // FileSystemDirectoryEntry
}

// Dropped returns what a drop event brings; only its handler can.
func Dropped(event js.Value) Drop {
	var d Drop
	transfer := event.Get("dataTransfer")
	if transfer.IsNull() {
		return d
	}
	items := transfer.Get("items")
	for i := range items.Length() {
		item := items.Index(i)
		if item.Get("kind").String() != "file" {
			continue
		}
		if entry := item.Call("webkitGetAsEntry"); entry.Truthy() && entry.Get("isDirectory").Bool() {
			d.folders = append(d.folders, entry)
		} else if f := item.Call("getAsFile"); f.Truthy() {
			d.files = append(d.files, File{file: file.FileFromJS(f)})
		}
	}
	return d
}

// Empty says that no files were dropped.
func (d Drop) Empty() bool { return len(d.files)+len(d.folders) == 0 }

// Files returns the files, those of folders too, up to one more than limit. It
// waits.
func (d Drop) Files(limit int) ([]File, error) {
	files := d.files
	for folders := d.folders; len(folders) > 0 && len(files) <= limit; {
		reader := folders[0].Call("createReader")
		folders = folders[1:]
		for len(files) <= limit {
			entries, err := called(reader, "readEntries") // a hundred or so a time
			if err != nil {
				return nil, fmt.Errorf("browser: read a folder: %w", err)
			}
			if entries.Length() == 0 {
				break
			}
			for i := range entries.Length() {
				entry := entries.Index(i)
				if entry.Get("isDirectory").Bool() {
					folders = append(folders, entry)
					continue
				}
				f, err := called(entry, "file")
				if err != nil {
					return nil, fmt.Errorf("browser: read a folder: %w", err)
				}
				files = append(files, File{file.FileFromJS(f), strings.TrimPrefix(entry.Get("fullPath").String(), "/")})
			}
		}
	}
	return files, nil
}

// called calls a method that takes callbacks of success and failure, and waits.
func called(object js.Value, method string) (js.Value, error) {
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		object.Call(method, args[0], args[1])
		return nil
	})
	defer executor.Release()
	return Await(js.Global().Get("Promise").New(executor))
}
