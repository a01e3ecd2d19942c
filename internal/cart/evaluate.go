package cart

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// Evaluate says what becomes of a cart. Each discount works on what the earlier ones left of
// a line. Its place comes from its priority, then from its kind, then from its key; lines are
// looked at in the order of what they are, so that no order of lines, codes or offers
// matters.
func Evaluate(in Input) Result {
	e := newEvaluation(in)
	e.offers()
	e.means()
	return e.result()
}

// line is a line of the cart under way, or the delivery.
type line struct {
	loyalty.Line
	at    int   // its place in the cart
	left  int64 // minor units
	free  int64 // units that cost nothing any more
	parts []Part
}

// units is how many units of the line still cost something.
func (l *line) units() int64 { return max(0, l.Quantity-l.free) }

type evaluation struct {
	in       Input
	lines    []*line // in the order of what they are
	mask     []bool  // which of them count for what is looked at
	delivery line
	negative int64 // what lines below zero sum to
	limits   map[string]int64
	last     *Offer // an offer after which those of less priority give way
	alone    *Offer // an offer beside which no other one gives
	groups   map[string]*Offer
	out      Result
}

func newEvaluation(in Input) *evaluation {
	e := &evaluation{in: in, limits: map[string]int64{}, groups: map[string]*Offer{}}
	e.lines = make([]*line, 0, len(in.Cart.Lines))
	e.mask = make([]bool, len(in.Cart.Lines))
	for i, l := range in.Cart.Lines {
		// Offers compare without regard to case: in capitals nothing has to be made of them again.
		x := &line{Line: loyalty.Line{SKU: strings.ToUpper(l.SKU), Category: strings.ToUpper(l.Category), Quantity: l.Quantity, Amount: l.Amount, Attributes: l.Attributes}, at: i, left: l.Amount}
		if l.Amount < 0 {
			e.negative += l.Amount
		}
		e.lines = append(e.lines, x)
	}
	e.delivery = line{Line: loyalty.Line{Amount: in.Cart.Delivery, Quantity: 1}, left: in.Cart.Delivery}
	slices.SortStableFunc(e.lines, func(a, b *line) int {
		return cmp.Or(
			strings.Compare(a.SKU, b.SKU), strings.Compare(a.Category, b.Category), cmp.Compare(a.Amount, b.Amount),
			cmp.Compare(a.Quantity, b.Quantity), cmp.Compare(in.Cart.Lines[a.at].TaxRate, in.Cart.Lines[b.at].TaxRate),
			slices.Compare(pairs(a.Attributes), pairs(b.Attributes)),
		)
	})
	for i := range in.Offers {
		e.limit(in.Offers[i].Caps)
		e.limit(in.Offers[i].Budgets)
	}
	for i := range in.Means {
		e.limit(in.Means[i].Caps)
		e.limit(in.Means[i].Budgets)
	}
	return e
}

func pairs(m map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+m[k])
	}
	return out
}

// limit notes what is left of caps and budgets; those that share a name share it.
func (e *evaluation) limit(list []Limit) {
	for _, l := range list {
		e.limits[l.Name] = l.Left
	}
}

// look notes which lines count for an offer or a means.
func (e *evaluation) look(counts func(*loyalty.Line) bool) {
	for i, l := range e.lines {
		e.mask[i] = counts == nil || counts(&l.Line)
	}
}

// counted are the lines above zero that count, of those that were looked at.
func (e *evaluation) counted() []*line {
	out := make([]*line, 0, len(e.lines))
	for i, l := range e.lines {
		if e.mask[i] && l.Amount >= 0 && l.Quantity > 0 {
			out = append(out, l)
		}
	}
	return out
}

// minima are the least that an offer or a means wants of a cart.
type minima struct {
	amount, items, basket, articles int64
	after                           bool
}

// below tells which minimum is missed by the lines that were looked at. Lines below zero lower amounts; before discounts
// unless the offer says otherwise.
func (e *evaluation) below(m minima) (what string, need, got int64) {
	sum := func(all bool) (amount, items int64) {
		for i, l := range e.lines {
			if !all && !e.mask[i] {
				continue
			}
			if m.after {
				amount += l.left
			} else {
				amount += l.Amount
			}
			if l.Amount >= 0 {
				items += l.Quantity
			}
		}
		return max(0, amount), items
	}
	if m.amount > 0 || m.items > 0 {
		amount, items := sum(false)
		switch {
		case amount < m.amount:
			return OfMinimum, m.amount, amount
		case items < m.items:
			return OfItems, m.items, items
		}
	}
	if m.basket > 0 || m.articles > 0 {
		amount, items := sum(true)
		switch {
		case amount < m.basket:
			return OfBasket, m.basket, amount
		case items < m.articles:
			return OfBasketItems, m.articles, items
		}
	}
	return "", 0, 0
}

