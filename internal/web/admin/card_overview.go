package admin

import (
	"cmp"
	"slices"

	"github.com/a-h/templ"

	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// staffView reads receipts as the staff does.
var staffView = locale.View{Staff: true}

// upcoming is something that will happen to what the member has.
type upcoming struct {
	At   moment.Time // zero: a decision of the staff
	Text string
	Icon string
}

// mostComing is how many of them the overview tells.
const mostComing = 8

func (c *card) overviewTab() (templ.Component, error) {
	notes, err := c.v.People.Notes(c.v.ctx, c.v.shop.ID, c.ID)
	if err != nil {
		return nil, err
	}
	list, err := c.coming()
	if err != nil {
		return nil, err
	}
	return overviewTab(c, notes, list), nil
}

// coming lists what opens and what ends, the next first.
func (c *card) coming() ([]upcoming, error) {
	waits, err := c.waits()
	if err != nil {
		return nil, err
	}
	out := make([]upcoming, 0, len(waits))
	for _, w := range waits {
		out = append(out, upcoming{w.At, w.Text, "clock"})
	}
	for _, b := range c.Wallet.Units {
		if !shownUnit(b.Unit) {
			continue
		}
		ends := map[moment.Time]int64{}
		for _, l := range b.Lots {
			if l.ExpiresAt != 0 {
				ends[l.ExpiresAt] += l.Remaining
			}
		}
		for at, n := range ends {
			out = append(out, upcoming{at, c.v.t("admin.card.ends", "Units", c.v.say.Units(b.Unit, n), "Date", c.v.say.Date(at-1)), "calendar"})
		}
	}
	for _, x := range c.Wallet.Vouchers {
		if x.ExpiresAt != 0 {
			out = append(out, upcoming{x.ExpiresAt, c.v.t("admin.card.voucher_ends", "What", c.v.voucherWorth(x), "Date", c.v.say.Date(x.ExpiresAt-1)), "ticket"})
		}
	}
	never := moment.Time(1<<63 - 1)
	slices.SortStableFunc(out, func(a, b upcoming) int { return cmp.Compare(cmp.Or(a.At, never), cmp.Or(b.At, never)) })
	return out[:min(mostComing, len(out))], nil
}

// onItsWay is value that is on its way: how much, when, on what condition, for what.
type onItsWay struct {
	At    moment.Time // zero: a decision opens it
	Units string
	Text  string
	For   string // what it was given for; empty: unknown
}

// waits lists what is on its way to the member, the next first.
func (c *card) waits() (out []onItsWay, err error) {
	var lots []*ledger.Lot
	for _, b := range c.Wallet.Units {
		lots = append(lots, c.waiting(b)...)
	}
	heads, err := c.heads(lots)
	if err != nil {
		return nil, err
	}
	names, err := c.programNames(len(heads) > 0)
	if err != nil {
		return nil, err
	}
	for _, l := range lots {
		h, at := heads[l.Reward], c.openingOf(l)
		w := onItsWay{At: at, Units: c.v.say.Units(l.Unit, l.Remaining)}
		order := orderOfCause(h.Cause)
		switch {
		case at == 0:
			w.Text = c.v.t("admin.card.wait.decision", "Units", w.Units)
		case order != "":
			w.Text = c.v.t("admin.card.wait.order", "Units", w.Units, "Date", c.v.say.Date(at), "Order", order)
		default:
			w.Text = c.v.t("admin.card.wait.date", "Units", w.Units, "Date", c.v.say.Date(at))
		}
		if names[h.Program] != "" {
			w.For = c.v.t("admin.card.wait.rule", "Program", names[h.Program], "Rule", h.Rule)
		}
		out = append(out, w)
	}
	return out, nil
}

func (c *card) heads(lots []*ledger.Lot) (map[rewardID]people.RewardHead, error) {
	var ids []rewardID
	for _, l := range lots {
		if !l.Reward.IsZero() {
			ids = append(ids, l.Reward)
		}
	}
	return c.v.People.RewardHeads(c.v.ctx, c.v.shop.ID, c.ID, ids)
}

// voucherWorth says what a voucher is for.
func (v *visit) voucherWorth(x *loyalty.Voucher) string {
	switch {
	case x.Kind == loyalty.VoucherProduct:
		return v.say.Count("admin.card.voucher_state.product", x.Amount, "Article", x.Article)
	case x.Kind == loyalty.VoucherCategory:
		return v.t("admin.card.voucher_state.category", "Category", x.Article)
	case x.Percent != 0:
		return v.t("admin.card.voucher_state.percent", "Percent", v.say.Percent(x.Percent))
	}
	return v.t("admin.card.voucher_state.cash", "Amount", v.say.Money(x.Amount, v.shop.Currency))
}
