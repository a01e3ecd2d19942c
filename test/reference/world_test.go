package reference

import (
	"time"

	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// A world is a few people and orders that nobody else's facts concern. The reference
// (reference_test.go) plays in it; these are its maps and lists.
type (
	world struct {
		now      moment.Time
		zone     *time.Location
		people   map[string]*member
		orders   map[string]*order
		lots     []*lot // as they came
		vouchers []*voucher
		seq      int
		say      func(string)
	}
	// lot is value, and the reward behind it where a rule gave it.
	lot struct {
		to, friend              *member // friend: whose referral it is
		order                   *order
		unit                    string
		n, left, taken          int64
		basis, back             int64 // what of the order counted, and what had come back, when it was given
		seq                     int
		since, due, opens, ends moment.Time // due: while it waits for a decision
	}
	voucher struct {
		to         *member
		unit, code string
		used, gone bool
		ends       moment.Time
		lots       []*lot // that paid
		paid       []int64
	}
	member struct {
		joined, ordered moment.Time
		blocked         bool
		bond            *member                 // who recommended him
		by              *order                  // what qualified that
		met             map[*member]moment.Time // who tried to, since when
		debt            map[string]int64
	}
	line  struct{ n, sum int64 }
	order struct {
		to         *member
		of, back   [2]line // mugs and teas
		known, off bool
		paid       moment.Time
		ahead      []op
	}
	// op is one operation: what happens, and to whom.
	op struct {
		kind, who, other, ref string
		of                    [2]line // of a placed or paid order; none: as it was placed
		line                  int     // of a refund
		n                     int64
		unit                  string
		opens, ends           moment.Time
		voucher               *voucher
		name                  int // of the fact
	}
)

// cents are what is left of an order.
func (o *order) cents() int64 { return o.of[0].sum + o.of[1].sum - o.back[0].sum - o.back[1].sum }
func (o *order) whole() bool  { return o != nil && o.known && o.of == o.back }

// refund enters what came back into an order's lines, and tells whether anything did.
func (o *order) refund(r op) bool {
	was, i := o.back, r.line
	switch left := []int64{o.of[0].sum - was[0].sum, o.of[1].sum - was[1].sum}; {
	case r.kind == "refund line":
		items := o.of[i].n - was[i].n
		sum, _ := money.MulDiv(left[i], min(r.n, items), max(items, 1), money.HalfUp)
		o.back[i] = line{was[i].n + min(r.n, items), was[i].sum + sum}
	case r.kind == "refund amount" && r.n < o.cents():
		parts := money.Split(r.n, left)
		o.back[0].sum, o.back[1].sum = was[0].sum+parts[0], was[1].sum+parts[1]
	case r.kind != "refund amount" || o.cents() > 0:
		o.back = o.of
	}
	return o.back != was
}
