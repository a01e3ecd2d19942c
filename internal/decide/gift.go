package decide

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// This file: the catalogue of gifts, and what members ask for of it. A claim is all or
// nothing; its price is fixed when it is made, and comes back when it is given up.

// catalogue keeps what staff says of an entry, or of its stock.
func (c *call) catalogue() {
	switch c.f.Kind {
	case loyalty.StaffGift:
		g := c.d.Gifts[c.f.Gift.Code]
		if g == nil {
			g = &loyalty.GiftRow{In: map[string]int64{}, Out: map[string]int64{}, New: true}
			c.d.Gifts[c.f.Gift.Code] = g
		}
		g.Gift, g.Event, g.ChangedAt, g.Dirty = *c.f.Gift, c.f.ID, c.now, true
	case loyalty.StaffStock:
		s := c.f.Stock
		g := c.d.Gifts[s.Gift]
		g.In[s.Variant] += s.Add
		g.Event, g.ChangedAt, g.Dirty = c.f.ID, c.now, true
	}
	c.line(loyalty.ReceiptLine{Outcome: loyalty.Noted, Rule: c.f.Kind})
}

// refuseCatalogue refuses what cannot be said of the catalogue here.
func (c *call) refuseCatalogue() error {
	switch c.f.Kind {
	case loyalty.StaffGift:
		for i, p := range c.f.Gift.Prices {
			if !c.known(ledger.Unit(p.Unit), NewFile(&loyalty.Member{})) {
				return loyalty.Invalid(fmt.Sprintf("gift.prices[%d].unit", i), "unknown_unit", "unit", p.Unit)
			}
		}
	case loyalty.StaffStock:
		s := c.f.Stock
		g := c.d.Gifts[s.Gift]
		switch {
		case g == nil:
			return loyalty.NotFound("stock.gift", "gift_unknown")
		case !g.Gift.Limited:
			return loyalty.Conflict("stock.gift", "stock_unlimited")
		case !hasVariant(&g.Gift, s.Variant):
			return loyalty.Invalid("stock.variant", "unknown_variant")
		}
		if left, _ := g.Left(s.Variant); left+s.Add < 0 {
			return loyalty.Conflict("stock.add", string(loyalty.OutOfStock), "need", number(-s.Add), "got", number(left))
		}
	}
	return nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func hasVariant(g *loyalty.Gift, variant string) bool {
	if len(g.Variants) == 0 {
		return variant == ""
	}
	return slices.ContainsFunc(g.Variants, func(v loyalty.GiftVariant) bool { return v.Code == variant })
}

// refuseGifts finds what makes a claim of the catalogue impossible, before anything changes.
// What staff gives costs nothing, and may be given to anybody at any time while there is some.
func (c *call) refuseGifts(m *File) error {
	if err := blocked(m); err != nil {
		return err
	}
	given := c.f.Staff != nil
	left := map[string]int64{}  // of the stock of a gift's variant, less what came before in this claim
	had := map[string]int64{}   // by the member, of a gift
	price := map[string]int64{} // by unit
	for i, x := range c.f.Claim.Items {
		at := fmt.Sprintf("claim.items[%d].", i)
		g := c.d.Gifts[x.Gift]
		if g == nil || g.Gift.Archived {
			return loyalty.NotFound(at+"gift", "gift_unknown")
		}
		if err := c.mayHave(m, g, at); err != nil && !given {
			return err
		}
		if !hasVariant(&g.Gift, x.Variant) {
			return loyalty.Invalid(at+"variant", "unknown_variant")
		}
		if l, ok := g.Gift.Limit(m.Member.Group); ok && !given {
			name := giftCounter(x.Gift, l.Period, c.f.OccurredAt, c.d.Shop)
			if _, known := had[x.Gift]; !known {
				if n := m.Counters[name]; n != nil {
					had[x.Gift] = n.Used
				}
			}
			if had[x.Gift]+x.Quantity > l.PerMember {
				return loyalty.Conflict(at+"quantity", string(loyalty.CapReached), "what", rules.Uses,
					"cap", number(l.PerMember), "used", number(had[x.Gift]), "period", l.Period)
			}
			had[x.Gift] += x.Quantity
		}
		stock := x.Gift + "\x1f" + x.Variant
		if n, limited := g.Left(x.Variant); limited {
			if _, known := left[stock]; !known {
				left[stock] = n
			}
			if left[stock] < x.Quantity {
				return loyalty.Conflict(at+"quantity", string(loyalty.OutOfStock), "need", number(x.Quantity), "got", number(left[stock]))
			}
			left[stock] -= x.Quantity
		}
		if g.Gift.Delivery == loyalty.GiftByParcel && !c.f.Claim.Addressed && !given {
			return loyalty.Invalid("claim.address", "required")
		}
		if given {
			continue
		}
		p, ok := g.Gift.Price(x.Unit)
		if !ok {
			return loyalty.Invalid(at+"unit", "no_price", "unit", x.Unit)
		}
		price[p.Unit] += p.Amount * x.Quantity
	}
	for _, u := range slices.Sorted(maps.Keys(price)) {
		if err := c.refuseSpend(m, "claim.items", "claim.items", u, price[u]); err != nil {
			return err
		}
	}
	return nil
}

// mayHave tells whether a gift is for the member, now.
func (c *call) mayHave(m *File, g *loyalty.GiftRow, at string) error {
	t := c.f.OccurredAt
	switch x := &g.Gift; {
	case t < x.From || x.Until != 0 && t >= x.Until:
		return loyalty.Conflict(at+"gift", string(loyalty.OutOfWindow))
	case len(x.Groups) > 0 && !slices.Contains(x.Groups, m.Member.Group):
		return loyalty.Conflict(at+"gift", string(loyalty.ConditionNotMet), "which", "group")
	case len(x.Segments) > 0 && !slices.ContainsFunc(x.Segments, func(s string) bool { return m.Tags[s].On }):
		return loyalty.Conflict(at+"gift", string(loyalty.ConditionNotMet), "which", "segment")
	}
	return nil
}

// giftCounter counts the pieces of a gift that a member has had within a period.
func giftCounter(gift, period string, t moment.Time, s *loyalty.Shop) CounterName {
	return CounterName{"gift:" + gift, periodOf(period, t, s)}
}

// GiftCounters lists the counters of a member that a claim of gifts may read.
func GiftCounters(g *loyalty.Gift, t moment.Time, s *loyalty.Shop) []CounterName {
	var out []CounterName
	for _, l := range g.Limits {
		out = append(out, giftCounter(g.Code, l.Period, t, s))
	}
	return out
}

// gifts makes a claim of the catalogue: the price leaves the lots, stock and limits count,
// vouchers and codes come at once, the rest goes on the list of what is to be sent or handed
// over. In a refold the claim stands as it is in the book.
func (c *call) gifts(m *File, f *loyalty.Fact) {
	for i, item := range f.Claim.Items {
		key := loyalty.RewardKey{Rule: ruleGift, Member: m.Member.ID, Once: fmt.Sprintf("%s#%d", eventKey(f), i)}
		if c.live != nil {
			c.giftAgain(m, key)
		} else {
			c.gift(m, key, item)
		}
		each := fmt.Sprintf("%s#%d", eventKey(f), i)
		c.judge(m, occasion{trigger: rules.OnClaimMade, cause: each, each: each, site: f.Claim.Site})
	}
	c.exchange(m)
}

func (c *call) gift(m *File, key loyalty.RewardKey, item loyalty.GiftItem) {
	g := c.d.Gifts[item.Gift]
	p, _ := g.Gift.Price(item.Unit)
	given := c.f.Staff != nil
	if given {
		p = loyalty.GiftPrice{Unit: rules.Points} // nothing of it
	}
	unit := ledger.Unit(p.Unit)
	x := c.pay(m, key, GiftCause(m.Member.ID), m.Account(unit), p.Amount*item.Quantity, item.Quantity)
	k := &loyalty.Claim{
		Reward: x.ID, Member: m.Member.ID, Gift: g.Gift.Name, ByHand: g.Gift.Delivery == loyalty.GiftByHand, Quantity: item.Quantity,
		State: loyalty.ClaimOpen, Since: c.at, Code: item.Gift, Delivery: g.Gift.Delivery, Site: c.f.Claim.Site, Pool: g.Gift.Pool, New: true,
		Detail: loyalty.ClaimDetail{Variant: item.Variant, Unit: unit, Price: p.Amount * item.Quantity, Cost: g.Gift.Cost * item.Quantity},
	}
	if g.Gift.Limited {
		g.Out[item.Variant] += item.Quantity
		g.Dirty = true
	}
	if l, ok := g.Gift.Limit(m.Member.Group); ok {
		name := giftCounter(item.Gift, l.Period, c.f.OccurredAt, c.d.Shop)
		c.count(m, name, item.Quantity)
		k.Detail.Period = name.Period
	}
	m.Claims[x.ID] = k
	line := loyalty.ReceiptLine{Member: m.Member.ID, Outcome: loyalty.Exchanged, Rule: ruleGift, Unit: unit, Amount: k.Detail.Price, Gift: k.Gift}
	if given {
		line.Outcome, line.Unit, line.Amount = loyalty.Given, "", item.Quantity
	}
	switch g.Gift.Delivery {
	case loyalty.GiftByVoucher:
		v := c.giftVoucher(m, x, g.Gift.Voucher)
		line.Voucher, line.Gift, line.At = v.ID, "", v.ExpiresAt
		k.State, k.DoneAt = loyalty.ClaimDelivered, c.at
	case loyalty.GiftByCode:
		c.draw(k)
	}
	c.line(line)
}

// GiftCause is the cause of what a member's units were spent on in the catalogue.
func GiftCause(m id.Member) string { return "g:" + m.String() }

// giftVoucher makes the voucher that a gift is, with one use for each piece.
func (c *call) giftVoucher(m *File, x *loyalty.Reward, t *loyalty.GiftVoucher) *loyalty.Voucher {
	v := &loyalty.Voucher{
		ID: mint[id.VoucherKind](c), Member: m.Member.ID, Reward: x.ID, Kind: t.Kind, Article: t.Article, Amount: t.Amount,
		Percent: t.Percent, UsesMax: x.Amount, StartsAt: c.at, State: loyalty.VoucherActive, New: true,
	}
	if t.ValidDays > 0 {
		e := rules.Expiry{Kind: rules.ExpiryDays, N: t.ValidDays}
		v.ExpiresAt = e.ExpiresAt(c.at, c.d.Shop.Zone)
	}
	m.Vouchers[x.ID] = v
	return v
}

// draw gives a claim its codes, in the order of the pool; it waits where there are too few.
func (c *call) draw(k *loyalty.Claim) {
	var free []*loyalty.PoolCode
	for _, x := range c.d.Pools[k.Pool] {
		if x.Claim.IsZero() && int64(len(free)) < k.Quantity {
			free = append(free, x)
		}
	}
	k.Dirty = true
	if int64(len(free)) < k.Quantity {
		k.State = loyalty.ClaimNoCode
		return
	}
	for _, x := range free {
		x.Claim, x.Dirty = k.Reward, true
		k.Detail.Codes = append(k.Detail.Codes, x.N)
	}
	k.State, k.DoneAt = loyalty.ClaimDelivered, c.at
}

// giftAgain puts a claim into a history that is judged again: it costs what it cost.
func (c *call) giftAgain(m *File, key loyalty.RewardKey) {
	book := c.live.Files[m.Member.ID]
	x := book.Rewards[key]
	if x == nil || book.Claims[x.ID] == nil {
		return
	}
	k := *book.Claims[x.ID]
	y := c.pay(m, key, GiftCause(m.Member.ID), m.Account(k.Detail.Unit), k.Detail.Price, x.Amount)
	k.Reward, k.New, k.Dirty = y.ID, false, false
	m.Claims[y.ID] = &k
	if k.Detail.Period != "" && k.State != loyalty.ClaimCancelled {
		c.count(m, CounterName{"gift:" + k.Code, k.Detail.Period}, k.Quantity)
	}
	if v := book.Vouchers[x.ID]; v != nil {
		same := *v
		same.Reward = y.ID
		m.Vouchers[y.ID] = &same
	}
}

// cancelled gives a claim up: what it cost comes back to the lots that paid, the piece to
// the stock, its place under the limit to the member.
func (c *call) cancelled(m *File, x *loyalty.Reward, k *loyalty.Claim) {
	paid := int64(0)
	for _, s := range x.Spent {
		paid += s.Amount - s.Back
	}
	c.payBack(m, x, m.Account(k.Detail.Unit), paid)
	x.Taken, x.State = x.Amount, loyalty.RewardReturned
	if c.live == nil {
		k.State, k.DoneAt, k.Dirty = loyalty.ClaimCancelled, c.at, true
		if k.Detail.Period != "" {
			c.count(m, CounterName{"gift:" + k.Code, k.Detail.Period}, -k.Quantity)
		}
		if g := c.d.Gifts[k.Code]; g != nil && g.Out[k.Detail.Variant] > 0 {
			g.Out[k.Detail.Variant] = max(0, g.Out[k.Detail.Variant]-k.Quantity)
			g.Dirty = true
		}
	}
	c.line(loyalty.ReceiptLine{
		Member: m.Member.ID, Outcome: loyalty.Undone, Rule: ruleGift, Unit: k.Detail.Unit, Amount: paid, Exchange: true, Gift: k.Gift,
	})
	c.exchange(m)
}

// filled gives codes that were added to a pool to those who wait for them, oldest first.
func (c *call) filled() {
	var list []*loyalty.Claim
	for _, m := range c.d.Files {
		for _, k := range m.Claims {
			if k.Pool == c.f.Pool && k.State == loyalty.ClaimNoCode {
				list = append(list, k)
			}
		}
	}
	slices.SortFunc(list, func(a, b *loyalty.Claim) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), slices.Compare(a.Reward[:], b.Reward[:]))
	})
	for _, k := range list {
		if c.draw(k); k.State == loyalty.ClaimNoCode {
			continue // a smaller claim behind it may still find enough
		}
		c.line(loyalty.ReceiptLine{Member: k.Member, Outcome: loyalty.Noted, Rule: ruleGift, Gift: k.Gift, Code: noteDelivered})
	}
	c.line(loyalty.ReceiptLine{Outcome: loyalty.Noted, Rule: c.f.Kind})
}

// noteDelivered says that the code of a gift is there now.
const noteDelivered loyalty.Reason = "claim_delivered"
