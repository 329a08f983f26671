// Command trust reads what `go test -json` and `go test -fuzz` print, of any number
// of runs one after the other, and writes what the product has withstood: a page in
// Markdown. What a test is of it says itself, by attributes (testing.T.Attr):
//
//	fault        a fault that it causes
//	hostile      a kind of input; its subtests are the cases
//	load, soak   what it did, with figures
//	left         how many requests left for elsewhere, or had something to tell
//	differences  how many results were not the same
//
// Lines about a test that failed, and all that are no events, go to standard error.
// The exit code is 1 if a test failed, or none said what it is of.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"uarweb/weights/version"
)

func main() {
	r := newRecord(os.Stderr)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "trust:", err)
		os.Exit(1)
	}
	r.write(os.Stdout, time.Now())
	if len(r.failed) > 0 || len(r.tests) == 0 {
		os.Exit(1)
	}
}

// event is a line of `go test -json`.
type event struct {
	Action, Package, Test, Key, Value, Output string
	Elapsed                                   float64
}

// test is a test that says what it is of.
type test struct {
	name  string // with its package's path in the module
	key   string
	value string
	cases []string // names of subtests that passed
	held  bool
}

// record is what the tests said.
type record struct {
	tests  []*test
	failed []string
	inputs int64 // that fuzzing has tried
	faults int64 // that it has found

	log    io.Writer
	output map[string][]string // of tests under way
}

func newRecord(log io.Writer) *record { return &record{log: log, output: map[string][]string{}} }

// execs matches the line of a fuzz target's end.
var execs = regexp.MustCompile(`^fuzz: elapsed: .*, execs: (\d+) `)

func (r *record) read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 16<<20)
	last := int64(0) // executions of the target under way
	for lines.Scan() {
		line := lines.Text()
		if found := execs.FindStringSubmatch(line); found != nil {
			last, _ = strconv.ParseInt(found[1], 10, 64)
			continue
		}
		var e event
		if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
			if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "---") {
				r.inputs += last
				last = 0
				if strings.HasPrefix(line, "---") {
					r.faults++
					r.failed = append(r.failed, line)
				}
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
		r.tests = append(r.tests, &test{name: name, key: e.Key, value: e.Value})
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
				t.held = true
			}
			if sub, ok := strings.CutPrefix(name, t.name+"/"); ok {
				t.cases = append(t.cases, sub)
			}
		}
	case "fail":
		for _, line := range r.output[name] {
			fmt.Fprint(r.log, line)
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
		if t.held {
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

func (r *record) write(to io.Writer, now time.Time) {
	p := func(format string, args ...any) { fmt.Fprintf(to, format, args...) }
	hostile, cases := r.of("hostile"), 0
	for _, t := range hostile {
		cases += max(1, len(t.cases))
	}
	p("# What it has withstood\n\nThe last run of `./build.sh trust`, which wrote this page: %s, uarweb %s, %s, %d cores.\n\n", now.Format(time.DateOnly), version.Version, runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU())
	p("| | |\n|---|---|\n| load held | %s |\n| faults survived | %s |\n| hostile inputs refused, made by hand | %d in %s kinds |\n", held(r.of("load")), held(r.of("fault")), cases, held(hostile))
	p("| inputs tried by fuzzing | %d, crashers: %d |\n| requests that left for elsewhere, or told something | %s |\n| differences among results that must be the same | %s |\n| tests that failed | %d |\n", r.inputs, r.faults, r.sum("left"), r.sum("differences"), len(r.failed))
	for _, name := range r.failed {
		p("\nFailed: %s\n", cell(name))
	}
	for _, s := range []struct{ title, key string }{{"Load", "load"}, {"Soak", "soak"}} {
		p("\n## %s\n\n| what | | test |\n|---|---|---|\n", s.title)
		for _, t := range r.of(s.key) {
			p("| %s | %s | %s |\n", cell(t.value), t.verdict(), t.code())
		}
	}
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
}

func (t *test) code() string { return "`" + t.name + "`" }

func (t *test) verdict() string {
	if t.held {
		return "held"
	}
	return "**failed**"
}
