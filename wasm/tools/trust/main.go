// Command trust reads what `go test -json` and `go test -fuzz` print, of any number
// of runs one after the other, and writes what the product has withstood into a folder:
// TRUST.md, a page in Markdown, and soak.svg, its plot. Before what a target of fuzzing
// prints stands the line "== FOLDER TARGET". What a test is of it says itself, by attributes (testing.T.Attr):
//
//	fault        a fault that it causes
//	hostile      a kind of input; its subtests are the cases
//	load         what it did, with figures
//	soak         likewise, for the plot: "10 reports: memory in MB 1.0 1.1, at the start 1.0"
//	left         how many requests left for elsewhere, or had something to tell
//	differences  how many results were not the same
//
// Lines about a test that failed, and all that are no events, go to standard error.
// The exit code is 1 if a test failed, or none said what it is of.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"uarweb/weights/version"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trust FOLDER")
		os.Exit(2)
	}
	r := newRecord(os.Stderr)
	err := r.read(os.Stdin)
	for name, text := range map[string]string{"TRUST.md": r.page(time.Now()), "soak.svg": plot(r.of("soak"))} {
		err = errors.Join(err, os.WriteFile(filepath.Join(os.Args[1], name), []byte(text), 0o644))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "trust:", err)
		os.Exit(1)
	}
	if len(r.failed) > 0 || len(r.tests) == 0 {
		os.Exit(1)
	}
}

// event is a line of `go test -json`.
type event struct {
	Action, Package, Test, Key, Value, Output string
	Elapsed                                   float64
}

// test is a test that says what it is of. It may be run again, as for another
// architecture: then it held if it did each time.
type test struct {
	name   string // with its package's path in the module
	key    string
	value  string
	cases  []string // names of subtests that passed
	passed bool
	failed bool
}

func (t *test) held() bool { return t.passed && !t.failed }

// record is what the tests said.
type record struct {
	tests   []*test
	failed  []string
	targets map[string]int64 // inputs that fuzzing has tried, by target
	faults  int64            // that it has found

	log    io.Writer
	output map[string][]string // of tests under way
}

func newRecord(log io.Writer) *record {
	return &record{log: log, targets: map[string]int64{}, output: map[string][]string{}}
}

// What is printed of a fuzz target: its name, and how many inputs it has tried so far.
var (
	target = regexp.MustCompile(`^== \./(\S+ Fuzz\w+)$`)
	execs  = regexp.MustCompile(`^fuzz: elapsed: .*, execs: (\d+) `)
)

func (r *record) read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 16<<20)
	name, last := "", int64(0) // of the target under way
	for lines.Scan() {
		line := lines.Text()
		if found := target.FindStringSubmatch(line); found != nil {
			name = found[1]
		}
		if found := execs.FindStringSubmatch(line); found != nil {
			last, _ = strconv.ParseInt(found[1], 10, 64)
			continue
		}
		var e event
		if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
			if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "---") {
				if name != "" {
					r.targets[name] += last
				}
				switch {
				case strings.HasPrefix(line, "---"):
					r.faults++
					r.failed = append(r.failed, line)
				case strings.HasPrefix(line, "FAIL") && name != "": // without a word on what
					r.failed = append(r.failed, line)
				}
				name, last = "", 0
			}
			fmt.Fprintln(r.log, line)
			continue
		}
		r.add(e)
	}
	return lines.Err()
}

func (r *record) add(e event) {
	_, folder, _ := strings.Cut(e.Package, "/")
	name := folder + " " + e.Test
	switch e.Action {
	case "attr":
		count := e.Key == "left" || e.Key == "differences" // each of which counts
		if count || !slices.ContainsFunc(r.tests, func(t *test) bool { return t.name == name && t.key == e.Key && t.value == e.Value }) {
			r.tests = append(r.tests, &test{name: name, key: e.Key, value: e.Value})
		}
	case "output":
		r.output[name] = append(r.output[name], e.Output)
	case "pass":
		delete(r.output, name)
		if e.Test == "" {
			fmt.Fprintf(r.log, "ok\t%s\t%.1fs\n", e.Package, e.Elapsed)
			return
		}
		for _, t := range r.tests {
			if t.name == name {
				t.passed = true
			}
			if sub, ok := strings.CutPrefix(name, t.name+"/"); ok && !slices.Contains(t.cases, sub) {
				t.cases = append(t.cases, sub)
			}
		}
	case "fail":
		for _, line := range r.output[name] {
			fmt.Fprint(r.log, line)
		}
		for _, t := range r.tests {
			t.failed = t.failed || t.name == name
		}
		r.failed = append(r.failed, name)
	}
}

