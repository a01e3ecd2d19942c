package story

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// movement is value that came or went, as receipts tell it.
type movement struct {
	member, unit, of    string // of: the program whose stamps these are
	program, rule, part string
	pending             moment.Time // when it opens; zero: open at once
	amount              int64
}

// comparison holds a step against what the story says of it.
type comparison struct {
	*runner
	lines   []loyalty.ReceiptLine
	refused *loyalty.Problem
	moved   []movement
	issued  []issuedVoucher
	claims  []movedClaim
}

type issuedVoucher struct {
	member    string
	v         *loyalty.Voucher
	withdrawn bool
}

// movements sums what the receipts tell, and holds it against the accounts: a receipt that
// does not add up to its balances is a difference in itself.
func (c *comparison) movements(was map[string]Wallet) {
	sums, tallied := map[movement]int64{}, map[string]int64{}
	for _, l := range c.lines {
		m := movement{member: c.name(l.Member), program: c.programs[l.Program], rule: l.Rule, part: rolePart(l.Part)}
		m.unit, m.of = c.unit(l.Unit)
		n := signed(l)
		if m.unit == rules.Tally { // what orders count together towards a rule has no name in a text
			tallied[m.member] += n
			continue
		}
		switch l.Outcome {
		case loyalty.Waiting:
			m.pending = l.At
		case loyalty.Expired:
			m.rule = "expired"
		}
		sums[m] += n
	}
	type account struct{ member, unit, of string }
	balance := map[account]int64{}
	for m, n := range sums {
		m.amount = n
		if n != 0 {
			c.moved = append(c.moved, m)
		}
		balance[account{m.member, m.unit, m.of}] -= n
	}
	slices.SortFunc(c.moved, func(a, b movement) int { return strings.Compare(c.text(a), c.text(b)) })
	for i, wallets := range []map[string]Wallet{was, c.wallets} {
		for _, w := range wallets {
			name := c.name(w.Member)
			for _, a := range w.Accounts {
				unit, of := c.unit(a.Unit)
				if unit == rules.Tally {
					tallied[name] -= a.Balance * int64(2*i-1)
					continue
				}
				balance[account{name, unit, of}] += a.Balance * int64(2*i-1)
			}
		}
	}
	for name, n := range tallied {
		if n != 0 {
			c.differs("", fmt.Sprintf("what %s's orders count together moved by %d that no receipt explains", name, n))
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(balance), func(a, b account) int {
		return cmp.Or(cmp.Compare(a.member, b.member), cmp.Compare(a.unit, b.unit), cmp.Compare(a.of, b.of))
	}) {
		if n := balance[k]; n != 0 {
			c.differs("", fmt.Sprintf("%s's balance moved by %s that no receipt explains", k.member, c.amount(n, k.unit)))
		}
	}
}

// signed is what a line of a receipt moved a balance by.
func signed(l loyalty.ReceiptLine) int64 {
	switch {
	case l.Unit == "":
		return 0
	case l.Outcome == loyalty.Given, l.Outcome == loyalty.Waiting, l.Outcome == loyalty.PaidBack, l.Outcome == loyalty.Undone && l.Exchange:
		return l.Amount
	case l.Outcome == loyalty.Paid, l.Outcome == loyalty.TakenBack, l.Outcome == loyalty.Exchanged, l.Outcome == loyalty.Undone, l.Outcome == loyalty.Expired:
		return -l.Amount
	}
	return 0
}

func rolePart(p loyalty.Part) string {
	if p == loyalty.AsMember {
		return ""
	}
	return string(p)
}

// vouchers finds those that came and those that were withdrawn. One that came over from
// another card of the same person is none of them.
func (c *comparison) vouchers(was map[string]Wallet) {
	before := map[id.Voucher]string{}
	for _, w := range was {
		for _, v := range w.Vouchers {
			before[v.ID] = v.State
		}
	}
	for _, name := range c.story.Members {
		for _, v := range c.wallets[name].Vouchers {
			state, known := before[v.ID]
			switch {
			case v.State != loyalty.VoucherWithdrawn && (!known || state == loyalty.VoucherWithdrawn):
				c.issued = append(c.issued, issuedVoucher{member: name, v: v})
			case v.State == loyalty.VoucherWithdrawn && known && state != v.State:
				c.issued = append(c.issued, issuedVoucher{member: name, v: v, withdrawn: true})
			}
		}
	}
}

// compare goes through the expectations, the most exact ones first.
func (c *comparison) compare() {
	refusedAsTold := false
	groups := map[movement]*group{}
	var order []*group
	for _, e := range c.step.Expect {
		switch e.kind {
		case expectMovement:
			k := movement{member: e.member, unit: e.unit, program: e.program, rule: e.rule, part: e.part}
			if e.until != nil {
				k.pending = e.until.t
			}
			if groups[k] == nil {
				groups[k] = &group{like: k, until: e.until}
				order = append(order, groups[k])
			}
			groups[k].said = append(groups[k].said, e.Text)
			groups[k].amount += e.amount
		case expectVoucher, expectWithdrawn:
			c.expectVoucher(e)
		case expectRefused:
			if e.rule == "" {
				refusedAsTold = true
				c.expectProblem(e)
			} else {
				c.expectRefused(e)
			}
		case expectOpened:
			c.expectOpened(e)
		case expectGift, expectGiftGone:
			c.expectGift(e)
		case expectBond:
			c.expectBond(e)
		case expectFriends:
			c.expectFriends(e)
		case expectSaid:
			c.expectSaid(e)
		case expectBalance, expectDebt, expectVouchers, expectLots:
			c.expectState(e)
		case expectToPay:
			c.expectToPay(e)
		case expectClaim:
			c.expectClaimState(e)
		case expectUsed:
			c.expectUsed(e)
		case expectCode:
			c.expectCode(e)
		case expectNothing:
		}
	}
	c.discounts()
	slices.SortStableFunc(order, func(a, b *group) int { return b.weight() - a.weight() })
	for _, g := range order {
		c.claim(g)
	}
	for _, m := range c.moved {
		c.differs("", c.text(m))
	}
	for _, v := range c.issued {
		c.differs("", c.voucherText(v))
	}
	for _, k := range c.claims {
		c.differs("", k.text())
	}
	if c.refused != nil && !refusedAsTold {
		c.differs("", "refused: "+c.refused.Error())
	}
}

// group is the expected movements of one kind, which are summed.
type group struct {
	like   movement
	until  *when
	amount int64
	said   []string
}

// weight is greater for what is said more exactly.
func (g *group) weight() int {
	n := 0
	for _, s := range []string{g.like.rule, g.like.part, g.like.program} {
		if s != "" {
			n++
		}
	}
	return n
}

func (g *group) fits(m movement, zone func(moment.Time) string) bool {
	l := g.like
	if m.member != l.member || m.unit != l.unit || (g.until == nil) != (m.pending == 0) {
		return false
	}
	if g.until != nil && !g.until.is(m.pending, zone) {
		return false
	}
	return (l.rule == "" || l.rule == m.rule) && (l.part == "" || l.part == m.part) &&
		(l.program == "" || l.program == m.program || l.program == m.of)
}

// is tells whether t is that day, or that instant as far as it was written.
func (w *when) is(t moment.Time, date func(moment.Time) string) bool {
	if w.day {
		return date(t) == date(w.t)
	}
	return t-t%moment.Minute == w.t-w.t%moment.Minute
}

func (c *comparison) date(t moment.Time) string { return t.Date(c.story.Shop.Zone) }

// claim takes the movements that fit a group, and compares their sum.
func (c *comparison) claim(g *group) {
	var sum int64
	var was []string
	rest := c.moved[:0:0]
	for _, m := range c.moved {
		if g.fits(m, c.date) {
			sum += m.amount
			was = append(was, c.text(m))
			continue
		}
		rest = append(rest, m)
	}
	c.moved = rest
	if sum != g.amount {
		c.differs(strings.Join(g.said, "; "), strings.Join(was, "; "))
	}
}

func (c *comparison) expectVoucher(e Expectation) {
	for i, v := range c.issued {
		if v.member != e.member || v.withdrawn != (e.kind == expectWithdrawn) || !e.voucher.fits(v.v) {
			continue
		}
		if e.until != nil && (v.v.ExpiresAt == 0 || !e.until.is(v.v.ExpiresAt-1, c.date)) {
			continue
		}
		c.issued = slices.Delete(c.issued, i, i+1)
		return
	}
	c.differs(e.Text, "")
}

func (t voucherText) fits(v *loyalty.Voucher) bool {
	return t.kind == "" || t.kind == v.Kind && t.article == v.Article && t.amount == v.Amount && t.percent == v.Percent &&
		max(t.times, 1) == v.UsesMax
}

func (c *comparison) expectProblem(e Expectation) {
	if c.refused == nil {
		c.differs(e.Text, "")
		return
	}
	if c.refused.Code != string(e.code) || !figures(e.figures, c.refused.Args) {
		c.differs(e.Text, "refused: "+c.refused.Error())
	}
}

func figures(want, got map[string]string) bool {
	for k, v := range want {
		if got[k] != v {
			return false
		}
	}
	return true
}

func (c *comparison) expectRefused(e Expectation) {
	near := ""
	for _, l := range c.lines {
		if l.Rule != e.rule || l.Code == "" || e.part != "" && e.part != string(l.Part) || e.member != "" && e.member != c.name(l.Member) {
			continue
		}
		if l.Code == e.code && figures(e.figures, l.Figures) {
			return
		}
		near = strings.TrimSpace(fmt.Sprintf("refused %s: %s need %s got %s", l.Rule, l.Code, l.Figures["need"], l.Figures["got"]))
	}
	c.differs(e.Text, near)
}

func (c *comparison) expectOpened(e Expectation) {
	var sum int64
	for _, l := range c.lines {
		unit, _ := c.unit(l.Unit)
		if l.Outcome == loyalty.Opened && unit == e.unit && c.name(l.Member) == e.member && (e.rule == "" || e.rule == l.Rule) {
			sum += l.Amount
		}
	}
	if sum != e.amount {
		c.differs(e.Text, e.member+" "+c.amount(sum, e.unit)+" opened")
	}
}

// expectState compares what a member has after the step.
func (c *comparison) expectState(e Expectation) {
	w := c.wallets[e.member]
	if e.kind == expectVouchers {
		n := int64(0)
		for _, v := range w.Vouchers {
			if v.State == loyalty.VoucherActive && (v.ExpiresAt == 0 || v.ExpiresAt > c.step.Now) {
				n++
			}
		}
		if n != e.amount {
			c.differs(e.Text, fmt.Sprintf("%s has %d vouchers", e.member, n))
		}
		return
	}
	var open, pending, debt int64
	var lots []*ledger.Lot
	for _, a := range w.Accounts {
		unit, of := c.unit(a.Unit)
		if unit != e.unit || e.program != "" && e.program != of {
			continue
		}
		open += a.AvailableAt(c.step.Now)
		debt += a.Debt()
		for _, l := range a.Lots {
			if l.Remaining > 0 {
				lots = append(lots, l)
				if l.OpensAt == 0 || l.OpensAt > c.step.Now {
					pending += l.Remaining
				}
			}
		}
	}
	switch e.kind {
	case expectBalance:
		if open != e.amount || pending != e.pending {
			c.differs(e.Text, fmt.Sprintf("%s has %s, %s pending", e.member, c.amount(open, e.unit), c.amount(pending, e.unit)))
		}
	case expectDebt:
		if debt != e.amount {
			c.differs(e.Text, fmt.Sprintf("%s owes %s", e.member, c.amount(debt, e.unit)))
		}
	default:
		slices.SortFunc(lots, ledger.SpendOrder)
		if !c.sameLots(e.lots, lots) {
			c.differs(e.Text, e.member+" lots "+c.lotTexts(lots, e.unit))
		}
	}
}

func (c *comparison) sameLots(want []expectedLot, got []*ledger.Lot) bool {
	return slices.EqualFunc(want, got, func(w expectedLot, l *ledger.Lot) bool {
		waits := l.OpensAt > c.step.Now
		switch {
		case w.amount != l.Remaining, w.pending != (l.OpensAt == 0), (w.from != nil) != waits, (w.until != nil) != (l.ExpiresAt != 0):
			return false
		case w.from != nil && !w.from.is(l.OpensAt, c.date), w.until != nil && !w.until.is(l.ExpiresAt-1, c.date):
			return false
		}
		return true
	})
}

func (c *comparison) lotTexts(lots []*ledger.Lot, unit string) string {
	var out []string
	for _, l := range lots {
		s := c.amount(l.Remaining, unit)
		if l.OpensAt == 0 {
			s += " pending"
		} else if l.OpensAt > c.step.Now {
			s += " from " + c.date(l.OpensAt)
		}
		if l.ExpiresAt != 0 {
			s += " until " + c.date(l.ExpiresAt-1)
		}
		out = append(out, s)
	}
	return cmpText(strings.Join(out, ", "), "none")
}

// amount writes a value of a unit.
func (c *comparison) amount(n int64, unit string) string {
	switch unit {
	case rules.Points:
		return money.Text(n, c.story.Shop.PointDecimals) + " " + unit
	case rules.Stamps, rules.Referrals:
		return fmt.Sprintf("%d %s", n, unit)
	}
	return money.Text(n, c.story.Shop.Decimals) + " " + unit
}

// text writes a movement as a story would.
func (c *comparison) text(m movement) string {
	s := m.member + " "
	if m.amount >= 0 {
		s += "+"
	}
	s += c.amount(m.amount, m.unit)
	if m.of != "" && c.stamps > 1 {
		s += fmt.Sprintf(" of %q", m.of)
	}
	if m.pending != 0 {
		s += " pending until " + c.date(m.pending)
	}
	for _, w := range []string{m.rule, m.part} {
		if w != "" {
			s += " " + w
		}
	}
	if m.program != "" && len(c.programs) > 1 {
		s += fmt.Sprintf(" in %q", m.program)
	}
	return s
}

func (c *comparison) voucherText(v issuedVoucher) string {
	s := v.member + " voucher "
	if v.withdrawn {
		s += "withdrawn "
	}
	switch {
	case v.v.Article != "":
		s += fmt.Sprintf("%s %d %s", v.v.Kind, v.v.Amount, v.v.Article)
		if v.v.Percent > 0 {
			s += " at " + plainPercent(v.v.Percent)
		}
	case v.v.Percent > 0:
		s += v.v.Kind + " " + plainPercent(v.v.Percent)
	default:
		s += v.v.Kind + " " + money.Text(v.v.Amount, c.story.Shop.Decimals)
	}
	if v.v.UsesMax > 1 {
		s += fmt.Sprintf(" %d times", v.v.UsesMax)
	}
	return s
}
