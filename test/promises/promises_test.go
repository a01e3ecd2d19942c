// Package promises holds docs/requirements-map.md against the requirements and against the
// tests: a promise without a proof fails, and so does a proof that does not exist.
package promises

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// kept are the numbers that the engine keeps so far.
var kept = strings.Fields(`
	S0-5 S0-6 S0-9 S0-12 S0-14 S0-15 S0-16 S0-17
	S1-2 S1-3 S1-4 S1-7 S1-24 S1-25 S1-26 S1-30 S1-31 S1-32 S1-33 S1-34 S1-37
	S2-2 S2-8 S2-10 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11
	S3-12 S3-13 S3-14 S4-4 S4-5 S4-6 S4-7 S4-12 X-1 X-2 X-3 X-4 G2 G15 X3 O11
	M1 M2 M3 M4 M5 M6 M7 M8 M9 M10 M11 M12 M13 M14 M15 M16 M17 M18 M19
	V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11
	S1-6 S1-8 S1-22 S1-27 S3-15 G1
	F1 F2 F3 F4 F5 F6 F7 F8 F10 F12 P3 P8 T5 T6`)

var row = regexp.MustCompile(`(?m)^\| ([A-Z]+[0-9]*-?[0-9]+) \| ([^|]+) \| ([^|]+) \|$`)

func TestEveryPromiseHasItsProof(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "requirements-map.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := goTests(t)
	if len(tests) < 100 {
		t.Fatalf("%d tests were found, want 100 or more", len(tests))
	}
	proven := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		if proven[m[1]] {
			t.Errorf("%s has two rows", m[1])
		}
		proven[m[1]] = true
		proofs := strings.Fields(m[3])
		if len(proofs) == 0 {
			t.Errorf("%s has no proof", m[1])
		}
		for _, p := range proofs {
			if name, ok := strings.CutPrefix(p, "story:"); ok {
				if _, err := os.Stat(filepath.Join(root, "test", "stories", name+".txt")); err != nil {
					t.Errorf("%s: there is no story %s", m[1], name)
				}
			} else if !tests[p] {
				t.Errorf("%s: there is no test %s", m[1], p)
			}
		}
	}
	for _, n := range kept {
		if !proven[n] {
			t.Errorf("nothing proves %s", n)
		}
	}
}

// goTests finds the name of every test.
func goTests(t *testing.T) map[string]bool {
	found := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(\w \*testing\.[TF]\)`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// later are reasons that no decision reaches yet, and what will.
var later = map[string]string{
	"BLOCKLISTED": "fraud review", "CODE_HELD": "holds", "OUT_OF_STOCK": "the catalogue",
	"SAME_EMAIL": "never: the same address is the same member", "SAME_PHONE": "never: the same phone is the same member",
}

// TestEveryReasonIsTold holds the closed list of reasons against the stories: each has one
// whose receipt is read in every language.
func TestEveryReasonIsTold(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(root, "internal", "loyalty", "reason.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Reason = "([A-Z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 30 {
		t.Fatalf("%d reasons were found, want 30 or more", len(codes))
	}
	for _, c := range codes {
		if later[c[1]] != "" {
			continue
		}
		name := "reason_" + strings.ToLower(c[1]) + ".txt"
		text, err := os.ReadFile(filepath.Join(root, "test", "stories", name))
		if err != nil {
			t.Errorf("%s has no story: %v", c[1], err)
			continue
		}
		said := regexp.MustCompile(`says (\w+) "`).FindAllStringSubmatch(string(text), -1)
		var languages []string
		for _, s := range said {
			languages = append(languages, s[1])
		}
		slices.Sort(languages)
		if got := strings.Join(slices.Compact(languages), " "); got != "en fr pl" {
			t.Errorf("%s is read in %q, want en fr pl", name, got)
		}
	}
}

func TestThereAreEnoughStories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "test", "stories", "*.txt"))
	if err != nil || len(files) < 120 {
		t.Errorf("there are %d stories, want 120 or more (%v)", len(files), err)
	}
}