// of returns the tests of a kind in the order of their values.
func (r *record) of(key string) []*test {
	var all []*test
	for _, t := range r.tests {
		if t.key == key {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b *test) int { return strings.Compare(a.value, b.value) })
	return all
}

// held says how many of these tests passed, of all.
func held(tests []*test) string {
	n := 0
	for _, t := range tests {
		if t.held() {
			n++
		}
	}
	return fmt.Sprintf("%d of %d", n, len(tests))
}

// sum adds up what tests counted.
func (r *record) sum(key string) string {
	tests := r.of(key)
	if len(tests) == 0 {
		return "not counted"
	}
	sum := 0
	for _, t := range tests {
		n, err := strconv.Atoi(t.value)
		if err != nil {
			return t.value
		}
		sum += n
	}
	return strconv.Itoa(sum)
}

// cell is text for a cell of a table: names of cases hold whatever they try.
func cell(text string) string {
	return strings.NewReplacer("|", "&#124;", "<", "&lt;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;").Replace(text)
}

// page is the page in Markdown.
func (r *record) page(now time.Time) string {
	var text strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&text, format, args...) }
	hostile, cases := r.of("hostile"), 0
	for _, t := range hostile {
		cases += max(1, len(t.cases))
	}
	inputs := int64(0)
	for _, n := range r.targets {
		inputs += n
	}
	p("# What it has withstood\n\nWritten by `wasm/tools/trust` from what the tests of `./build.sh trust` have said, whose rows tell how much of each was done: %s, uarweb %s, %s, %d cores.\n\n", now.Format(time.DateOnly), version.Version, runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU())
	p("| | |\n|---|---|\n| load held | %s |\n| faults survived | %s |\n| hostile inputs refused, made by hand | %d in %s kinds |\n", held(r.of("load")), held(r.of("fault")), cases, held(hostile))
	p("| inputs tried by fuzzing | %d, crashers: %d |\n| requests that left for elsewhere, or told something | %s |\n| differences among results that must be the same | %s |\n| tests that failed | %d |\n", inputs, r.faults, r.sum("left"), r.sum("differences"), len(r.failed))
	for _, name := range r.failed {
		p("\nFailed: %s\n", cell(name))
	}
	for _, s := range []struct{ title, key string }{{"Load", "load"}, {"Soak", "soak"}} {
		p("\n## %s\n\n| what | | test |\n|---|---|---|\n", s.title)
		for _, t := range r.of(s.key) {
			p("| %s | %s | %s |\n", cell(t.value), t.verdict(), t.code())
		}
	}
	p("\n![Memory from round to round](soak.svg)\n")
	p("\n## Faults\n\n| fault | | test |\n|---|---|---|\n")
	for _, t := range r.of("fault") {
		p("| %s | %s | %s |\n", cell(t.value), t.verdict(), t.code())
	}
	p("\n## Hostile input\n\n| kind | | cases | test |\n|---|---|---|---|\n")
	for _, t := range hostile {
		cases := "1"
		if n := len(t.cases); n > 0 {
			slices.Sort(t.cases) // which tables of maps try in another order each time
			cases = fmt.Sprintf("%d: %s", n, strings.ReplaceAll(strings.Join(t.cases, "; "), "_", " "))
		}
		p("| %s | %s | %s | %s |\n", cell(t.value), t.verdict(), cell(cases), t.code())
	}
	p("\n## Fuzzing\n\n| target | inputs tried |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(r.targets)) {
		p("| `%s` | %d |\n", name, r.targets[name])
	}
	return text.String()
}

func (t *test) code() string { return "`" + t.name + "`" }

func (t *test) verdict() string {
	if t.held() {
		return "held"
	}
	return "**failed**"
}
