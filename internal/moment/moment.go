// Package moment holds time as the product stores it: microseconds UTC in an int64, and
// the calendar of a shop's zone (whole local days, months clamped to their end).
//
// Nothing here reads a clock: now is always an argument.
package moment

import (
	"fmt"
	"time"
)

// Time is an instant in microseconds since 1970 UTC. Zero means "none" where a field
// says so.
type Time int64

// Units of Time.
const (
	Second = Time(1_000_000)
	Minute = 60 * Second
	Hour   = 60 * Minute
	Day    = 24 * Hour
)

// Of converts from the standard library.
func Of(t time.Time) Time { return Time(t.UnixMicro()) }

// Std converts to the standard library, in UTC.
func (t Time) Std() time.Time { return time.UnixMicro(int64(t)).UTC() }

// IsZero tells whether no time was given.
func (t Time) IsZero() bool { return t == 0 }

// String is RFC 3339 in UTC, for logs and errors.
func (t Time) String() string { return t.Std().Format(time.RFC3339Nano) }

// MarshalText writes RFC 3339; none is the empty string.
func (t Time) MarshalText() ([]byte, error) {
	if t == 0 {
		return nil, nil
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads RFC 3339 with an offset.
func (t *Time) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*t = 0
		return nil
	}
	v, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("want a time such as 2026-03-01T09:30:00Z: %w", err)
	}
	*t = Of(v)
	return nil
}

// Month is the local month as a number, 202611 for November 2026.
func (t Time) Month(zone *time.Location) int {
	y, m, _ := t.Std().In(zone).Date()
	return y*100 + int(m)
}

// Date is the local day as text, 2026-11-21.
func (t Time) Date(zone *time.Location) string {
	return t.Std().In(zone).Format(time.DateOnly)
}

// AddDays moves by calendar days of the zone, keeping the local time of day.
func (t Time) AddDays(n int, zone *time.Location) Time {
	return Of(t.Std().In(zone).AddDate(0, 0, n))
}

// AddMonths moves by months, clamped to the month's end: 31 January plus one month is the
// last day of February, never 3 March.
func (t Time) AddMonths(n int, zone *time.Location) Time {
	l := t.Std().In(zone)
	y, m, d := l.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, zone)
	last := first.AddDate(0, 1, -1).Day()
	h, mi, s := l.Clock()
	return Of(time.Date(first.Year(), first.Month(), min(d, last), h, mi, s, l.Nanosecond(), zone))
}

// StartOfDay is the first instant of the local day that holds t.
func (t Time) StartOfDay(zone *time.Location) Time {
	y, m, d := t.Std().In(zone).Date()
	return Of(time.Date(y, m, d, 0, 0, 0, 0, zone))
}

// NextDay is the first instant of the local day after the one that holds t: the
// exclusive end of "until that day included".
func (t Time) NextDay(zone *time.Location) Time {
	y, m, d := t.Std().In(zone).Date()
	return Of(time.Date(y, m, d+1, 0, 0, 0, 0, zone))
}

// EndOfPeriod is the exclusive end of the span of n months (1 month, 3 quarter, 6
// half-year, 12 year) in which t falls.
func (t Time) EndOfPeriod(months int, zone *time.Location) Time {
	y, m, _ := t.Std().In(zone).Date()
	from := (int(m) - 1) / months * months
	return Of(time.Date(y, time.Month(from+months+1), 1, 0, 0, 0, 0, zone))
}

// ParseLocal reads a day or a local time of the zone: 2026-03-01, 2026-03-01T09:30,
// 2026-03-01 09:30:00, or RFC 3339 with an offset. The bool tells whether it was a day.
func ParseLocal(s string, zone *time.Location) (t Time, day bool, err error) {
	if v, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return Of(v), true, nil
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if v, err := time.ParseInLocation(form, s, zone); err == nil {
			return Of(v), false, nil
		}
	}
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, false, fmt.Errorf("%q is neither a day (2026-03-01) nor a time (2026-03-01T09:30)", s)
	}
	return Of(v), false, nil
}

// DayOf is the first instant of a local day, clamped to the month's end: 29 February is
// the 28th in most years.
func DayOf(year, month, day int, zone *time.Location) Time {
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, zone).Day()
	return Of(time.Date(year, time.Month(month), min(day, last), 0, 0, 0, 0, zone))
}
