package reference

import (
	"cmp"

	"cagnotte/internal/moment"
)

// no says why not, where something is impossible or refused.
func (w *world) no(bad bool, code string) bool {
	if bad {
		w.say(code)
	}
	return bad
}

func move[T comparable](at *T, from, to T) {
	if *at == from {
		*at = to
	}
}

// above tells whether a member stands in a chain of referrers.
func (m *member) above(other *member) bool {
	for other != nil && other != m {
		other = other.bond
	}
	return other != nil
}

// becomes makes one person of two: names, dates, and who recommended whom.
func (w *world) becomes(other, m *member) {
	first := func(a, b moment.Time) moment.Time { return min(cmp.Or(a, b), cmp.Or(b, a)) }
	for name, p := range w.people {
		if p.met[m] = cmp.Or(p.met[m], p.met[other]); p.bond == other {
			p.bond, p.met[m] = m, p.met[other]
		}
		move(&p, other, m)
		w.people[name] = p
	}
	if m.bond == nil {
		m.bond, m.by = other.bond, other.by
	}
	for x, at := range other.met {
		m.met[x] = first(m.met[x], at)
	}
	if m.above(m.bond) {
		m.bond = nil
	}
	m.joined, m.ordered, m.blocked = first(m.joined, other.joined), first(m.ordered, other.ordered), m.blocked || other.blocked
}

// lose ends a referral that waited: nothing is left of what qualified it.
func (m *member) lose() {
	if m.by != nil {
		m.by = &order{known: true}
	}
}

// makes are the kinds of operations that may be the first one of somebody.
var makes = map[string]bool{
	"join": true, "place": true, "pay": true, "cancel": true, "refund line": true, "refund amount": true, "refund whole": true,
}

// who finds the member whom an operation names, or makes him; his order is known from then on.
func (w *world) who(o op) *member {
	m := w.people[o.who]
	if m == nil && makes[o.kind] {
		m = &member{met: map[*member]moment.Time{}, debt: map[string]int64{}}
		w.people[o.who] = m
	}
	if o.ref != "" && w.orders[o.ref] == nil && makes[o.kind] {
		w.orders[o.ref] = &order{to: m}
	}
	return m
}

// do does an operation, and says what came of it.
func (w *world) do(o op) {
	m := w.who(o)
	other, x := w.people[o.other], w.orders[o.ref]
	if w.no(o.kind == "pay in pounds", "WRONG_CURRENCY") || w.no(m == nil, "member_unknown") {
		return
	}
	switch o.kind {
	case "join":
		w.no(o.other != "" && other == nil, "CODE_UNKNOWN")
		if other != nil && !w.no(other == m, "SELF_REFERRAL") && m.met[other] == 0 && !w.no(m.bond != nil, "ALREADY_REFERRED") &&
			!w.no(m.joined != 0, "ALREADY_MEMBER") && !w.no(m.ordered != 0, "ALREADY_BUYER") && !w.no(m.above(other), "MUTUAL_REFERRAL") {
			m.bond = other
		}
		m.joined, m.met[other] = cmp.Or(m.joined, w.now), cmp.Or(m.met[other], w.now)
		delete(m.met, nil)
	case "place", "pay":
		described, pays := !x.known && o.of != [2]line{}, o.kind == "pay" && x.paid == 0
		if described {
			x.known, x.of = true, o.of
			for _, r := range x.ahead {
				x.refund(r)
			}
		}
		if pays {
			x.paid = w.now
		}
		judged := x.known && x.paid != 0 && (pays || described)
		if !w.no(!judged, "order_known") && !w.no(x.off, "ORDER_CANCELLED") && !w.no(x.whole(), "ORDER_RETURNED") {
			x.to.ordered = min(cmp.Or(x.to.ordered, x.paid), x.paid)
			w.judge(x)
		}
	case "cancel", "refund line", "refund amount", "refund whole":
		switch off := o.kind == "cancel"; {
		case w.no(off && x.off, "order_known"):
		case !x.known:
			x.off, x.ahead = x.off || off, append(x.ahead, o)
			w.no(!off, "order_unknown")
		case !w.no(!x.refund(o) && !off, "NOT_REVERSIBLE"):
			x.off = x.off || off
			w.returned(x)
		}
	case "give":
		if !w.no(o.unit == "shells", "unknown_unit") {
			w.give(lot{to: m, unit: o.unit, n: o.n, opens: max(o.opens, w.now), ends: o.ends})
			w.say("given")
		}
	case "take":
		if !w.no(w.sum(m, o.unit, w.open) < o.n, "INSUFFICIENT_BALANCE") {
			w.take(m, o.unit, o.n, nil)
			w.say("taken_back")
		}
	case "transfer":
		if w.no(m.blocked, "MEMBER_BLOCKED") || w.no(other == nil, "member_unknown") || w.no(other == m, "same_member") ||
			w.no(other.blocked, "MEMBER_BLOCKED") || w.no(w.sum(m, o.unit, w.open) < o.n, "INSUFFICIENT_BALANCE") {
			return
		}
		lots, paid := w.take(m, o.unit, o.n, nil)
		w.say("taken_back")
		w.say("given")
		for i, l := range lots {
			w.give(lot{to: other, unit: o.unit, n: paid[i], opens: w.now, ends: l.ends})
		}
	case "exchange":
		if !w.no(m.blocked, "MEMBER_BLOCKED") && !w.no(o.unit == "", "exchange_unknown") && !w.no(w.sum(m, o.unit, w.open) < 40*o.n, "INSUFFICIENT_BALANCE") {
			for range o.n {
				w.exchange(m, o.unit, 40)
			}
		}
	case "redeem":
		if v := o.voucher; !w.no(v == nil, "CODE_UNKNOWN") && !w.no(m.blocked, "MEMBER_BLOCKED") && !w.no(v.gone, "CODE_UNKNOWN") &&
			!w.no(v.to != m, "CODE_NOT_YOURS") && !w.no(v.used, "CODE_USED") && !w.no(w.now >= v.ends, "CODE_EXPIRED") {
			v.used = true
		}
	case "merge":
		if !w.no(other == nil, "member_unknown") && !w.no(other == m, "same_member") {
			w.merge(m, other)
		}
	case "block", "unblock":
		m.blocked = o.kind == "block"
	}
	for _, p := range w.people {
		for !p.blocked && w.sum(p, "stamps", w.open) >= 3 {
			w.exchange(p, "stamps", 3)
		}
	}
}
