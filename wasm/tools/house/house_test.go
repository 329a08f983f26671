// Package house_test holds the repository to what its pages and comments say of
// it: where links lead, which files there are, which sections of the contract
// are cited, who imports whom, what the page's programs do without, and which
// packages are a promise.
package house_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the checkout.
var root = os.DirFS("../../..")

// walk calls visit with every file of the repository's own whose name ends in one
// of the suffixes.
func walk(t *testing.T, visit func(name string, text []byte), suffixes ...string) {
	t.Helper()
	visited := 0
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "node_modules"}, entry.Name()) || name == "bin" || name == "serve/site" {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		visited++
		visit(name, text)
		return err
	}))
	require.NotZero(t, visited)
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	code    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Links of a page lead to files of the repository, and to headings that they
// have.
func TestLinks(t *testing.T) {
	walk(t, func(name string, text []byte) {
		text = code.ReplaceAll(fence.ReplaceAll(text, nil), nil)
		for _, m := range link.FindAllSubmatch(text, -1) {
			to := string(m[1])
			if strings.Contains(to, "://") {
				continue
			}
			file, fragment, _ := strings.Cut(to, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := fs.Stat(root, target); !assert.NoError(t, err, "%s links to %s", name, to) || fragment == "" {
				continue
			}
			page, err := fs.ReadFile(root, target)
			require.NoError(t, err)
			assert.Contains(t, anchors(page), fragment, "%s links to %s", name, to)
		}
	}, ".md")
}

// anchors are what links to a page's headings end in, as GitHub makes them.
func anchors(page []byte) []string {
	var all []string
	for _, m := range heading.FindAllSubmatch(fence.ReplaceAll(page, nil), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, string(m[1])))
	}
	return all
}

var (
	// A path from the root, in a page's code or in a comment.
	mention = regexp.MustCompile(`(?:^|[\s("'\x60])((?:engine|serve|ui|wasm|weights)/[\w./-]*\w)([*{<]?)`)
	comment = regexp.MustCompile(`(?m)^\s*(?://|#|\*).*$`)
)

// Files and folders that pages and comments name by their path from the root
// exist, patterns and built ones left out.
func TestPaths(t *testing.T) {
	check := func(name string, text []byte) {
		for _, m := range mention.FindAllSubmatch(text, -1) {
			if to := string(m[1]); len(m[2]) == 0 && !within(to, "serve/site") {
				_, err := fs.Stat(root, to)
				assert.NoError(t, err, "%s names %s", name, to)
			}
		}
	}
	walk(t, func(name string, text []byte) {
		for _, span := range code.FindAll(fence.ReplaceAll(text, nil), -1) {
			check(name, span)
		}
	}, ".md")
	walk(t, func(name string, text []byte) {
		for _, line := range comment.FindAll(text, -1) {
			check(name, line)
		}
	}, ".go", ".js", ".mjs", ".py", ".sh", ".wgsl", ".css")
}

var (
	lineStart = regexp.MustCompile(`\n\s*(?://|#|\*)?\s*`)
	citation  = regexp.MustCompile(`MODEL\.md ((?:§\d+(?:, | and | to )?)+)|((?:§\d+(?:, | and | to )?)+) of engine/MODEL\.md`)
	section   = regexp.MustCompile(`§(\d+)`)
)

// The sections of the contract that are cited exist.
func TestSections(t *testing.T) {
	contract, err := fs.ReadFile(root, "engine/MODEL.md")
	require.NoError(t, err)
	cited := 0
	walk(t, func(name string, text []byte) {
		for _, m := range citation.FindAll(lineStart.ReplaceAll(text, []byte(" ")), -1) {
			for _, n := range section.FindAllSubmatch(m, -1) {
				cited++
				assert.True(t, bytes.Contains(contract, []byte("\n## "+string(n[1])+". ")), "%s cites §%s of the contract", name, n[1])
			}
		}
	}, ".go", ".js", ".md", ".py", ".wgsl")
	assert.Greater(t, cited, 30)
}

