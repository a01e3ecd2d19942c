package loyalty_test

import (
	"fmt"
	"testing"
	"time"

	"cagnotte/internal/loyalty"
)

func TestOpeningHours(t *testing.T) {
	h, ok := loyalty.ParseHours("lu-ve 9h-12h30, 14:00–19:00\nsob 10-18; 2026-12-25 fermé; 2026-12-24 9-13")
	if !ok {
		t.Fatal("not read")
	}
	for _, tt := range []struct {
		at   string
		open bool
	}{
		{"2026-12-21 08:59", false}, {"2026-12-21 09:00", true}, {"2026-12-21 12:30", false}, {"2026-12-21 18:59", true}, {"2026-12-26 10:00", true},
		{"2026-12-27 11:00", false}, {"2026-12-25 10:00", false}, {"2026-12-24 14:30", false}, {"2026-12-24 12:00", true}, {"2027-12-24 14:30", true},
	} {
		at, err := time.Parse("2006-01-02 15:04", tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if h.OpenAt(at) != tt.open {
			t.Errorf("%s: open %v", tt.at, !tt.open)
		}
	}
	if days := h.Coming(time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)); fmt.Sprint(days) != "[2026-12-25]" {
		t.Error(days)
	}
	if h, ok := loyalty.ParseHours("sa-mo 10-24:00"); !ok || len(h.Week[5])+len(h.Week[6])+len(h.Week[0]) != 3 || len(h.Week[1]) != 0 || h.Week[6][0].To != 1440 {
		t.Error("a week that turns", h, ok)
	}
	for _, s := range []string{"", "every day", "mo 12-9", "mo 9-12, 11-14", "mo 9-25", "xx 9-12", "mo", "mo 9:60-12", "2026-13-01 closed", "mo 1-2,3-4,5-6,7-8,9-10"} {
		if h, ok := loyalty.ParseHours(s); ok {
			t.Errorf("%q is read as %v", s, h)
		}
	}
}
