package admin_test

import (
	"testing"
	"time"

	"cagnotte/internal/locale"
	"cagnotte/internal/message"
)

// Each moment at which somebody is written to has words in the journal.
func TestEveryMessageHasWordsInTheJournal(t *testing.T) {
	t.Parallel()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range message.Moments {
		for _, tag := range locale.Tags {
			if !words.Printer(tag, time.UTC).Has("admin.journal.message." + of) {
				t.Errorf("%s: %s has no words", tag, of)
			}
		}
	}
}
