// Package ledger is the double-entry book of everything a member collects: units,
// accounts, lots with their own dates, transactions whose postings sum to zero. It is
// pure: it moves values in memory and says which postings that takes; store/batch writes
// them. Nothing is ever updated or deleted in the book, a correction is a new transaction.
//
// Amounts are minor units of their unit (cents, points, stamps) in an int64, times are
// microseconds UTC.
//
// The invariants, which `verify` reads back from the database: the postings of a
// transaction sum to zero; a lot's postings sum to what remains of it; the remaining lots
// of an account less its debt are its balance.
package ledger

import (
	"cmp"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
)

// Unit names what is collected: "points", a currency ("EUR"), or what belongs to one
// program ("stamps:prg_…").
type Unit string

// Kinds of transactions.
const (
	Earn       = "earn"       // a reward is given
	TakeBack   = "take_back"  // part of a reward goes back after a return
	Exchange   = "exchange"   // collected units become a voucher
	Withdraw   = "withdraw"   // an exchange is undone, its units come back
	Adjust     = "adjust"     // staff gives or takes by hand
	Redeem     = "redeem"     // units pay for a cart or a gift
	GiveBack   = "give_back"  // what they paid for came back
	Lapse      = "lapse"      // a lot's end has passed
	Transfer   = "transfer"   // one member gave to another
	Merge      = "merge"      // two members became one
	Correction = "correction" // a late fact changed what should have been given
)

// Open is the place of a posting on a member's side; the issuer's side is Issuer.
const Open = "open"

// Issuer names the shop's side of a posting: what the program owes. Its balance is always
// a sum of postings, never a row that every event would update.
func Issuer(of string) string { return "issuer:" + of }

// Posting is one line of a transaction. Member is zero on the issuer's side. Lot is zero
// where the posting makes or pays a debt.
type Posting struct {
	Member id.Member
	Place  string
	Unit   Unit
	Lot    id.Lot
	Amount int64
}

// Transaction is a set of postings that sum to zero for each unit.
type Transaction struct {
	ID          id.Transaction
	Kind        string
	Event       id.Event
	Reward      id.Reward      // whose value moves; zero for what no reward gave
	Reverses    id.Transaction // the transaction that this one undoes
	Actor       string         // who: the feed of the event, or a member of staff
	EffectiveAt moment.Time
	Postings    []Posting
}

// Balanced tells whether the postings sum to zero for each unit, with none of them zero
// and at least two of them.
func (t *Transaction) Balanced() bool {
	sums := map[Unit]int64{}
	for _, p := range t.Postings {
		if p.Amount == 0 {
			return false
		}
		sums[p.Unit] += p.Amount
	}
	for _, s := range sums {
		if s != 0 {
			return false
		}
	}
	return len(t.Postings) >= 2
}

// Lot is value earned at once: it opens and ends on dates of its own.
type Lot struct {
	ID        id.Lot
	Member    id.Member
	Unit      Unit
	Reward    id.Reward   // zero for a hand adjustment
	Origin    string      // what it came from: the reward's recurrence key, or the event
	Amount    int64       // as given
	Remaining int64       // what is left; debts it paid and what was spent are gone
	Since     moment.Time // when it was earned
	OpensAt   moment.Time // zero: a decision opens it, never time
	ExpiresAt moment.Time // exclusive; zero: never

	New, Dirty bool // what store/batch has to write
}

// OpenAt tells whether the lot may be spent at t.
func (l *Lot) OpenAt(t moment.Time) bool {
	return l.Remaining > 0 && l.OpensAt != 0 && l.OpensAt <= t && !l.EndedAt(t)
}

// EndedAt tells whether the lot's end has passed at t.
func (l *Lot) EndedAt(t moment.Time) bool { return l.ExpiresAt != 0 && l.ExpiresAt <= t }

// SpendOrder sorts lots as they are spent: what ends first goes first, never-ending last,
// oldest first among equals. The order does not depend on the order of arrival.
func SpendOrder(a, b *Lot) int {
	end := func(l *Lot) moment.Time {
		if l.ExpiresAt == 0 {
			return 1<<63 - 1
		}
		return l.ExpiresAt
	}
	return cmp.Or(
		cmp.Compare(end(a), end(b)),
		cmp.Compare(a.Since, b.Since),
		cmp.Compare(a.Origin, b.Origin),
		slices.Compare(a.ID[:], b.ID[:]),
	)
}

// Account is one unit of one member: the sums that a till reads, and the lots behind
// them where they were needed. Held and debt are part of the balance's story: balance =
// what remains in lots − debt.
type Account struct {
	Member         id.Member
	Unit           Unit
	Balance        int64
	Held           int64
	Earned         int64       // all rewards less what was taken back: the measure of milestones
	Available      int64       // lots open, from the last write until AvailableUntil
	AvailableUntil moment.Time // the next instant at which a lot opens or ends; zero: never
	LapseAt        moment.Time // the first end not yet posted; zero: none

	Lots       []*Lot // all that may matter, when LotsLoaded; else those that were added since
	LotsLoaded bool
	counted    int64 // what the added ones count for in Available, when the others are not there
	New, Dirty bool
}

// Debt is what the member owes: value taken back after it was spent.
func (a *Account) Debt() int64 { return max(0, -a.Balance) }

// Sound tells whether the balance is what remains in the lots less the debt. It is, unless
// somebody changed rows beside the program; nothing is spent from such an account.
func (a *Account) Sound() bool {
	if !a.LotsLoaded {
		return true
	}
	sum := a.Balance + a.Debt()
	for _, l := range a.Lots {
		sum -= l.Remaining
	}
	return sum == 0
}

