//go:build !js

package say_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/lesson"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report/export"
	"uarweb/engine/score/findings"
	"uarweb/ui/desk"
)

// texts are all that the page says, with a place where it stands.
type texts map[string]string

func (t texts) add(where string, all ...string) {
	for _, text := range all {
		if text = strings.TrimSpace(text); text != "" && t[text] == "" {
			t[text] = where
		}
	}
}

// sayers are the functions whose texts are keys: how many arguments stand before
// those, and how many they are.
var sayers = map[string]struct{ before, texts int }{
	"say.Text": {0, 1}, "say.Key": {0, 1}, "say.F": {0, 1}, "say.N": {1, 2}, "say.Count": {1, 1},
	"n.say": {0, 1}, "say": {0, 1}, // of packages lesson and heatmap
	"node.Text": {1, 1}, "node.HTML": {1, 1},
}

// named are the types whose constants are said by their values.
var named = []string{"Area", "Pairing", "Noticing", "CopyState"}

// read collects the texts of a file of Go. What is generated has those of a template, of which
// all but those below lang="en" are looked up.
func (t texts) read(tt *testing.T, path string) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, nil, 0)
	require.NoError(tt, err)
	source, err := os.ReadFile(path)
	require.NoError(tt, err)
	if regexp.MustCompile(`Attributes1 +=.*Key: "lang", Val: "en"`).Match(source) { // of the element around all
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s, is := sayers[name(n.Fun)]
			if !is || len(n.Args) < s.before+s.texts {
				break
			}
			for _, a := range n.Args[s.before:][:s.texts] {
				text, is := literal(a)
				switch {
				case !is:
				case name(n.Fun) == "say.Count":
					t.add(path, "%d "+text, "%d "+text+"s")
				case name(n.Fun) == "node.HTML":
					t.add(path, regexp.MustCompile("<[^>]*>").Split(text, -1)...)
				default:
					t.add(path, text)
				}
			}
		case *ast.ValueSpec:
			if kind, is := n.Type.(*ast.Ident); is && slices.Contains(named, kind.Name) {
				for _, v := range n.Values {
					text, _ := literal(v)
					t.add(path, text)
				}
			}
		case *ast.CompositeLit: // of an attribute
			var key, value string
			for _, e := range n.Elts {
				if pair, is := e.(*ast.KeyValueExpr); is {
					text, _ := literal(pair.Value)
					switch name(pair.Key) {
					case "Key":
						key = text
					case "Val":
						value = text
					}
				}
			}
			switch key {
			case "aria-label", "title", "placeholder", "alt":
				t.add(path, value)
			}
		}
		return true
	})
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return name(e.X) + "." + e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	l, is := e.(*ast.BasicLit)
	if !is || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// engine adds what the engine names, which is said by its English name.
func (t texts) engine() {
	for _, l := range findings.Labels() {
		t.add("engine/score/findings", string(l))
	}
	for _, z := range phantom.ZoneNames {
		t.add("engine/radiograph/phantom", strings.ReplaceAll(z, "-", " ")+" zone")
	}
	for _, p := range phantom.Parameters {
		t.add("engine/radiograph/phantom", strings.ReplaceAll(p.Name, "-", " "))
	}
	t.add("engine/radiograph/phantom", "pacemaker")
	t.add("engine/report", "a synthetic film", "2 synthetic films", "Synthetic frontal", "Synthetic lateral")
	t.add("engine/report/heatmap", "the right upper zone", "the right middle zone", "the right lower zone", "the left upper zone", "the left middle zone", "the left lower zone",
		"the hila", "the heart and mediastinum", "the right costophrenic angle", "the left costophrenic angle", "in front of the heart", "the heart", "behind the heart",
		"above the heart", "the spine", "below the diaphragm", "outside the chest")
	for _, f := range export.Formats() {
		t.add("engine/report/export", f.Title)
	}
	for _, f := range export.Forms() {
		t.add("engine/report/export", f.Title)
	}
	for _, s := range append(lesson.Steps(), lesson.Teacher) {
		p := s.Page()
		t.add("engine/lesson", p.Name, p.Title, p.Idea, p.Equation, p.Letters, p.Question, p.Answer, p.Watch)
	}
	for _, n := range lesson.Notes() {
		t.add("engine/lesson", n.Name, n.Text)
	}
	t.add("engine/lesson", lesson.Head, lesson.AboutTree, lesson.AboutGates, lesson.AboutPicked, "(the beginning)", "found", "kept: what was found", "kept: ended", "kept", "dropped")
	t.add("wasm/page/offline.js", "the lock")
}