// Ranks of kinds among offers of one priority: what gives articles comes before what takes
// money off them, and what looks at the whole cart comes last.
var ranks = map[string]int{
	rules.OffFree: 0, rules.OffCheapest: 1, rules.OffUnit: 2, rules.OffLine: 3, rules.OffPercent: 4, rules.OffAmount: 5,
	rules.OffDelivery: 6, rules.OffOnTop: 7,
}

// offers applies what the cart is offered, in its place.
func (e *evaluation) offers() {
	order := make([]int, len(e.in.Offers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &e.in.Offers[a], &e.in.Offers[b]
		return cmp.Or(
			cmp.Compare(y.Priority, x.Priority), cmp.Compare(e.rank(x), e.rank(y)), strings.Compare(x.Key, y.Key),
		)
	})
	done := map[int]bool{}
	for n, i := range order {
		if done[i] {
			continue
		}
		rivals := []int{i}
		if o := &e.in.Offers[i]; o.Exclusive != "" && !o.Free { // of equals the one that takes most gives
			for _, k := range order[n+1:] {
				if x := &e.in.Offers[k]; x.Priority == o.Priority && x.Exclusive == o.Exclusive && !x.Free {
					rivals = append(rivals, k)
				}
			}
		}
		best, taken := -1, takes{}
		for _, k := range rivals {
			done[k] = true
			if t, ok := e.try(k); ok && (best < 0 || t.total > taken.total) {
				best, taken = k, t
			}
		}
		for _, k := range rivals {
			switch {
			case k == best:
				e.apply(k, taken)
			case best >= 0:
				e.refuse(Refusal{Offer: k, Key: e.in.Offers[k].Key, Code: loyalty.BetterOfferApplies, Which: e.in.Offers[best].Key})
			}
		}
	}
}

// rank puts an offer that stands alone before the others of its priority.
func (e *evaluation) rank(o *Offer) int {
	if o.Exclusive == rules.AloneGroup {
		return -1
	}
	return ranks[o.Discount.Kind]
}

// takes is what an offer would take.
type takes struct {
	lines    []share
	delivery int64
	total    int64
	free     int64
	added    []Added
	cut      int64
}

// share is what is taken of one line.
type share struct {
	l         *line
	n, pieces int64
}

func (t *takes) add(l *line, n, pieces int64) {
	if n > 0 || pieces > 0 {
		t.lines = append(t.lines, share{l, n, pieces})
		t.total += n
		t.free += pieces
	}
}

// try says what an offer would take now; it notes why it takes nothing.
func (e *evaluation) try(i int) (takes, bool) {
	o := &e.in.Offers[i]
	no := Refusal{Offer: i, Key: o.Key}
	if by := e.stopped(o); by != nil {
		no.Code, no.Which = loyalty.BetterOfferApplies, by.Key
		e.refuse(no)
		return takes{}, false
	}
	e.look(o.Counts)
	m := minima{o.Minimum, o.Items, o.Basket, o.Baskets, o.After}
	if what, need, got := e.below(m); what != "" {
		no.Code, no.What, no.Need, no.Got = loyalty.BelowMinimum, what, need, got
		e.refuse(no)
		if got > 0 || o.Counts == nil {
			e.out.Missing = append(e.out.Missing, Missing{Offer: i, Key: o.Key, What: what, Need: need, Got: got})
		}
		return takes{}, false
	}
	t := e.discount(o)
	if t.total == 0 && len(t.added) == 0 {
		no.Code = loyalty.ExcludedItems
		if o.Discount.Kind == rules.OffFree {
			no.What, no.Need = OfUnits, max(1, o.Discount.Amount)
			e.out.Missing = append(e.out.Missing, Missing{Offer: i, Key: o.Key, What: OfUnits, Article: o.Discount.Article, Need: no.Need})
		}
		e.refuse(no)
		return takes{}, false
	}
	if !e.fits(o, &t, no) {
		return takes{}, false
	}
	return t, true
}

