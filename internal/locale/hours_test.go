package locale_test

import (
	"slices"
	"testing"
	"time"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
)

func TestOpeningHoursInWords(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	h, ok := loyalty.ParseHours("mo-fr 9-12:30,14-19; 2026-12-25 closed; 2020-01-01 closed")
	if !ok {
		t.Fatal("not read")
	}
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	if got := words.Printer("en", time.UTC).Hours(&h, at); !slices.Equal(got, []string{"Monday – Friday: 09:00–12:30, 14:00–19:00", "Saturday – Sunday: closed", "25 December 2026: closed"}) {
		t.Errorf("%q", got)
	}
	if got := words.Printer("en", time.UTC).Today(&h, at); got != "open now, today 09:00–12:30, 14:00–19:00" {
		t.Error(got)
	}
	if got := words.Printer("en", time.UTC).Today(&h, at.Add(4*time.Hour)); got != "today 09:00–12:30, 14:00–19:00" {
		t.Error(got)
	}
}
