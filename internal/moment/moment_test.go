package moment

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func paris(t interface{ Fatal(...any) }) *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at reads a local time of Paris.
func at(t *testing.T, s string) Time {
	t.Helper()
	v, _, err := ParseLocal(s, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAddMonthsIsClampedToTheMonthsEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-01-31", 2, "2026-03-31"},
		{"2026-12-31", 2, "2027-02-28"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-08-15T10:30", 12, "2027-08-15T10:30"},
		{"2026-08-31T10:30", 6, "2027-02-28T10:30"},
		{"2026-02-28T02:30", 1, "2026-03-28T02:30"},
	} {
		if got := at(t, tt.from).AddMonths(tt.n, paris(t)); got != at(t, tt.want) {
			t.Errorf("%s and %d months is %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestDaysAreOfTheCalendarWhenTheClockChanges(t *testing.T) {
	t.Parallel()
	zone := paris(t)
	for _, tt := range []struct {
		name      string
		got, want Time
	}{
		{"a day over the start of summer keeps the time of day", at(t, "2026-03-28T12:00").AddDays(1, zone), at(t, "2026-03-29T12:00")},
		{"14 days over it do too", at(t, "2026-03-20T09:30").AddDays(14, zone), at(t, "2026-04-03T09:30")},
		{"the day of 23 hours", at(t, "2026-03-29").NextDay(zone) - 23*Hour, at(t, "2026-03-29")},
		{"the day of 25 hours", at(t, "2026-10-25").NextDay(zone) - 25*Hour, at(t, "2026-10-25")},
		{"its last instant is still that day", (at(t, "2026-10-26") - 1).StartOfDay(zone), at(t, "2026-10-25")},
		{"next day of a last instant", (at(t, "2026-10-26") - 1).NextDay(zone), at(t, "2026-10-26")},
		{"microseconds are kept", (at(t, "2026-03-01") + 3).AddDays(30, zone), at(t, "2026-03-31") + 3},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestPeriodsEndAtLocalMidnight(t *testing.T) {
	t.Parallel()
	zone := paris(t)
	for _, tt := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-01", 1, "2026-02-01"}, {"2026-01-31T23:59", 1, "2026-02-01"}, {"2026-12-31", 1, "2027-01-01"},
		{"2026-01-01", 3, "2026-04-01"}, {"2026-03-31T23:59", 3, "2026-04-01"}, {"2026-04-01", 3, "2026-07-01"}, {"2026-11-05", 3, "2027-01-01"},
		{"2026-06-30T23:59", 6, "2026-07-01"}, {"2026-07-01", 6, "2027-01-01"},
		{"2026-01-01", 12, "2027-01-01"}, {"2026-12-31T23:59", 12, "2027-01-01"},
	} {
		if got := at(t, tt.from).EndOfPeriod(tt.months, zone); got != at(t, tt.want) {
			t.Errorf("the %d months of %s end at %s, want %s", tt.months, tt.from, got, tt.want)
		}
	}
	if got := at(t, "2026-12-31T23:30").Month(time.UTC); got != 202612 {
		t.Errorf("month in UTC is %d", got)
	}
	if got := at(t, "2027-01-01T00:30"); got.Month(zone) != 202701 || got.Month(time.UTC) != 202612 || got.Date(zone) != "2027-01-01" {
		t.Errorf("half past midnight in Paris is month %d, in UTC %d, date %s", got.Month(zone), got.Month(time.UTC), got.Date(zone))
	}
}

func TestParseLocal(t *testing.T) {
	t.Parallel()
	zone := paris(t)
	for _, tt := range []struct {
		in, want string
		day      bool
	}{
		{"2026-03-01", "2026-02-28T23:00:00Z", true},
		{"2026-07-01", "2026-06-30T22:00:00Z", true},
		{"2026-03-01T09:30", "2026-03-01T08:30:00Z", false},
		{"2026-03-01 09:30:15", "2026-03-01T08:30:15Z", false},
		{"2026-03-01T09:30:00+05:00", "2026-03-01T04:30:00Z", false},
	} {
		got, day, err := ParseLocal(tt.in, zone)
		if err != nil || got.String() != tt.want || day != tt.day {
			t.Errorf("ParseLocal(%q) = %s, %t, %v; want %s, %t", tt.in, got, day, err, tt.want, tt.day)
		}
	}
	for _, bad := range []string{"", "2026-02-30", "01/03/2026", "2026-3-1", "2026-03-01T25:00", "tomorrow"} {
		if got, _, err := ParseLocal(bad, zone); err == nil {
			t.Errorf("ParseLocal(%q) = %s, want an error", bad, got)
		}
	}
}

func TestTextKeepsMicroseconds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := Time(rapid.Int64Range(-1<<50, 1<<52).Draw(t, "t"))
		b, err := v.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again Time
		if err := again.UnmarshalText(b); err != nil || again != v {
			t.Fatalf("%d is written %s and read %d, %v", v, b, again, err)
		}
	})
	var v Time
	if err := v.UnmarshalText([]byte("2026-03-01")); err == nil {
		t.Error("a day without a zone was read as a time")
	}
	if err := v.UnmarshalText(nil); err != nil || !v.IsZero() {
		t.Errorf("no text is %s, %v", v, err)
	}
}

// TestCalendarProperties holds what expiry relies on, in zones with every kind of change.
func TestCalendarProperties(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range []string{"Europe/Paris", "Europe/Warsaw", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		v := Time(rapid.Int64Range(0, int64(60*365*Day)).Draw(t, "t"))
		if s := v.StartOfDay(zone); s > v || v.NextDay(zone) <= v || s.NextDay(zone) != v.NextDay(zone) {
			t.Fatalf("%s in %s: the day starts at %s and ends at %s", v, zone, s, v.NextDay(zone))
		}
		for _, n := range []int{1, 3, 6, 12} {
			end := v.EndOfPeriod(n, zone)
			if end <= v || (end-1).EndOfPeriod(n, zone) != end || end.EndOfPeriod(n, zone) <= end {
				t.Fatalf("%s in %s: the period of %d months ends at %s", v, zone, n, end)
			}
		}
		n := rapid.IntRange(0, 60).Draw(t, "months")
		later := v.AddMonths(n, zone)
		months := later.Month(zone)/100*12 + later.Month(zone)%100 - v.Month(zone)/100*12 - v.Month(zone)%100
		if months != n {
			t.Fatalf("%s and %d months in %s is %s", v, n, zone, later)
		}
	})
}
