package locale

import (
	"fmt"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
)

// Spans are the parts of a day in which something is open: "09:00–12:30, 14:00–19:00".
func (p *Printer) Spans(list []loyalty.Span) string {
	if len(list) == 0 {
		return p.say("hours.closed", nil)
	}
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%02d:%02d–%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60))
	}
	return strings.Join(out, ", ")
}

// Today says when something is open on a local day, and whether it is at that time.
func (p *Printer) Today(h *loyalty.Hours, at time.Time) string {
	key := "hours.today"
	if h.OpenAt(at) {
		key = "hours.today.open"
	}
	return p.say(key, map[string]string{"Hours": p.Spans(h.On(at))})
}

// Hours are opening hours, line by line: the week from Monday on, days that are open alike in one
// line, then the days to come that are not like others.
func (p *Printer) Hours(h *loyalty.Hours, from time.Time) (out []string) {
	day := func(i int) string {
		return p.say("weekday."+strings.ToLower(time.Weekday((i + 1) % 7).String()[:3]), nil)
	}
	for i := 0; i < 7; {
		j := i
		for j < 6 && p.Spans(h.Week[j+1]) == p.Spans(h.Week[i]) {
			j++
		}
		name := day(i)
		if j > i {
			name += " – " + day(j)
		}
		out = append(out, name+p.say("hours.colon", nil)+p.Spans(h.Week[i]))
		i = j + 1
	}
	for _, d := range h.Coming(from) {
		if at, err := time.Parse(time.DateOnly, d); err == nil {
			out = append(out, p.date(at)+p.say("hours.colon", nil)+p.Spans(h.Days[d]))
		}
	}
	return out
}
