package reference

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// group is a world with the dice that decide what happens in it. There are few people and
// few orders at a time, so that operations meet.
type group struct {
	world
	prefix string
	dice   *rand.Rand
	names  []string
	fresh  int // people and facts named so far
	facts  int
	past   []past
	script []op
	said   map[string]bool
}

// past is an operation that was recorded, with its answer.
type past struct {
	op     op
	at     moment.Time
	answer string
}

func (g *group) newcomer() string {
	g.fresh++
	return fmt.Sprintf("%s-m%d", g.prefix, g.fresh)
}

func (g *group) anybody() string { return g.names[g.dice.IntN(len(g.names))] }

// somebody is a member whom the shop knows, if there is one.
func (g *group) somebody() string {
	for range 20 {
		if n := g.anybody(); g.people[n] != nil {
			return n
		}
	}
	return ""
}

// pick draws one of the names whose member is as wanted, if there is one.
func (g *group) pick(wanted func(*member) bool) string {
	var out []string
	for _, n := range g.names {
		if wanted(g.people[n]) {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return out[g.dice.IntN(len(out))]
}

func (g *group) nameOf(m *member) string { return g.pick(func(x *member) bool { return x == m }) }

func (g *group) friend(m *member) bool { return m != nil && m.bond != nil && !m.by.whole() }

func (g *group) waits(m *member) bool {
	return g.friend(m) && slices.ContainsFunc(g.lots, func(l *lot) bool { return l.friend == m && l.due != 0 && l.left > 0 })
}

func (g *group) blocked(m *member) bool { return m != nil && m.blocked }

func (g *group) mayQualify(m *member) bool {
	return g.friend(m) && (m.by == nil || m.ordered < m.met[m.bond])
}

func (g *group) belowAGuest(m *member) bool {
	return g.friend(m) && m.bond.joined == 0 && m.bond.ordered == 0 && g.nameOf(m.bond) != ""
}

var often = []struct {
	kind   string
	weight int
}{
	{"join", 13}, {"place", 5}, {"pay", 24}, {"cancel", 5}, {"refund line", 8}, {"refund amount", 7}, {"refund whole", 5},
	{"give", 10}, {"take", 4}, {"transfer", 6}, {"exchange", 7}, {"redeem", 8}, {"merge", 6}, {"block", 3}, {"unblock", 4},
	{"pay in pounds", 1}, {"again", 3}, {"another body", 2},
}

func (g *group) kind() string {
	sum := 0
	for _, k := range often {
		sum += k.weight
	}
	n := g.dice.IntN(sum)
	for _, k := range often {
		if n -= k.weight; n < 0 {
			return k.kind
		}
	}
	return ""
}

// draw draws the next operation, or takes it from a script.
func (g *group) draw() op {
	g.facts++
	if len(g.script) > 0 {
		o := g.script[0]
		g.script, o.name = g.script[1:], g.facts
		return o
	}
	o := op{kind: g.kind(), who: g.anybody(), name: g.facts}
	chance := func(percent int) bool { return g.dice.IntN(100) < percent }
	between := func(from, to int64) int64 { return from + g.dice.Int64N(to-from+1) }
	if chance(4) {
		o.who = g.prefix + "-nobody"
	}
	if chance(5) {
		g.names[g.dice.IntN(len(g.names))] = g.newcomer()
	}
	known := g.somebody()
	switch o.kind {
	case "join":
		if o.who = g.anybody(); chance(75) {
			o.other = g.anybody()
		}
		if chance(5) {
			o.other = g.prefix + "-nobody"
		}
		if fresh := g.pick(func(m *member) bool { return m == nil }); chance(40) && fresh != "" {
			o.who, o.other = fresh, known
			if guest := g.pick(func(m *member) bool { return m != nil && m.joined == 0 && m.ordered == 0 }); guest != "" {
				o.other = guest
			} else if star := g.prefix + "-m1"; chance(80) && g.people[star] != nil {
				o.other = star
			}
		}
		if below := g.pick(g.belowAGuest); chance(40) && below != "" { // his referrer has not joined yet
			o.who, o.other = g.nameOf(g.people[below].bond), below
		}
	case "place", "pay", "cancel", "refund line", "refund amount", "refund whole", "pay in pounds":
		if o.who = g.anybody(); o.kind == "pay in pounds" {
			o.of = [2]line{{1, 500}, {1, 500}}
		}
		first := max(0, g.facts/4-3)
		o.ref = fmt.Sprintf("%s-o%d", g.prefix, first+g.dice.IntN(6))
		for i := 0; i < 6 && o.kind[0] == 'r' && g.orders[o.ref] == nil; i++ {
			o.ref = fmt.Sprintf("%s-o%d", g.prefix, first+g.dice.IntN(6))
		}
		x := g.orders[o.ref]
		if x != nil || o.kind[0] == 'r' {
			o.who = known
		}
		if known == "" && x != nil {
			return op{kind: "join", who: g.anybody(), name: o.name}
		} else if known == "" {
			return op{kind: "place", who: g.anybody(), ref: o.ref, of: [2]line{{}, {1, 2500}}, name: o.name}
		}
		if buyer := g.pick(g.mayQualify); x == nil && o.kind == "pay" && buyer != "" && chance(60) {
			o.who, o.of[1] = buyer, line{1, 2500}
		}
		if (o.kind == "pay" || o.kind == "place") && !(o.kind == "pay" && x != nil && x.known && chance(50)) {
			o.of[1] = line{between(1, 2), between(50, 4000) + o.of[1].sum}
			if mugs := between(0, 3); mugs > 0 {
				o.of[0] = line{mugs, mugs*between(100, 1500) + between(0, 99)}
			}
		}
		o.line, o.n = g.dice.IntN(2), between(1, 3)
		if o.kind == "refund amount" {
			o.n = between(1, 6000)
		}
	case "give":
		o.unit, o.n, o.ends = "points", between(5, 60), never
		if chance(40) {
			if o.unit, o.n = "stamps", between(1, 3); chance(90) && g.pick(g.blocked) != "" {
				o.who, o.n = g.pick(g.blocked), 3
			}
		} else if chance(30) {
			o.opens = g.now + moment.Day*moment.Time(between(1, 3))
		}
		if chance(40) {
			o.ends = max(g.now, o.opens) + moment.Day*moment.Time(between(1, 8))
		}
		if chance(6) {
			o.unit = "shells"
		}
	case "unblock":
		if b := g.pick(g.blocked); b != "" && chance(90) {
			o.who = b
		}
	case "take", "transfer":
		o.unit, o.other = "points", g.anybody()
		if o.kind == "take" && chance(25) {
			o.unit = "stamps"
		}
		open := int64(0)
		if m := g.people[o.who]; m != nil {
			open = g.sum(m, o.unit, g.open)
		}
		if o.n = open + between(1, 20); open > 0 && chance(75) {
			o.n = between(1, open)
		}
		if chance(4) {
			o.other = g.prefix + "-nobody"
		}
	case "exchange":
		o.unit, o.n = "points", between(1, 2)
		if chance(8) {
			o.unit = ""
		}
		for range 10 {
			if m := g.people[o.who]; m == nil || g.sum(m, "points", g.open) < 40 {
				o.who = g.anybody()
			}
		}
	case "redeem":
		if len(g.vouchers) > 0 && !chance(5) {
			o.voucher = g.vouchers[max(0, len(g.vouchers)-1-g.dice.IntN(8))]
			for _, n := range g.names {
				if g.people[n] == o.voucher.to && !chance(10) {
					o.who = n
				}
			}
		}
	case "merge":
		if o.other = g.anybody(); chance(15) {
			o.other = o.who
		}
		if friend := g.pick(g.waits); friend != "" && chance(80) { // somebody who bought before he was sent
			sent := g.people[friend].met[g.people[friend].bond]
			if buyer := g.pick(func(m *member) bool { return m != nil && m.ordered != 0 && m.ordered < sent }); buyer != "" {
				o.who, o.other = friend, buyer
			}
		}
		if chance(4) {
			o.other = g.prefix + "-nobody"
		}
	}
	return o
}

func who(number string) loyalty.Who {
	return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
}

// fact is an operation as it is reported.
func (s *shop) fact(g *group, o op, at moment.Time) *loyalty.Fact {
	f := &loyalty.Fact{
		Feed: "web", ExternalID: fmt.Sprintf("%s-%d", g.prefix, o.name), Via: "api", Origin: loyalty.FromLive, OccurredAt: at,
		Member: who(o.who),
	}
	x := &loyalty.Order{Series: "web", Ref: o.ref, Currency: "EUR"}
	for i, sku := range []string{"MUG", "TEA"} {
		if o.of[i].n > 0 {
			x.Lines = append(x.Lines, loyalty.Line{SKU: sku, Quantity: o.of[i].n, Amount: o.of[i].sum})
		}
	}
	staff := &loyalty.Staff{Actor: "eva", Reason: "asked"}
	switch o.kind {
	case "join":
		if f.Kind = loyalty.MemberJoined; o.other != "" {
			f.Referrer = who(o.other)
		}
	case "place":
		f.Kind, f.Order = loyalty.OrderPlaced, x
	case "pay":
		f.Kind, f.Order = loyalty.OrderPaid, x
	case "pay in pounds":
		f.Kind, f.Order, x.Currency = loyalty.OrderPaid, x, "GBP"
	case "cancel":
		f.Kind, f.Order = loyalty.OrderCancelled, &loyalty.Order{Series: "web", Ref: o.ref}
	case "refund whole", "refund amount", "refund line":
		f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Series: "web", Ref: o.ref}
		if o.kind == "refund amount" {
			f.Refund.Amount = o.n
		} else if o.kind == "refund line" {
			f.Refund.Lines = []loyalty.RefundLine{{SKU: []string{"MUG", "TEA"}[o.line], Quantity: o.n}}
		}
	case "give", "take":
		f.Kind = loyalty.StaffAdjust
		f.Adjust = &loyalty.Adjust{Unit: string(s.unit(o.unit)), Amount: o.n, Reason: "asked", Actor: "eva"}
		if o.kind == "take" {
			f.Adjust.Amount = -o.n
		} else if f.Adjust.OpensAt = o.opens; o.ends != never {
			f.Adjust.ExpiresAt = o.ends
		}
	case "transfer":
		f.Kind, f.Other = loyalty.Transferred, who(o.other)
		f.Transfer = &loyalty.Transfer{Unit: string(s.unit(o.unit)), Amount: o.n}
	case "exchange":
		f.Kind, f.Use = loyalty.ExchangeAsked, &loyalty.Use{Program: s.points, Rule: "gift", Times: o.n}
		if o.unit == "" {
			f.Use.Rule = "unknown"
		}
	case "redeem":
		f.Kind, f.Use = loyalty.VoucherRedeemed, &loyalty.Use{Code: "22222222"}
		if o.voucher != nil {
			f.Use.Code = o.voucher.code
		}
	case "merge":
		f.Kind, f.Other, f.Staff = loyalty.StaffMerge, who(o.other), staff
	case "block", "unblock":
		staff.No = o.kind == "unblock"
		f.Kind, f.Staff = loyalty.StaffBlock, staff
	}
	return f
}

func (s *shop) unit(name string) ledger.Unit {
	if name == "stamps" {
		return s.stamps
	}
	return ledger.Unit(name)
}
