// Command tally reads what `go test -json` says, prints one line for each package and the
// whole output of what failed, and closes with a plain line:
//
//	1204 passed, 0 failed
//
// A test counts when it has no subtests of its own; a package that fails without a failing
// test (it does not build, panics, runs out of time) counts as one failure. With -failed N
// it begins at N failures: the checks that were made before. It exits with 1 when anything
// failed, or when nothing ran at all.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	before := flag.Int("failed", 0, "failures that were counted before the tests")
	flag.Parse()
	t := newTally(os.Stdout)
	t.failed = *before
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		t.failed++
	}
	if !t.close() {
		os.Exit(1)
	}
}

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output and build-fail
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// name is one test of one package; the empty test is the package itself.
type name struct{ pkg, test string }

// tally counts while it reads.
type tally struct {
	out                     io.Writer
	passed, failed, skipped int

	output  map[name][]string // what is not printed yet
	builds  map[string][]string
	parents map[name]bool // has subtests
	red     map[name]bool // failed, or a subtest of it did
	counts  map[string]int
	running map[name]bool
}

func newTally(out io.Writer) *tally {
	return &tally{
		out: out, output: map[name][]string{}, builds: map[string][]string{}, parents: map[name]bool{}, red: map[name]bool{},
		counts: map[string]int{}, running: map[name]bool{},
	}
}

// read takes events until the end. What is no event is passed on as it is.
func (t *tally) read(in io.Reader) error {
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) == nil && e.Action != "" {
				t.event(e)
			} else {
				fmt.Fprint(t.out, line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
	}
}

func (t *tally) event(e event) {
	n := name{e.Package, e.Test}
	switch e.Action {
	case "run":
		t.running[n] = true
		if parent, ok := n.parent(); ok {
			t.parents[parent] = true
		}
	case "output":
		t.output[n] = append(t.output[n], e.Output)
	case "build-output":
		t.builds[e.ImportPath] = append(t.builds[e.ImportPath], e.Output)
	case "build-fail":
		fmt.Fprintf(t.out, "--- cannot build %s\n%s", e.ImportPath, strings.Join(t.builds[e.ImportPath], ""))
		delete(t.builds, e.ImportPath)
	case "pass", "fail", "skip":
		delete(t.running, n)
		if e.Test == "" {
			t.closePackage(e)
			return
		}
		t.closeTest(e.Action, n)
	}
}

// parent is the test that this one is a subtest of.
func (n name) parent() (name, bool) {
	i := strings.LastIndex(n.test, "/")
	if i < 0 {
		return name{}, false
	}
	return name{n.pkg, n.test[:i]}, true
}

// closeTest counts a test that has ended. A parent only counts when it failed by itself.
func (t *tally) closeTest(action string, n name) {
	switch {
	case action == "skip":
		t.skipped++
		t.print("skipped", n)
	case action == "pass" && !t.parents[n]:
		t.passed++
		t.counts[n.pkg]++
	case action == "fail":
		if !t.red[n] {
			t.failed++
		}
		t.print("FAILED", n)
		t.redden(n)
	}
	delete(t.output, n)
}

// redden notes that the parents, and the package, failed because of this test.
func (t *tally) redden(n name) {
	t.red[name{pkg: n.pkg}] = true
	for ok := true; ok; n, ok = n.parent() {
		t.red[n] = true
	}
}

func (t *tally) print(word string, n name) {
	fmt.Fprintf(t.out, "--- %s %s %s\n", word, n.pkg, n.test)
	for _, line := range t.output[n] {
		if !strings.HasPrefix(strings.TrimSpace(line), "=== ") {
			fmt.Fprint(t.out, line)
		}
	}
}

// closePackage prints the package's line; its own failure counts when no test explains it.
func (t *tally) closePackage(e event) {
	n := name{pkg: e.Package}
	defer delete(t.output, n)
	switch {
	case e.Action == "skip":
		fmt.Fprintf(t.out, "-     %-40s no tests\n", e.Package)
	case e.Action == "pass":
		fmt.Fprintf(t.out, "ok    %-40s %6.1fs %6d tests\n", e.Package, e.Elapsed, t.counts[e.Package])
	default:
		for unfinished := range t.running {
			if unfinished.pkg == e.Package {
				t.print("not finished", unfinished)
			}
		}
		if !t.red[n] {
			t.failed++
			t.print("FAILED", n)
		}
		fmt.Fprintf(t.out, "FAIL  %-40s %6.1fs\n", e.Package, e.Elapsed)
	}
}

// close prints the closing line and tells whether all is well.
func (t *tally) close() bool {
	if t.passed+t.failed == 0 {
		fmt.Fprintln(t.out, "nothing ran")
		t.failed = 1
	}
	if t.skipped > 0 {
		fmt.Fprintf(t.out, "%d skipped\n", t.skipped)
	}
	fmt.Fprintf(t.out, "%d passed, %d failed\n", t.passed, t.failed)
	return t.failed == 0
}
