package loyalty

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is a part of a day, in minutes from its beginning; To is not in it.
type Span struct{ From, To int }

// Hours are when a site is open: on each day of the week, Monday first, and on days that are not
// like others.
type Hours struct {
	Week [7][]Span
	Days map[string][]Span // by YYYY-MM-DD; none: closed
}

// maxSpans is how many parts of a day there may be, maxDays how many days of their own.
const (
	maxSpans = 4
	maxDays  = 40
)

// dayNames are the beginnings of the days of the week in our languages, folded.
var dayNames = []string{"mo lu pn", "tu ma wt", "we me sr", "th je cz", "fr ve pt", "sa so", "su di nd ni"}

var closedWords = []string{"closed", "ferme", "zamkniete", "nieczynne", "-"}

// ParseHours reads opening hours: pieces between semicolons or line ends, each of days and parts of
// the day, as in `mo-fr 9:00-12:30, 14:00-19:00; sa 10-18; 2026-12-25 closed`. Days are called by
// their first two letters in English, French or Polish. False: it is said in some other way.
func ParseHours(text string) (Hours, bool) {
	h := Hours{Days: map[string][]Span{}}
	any := false
	for piece := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		head, rest, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(piece, "–", "-")), " ")
		if head == "" {
			continue
		}
		spans, ok := parseSpans(rest)
		if !ok {
			return Hours{}, false
		}
		if day, err := time.Parse(time.DateOnly, head); err == nil {
			if h.Days[day.Format(time.DateOnly)] = spans; len(h.Days) > maxDays {
				return Hours{}, false
			}
			any = true
			continue
		}
		days, ok := parseDays(head)
		if !ok {
			return Hours{}, false
		}
		for _, d := range days {
			h.Week[d] = spans
		}
		any = true
	}
	return h, any
}

func parseDays(s string) (out []int, ok bool) {
	for part := range strings.SplitSeq(strings.TrimSuffix(s, ":"), ",") {
		from, to, several := strings.Cut(part, "-")
		a, b := dayOf(from), dayOf(from)
		if several {
			b = dayOf(to)
		}
		if a < 0 || b < 0 {
			return nil, false
		}
		for d := a; ; d = (d + 1) % 7 {
			if out = append(out, d); d == b {
				break
			}
		}
	}
	return out, true
}

func dayOf(name string) int {
	name = Fold(strings.Trim(name, ". "))
	if len(name) < 2 {
		return -1
	}
	return slices.IndexFunc(dayNames, func(names string) bool { return slices.Contains(strings.Fields(names), name[:2]) })
}

func parseSpans(s string) (out []Span, ok bool) {
	s = strings.TrimSpace(s)
	if slices.Contains(closedWords, Fold(s)) {
		return nil, true
	}
	for part := range strings.SplitSeq(s, ",") {
		from, to, found := strings.Cut(strings.ReplaceAll(part, " ", ""), "-")
		a, ok1 := minuteOf(from)
		b, ok2 := minuteOf(to)
		if !found || !ok1 || !ok2 || a >= b || len(out) > 0 && out[len(out)-1].To > a || len(out) == maxSpans {
			return nil, false
		}
		out = append(out, Span{a, b})
	}
	return out, true
}

// minuteOf reads 9, 9:00, 9h30 or 24:00.
func minuteOf(s string) (int, bool) {
	hour, minute, parted := strings.Cut(strings.ReplaceAll(strings.ToLower(s), "h", ":"), ":")
	if !parted || minute == "" {
		minute = "0"
	}
	a, err1 := strconv.Atoi(hour)
	b, err2 := strconv.Atoi(minute)
	n := a*60 + b
	return n, err1 == nil && err2 == nil && a >= 0 && b >= 0 && b < 60 && n <= 24*60
}

// On is when it is open on a local day.
func (h *Hours) On(day time.Time) []Span {
	if spans, own := h.Days[day.Format(time.DateOnly)]; own {
		return spans
	}
	return h.Week[(int(day.Weekday())+6)%7]
}

// OpenAt tells whether it is open at a local time.
func (h *Hours) OpenAt(at time.Time) bool {
	n := at.Hour()*60 + at.Minute()
	return slices.ContainsFunc(h.On(at), func(s Span) bool { return s.From <= n && n < s.To })
}

// Coming are the days of their own from a local day on, in order.
func (h *Hours) Coming(from time.Time) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(h.Days)), func(d string) bool { return d < from.Format(time.DateOnly) })
}
