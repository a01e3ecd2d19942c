package locale

import (
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// space keeps a number and what follows it on one line.
const space = "\u00a0"

// symbols of the currencies that people know by a sign. Others show their code.
var symbols = map[string]string{
	"EUR": "€", "GBP": "£", "USD": "$", "PLN": "zł", "CZK": "Kč", "HUF": "Ft", "UAH": "₴", "JPY": "¥",
}

// before tells whether a language writes a symbol in front of the amount: only English
// does, and without a space where the symbol is a sign rather than letters.
func (p *Printer) before() bool { return p.tag == "en" }

// Money is an amount of minor units with its currency: "1 234,50 €" in French and Polish,
// "€1,234.50" in English.
func (p *Printer) Money(minor int64, currency string) string {
	decimals, _ := money.Decimals(currency)
	n := p.plain(money.Text(minor, decimals))
	symbol, ok := symbols[currency]
	if !ok {
		symbol = currency
	}
	if !p.before() {
		return n + space + symbol
	}
	letters := strings.ContainsFunc(symbol, func(r rune) bool { return r >= 'A' && r <= 'z' })
	if letters {
		symbol = currency + space // "PLN 12.50": English readers do not know zł
	}
	if digits, negative := strings.CutPrefix(n, p.forms.Minus()); negative {
		return p.forms.Minus() + symbol + digits
	}
	return symbol + n
}

// Currency is how a currency is marked beside a field: its sign where people know it.
func (p *Printer) Currency(code string) string {
	symbol, ok := symbols[code]
	if !ok || p.before() && strings.ContainsFunc(symbol, func(r rune) bool { return r >= 'A' && r <= 'z' }) {
		return code
	}
	return symbol
}

// Number is a whole number with its groups.
func (p *Printer) Number(n int64) string { return p.plain(strconv.FormatInt(n, 10)) }

// plain writes a plain decimal ("-1234.50") with the language's groups and separators. It
// works on digits, so that no amount is too large for it.
func (p *Printer) plain(text string) string {
	digits, negative := strings.CutPrefix(text, "-")
	whole, frac, dot := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteString(p.forms.Minus())
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(p.forms.Group())
		}
		b.WriteRune(c)
	}
	if dot {
		b.WriteString(p.forms.Decimal() + frac)
	}
	return b.String()
}

// Percent is a share in hundredths of a per cent: "12,5 %".
func (p *Printer) Percent(hundredths int64) string {
	return p.say("percent", map[string]string{"N": p.hundredths(hundredths)})
}

// Date is the local day, written out: "2 mars 2026", "2 marca 2026", "2 March 2026". The
// first of a month is "1er" in French.
func (p *Printer) Date(t moment.Time) string { return p.date(t.Std().In(p.zone)) }

func (p *Printer) date(t time.Time) string {
	s := p.forms.FmtDateLong(t)
	if rest, first := strings.CutPrefix(s, "1 "); first && p.tag == "fr" {
		return "1er " + rest
	}
	return s
}

// ShortDay is a local day where there is little room: "25 oct.", "25 paź", "25 Oct".
func (p *Printer) ShortDay(t moment.Time) string {
	l := t.Std().In(p.zone)
	return strconv.Itoa(l.Day()) + space + p.forms.MonthAbbreviated(l.Month())
}

// Month is a local month with its year: "oct. 2026", "paź 2026", "Oct 2026".
func (p *Printer) Month(t moment.Time) string {
	l := t.Std().In(p.zone)
	return p.forms.MonthAbbreviated(l.Month()) + space + strconv.Itoa(l.Year())
}

// Hour is a local time of day: "14:05".
func (p *Printer) Hour(t moment.Time) string { return t.Std().In(p.zone).Format("15:04") }

// lastDay is the last whole day before an exclusive end.
func (p *Printer) lastDay(end moment.Time) string { return p.Date(end - 1) }

// Moment is a day and a time of day in the printer's zone: "2 mars 2026, 09:30:05".
func (p *Printer) Moment(t moment.Time) string {
	return p.Date(t) + ", " + t.Std().In(p.zone).Format(time.TimeOnly)
}

// Decimal is a plain amount of minor units, without its unit.
func (p *Printer) Decimal(minor int64, decimals int) string {
	return p.plain(money.Text(minor, decimals))
}

// Short is a day in figures, as tables have it: "21/11/2026", in Polish "21.11.2026".
func (p *Printer) Short(t moment.Time) string {
	form := "02/01/2006"
	if p.tag == "pl" {
		form = "02.01.2006"
	}
	return t.Std().In(p.zone).Format(form)
}

// Hundredths writes hundredths of something without the zeros at its end: 250 is "2,5".
func (p *Printer) Hundredths(n int64) string { return p.hundredths(n) }