// boot adds what is said before the page's program runs.
func (t texts) boot(tt *testing.T) {
	script, err := os.ReadFile("../../wasm/page/boot.js")
	require.NoError(tt, err)
	for _, said := range regexp.MustCompile(`say\("([^"]+)"\)`).FindAllStringSubmatch(string(script), -1) {
		t.add("wasm/page/boot.js", said[1])
	}
	document, err := os.ReadFile("../../wasm/page/index.html")
	require.NoError(tt, err)
	for _, said := range regexp.MustCompile(`<p (?:id="boot"|class="caution")[^>]*>([^<]+)<`).FindAllStringSubmatch(string(document), -1) {
		t.add("wasm/page/index.html", said[1])
	}
}

// verbs are those of a text by the values that they write.
func verbs(text string) map[int]string {
	all, at := map[int]string{}, 0
	for _, v := range regexp.MustCompile(`%(?:\[(\d+)\])?([+.0-9*]*[a-z%])`).FindAllStringSubmatch(text, -1) {
		switch {
		case v[2] == "%":
			continue
		case v[1] != "":
			at, _ = strconv.Atoi(v[1])
		default:
			at++
		}
		all[at] = v[2]
	}
	return all
}

// catalogue reads one of the page's.
func catalogue(t *testing.T, path string) map[string]string {
	script, err := os.ReadFile(path)
	require.NoError(t, err)
	_, object, _ := strings.Cut(string(script), " = ")
	words := map[string]string{}
	require.NoError(t, json.Unmarshal([]byte(strings.TrimSuffix(object, ";\n")), &words), "%s is no JSON behind its equals sign", path)
	keys := regexp.MustCompile(`(?m)^  ("(?:[^"\\]|\\.)*"): `).FindAllStringSubmatch(object, -1)
	assert.True(t, slices.IsSortedFunc(keys, func(a, b []string) int { return strings.Compare(a[1], b[1]) }), "%s is sorted", path)
	assert.Len(t, keys, len(words), "%s has no text twice", path)
	return words
}

// TestCatalogues compares every catalogue with the texts of the page: each has them all,
// and no other, with the same values in them.
func TestCatalogues(t *testing.T) {
	said := texts{}
	for _, root := range []string{"..", "../../engine/lesson", "../../engine/report/heatmap", "../../wasm/app"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && filepath.Dir(path) != "../say" && filepath.Dir(path) != "../node" {
				said.read(t, path)
			}
			return err
		}))
	}
	said.engine()
	said.boot(t)
	letters, names := regexp.MustCompile(`\pL{2}`), strings.NewReplacer("log p", "", "cos", "", "uarweb", "")
	for text := range said {
		if !letters.MatchString(names.Replace(text)) && text != "." && text != "," {
			delete(said, text) // a sign, a key or a name, which each language has
		}
	}
	paths, err := filepath.Glob("../../wasm/page/words.*.js")
	require.NoError(t, err)
	require.Len(t, paths, len(desk.Languages)-1, "a catalogue for each language but English")
	for _, l := range desk.Languages[1:] {
		path := "../../wasm/page/words." + l.Tag + ".js"
		words := catalogue(t, path)
		for text, where := range said {
			translated, there := words[text]
			if assert.True(t, there, "%s lacks a text of %s: %q", path, where, text) {
				assert.Equal(t, verbs(text), verbs(translated), "%s: %q", path, text)
			}
		}
		for text := range words {
			assert.Contains(t, said, text, "%s has a text that the page does not say", path)
		}
	}
}

// unsaid are what begins like a text and is none of the page's.
var unsaid = []string{
	"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Enter", "Escape", "Shift+", // keys
	"Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown", "DICOMDIR", "GET",
	"Limits", "Record", // of a model's card
	"English", "Español",
}

// TestSaid finds what stands in the code of the page, or in a template's expressions, as a text
// does and is not said in the reader's language.
func TestSaid(t *testing.T) {
	begins := regexp.MustCompile(`^\p{Lu}\p{L}*( \p{L}|[\p{Ll}…])`)
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		switch filepath.Dir(path) {
		case "../say", "../node", "../desk/desktest":
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(filepath.Base(path), "sheet") {
			return err
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				called := name(n.Fun)
				_, says := sayers[called]
				return !says && called != "panic" && called != "node.On" && !strings.HasSuffix(called, "Errorf")
			case *ast.ValueSpec: // attributes, and constants that are said by their values
				kind, is := n.Type.(*ast.Ident)
				return !is || !slices.Contains(named, kind.Name)
			case *ast.KeyValueExpr:
				return name(n.Key) != "Val"
			case *ast.BasicLit:
				if text, is := literal(n); is && begins.MatchString(text) && !slices.Contains(unsaid, text) {
					t.Errorf("%s: %q is not said by package say", files.Position(n.Pos()), text)
				}
			}
			return true
		})
		return nil
	}))
}
