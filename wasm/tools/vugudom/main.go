// Command vugudom takes the script by which Vugu changes the document out of
// Vugu, in the root of the module:
//
//	vugudom -o DIRECTORY -script FILE
//
// Vugu has the script as a Go string constant and runs it with eval, which the
// page's Content-Security-Policy forbids. Taken from the module in use and served
// as a file it needs no eval and never differs from Vugu's; and DIRECTORY, which is
// relative to the root, gets a Vugu without that call, and the go.mod by which go
// build -modfile=DIRECTORY/go.mod uses it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	module     = "github.com/vugu/vugu"
	scriptFile = "domrender/renderer-js-script.go"
	constant   = "jsHelperScript"
	callFile   = "domrender/renderer-js.go"
	call       = `ret.window.Call("eval", jsHelperScript)`
)

func main() {
	directory := flag.String("o", "", "`directory` for Vugu without the call")
	script := flag.String("script", "", "`file` for the script")
	flag.Parse()
	if *directory == "" || *script == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: vugudom -o DIRECTORY -script FILE")
		os.Exit(2)
	}
	if err := run(*directory, *script); err != nil {
		fmt.Fprintln(os.Stderr, "vugudom:", err)
		os.Exit(1)
	}
}

func run(directory, scriptName string) error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return fmt.Errorf("go list -m %s: %w", module, err)
	}
	vugu := strings.TrimSpace(string(out))
	source, err := os.ReadFile(filepath.Join(vugu, filepath.FromSlash(scriptFile)))
	if err != nil {
		return err
	}
	script, err := stringConstant(source, constant)
	if err != nil {
		return fmt.Errorf("%s/%s: %w", module, scriptFile, err)
	}
	source, err = os.ReadFile(filepath.Join(vugu, filepath.FromSlash(callFile)))
	if err != nil {
		return err
	}
	without, err := withoutCall(source, call)
	if err != nil {
		return fmt.Errorf("%s/%s: %w", module, callFile, err)
	}
	copied := filepath.Join(directory, "module")
	if err := os.RemoveAll(copied); err != nil {
		return err
	}
	if err := copyPackages(copied, vugu); err != nil {
		return err
	}
	if err := useInstead(directory, copied); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(scriptName, []byte(script+"\n"), 0o644),
		os.WriteFile(filepath.Join(copied, filepath.FromSlash(callFile)), without, 0o644))
}

// copyPackages copies what a module's packages are built from.
func copyPackages(to, module string) error {
	return filepath.WalkDir(module, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, "_test.go") || filepath.Ext(name) != ".go" && filepath.Base(name) != "go.mod" {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(module, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}

// useInstead writes a go.mod into directory that has the copy stand for Vugu. The
// copy's path ends up in the program, and is relative so that it is the same
// everywhere.
func useInstead(directory, copied string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o644); err != nil {
			return err
		}
	}
	edit := exec.Command("go", "mod", "edit", "-replace", module+"=./"+filepath.ToSlash(copied), filepath.Join(directory, "go.mod"))
	if out, err := edit.CombinedOutput(); err != nil {
		return fmt.Errorf("go mod edit: %w: %s", err, out)
	}
	return nil
}

// withoutCall returns a Go file without one call that is a statement of its own,
// and must be there once.
func withoutCall(source []byte, call string) ([]byte, error) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.ExprStmt); ok && string(source[files.Position(s.Pos()).Offset:files.Position(s.End()).Offset]) == call {
			found = append(found, s)
		}
		return true
	})
	if len(found) != 1 {
		return nil, fmt.Errorf("%d statements %s, not one", len(found), call)
	}
	return slices.Delete(slices.Clone(source), files.Position(found[0].Pos()).Offset, files.Position(found[0].End()).Offset), nil
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
