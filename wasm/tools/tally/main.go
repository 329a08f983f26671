// Command tally reads what `go test -json` prints, of any number of runs one
// after the other, prints a line for each package and run and the output of
// tests that failed or were skipped, and ends with what failed and one line:
//
//	FAIL	example.com/ui	TestDesk
//	212 passed, 1 failed, 3 skipped
//
// Tests with subtests count once for themselves and once for each of them, as
// `go test -v` lists them. A test under way when its package ends has failed. A
// package that fails without a failing test, since it does not build or ends
// early, counts as one failed test. A script adds checks of its own as events of
// the same form, and ends each run with
// {"Action":"exit","Package":"name of the run","Code":1,"Elapsed":60}, so that a
// run that fails without a failing package is counted too. Lines that are no
// events are printed as they are. The exit code is 1 if anything failed or
// nothing passed.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	t := newTally(os.Stdout)
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	fmt.Println(t)
	if len(t.failures) > 0 || t.passed == 0 {
		os.Exit(1)
	}
}

// event is a line of `go test -json` (see `go doc test2json` and `go help
// buildjson`), or the exit of a run.
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64 // seconds
	Output  string
	Code    int // of exit
}

type test struct{ pkg, name string }

type tally struct {
	passed, skipped int
	failures        []test // without a name: of a package or run

	out     io.Writer
	output  map[test][]string // of tests under way
	inPkg   map[string]int    // failed tests of packages under way
	atStart int               // failures before this run
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, output: map[test][]string{}, inPkg: map[string]int{}}
}

// String returns the last lines.
func (t *tally) String() string {
	var b strings.Builder
	for _, f := range t.failures {
		fmt.Fprintf(&b, "FAIL\t%s\t%s\n", f.pkg, cmp.Or(f.name, "as a whole"))
	}
	fmt.Fprintf(&b, "%d passed, %d failed, %d skipped", t.passed, len(t.failures), t.skipped)
	return b.String()
}

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Action == "" {
			fmt.Fprintln(t.out, lines.Text())
			continue
		}
		switch {
		case e.Action == "build-output":
			fmt.Fprint(t.out, e.Output)
		case e.Action == "exit":
			if e.Code != 0 && len(t.failures) == t.atStart {
				t.failures = append(t.failures, test{pkg: e.Package})
			}
			fmt.Fprintf(t.out, "exit code %d\t%s\t%.0fs\n", e.Code, e.Package, e.Elapsed)
			t.atStart = len(t.failures)
		case e.Action == "output":
			key := test{e.Package, e.Test}
			t.output[key] = append(t.output[key], e.Output)
		case e.Test != "":
			t.addTest(e)
		default:
			t.addPackage(e)
		}
	}
	return lines.Err()
}

func (t *tally) addTest(e event) {
	switch e.Action {
	case "pass":
		t.passed++
	case "fail":
		t.failures = append(t.failures, test{e.Package, e.Test})
		t.inPkg[e.Package]++
		t.print(e)
	case "skip":
		t.skipped++
		t.print(e)
	default:
		return
	}
	delete(t.output, test{e.Package, e.Test})
}

func (t *tally) addPackage(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok\t%s\t%.1fs\n", e.Package, e.Elapsed)
	case "fail":
		for _, name := range t.unfinished(e.Package) {
			t.addTest(event{Action: "fail", Package: e.Package, Test: name})
		}
		if t.inPkg[e.Package] == 0 {
			t.failures = append(t.failures, test{pkg: e.Package})
			t.print(e)
		}
		fmt.Fprintf(t.out, "FAIL\t%s\t%.1fs\n", e.Package, e.Elapsed)
	case "skip": // no tests
	default:
		return
	}
	delete(t.output, test{e.Package, e.Test})
	delete(t.inPkg, e.Package)
}

// unfinished returns the tests that a package was at when it ended, as by a
// timeout: what they printed, at least that they began, is still there.
func (t *tally) unfinished(pkg string) []string {
	var names []string
	for key := range t.output {
		if key.pkg == pkg && key.name != "" {
			names = append(names, key.name)
		}
	}
	slices.Sort(names)
	return names
}

func (t *tally) print(e event) {
	for _, line := range t.output[test{e.Package, e.Test}] {
		fmt.Fprint(t.out, line)
	}
}
