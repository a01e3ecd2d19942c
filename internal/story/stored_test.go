package story

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// TestStoriesOnADatabase tells every story again, through intake, on both databases.
func TestStoriesOnADatabase(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "test", "stories", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := intake.New(st, storetest.Box(t), slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{})
		defer in.Close()
		told := 0
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(filepath.Base(file), string(text))
			if err != nil {
				t.Fatal(err)
			}
			e, err := NewStored(t.Context(), st, in, s.Shop)
			if err != nil {
				t.Fatal(err)
			}
			report, err := Run(t.Context(), s, e)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			if !report.Passed() {
				t.Errorf("\n%s", report)
			}
			told++
		}
		if told < 30 {
			t.Errorf("%d stories were told to their end, want 30 or more", told)
		}
	})
}
