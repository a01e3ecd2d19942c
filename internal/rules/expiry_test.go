package rules

import (
	"testing"
	"time"

	"cagnotte/internal/moment"
)

// TestExpiryOfEveryDay holds the ends of value against a calendar written another way: by
// civil days alone, for every day from 2026 to 2032 in four zones, one of which once left
// out a day and another of which has no summer time (M16).
func TestExpiryOfEveryDay(t *testing.T) {
	t.Parallel()
	lengths := func(y, m int) int {
		switch m {
		case 4, 6, 9, 11:
			return 30
		case 2:
			if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
				return 29
			}
			return 28
		}
		return 31
	}
	checked := 0
	for _, name := range []string{"Europe/Paris", "Europe/Warsaw", "UTC", "Pacific/Apia"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for y := 2026; y <= 2032; y++ {
			for m := 1; m <= 12; m++ {
				for d := 1; d <= lengths(y, m); d++ {
					at := moment.Of(time.Date(y, time.Month(m), d, 15, 4, 5, 0, zone))
					for _, n := range []int{1, 6, 12} {
						total := y*12 + m - 1 + n
						ey, em := total/12, total%12+1
						last := moment.DayOf(ey, em, min(d, lengths(ey, em)), zone)
						if got := (Expiry{Kind: ExpiryMonths, N: n}).ExpiresAt(at, zone); got != last.NextDay(zone) {
							t.Fatalf("%s: %04d-%02d-%02d and %d months: %s", name, y, m, d, n, got)
						}
						checked++
					}
					for _, n := range []int{1, 3, 6, 12} {
						first := (m-1)/n*n + n // months before the end of the period
						ey, em := y+first/12, first%12+1
						if got := (Expiry{Kind: ExpiryPeriod, N: n}).ExpiresAt(at, zone); got != moment.DayOf(ey, em, 1, zone) {
							t.Fatalf("%s: %04d-%02d-%02d, end of its %d months: %s", name, y, m, d, n, got)
						}
						checked++
					}
					ey, em, ed := y, m, d+1 // valid 1 day: the whole next day counts
					for range 1 {
						if ed > lengths(ey, em) {
							ed, em = 1, em+1
						}
						if em > 12 {
							em, ey = 1, ey+1
						}
					}
					if got := (Expiry{Kind: ExpiryDays, N: 1}).ExpiresAt(at, zone); got.Date(zone) != moment.DayOf(ey, em, ed, zone).NextDay(zone).Date(zone) {
						t.Fatalf("%s: %04d-%02d-%02d and a day: %s", name, y, m, d, got)
					}
					checked++
				}
			}
		}
	}
	if checked < 80_000 {
		t.Fatalf("%d dates were checked, want 80,000 or more", checked)
	}
}
