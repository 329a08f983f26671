// Command vugudom writes the script by which Vugu changes the document to
// standard output. Vugu has it as a Go string constant and runs it with eval,
// which the page's Content-Security-Policy forbids; taken from the module in
// use and served as a file, it needs no eval and never differs from it.
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	module   = "github.com/vugu/vugu"
	file     = "domrender/renderer-js-script.go"
	constant = "jsHelperScript"
)

func main() {
	script, err := domScript()
	if err == nil {
		_, err = fmt.Println(script)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vugudom:", err)
		os.Exit(1)
	}
}

func domScript() (string, error) {
	directory, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w", module, err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(directory)), filepath.FromSlash(file)))
	if err != nil {
		return "", err
	}
	script, err := stringConstant(source, constant)
	if err != nil {
		return "", fmt.Errorf("%s/%s: %w", module, file, err)
	}
	return script, nil
}

// stringConstant returns the value of a string literal at the top level of a
// Go file.
func stringConstant(source []byte, name string) (string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, declaration := range f.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 || value.Names[0].Name != name {
				continue
			}
			literal, ok := value.Values[0].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return "", fmt.Errorf("%s is no string literal", name)
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && strings.TrimSpace(text) == "" {
				err = errors.New("it is empty")
			}
			if err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
			return text, nil
		}
	}
	return "", fmt.Errorf("no %s", name)
}
