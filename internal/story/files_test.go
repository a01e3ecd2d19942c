package story

import (
	"os"
	"path/filepath"
	"testing"
)

// TestStories tells every story of the product on decide alone, and reads the ledger's
// invariants back after each.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "test", "stories", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 30 {
		t.Errorf("there are %d stories, want 30 or more", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(filepath.Base(file), string(text))
			if err != nil {
				t.Fatal(err)
			}
			d := NewDecider(s.Shop)
			report, err := Run(t.Context(), s, d)
			if err != nil {
				t.Fatal(err)
			}
			if !report.Passed() {
				t.Errorf("\n%s", report)
			}
			if err := d.Verify(); err != nil {
				t.Error(err)
			}
		})
	}
}
