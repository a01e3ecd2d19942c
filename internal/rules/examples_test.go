package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestExamples reads every file of examples/ and writes it again.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 9 {
		t.Errorf("there are %d examples, want 9 or more", len(files))
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".story.txt") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := setting(t)
		if name := filepath.Base(file); name == "points.txt" || name == "stamps.txt" { // of the real British shop
			s.Currency = "GBP"
		}
		docs, err := ParseFile(string(text), s)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, d := range docs {
			again, err := ParseFile(d.Text(s), s)
			if err != nil || !reflect.DeepEqual(again[0], d) {
				t.Errorf("%s: %q is not what is read from\n%s\n%v", file, d.Name, d.Text(s), err)
			}
		}
	}
}
