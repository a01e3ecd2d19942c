package locale

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// Units is an amount of a unit: "1 point", "5 pieczątek", "12,50 €". The stamps of every
// program are stamps.
func (p *Printer) Units(u ledger.Unit, amount int64) string { return p.units("unit", u, amount) }

// units words an amount as it stands alone ("unit") or as what somebody gets or loses
// ("object"), which Polish tells apart.
func (p *Printer) units(form string, u ledger.Unit, amount int64) string {
	name, _, _ := strings.Cut(string(u), ":")
	if _, ok := money.Decimals(name); ok {
		return p.Money(amount, name)
	}
	key := form + ".any"
	switch name {
	case "points", "stamps", "referrals":
		key = form + "." + name
	}
	text := p.decimal(name, amount)
	if name == "points" && p.named != nil {
		return p.plain(text) + " " + p.pointName(form, p.plural("unit.form", text, nil))
	}
	return p.plural(key, text, map[string]string{"N": p.plain(text)})
}

// pointName is what the shop calls points in a plural form; what one of them is called where
// somebody gets it may be another word.
func (p *Printer) pointName(form, plural string) string {
	if plural == "one" && form == "object" && p.named["object"] != "" {
		return p.named["object"]
	}
	return cmp.Or(p.named[plural], p.named["other"])
}

// Points is what points are called by themselves, where the shop has its own name for them:
// "Stars"; empty where it has none.
func (p *Printer) Points() string {
	name := []rune(cmp.Or(p.named["many"], p.named["other"])) // in Polish "other" is of fractions
	if p.tag == "pl" && p.named["few"] != "" {
		name = []rune(p.named["few"])
	}
	if len(name) > 0 {
		name[0] = unicode.ToUpper(name[0])
	}
	return string(name)
}

// decimal is a plain decimal of a unit that is no money. Points may have decimals.
func (p *Printer) decimal(name string, amount int64) string {
	if name != "points" || p.points == 0 {
		return money.Text(amount, 0)
	}
	text := money.Text(amount, p.points)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// plural gives the sentence of a key in the form that a number wants: "1", "12.5".
func (p *Printer) plural(key, number string, data map[string]string) string {
	s, err := p.text.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: number, TemplateData: data})
	if err != nil {
		return key
	}
	return s
}

// object words what a line gives or takes: units, vouchers, a gift, or a choice.
func (p *Printer) object(l loyalty.ReceiptLine) string {
	switch {
	case l.Unit != "":
		return p.units("object", l.Unit, l.Amount)
	case l.Gift != "":
		return p.pieces("object.gift", l.Amount, map[string]string{"Gift": l.Gift})
	case !l.Voucher.IsZero():
		return p.pieces("object.voucher", l.Amount, map[string]string{})
	}
	return p.say("object.choice", nil)
}

// pieces words one thing, or several of it.
func (p *Printer) pieces(key string, n int64, data map[string]string) string {
	if n <= 1 {
		return p.say(key, data)
	}
	data["N"] = p.Number(n)
	return p.plural(key+".several", money.Text(n, 0), data)
}
