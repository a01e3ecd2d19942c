package locale

import (
	"strconv"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
)

// Why is the reason of a refusal with its figures, as a till or a shop's server reads it.
func (p *Printer) Why(l loyalty.ReceiptLine) string { return p.reason(l) }

// Items counts articles in a cart: "2 articles".
func (p *Printer) Items(n int64) string {
	return p.plural("cart.items", strconv.FormatInt(n, 10), map[string]string{"N": p.Number(n)})
}

// Offer names what an offer gives in a cart: "10 % off", "a free COFFEE". Percent is
// hundredths of a per cent, amount minor units of the currency, free units of an article.
func (p *Printer) Offer(percent, amount, free int64, article, currency string) string {
	switch {
	case free > 0:
		n := strconv.FormatInt(free, 10)
		return p.plural("cart.offer.free", n, map[string]string{"N": p.Number(free), "Article": article})
	case percent > 0:
		return p.say("cart.offer.percent", map[string]string{"Rate": p.say("percent", map[string]string{"N": p.hundredths(percent)})})
	}
	return p.say("cart.offer.amount", map[string]string{"Amount": p.Money(amount, currency)})
}

// Missing says how much more of something an offer wants.
func (p *Printer) Missing(lacking, offer string) string {
	return p.say("cart.missing", map[string]string{"Lacking": lacking, "Offer": offer})
}

// MissingUnits says how much more of a unit a gift wants.
func (p *Printer) MissingUnits(unit string, n int64, gift string) string {
	return p.say("cart.missing", map[string]string{"Lacking": p.Units(ledger.Unit(unit), n), "Offer": p.quote(gift)})
}
