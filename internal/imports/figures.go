package imports

import (
	"errors"
	"strings"
	"time"

	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// dateForm is one way in which a file writes days and times; the zero value is ISO 8601.
type dateForm struct {
	layout string // of package time
	day    bool   // without a time of day
}

// tokens are what a form of dates is made of, the longer ones first.
var tokens = []struct{ ours, layout string }{
	{"YYYY", "2006"}, {"YY", "06"}, {"MM", "01"}, {"M", "1"}, {"DD", "02"}, {"D", "2"}, {"hh", "15"}, {"h", "15"}, {"mm", "04"}, {"ss", "05"},
}

// dateFormOf reads a form such as DD.MM.YYYY hh:mm; false when it cannot be one.
func dateFormOf(s string) (f dateForm, ok bool) {
	if s == "iso" {
		return f, true
	}
	var out strings.Builder
	used := map[string]bool{}
	for rest := s; rest != ""; {
		found := false
		for _, t := range tokens {
			after, is := strings.CutPrefix(rest, t.ours)
			kind := strings.ToUpper(t.layout[len(t.layout)-1:]) // one of each: 6, 1, 2, 5 (hour), 4, 5 (second)
			if t.ours[0] == 'h' {
				kind = "h"
			}
			if !is {
				continue
			}
			if used[kind] {
				return f, false
			}
			used[kind], found, rest = true, true, after
			out.WriteString(t.layout)
			break
		}
		if found {
			continue
		}
		if !strings.ContainsRune(" .-/:,T", rune(rest[0])) {
			return f, false
		}
		out.WriteByte(rest[0])
		rest = rest[1:]
	}
	if !used["6"] || !used["1"] || !used["2"] || used["4"] && !used["h"] || used["5"] && !used["4"] {
		return f, false
	}
	return dateForm{out.String(), !used["h"]}, true
}

// figures reads the numbers and dates of a file as its mapping says that it writes them.
type figures struct {
	comma     bool
	thousands rune
	dates     []dateForm
	zone      *time.Location

	text string // the time that was read last: most rows have that of the row above
	at   moment.Time
	day  bool
}

func newFigures(m *Mapping, shop *time.Location) figures {
	f := figures{comma: m.Comma, thousands: m.Thousands, dates: m.dates, zone: m.Zone}
	if f.zone == nil {
		f.zone = shop
	}
	return f
}

// time reads a day or a local time of the mapping's zone, and tells whether it was a day.
func (f *figures) time(text string) (at moment.Time, day, ok bool) {
	if text == f.text && text != "" {
		return f.at, f.day, true
	}
	for _, form := range f.dates {
		if form.layout == "" {
			at, day, err := moment.ParseLocal(text, f.zone)
			if err != nil {
				continue
			}
			f.text, f.at, f.day = strings.Clone(text), at, day
			return at, day, true
		}
		if v, err := time.ParseInLocation(form.layout, text, f.zone); err == nil {
			f.text, f.at, f.day = strings.Clone(text), moment.Of(v), form.day
			return f.at, f.day, true
		}
	}
	return 0, false, false
}

// amount reads a number into minor units of so many decimals; the code tells why it is
// none.
func (f *figures) amount(text string, decimals int) (n int64, code string) {
	plain, ok := f.plain(text)
	if !ok {
		return 0, NotAnAmount
	}
	n, err := money.Parse(plain, decimals)
	switch {
	case errors.Is(err, money.ErrRange):
		return 0, OutOfRange
	case errors.Is(err, money.ErrDecimals):
		return 0, TooManyDecimals
	case err != nil:
		return 0, NotAnAmount
	}
	return n, ""
}

// plain writes a number with a decimal point and without groups; false when its groups are
// not of three digits, or a sign is there that the mapping does not know.
func (f *figures) plain(text string) (string, bool) {
	if !f.comma && f.thousands == 0 {
		return text, true
	}
	sign := "."
	if f.comma {
		if strings.Contains(text, ".") && f.thousands != '.' {
			return "", false
		}
		sign = ","
	}
	whole, fraction, has := strings.Cut(text, sign)
	if f.thousands != 0 {
		var ok bool
		if whole, ok = ungrouped(whole, f.thousands); !ok {
			return "", false
		}
	}
	if !has {
		return whole, true
	}
	return whole + "." + fraction, true
}

// alike are signs that people do not tell apart.
var alike = map[rune]string{' ': " \u00a0\u202f", '\'': "'’"}

// ungrouped removes what groups the digits of a whole number.
func ungrouped(s string, sign rune) (string, bool) {
	is := func(r rune) bool { return r == sign || strings.ContainsRune(alike[sign], r) && alike[sign] != "" }
	if !strings.ContainsFunc(s, is) {
		return s, true
	}
	minus := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		minus, s = "-", rest
	}
	parts := strings.FieldsFunc(s, is)
	for i, p := range parts {
		if len(p) > 3 || i > 0 && len(p) < 3 {
			return "", false
		}
	}
	if n := len(parts); n == 0 || strings.IndexFunc(s, is) == 0 || len(s) != len(strings.TrimRightFunc(s, is)) {
		return "", false
	}
	return minus + strings.Join(parts, ""), true
}
