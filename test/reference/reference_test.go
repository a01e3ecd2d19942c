package reference

import (
	"cmp"
	"math"
	"slices"

	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// The reference: what the programs of this test mean for what members have, as plain as
// can be, in at most 150 lines (TestTheReferenceIsSmall). It shares nothing with the engine
// but money and time.

const never = moment.Time(math.MaxInt64)

func all(*lot) bool { return true }

func (w *world) open(l *lot) bool       { return l.opens <= w.now && w.now < l.ends }
func (w *world) days(n int) moment.Time { return w.now.AddDays(n, w.zone) }

func (w *world) sum(m *member, unit string, fits func(*lot) bool) (n int64) {
	for _, l := range w.lots {
		if l.to == m && l.unit == unit && fits(l) {
			n += l.left
		}
	}
	return n
}

// put adds value to a lot; a debt is paid first.
func (w *world) put(l *lot, n int64) {
	pays := min(l.to.debt[l.unit], n)
	l.to.debt[l.unit] -= pays
	l.left += n - pays
}

func (w *world) give(l lot) {
	w.seq++
	l.seq, l.since, w.lots = w.seq, w.now, append(w.lots, &l)
	w.put(&l, l.n)
}

// inTurn sorts lots as they are spent.
func (w *world) inTurn() []*lot {
	return slices.SortedFunc(slices.Values(w.lots), func(x, y *lot) int {
		return cmp.Or(cmp.Compare(x.ends, y.ends), cmp.Compare(x.since, y.since), cmp.Compare(x.seq, y.seq))
	})
}

// take takes from a lot of one's own, from open ones, from the others, at last as a debt.
func (w *world) take(m *member, unit string, n int64, own *lot) (lots []*lot, paid []int64) {
	for _, fits := range []func(*lot) bool{func(l *lot) bool { return l == own }, w.open, all} {
		for _, l := range w.inTurn() {
			if k := min(n, l.left); l.to == m && l.unit == unit && k > 0 && fits(l) {
				n, l.left, lots, paid = n-k, l.left-k, append(lots, l), append(paid, k)
			}
		}
	}
	m.debt[unit] += n
	return lots, paid
}

func (w *world) exchange(m *member, unit string, price int64) {
	lots, paid := w.take(m, unit, price, nil)
	w.vouchers = append(w.vouchers, &voucher{to: m, unit: unit, ends: w.days(4).NextDay(w.zone), lots: lots, paid: paid})
	w.say("exchanged")
}

// takeBack first undoes unused exchanges, the latest first, while there is too little.
func (w *world) takeBack(x *lot, n int64) {
	for _, v := range slices.Backward(w.vouchers) {
		if v.to == x.to && v.unit == x.unit && !v.used && !v.gone && w.sum(x.to, x.unit, all)-x.to.debt[x.unit] < n {
			v.gone = true
			w.say("undone")
			for i, l := range v.lots {
				w.put(l, v.paid[i])
			}
		}
	}
	w.take(x.to, x.unit, n, x)
	x.taken += n
	w.say("taken_back")
}

func (w *world) reward(x lot) {
	month := func(l *lot) bool {
		return l.to == x.to && l.friend != nil && l.taken < l.n && l.since.Month(w.zone) == w.now.Month(w.zone)
	}
	x.basis, x.back = x.order.cents(), x.order.back[0].sum+x.order.back[1].sum
	if !w.no(x.to.blocked, "MEMBER_BLOCKED") && !w.no(x.n == 0, "BELOW_MINIMUM") && !w.no(x.friend != nil && slices.ContainsFunc(w.lots, month), "CAP_REACHED") {
		w.give(x)
		_ = w.no(x.due == 0, "given") || w.no(true, "waiting")
	}
}

func (w *world) judge(o *order) {
	m, by := o.to, o.to.bond
	of := func(l *lot) bool { return l.friend == m && (l.to == m || l.to == by) }
	w.reward(lot{to: m, order: o, unit: "points", n: o.cents() / 100, opens: w.now, ends: w.days(6).NextDay(w.zone)})
	if by != nil && !m.by.whole() && !w.no(o.cents() < 2000, "BELOW_MINIMUM") && !w.no(m.ordered < m.met[by], "ALREADY_BUYER") &&
		!w.no(slices.ContainsFunc(w.lots, of), "NOT_FIRST_ORDER") {
		w.reward(lot{to: m, friend: m, order: o, unit: "points", n: 20, due: w.days(3), opens: never, ends: never})
		w.reward(lot{to: by, friend: m, order: o, unit: "points", n: 50, due: w.days(3), opens: never, ends: never})
		m.by = cmp.Or(m.by, o)
	}
	w.reward(lot{to: m, order: o, unit: "stamps", n: 2, opens: w.now, ends: w.days(6).NextDay(w.zone)})
}

// returned judges what an order gave against what is left of it.
func (w *world) returned(o *order) {
	for _, x := range w.lots {
		n, back := x.taken, o.back[0].sum+o.back[1].sum
		switch {
		case x.order != o:
		case o.whole() || x.due != 0 && o.cents() < 2000:
			n = x.n
		case x.due != 0:
			x.basis, x.back = o.cents(), back
		default:
			n, _ = money.MulDiv(x.n, min(back-x.back, x.basis), max(x.basis, 1), money.HalfUp)
		}
		if n > x.taken {
			w.takeBack(x, n-x.taken)
		}
	}
}

// merge makes one of two: what he has, waits for, owes and has been comes over.
func (w *world) merge(m, other *member) {
	for _, l := range w.inTurn() {
		if l.to == other {
			n := l.left
			w.seq++
			l.to, l.left, l.seq = m, 0, w.seq
			w.put(l, n)
		}
		if l.friend == other && !slices.ContainsFunc(w.lots, func(x *lot) bool { return x.to == l.to && x.friend == m }) {
			l.friend = m
		}
	}
	for unit, n := range other.debt {
		w.take(m, unit, n, nil)
	}
	for _, o := range w.orders {
		move(&o.to, other, m)
	}
	for _, v := range w.vouchers {
		move(&v.to, other, m)
	}
	w.becomes(other, m)
	w.say("merged")
}

// tick lets happen what is due by then, each at its own time.
func (w *world) tick(to moment.Time) {
	at := to + 1
	for _, l := range w.lots {
		if l.due != 0 && l.taken < l.n {
			at = min(at, l.due)
		}
		if l.left > 0 {
			at = min(at, l.ends)
		}
	}
	if w.now = max(w.now, min(at, to)); at > to {
		return
	}
	for _, l := range w.lots {
		if l.due == at && l.taken < l.n && w.no(l.order.to.ordered < l.order.to.met[l.order.to.bond], "refused") {
			l.order.to.lose()
			w.takeBack(l, l.n-l.taken)
		} else if l.due == at && l.taken < l.n {
			l.due, l.opens = 0, at
			w.say("opened")
		}
	}
	for _, l := range w.lots {
		if l.ends <= at && l.left > 0 {
			l.left = 0
			w.say("expired")
		}
	}
	w.tick(to)
}