// stopped is the offer that another one must give way to.
func (e *evaluation) stopped(o *Offer) *Offer {
	switch {
	case o.Free:
		return nil
	case e.alone != nil:
		return e.alone
	case e.last != nil && o.Priority < e.last.Priority:
		return e.last
	case o.Exclusive == rules.AloneGroup:
		for _, a := range e.out.Applied {
			if x := &e.in.Offers[a.Offer]; !x.Free {
				return x
			}
		}
		return nil
	}
	return e.groups[o.Exclusive]
}

// fits cuts what an offer takes to what its caps leave, and refuses it where they leave
// nothing or a budget cannot cover it whole.
func (e *evaluation) fits(o *Offer, t *takes, no Refusal) bool {
	most := t.total
	if o.PerOrder > 0 {
		most = min(most, o.PerOrder)
	}
	for _, l := range o.Caps {
		left := e.limits[l.Name]
		if l.Uses && left < 1 || !l.Uses && left <= 0 {
			no.Code, no.What, no.Got = loyalty.CapReached, OfMoney, left
			if no.Need = max(1, most); l.Uses {
				no.What, no.Need = OfUses, 1
			}
			e.refuse(no)
			return false
		}
		if !l.Uses {
			most = min(most, left)
		}
	}
	if most < t.total {
		t.cutTo(most)
	}
	for _, l := range o.Budgets {
		need := int64(1)
		if !l.Uses {
			need = t.total + o.Worth*pieces(t.added)
		}
		if need > e.limits[l.Name] {
			no.Code, no.What, no.Need, no.Got = loyalty.BudgetExhausted, OfMoney, need, e.limits[l.Name]
			if l.Uses {
				no.What = OfUses
			}
			e.refuse(no)
			return false
		}
	}
	return true
}

func pieces(list []Added) (n int64) {
	for _, a := range list {
		n += a.Quantity
	}
	return n
}

// cutTo lowers what is taken to so much, over its lines by largest remainder.
func (t *takes) cutTo(most int64) {
	weights := make([]int64, 0, len(t.lines)+1)
	for _, s := range t.lines {
		weights = append(weights, s.n)
	}
	parts := money.Split(most, append(weights, t.delivery))
	for i := range t.lines {
		t.lines[i].n = parts[i]
	}
	t.delivery = parts[len(parts)-1]
	t.cut, t.total = t.total-most, most
}

// apply takes it.
func (e *evaluation) apply(i int, t takes) {
	o := &e.in.Offers[i]
	for _, s := range t.lines {
		s.l.left -= s.n
		s.l.free += s.pieces
		if s.n > 0 {
			s.l.parts = append(s.l.parts, Part{o.Key, s.n})
		}
	}
	if t.delivery > 0 {
		e.delivery.left -= t.delivery
		e.delivery.parts = append(e.delivery.parts, Part{o.Key, t.delivery})
	}
	e.use(o.Caps, t.total)
	e.use(o.Budgets, t.total+o.Worth*pieces(t.added))
	e.out.Applied = append(e.out.Applied, Applied{Offer: i, Key: o.Key, Total: t.total, Free: t.free, Added: t.added, Cut: t.cut})
	e.out.Discount += t.total
	if o.Free {
		return
	}
	switch {
	case o.Exclusive == rules.AloneGroup:
		e.alone = o
	case o.Exclusive != "":
		e.groups[o.Exclusive] = o
	}
	if o.Last && e.last == nil {
		e.last = o
	}
}

func (e *evaluation) use(list []Limit, amount int64) {
	for _, l := range list {
		if l.Uses {
			e.limits[l.Name]--
		} else {
			e.limits[l.Name] -= amount
		}
	}
}

func (e *evaluation) refuse(r Refusal) { e.out.Refused = append(e.out.Refused, r) }

