package locale_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/story"
)

// listener hears every line that decisions write.
type listener struct {
	*story.Decider
	hear func([]loyalty.ReceiptLine)
}

func (e listener) Record(ctx context.Context, f *loyalty.Fact, now moment.Time) ([]loyalty.ReceiptLine, error) {
	lines, err := e.Decider.Record(ctx, f, now)
	e.hear(lines)
	return lines, err
}

func (e listener) Clock(ctx context.Context, until moment.Time) ([]loyalty.ReceiptLine, error) {
	lines, err := e.Decider.Clock(ctx, until)
	e.hear(lines)
	return lines, err
}

// open finds what is left where words or figures are missing. Names in capitals with a low
// line are codes.
var open = regexp.MustCompile(`<no value>|{{| {2}|\(\)|\b[A-Z]+_[A-Z_]+\b|\b(staff|you|reason|condition|unit|object)\.[a-z]`)

// Whatever the stories lead to can be read by staff and by the member himself, and no
// member reads a sign of fraud.
func TestEveryLineOfTheStoriesHasWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "test", "stories", "*.txt"))
	if err != nil || len(files) < 30 {
		t.Fatalf("found only %d stories: %v", len(files), err)
	}
	catalog, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	lines, checks := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := story.Parse(filepath.Base(file), string(text))
		if err != nil {
			t.Fatal(err)
		}
		hear := func(list []loyalty.ReceiptLine) {
			for _, l := range list {
				lines++
				checks += len(l.Checks)
				for _, tag := range locale.Tags {
					p := catalog.Printer(tag, nil).For(s.Shop)
					for i, words := range append([]string{p.Receipt(l, locale.View{Staff: true})}, p.Conditions(l)...) {
						if words == "" || open.MatchString(words) || i > 0 && strings.HasSuffix(words, l.Checks[i-1].Name+".") {
							t.Errorf("%s, %s: staff reads %q of %+v", s.Name, tag, words, l)
						}
					}
					own := p.Receipt(l, locale.View{Member: l.Member})
					hidden := l.Member.IsZero() || l.Rule == loyalty.StaffTag || l.Rule == loyalty.StaffGroup || l.Rule == loyalty.StaffHousehold || strings.HasPrefix(string(l.Unit), "tally:")
					if (own == "") != hidden || open.MatchString(own) {
						t.Errorf("%s, %s: the member reads %q of %+v", s.Name, tag, own, l)
					}
				}
			}
		}
		if _, err := story.Run(t.Context(), s, listener{story.NewDecider(s.Shop), hear}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if lines < 200 || checks < 50 {
		t.Errorf("heard only %d lines and %d conditions", lines, checks)
	}
}
