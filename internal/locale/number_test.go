package locale

import (
	"math"
	"testing"
	"time"

	"github.com/go-playground/locales"
	"pgregory.net/rapid"

	"cagnotte/internal/ledger"
	"cagnotte/internal/moment"
)

func printer(t *testing.T, tag string) *Printer {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c.Printer(tag, nil)
}

func TestUnknownLanguagesFallBackToEnglish(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"fr": "fr", "fr-CA": "fr", "FR_fr": "fr", "pl-PL": "pl", "en": "en", "en-US": "en", "de": "en", "": "en", "*": "en",
		"frr": "en", // North Frisian is not French
	}
	for tag, want := range tests {
		if got := printer(t, tag).Tag(); got != want {
			t.Errorf("Printer(%q) speaks %s, want %s", tag, got, want)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	tests := []struct {
		minor    int64
		currency string
		fr       string
		pl       string
		en       string
	}{
		{0, "EUR", "0,00\u00a0€", "0,00\u00a0€", "€0.00"},
		{1999, "EUR", "19,99\u00a0€", "19,99\u00a0€", "€19.99"},
		{-500, "EUR", "-5,00\u00a0€", "-5,00\u00a0€", "-€5.00"},
		{123456789, "PLN", "1\u202f234\u202f567,89\u00a0zł", "1\u00a0234\u00a0567,89\u00a0zł", "PLN\u00a01,234,567.89"},
		{-1, "PLN", "-0,01\u00a0zł", "-0,01\u00a0zł", "-PLN\u00a00.01"},
		{2000, "GBP", "20,00\u00a0£", "20,00\u00a0£", "£20.00"},
		{1500, "JPY", "1\u202f500\u00a0¥", "1\u00a0500\u00a0¥", "¥1,500"},
		{1234, "KWD", "1,234\u00a0KWD", "1,234\u00a0KWD", "KWD\u00a01.234"},
		{100, "CHF", "1,00\u00a0CHF", "1,00\u00a0CHF", "CHF\u00a01.00"},
		{math.MaxInt64, "EUR", "92\u202f233\u202f720\u202f368\u202f547\u202f758,07\u00a0€", "92\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,07\u00a0€", "€92,233,720,368,547,758.07"},
		{math.MinInt64, "EUR", "-92\u202f233\u202f720\u202f368\u202f547\u202f758,08\u00a0€", "-92\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,08\u00a0€", "-€92,233,720,368,547,758.08"},
	}
	for _, tt := range tests {
		for tag, want := range map[string]string{"fr": tt.fr, "pl": tt.pl, "en": tt.en} {
			if got := printer(t, tag).Money(tt.minor, tt.currency); got != want {
				t.Errorf("%s: %d %s is %q, want %q", tag, tt.minor, tt.currency, got, want)
			}
		}
	}
}

// What the library writes with a float64 is the yardstick where a float64 is exact.
func TestNumbersAgreeWithTheLibrary(t *testing.T) {
	t.Parallel()
	for _, p := range printers(t) {
		library := p.forms.(locales.Translator)
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.Int64Range(-1<<52, 1<<52).Draw(t, "n")
			if got, want := p.Number(n), library.FmtNumber(float64(n), 0); got != want {
				t.Fatalf("%s: %d is %q, the library writes %q", p.tag, n, got, want)
			}
		})
	}
}

func TestUnitsHaveTheirPlurals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		unit ledger.Unit
		n    int64
		fr   string
		pl   string
		en   string
	}{
		{"points", 0, "0 point", "0 punktów", "0 points"},
		{"points", 1, "1 point", "1 punkt", "1 point"},
		{"points", -1, "-1 point", "-1 punkt", "-1 point"},
		{"points", 2, "2 points", "2 punkty", "2 points"},
		{"points", 5, "5 points", "5 punktów", "5 points"},
		{"points", 12, "12 points", "12 punktów", "12 points"},
		{"points", 22, "22 points", "22 punkty", "22 points"},
		{"points", 1000, "1\u202f000 points", "1\u00a0000 punktów", "1,000 points"},
		{"points", 1000000, "1\u202f000\u202f000 de points", "1\u00a0000\u00a0000 punktów", "1,000,000 points"},
		{"stamps:prg_0123", 1, "1 tampon", "1 pieczątka", "1 stamp"},
		{"stamps:prg_0123", 3, "3 tampons", "3 pieczątki", "3 stamps"},
		{"stamps:prg_0123", 10, "10 tampons", "10 pieczątek", "10 stamps"},
		{"referrals:prg_0123", 3, "3 parrainages validés", "3 potwierdzone polecenia", "3 validated referrals"},
		{"stars", 1, "1 unité", "1 jednostka", "1 unit"},
		{"EUR", 1050, "10,50\u00a0€", "10,50\u00a0€", "€10.50"},
	}
	for _, tt := range tests {
		for tag, want := range map[string]string{"fr": tt.fr, "pl": tt.pl, "en": tt.en} {
			if got := printer(t, tag).Units(tt.unit, tt.n); got != want {
				t.Errorf("%s: %d %s is %q, want %q", tag, tt.n, tt.unit, got, want)
			}
		}
	}
}

func TestDatesAreDaysOfTheShop(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	late := moment.Of(time.Date(2026, 2, 28, 23, 30, 0, 0, time.UTC)) // already March in Paris
	for tag, want := range map[string]string{"fr": "1er mars 2026", "pl": "1 marca 2026", "en": "1 March 2026"} {
		if got := c.Printer(tag, paris).Date(late); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	if got := c.Printer("en", nil).Date(late); got != "28 February 2026" {
		t.Errorf("without a zone: %q", got)
	}
}

func TestShortDaysAndMonths(t *testing.T) {
	t.Parallel()
	at := moment.Of(time.Date(2026, 10, 24, 23, 5, 0, 0, time.UTC))
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string][3]string{
		"fr": {"25\u00a0oct.", "oct.\u00a02026", "01:05"}, "pl": {"25\u00a0paź", "paź\u00a02026", "01:05"}, "en": {"25\u00a0Oct", "Oct\u00a02026", "01:05"},
	} {
		p := printer(t, tag)
		p.zone = paris
		if got := [3]string{p.ShortDay(at), p.Month(at), p.Hour(at)}; got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}