// Part is one share of a movement: from a lot, or from the debt when Lot is nil.
type Part struct {
	Lot    *Lot
	Amount int64
}

// Credit puts a new lot into the account. A debt is paid first: that part of the lot is
// gone at once.
func (a *Account) Credit(l *Lot, now moment.Time) []Part {
	pays := min(a.Debt(), l.Amount)
	l.Remaining = l.Amount - pays
	l.New, a.Dirty = true, true
	a.Balance += l.Amount
	a.Lots = append(a.Lots, l)
	a.note(l, now)
	var parts []Part
	if l.Remaining > 0 {
		parts = append(parts, Part{l, l.Remaining})
	}
	if pays > 0 {
		parts = append(parts, Part{nil, pays})
	}
	return parts
}

// note adds one lot to the projection without reading the others.
func (a *Account) note(l *Lot, now moment.Time) {
	if l.Remaining == 0 {
		return
	}
	if l.OpenAt(now) {
		a.Available += l.Remaining
		a.counted += l.Remaining
		a.until(l.ExpiresAt)
	} else if !l.EndedAt(now) {
		a.until(l.OpensAt)
	}
	if l.ExpiresAt != 0 && (a.LapseAt == 0 || l.ExpiresAt < a.LapseAt) {
		a.LapseAt = l.ExpiresAt
	}
}

func (a *Account) until(t moment.Time) {
	if t != 0 && (a.AvailableUntil == 0 || t < a.AvailableUntil) {
		a.AvailableUntil = t
	}
}

// Settle computes the projection anew from the lots, as of now. Without the older lots,
// which nothing moved then, it counts anew those that were added: one may have opened since,
// or been taken back.
func (a *Account) Settle(now moment.Time) {
	was := *a
	if a.LotsLoaded {
		a.Available, a.AvailableUntil, a.LapseAt = -a.Held, 0, 0
	} else {
		a.Available -= a.counted
	}
	a.counted = 0
	for _, l := range a.Lots {
		a.note(l, now)
	}
	if a.Available != was.Available || a.AvailableUntil != was.AvailableUntil || a.LapseAt != was.LapseAt {
		a.Dirty = true
	}
}

// AvailableAt is what may be spent at t, by the lots' dates.
func (a *Account) AvailableAt(t moment.Time) int64 {
	sum := -a.Held
	for _, l := range a.Lots {
		if l.OpenAt(t) {
			sum += l.Remaining
		}
	}
	return sum
}

// Take removes amount: from the preferred lots first, then from what is open at t in
// spending order, then from what is not open yet, and at last as a debt. With absorb
// nothing becomes a debt, and the sum of the parts may be less than amount.
func (a *Account) Take(amount int64, t moment.Time, absorb bool, prefer ...*Lot) []Part {
	var parts []Part
	from := func(l *Lot) {
		n := min(amount, l.Remaining)
		if n <= 0 {
			return
		}
		l.Remaining -= n
		l.Dirty = true
		a.Balance -= n
		amount -= n
		parts = append(parts, Part{l, -n})
	}
	for _, l := range prefer {
		from(l)
	}
	lots := slices.SortedFunc(slices.Values(a.Lots), SpendOrder)
	for _, l := range lots {
		if l.OpenAt(t) {
			from(l)
		}
	}
	for _, l := range lots {
		from(l)
	}
	if amount > 0 && !absorb && !debtsClamped {
		a.Balance -= amount
		parts = append(parts, Part{nil, -amount})
	}
	a.Dirty = true
	return parts
}

// Restore gives back what was taken from lots, with the dates that they had. A part whose
// lot is gone or that meets a debt pays the debt first.
func (a *Account) Restore(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		n := p.Amount
		pays := min(a.Debt(), n)
		if p.Lot == nil {
			pays = n
		}
		if pays > 0 {
			out = append(out, Part{nil, pays})
		}
		if rest := n - pays; rest > 0 {
			p.Lot.Remaining += rest
			p.Lot.Dirty = true
			out = append(out, Part{p.Lot, rest})
			if !slices.Contains(a.Lots, p.Lot) {
				a.Lots = append(a.Lots, p.Lot)
			}
		}
		a.Balance += n
	}
	a.Dirty = true
	return out
}

// Ended removes what remains of the lots that ended at or before t, by the date of their
// end; one group of parts for each end.
func (a *Account) Ended(t moment.Time) []Part {
	var parts []Part
	for _, l := range slices.SortedFunc(slices.Values(a.Lots), SpendOrder) {
		if l.Remaining > 0 && l.EndedAt(t) {
			parts = append(parts, Part{l, -l.Remaining})
			a.Balance -= l.Remaining
			l.Remaining = 0
			l.Dirty, a.Dirty = true, true
		}
	}
	return parts
}

// Sides turns parts of one account into postings of the member's side alone.
func (a *Account) Sides(parts []Part) []Posting {
	out := make([]Posting, 0, len(parts)+1)
	for _, p := range parts {
		post := Posting{Member: a.Member, Place: Open, Unit: a.Unit, Amount: p.Amount}
		if p.Lot != nil {
			post.Lot = p.Lot.ID
		}
		out = append(out, post)
	}
	return out
}

// Postings turns parts of one account into postings, with the issuer's side as the last
// one, so that they sum to zero.
func (a *Account) Postings(parts []Part, issuer string) []Posting {
	out := a.Sides(parts)
	var sum int64
	for _, p := range parts {
		sum += p.Amount
	}
	if sum != 0 {
		out = append(out, Posting{Place: issuer, Unit: a.Unit, Amount: -sum})
	}
	return out
}