// modulePath is the one place where the module's path is set.
func modulePath(t *testing.T) string {
	t.Helper()
	text, err := fs.ReadFile(root, "go.mod")
	require.NoError(t, err)
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimPrefix(line, "module ")
}

// imports calls visit with every import of the module's own packages.
func imports(t *testing.T, visit func(file, from, to string)) {
	module := modulePath(t) + "/"
	walk(t, func(name string, text []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range file.Imports {
			to, err := strconv.Unquote(i.Path.Value)
			require.NoError(t, err)
			if to, ok := strings.CutPrefix(to, module); ok {
				visit(name, path.Dir(name), to)
			}
		}
	}, ".go")
}

// rooms reads the table of engine/README.md: what each room may import beside
// itself, nil for everything. A name stands for all below it too.
func rooms(t *testing.T) map[string][]string {
	t.Helper()
	page, err := fs.ReadFile(root, "engine/README.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(page), "| room | what lives there | may import |\n|---|---|---|\n")
	all := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			break
		}
		may := named(cells[3])
		if may == nil && strings.TrimSpace(cells[3]) != "everything" {
			may = []string{}
		}
		for _, name := range named(cells[1]) {
			all[name] = may
		}
	}
	require.NotEmpty(t, all)
	return all
}

// named are the names that a text has in backquotes.
func named(text string) (all []string) {
	for _, span := range code.FindAllString(text, -1) {
		all = append(all, strings.Trim(span, "`"))
	}
	return all
}

// within says whether a folder is the room of that name or below it.
func within(folder, room string) bool { return folder == room || strings.HasPrefix(folder, room+"/") }

// A room imports what the page lets it import. Tests may look anywhere but up:
// only wasm stands above the server, and nothing above wasm.
func TestImports(t *testing.T) {
	rooms := rooms(t)
	imports(t, func(file, from, to string) {
		if within(from, "wasm") {
			return
		}
		assert.False(t, within(to, "wasm") || within(to, "serve") && !within(from, "serve"), "%s imports %s", file, to)
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		room := ""
		for name := range rooms {
			if within(from, name) && len(name) > len(room) {
				room = name
			}
		}
		may := append([]string{room}, rooms[room]...)
		assert.True(t, slices.ContainsFunc(may, func(name string) bool { return within(to, name) }), "%s of the room %q imports %s", file, room, to)
	})
}

// The page's parts hold none of the packages that wasm/README.md says they do
// without.
func TestPrograms(t *testing.T) {
	page, err := fs.ReadFile(root, "wasm/README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "| part | without |\n|---|---|\n")
	require.True(t, found)
	var programs []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			break
		}
		program := named(cells[1])[0]
		programs = append(programs, program)
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+program)
		list.Dir = "../../.."
		list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
		out, err := list.Output()
		require.NoError(t, err)
		packages := strings.Fields(strings.ReplaceAll(string(out), modulePath(t)+"/", ""))
		require.True(t, slices.Contains(packages, program))
		for _, name := range named(cells[2]) {
			assert.False(t, slices.Contains(packages, name), "%s imports %s, itself or by another", program, name)
		}
	}
	assert.Equal(t, []string{"wasm/app", "wasm/worker"}, programs)
}

// The packages that engine/README.md promises are all there are, but for those
// that it excepts, commands and what is internal.
func TestPromises(t *testing.T) {
	page, err := fs.ReadFile(root, "engine/README.md")
	require.NoError(t, err)
	_, promises, found := strings.Cut(string(page), "## What is a promise\n")
	require.True(t, found)
	promises, excepted, found := strings.Cut(promises, "Everything under an `internal`")
	require.True(t, found)
	packages := map[string]bool{}
	walk(t, func(name string, _ []byte) {
		folder := path.Dir(name)
		elements := strings.Split(folder, "/")
		if !slices.ContainsFunc(elements, func(e string) bool { return e == "internal" || e == "cmd" || e == "testdata" }) {
			packages[folder] = true
		}
	}, ".go")
	for _, name := range named(excepted) {
		maps.DeleteFunc(packages, func(folder string, _ bool) bool { return within(folder, name) })
	}
	assert.ElementsMatch(t, named(promises), slices.Collect(maps.Keys(packages)))
}
