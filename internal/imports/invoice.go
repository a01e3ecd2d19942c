package imports

import (
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// invoice is what a file says under one number, whatever the order of its rows: an order
// or a return.
type invoice struct {
	number   string
	first    int64       // its first row, for errors
	rows     int64       // that could be read
	at       moment.Time // the earliest of its rows
	customer string      // what the columns of the member say, one after the other
	lines    []loyalty.Line
	more     *circumstances // what most files do not have
	refund   bool
	inside   bool // a return that has the number of its order
	broken   bool // a row of it cannot be read: no part of it is recorded
}

// circumstances are what a file may say of an order beside its lines.
type circumstances struct {
	channel, site, refundOf string
	delivery, discount      int64
}

// circumstances gives a place to keep them.
func (v *invoice) circumstances() *circumstances {
	if v.more == nil {
		v.more = &circumstances{}
	}
	return v.more
}

// name is the identity of its fact: the number, and for a return inside its order what
// tells it from the order and from other returns.
func (v *invoice) name() string {
	if v.inside {
		return v.number + "/refund/" + v.at.String()
	}
	return v.number
}

// discounted takes what was taken off the whole off its lines, in proportion; false when
// it is more than they cost.
func (v *invoice) discounted() bool {
	if v.more == nil || v.more.discount == 0 {
		return true
	}
	amounts := make([]int64, len(v.lines))
	var sum int64
	for i, l := range v.lines {
		amounts[i] = l.Amount
		sum += l.Amount
	}
	if v.more.discount > sum {
		return false
	}
	for i, n := range money.Split(v.more.discount, amounts) {
		l := &v.lines[i]
		l.Amount -= n
		l.Discount += n
		l.Tax = min(l.Tax, l.Amount)
	}
	return true
}

// same tells whether two rows that are whole orders say the same.
func (v *invoice) same(at moment.Time, customer string, l loyalty.Line) bool {
	return v.at == at && v.customer == customer && len(v.lines) == 1 && v.lines[0].SKU == l.SKU && v.lines[0].Quantity == l.Quantity &&
		v.lines[0].Amount == l.Amount
}

// facts turns the invoices into facts, in the order in which they are judged.
func (r *reader) facts(d *Desk, reward bool) []*entry {
	origin := loyalty.FromImport
	if reward {
		origin = loyalty.FromLive
	}
	out := make([]*entry, 0, len(r.order))
	for _, v := range r.order {
		switch {
		case v.broken:
			r.totals.skip(SkippedIncomplete, v.rows)
			continue
		case v.refund && v.customer == "" && !v.named():
			r.totals.skip(SkippedGuest, v.rows)
			continue
		case len(v.lines) == 0: // a return without lines would mean all of its order
			r.totals.skip(SkippedNoLines, v.rows)
			continue
		case !v.discounted():
			r.totals.fail(v.first, "discount", DiscountTooLarge)
			r.spoilt[v.number] = true
			continue
		}
		f := &loyalty.Fact{Feed: r.mapping.Feed, ExternalID: v.name(), Via: loyalty.FromImport, Origin: origin, Kind: loyalty.OrderPaid, OccurredAt: v.at}
		if v.customer != "" {
			var err error
			if f.Member, f.Person, err = r.member(d, v.customer); err != nil {
				r.totals.refused(v.first, "member", err)
				r.spoilt[v.number] = true
				continue
			}
			r.totals.Members[f.Member.Keys[0].Key] = true
		}
		e := &entry{fact: f, line: v.first, number: v.number}
		for _, l := range v.lines {
			e.amount += l.Amount
		}
		r.body(v, f)
		out = append(out, e)
	}
	r.invoices, r.order = nil, nil
	slices.SortFunc(out, func(a, b *entry) int { return a.position().Compare(b.position()) })
	return out
}

// named tells whether a return names its order.
func (v *invoice) named() bool { return v.inside || v.more != nil && v.more.refundOf != "" }

// body writes the order or the return into its fact.
func (r *reader) body(v *invoice, f *loyalty.Fact) {
	if v.refund {
		f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Lines: returned(v.lines)}
		switch {
		case v.inside:
			f.Refund.Series, f.Refund.Ref = r.mapping.Series, v.number
		case v.named():
			f.Refund.Series, f.Refund.Ref = r.mapping.Series, v.more.refundOf
		}
		return
	}
	f.Order = &loyalty.Order{Series: r.mapping.Series, Ref: v.number, Currency: r.shop.Currency, Lines: v.lines}
	f.Order.Channel, f.Order.Site = r.mapping.fixed["channel"], r.mapping.fixed["site"]
	if m := v.more; m != nil {
		f.Order.Delivery = m.delivery
		if m.channel != "" {
			f.Order.Channel = m.channel
		}
		if m.site != "" {
			f.Order.Site = m.site
		}
	}
}

// member names whom the cells of a row name. Numbers and external ids alone need nobody's
// help.
func (r *reader) member(d *Desk, customer string) (loyalty.Who, *loyalty.Person, error) {
	if len(r.people) == 1 && r.people[0].what == "external id" {
		return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByExternal, Key: r.mapping.Prefix + customer}}}, nil, nil
	}
	var n Named
	for i, cell := range strings.Split(customer, between) {
		n.set(r.mapping, r.people[i].what, cell)
	}
	return d.People.Who(n, "member")
}

func returned(lines []loyalty.Line) []loyalty.RefundLine {
	out := make([]loyalty.RefundLine, len(lines))
	for i, l := range lines {
		out[i] = loyalty.RefundLine{SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: l.Amount}
	}
	return out
}
