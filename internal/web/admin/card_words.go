package admin

import (
	"slices"
	"strconv"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// dateOrNone is a day; empty: never.
func (v *visit) dateOrNone(t moment.Time) string {
	if t == 0 {
		return ""
	}
	return v.say.Date(t)
}

// language is the name of the member's language, in itself.
func (c *card) language() string {
	for _, l := range languages {
		if len(c.Locale) >= 2 && l.tag == c.Locale[:2] {
			return l.name
		}
	}
	return c.Locale
}

// localeOptions are the languages that we write in, and the member's own where it is another.
func localeOptions(c *card) []option {
	out := []option{{"", "—"}}
	for _, l := range languages {
		out = append(out, option{l.tag, l.name})
	}
	if c.Locale != "" && !slices.ContainsFunc(out, func(o option) bool { return o.Value == c.Locale }) {
		out = append(out, option{c.Locale, c.Locale})
	}
	return out
}

// birthday is the member's day of the year, as his language writes it: the year is not known.
func (c *card) birthday() string {
	if c.Birthday == "" {
		return ""
	}
	if _, err := time.Parse("01-02", c.Birthday); err != nil && c.Birthday != "02-29" {
		return c.Birthday
	}
	month, _ := strconv.Atoi(c.Birthday[:2])
	day, _ := strconv.Atoi(c.Birthday[3:])
	return c.v.t("admin.card.day_of."+strconv.Itoa(month), "Day", strconv.Itoa(day))
}

// moveTag is the class of the words for what became of what was given.
func moveTag(state string) string {
	return map[string]string{"available": "good", "partly": "good", "pending": "info", "held": "warn", "reversed": "bad", "expired": "bad"}[state]
}

// orderTag is the class of the words for an order's state.
func orderTag(state string) string {
	return map[string]string{loyalty.OrderSettled: "good", loyalty.OrderOpen: "info", loyalty.OrderReturned: "warn", loyalty.OrderWithdrawn: "bad"}[state]
}

// giftName is what a gift is called; a choice that is still to be made has no name.
func (c *card) giftName(k *people.Claim) string {
	switch {
	case k.Gift == "":
		return c.v.t("admin.card.claim_state.choice")
	case k.Quantity > 1:
		return c.v.say.Number(k.Quantity) + " × " + k.Gift
	}
	return k.Gift
}

// addressLines are where a parcel goes.
func addressLines(a *loyalty.Address) []string {
	lines := []string{a.Name, a.Street, a.More, a.Postal + " " + a.City, a.Country}
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}

// uses tells how often a voucher was used, of how often it may be.
func (v *visit) uses(x *loyalty.Voucher) string {
	if x.UsesMax >= loyalty.Unlimited {
		return v.say.Number(x.Used)
	}
	return v.say.Number(x.Used) + " / " + v.say.Number(x.UsesMax)
}

// validity is from when until when a voucher can be used.
func (v *visit) validity(x *loyalty.Voucher) string {
	if x.ExpiresAt == 0 {
		return v.t("admin.card.voucher_state.from", "Date", v.say.Date(x.StartsAt))
	}
	return v.t("admin.card.voucher_state.between", "From", v.say.Date(x.StartsAt), "Until", v.say.Date(x.ExpiresAt-1))
}