// discount computes what an offer takes off what is left.
func (e *evaluation) discount(o *Offer) (t takes) {
	d := &o.Discount
	switch d.Kind {
	case rules.OffDelivery:
		n := d.Amount
		if d.Percent > 0 {
			n = percent(e.delivery.left, d.Percent)
		}
		t.delivery = min(n, e.delivery.left)
		t.total = t.delivery
		return t
	case rules.OffOnTop:
		t.added = []Added{{SKU: d.Article, Quantity: d.Amount}}
		return t
	}
	lines := e.counted()
	switch d.Kind {
	case rules.OffPercent:
		for _, l := range lines {
			t.add(l, percent(l.left, d.Percent), 0)
		}
	case rules.OffAmount:
		lefts := make([]int64, len(lines))
		var sum int64
		for i, l := range lines {
			lefts[i] = l.left
			sum += l.left
		}
		for i, n := range money.Split(min(d.Amount, sum), lefts) {
			t.add(lines[i], n, 0)
		}
	case rules.OffLine:
		for _, l := range lines {
			t.add(l, min(l.left, d.Amount), 0)
		}
	case rules.OffUnit:
		for _, l := range lines {
			n, err := money.MulDiv(d.Amount, l.units(), 1, money.Down)
			if err != nil {
				n = l.left
			}
			t.add(l, min(l.left, n), 0)
		}
	case rules.OffCheapest:
		n := int64(1)
		if d.Each > 0 {
			n = 0
			for _, l := range lines {
				n += l.Quantity
			}
			n /= d.Each
		}
		t.cheapest(lines, n, d.Percent)
	case rules.OffFree:
		if d.Article != "" {
			lines = slices.DeleteFunc(lines, func(l *line) bool { return !strings.EqualFold(l.SKU, d.Article) })
		}
		t.cheapest(lines, d.Amount, d.Percent)
	}
	return t
}

func percent(n, hundredths int64) int64 {
	off, err := money.MulDiv(n, hundredths, 100*100, money.HalfUp)
	if err != nil {
		return 0
	}
	return min(off, n)
}

// cheapest takes n units, the cheapest first, at so many hundredths of a per cent off; zero:
// they are free.
func (t *takes) cheapest(lines []*line, n, off int64) {
	slices.SortStableFunc(lines, func(a, b *line) int { // by the price of a unit, without dividing
		x, _ := money.MulDiv(a.left, b.units(), 1, money.Down)
		y, _ := money.MulDiv(b.left, a.units(), 1, money.Down)
		return cmp.Compare(x, y)
	})
	for _, l := range lines {
		k := min(n, l.units())
		if k <= 0 {
			continue
		}
		n -= k
		worth, err := money.MulDiv(l.left, k, l.units(), money.HalfUp)
		if err != nil {
			continue
		}
		if off == 0 || off == 100*100 {
			t.add(l, worth, k)
			continue
		}
		t.add(l, percent(worth, off), 0)
	}
}

// total is what is to pay now, lines below zero and means of payment counted; it may be
// below zero.
func (e *evaluation) total() int64 {
	n := e.delivery.left - e.out.Paid
	for _, l := range e.lines {
		n += l.left
	}
	return n
}

// result puts everything in the caller's order, and sums up.
func (e *evaluation) result() Result {
	r := e.out
	r.Lines = make([]Line, len(e.lines))
	rates := map[int64]*Rate{}
	rate := func(hundredths, gross, left int64) {
		x := rates[hundredths]
		if x == nil {
			x = &Rate{Rate: hundredths}
			rates[hundredths] = x
		}
		x.Gross += gross
		x.Net += left
		r.Gross += gross
	}
	for _, l := range e.lines {
		r.Lines[l.at] = Line{Parts: l.parts, Free: l.free, Left: l.left}
		rate(e.in.Cart.Lines[l.at].TaxRate, l.Amount, l.left)
	}
	r.Delivery = Line{Parts: e.delivery.parts, Left: e.delivery.left}
	if e.delivery.Amount != 0 {
		rate(e.in.Cart.DeliveryTaxRate, e.delivery.Amount, e.delivery.left)
	}
	for _, k := range slices.Sorted(maps.Keys(rates)) {
		x := rates[k]
		x.Discount = x.Gross - x.Net
		x.Tax, _ = money.MulDiv(x.Net, k, 100*100+k, money.HalfUp)
		r.Rates = append(r.Rates, *x)
	}
	n := e.total()
	r.ToPay, r.LeftOver = max(0, n), max(0, -n)
	slices.SortFunc(r.Refused, func(a, b Refusal) int { return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Unit, b.Unit)) })
	slices.SortFunc(r.Missing, func(a, b Missing) int { return strings.Compare(a.Key, b.Key) })
	return r
}
