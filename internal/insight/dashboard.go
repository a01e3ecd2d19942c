package insight

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/store"
)

// Periods that a dashboard can be about. Each is compared with the one before it up to the same
// point: 28 days with the 28 before, up to the same hour; twelve months, the present one
// included, with the same months a year earlier, up to the same day.
const (
	Week   = "7d"
	Month4 = "28d"
	Year   = "12m"
)

// Periods lists them, the shortest first.
var Periods = []string{Week, Month4, Year}

// topReferrers is how many are named; cohortMonths how many months of joining are followed.
const (
	topReferrers = 5
	cohortMonths = 6
)

// Dashboard is what referrals brought a shop in a period. Amounts are minor units of its
// currency, shares hundredths of a per cent.
//
// A friend is who is tied to a referrer by a referral that was not refused, and his orders
// count from the first touch on. An order counts when it was paid, with what is left of it
// after returns: one that came back whole counts nowhere.
type Dashboard struct {
	Shop     *loyalty.Shop
	Period   string
	Now      moment.Time // when it was counted
	Since    moment.Time // where the period begins
	Before   moment.Time // where the one that it is compared with begins
	Upto     moment.Time // where that one ends, exclusive
	Starts   []moment.Time
	Earlier  []moment.Time // the same days or months of the period before
	Monthly  bool          // Starts are months, not days
	Sales    Change        // of everybody
	Revenue  Change        // by friends
	Orders   Change        // by friends
	Friends  Change        // who were tied to a referrer
	Buyers   Change        // those of Friends who have ordered by the end
	Rate     Change        // of those who opened a link, who have ordered by the end; a share
	Owed     Change        // what members have, as far as it has a value; before: when the period began
	Pending  int64         // of Owed.Now: not open yet
	Unpriced []UnitSum     // what members have beside: nothing says what it is worth
	Funnel   Funnel
	Top      []Referrer
	Cohorts  []Cohort // the oldest month first
	Cost     Change   // what was given, to friend and referrer, for Friends
	CostEach Change   // of Cost for one of Buyers; zero where there are none
	NoPrice  int64    // gifts and vouchers among what was given of which no price is known: not in Cost
}

// Change is a figure, what it was in the period before, and its parts in time.
type Change struct {
	Now, Before int64
	Parts       []int64 // one for each of Starts
	Earlier     []int64 // one for each of Dashboard.Earlier, where they are shown
}

// Delta is by how much the figure changed, in hundredths of a per cent; false where there was
// nothing to compare with.
func (c Change) Delta() (int64, bool) {
	if c.Before <= 0 {
		return 0, false
	}
	n, err := money.MulDiv(c.Now-c.Before, 100_00, c.Before, money.HalfUp)
	return n, err == nil
}

// UnitSum is so much of a unit.
type UnitSum struct {
	Unit   ledger.Unit
	Amount int64
}

// Funnel is how far the referrals came that began in the period.
type Funnel = store.Touches

// Referrer is one who brought much: friends who bought in the period, and for how much.
type Referrer struct {
	Member  id.Member
	Friends int64
	Revenue int64
}

// Cohort are the friends who were tied to a referrer in one month.
type Cohort struct {
	Month  moment.Time
	Size   int64
	Bought []int64 // how many of them bought in that month, in the one after it …
}

// Quiet tells whether nothing has happened in the period or the one before.
func (d *Dashboard) Quiet() bool {
	return d.Orders.Now == 0 && d.Orders.Before == 0 && d.Friends.Now == 0 && d.Friends.Before == 0 && d.Funnel.Touched == 0
}

// Dashboard counts a period of a shop. Of a live shop the answer may be up to a minute old, or
// older where counting takes long. A period that there is not counts as Month4.
func (in *Insight) Dashboard(ctx context.Context, shop loyalty.ShopID, period string) (*Dashboard, error) {
	s, err := in.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(Periods, period) {
		period = Month4
	}
	if s.Twin() { // whoever tries something there wants to see it
		return in.count(ctx, s, period)
	}
	return in.boards.get(ctx, boardKey{shop, period}, in.st.Clock, func(ctx context.Context) (*Dashboard, error) { return in.count(ctx, s, period) })
}

// now is the shop's time.
func (in *Insight) now(s *loyalty.Shop) moment.Time {
	if s.Twin() && s.ClockAt != 0 {
		return s.ClockAt
	}
	return in.st.Clock()
}

// board is a dashboard while it is counted.
type board struct {
	*Dashboard
	in            *Insight
	shop          loyalty.ShopID
	until         moment.Time // exclusive
	spans, before []store.Stretch
}

func (in *Insight) count(ctx context.Context, s *loyalty.Shop, period string) (*Dashboard, error) {
	b := in.begin(s, period, in.now(s))
	book, err := in.st.Book(ctx, s)
	if err != nil {
		return nil, err
	}
	p, err := in.prices(ctx, s, book, b.Now)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts := []func(context.Context) error{
		b.sales, b.bought, b.joined, b.touched, b.returning,
		func(ctx context.Context) error { return b.owed(ctx, p) },
		func(ctx context.Context) error { return b.spent(ctx, p) },
	}
	errs := make([]error, len(parts))
	var group sync.WaitGroup
	for i, part := range parts {
		group.Go(func() {
			if errs[i] = part(ctx); errs[i] != nil {
				stop()
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if b.Buyers.Now > 0 {
		b.CostEach.Now, _ = money.MulDiv(b.Cost.Now, 1, b.Buyers.Now, money.HalfUp)
	}
	if b.Buyers.Before > 0 {
		b.CostEach.Before, _ = money.MulDiv(b.Cost.Before, 1, b.Buyers.Before, money.HalfUp)
	}
	return b.Dashboard, nil
}

// begin lays the period and the one before it out.
func (in *Insight) begin(s *loyalty.Shop, period string, now moment.Time) *board {
	b := &board{Dashboard: &Dashboard{Shop: s, Period: period, Now: now}, in: in, shop: s.ID, until: now + 1}
	n, step, back := 28, moment.Time.AddDays, func(t moment.Time) moment.Time { return t.AddDays(-28, s.Zone) }
	first := now.StartOfDay(s.Zone)
	switch period {
	case Week:
		n, back = 7, func(t moment.Time) moment.Time { return t.AddDays(-7, s.Zone) }
	case Year:
		n, step, back = 12, moment.Time.AddMonths, func(t moment.Time) moment.Time { return t.AddMonths(-12, s.Zone) }
		first, b.Monthly = monthOf(now, s.Zone), true
	}
	b.Since = step(first, 1-n, s.Zone)
	b.Before, b.Upto = back(b.Since), back(now)+1
	for i := range n {
		b.Starts = append(b.Starts, step(b.Since, i, s.Zone))
		b.Earlier = append(b.Earlier, step(b.Before, i, s.Zone))
	}
	b.spans, b.before = spansOf(b.Starts, b.until), spansOf(b.Earlier, b.Upto)
	return b
}

// Begins tells where a stretch of so many days up to now begins: at the start of a day and, for a
// year, of a month. What is listed from there on is what the dashboard counts.
func Begins(s *loyalty.Shop, days int, now moment.Time) moment.Time {
	if days >= 365 {
		return monthOf(now, s.Zone).AddMonths(1-12, s.Zone)
	}
	return now.StartOfDay(s.Zone).AddDays(1-days, s.Zone)
}

func monthOf(t moment.Time, zone *time.Location) moment.Time {
	y, m, _ := t.Std().In(zone).Date()
	return moment.DayOf(y, int(m), 1, zone)
}

// spansOf are the spans between starts, up to an end.
func spansOf(starts []moment.Time, until moment.Time) []store.Stretch {
	out := make([]store.Stretch, len(starts))
	for i, t := range starts {
		out[i] = store.Stretch{Since: t, Until: until, AsOf: until}
		if i+1 < len(starts) {
			out[i].Until = min(starts[i+1], until)
		}
	}
	return out
}

// both are the two periods as a whole.
func (b *board) both() []store.Stretch {
	return []store.Stretch{{Since: b.Since, Until: b.until, AsOf: b.until}, {Since: b.Before, Until: b.Upto, AsOf: b.Upto}}
}

func (b *board) sales(ctx context.Context) error {
	list, err := b.in.st.Sales(ctx, b.shop, b.both())
	if err == nil {
		b.Sales.Now, b.Sales.Before = list[0], list[1]
	}
	return err
}

// bought counts what friends bought, day by day, and through whom.
func (b *board) bought(ctx context.Context) error {
	type brought struct {
		revenue int64
		friends map[id.Member]bool
	}
	by := map[id.Member]*brought{}
	for _, c := range []*Change{&b.Revenue, &b.Orders} {
		c.Parts, c.Earlier = make([]int64, len(b.Starts)), make([]int64, len(b.Earlier))
	}
	err := b.in.st.FriendOrders(ctx, b.shop, b.Before, b.until, b.Monthly, func(o store.FriendOrder) {
		if o.PaidAt < b.Upto {
			i := at(b.Earlier, o.PaidAt)
			b.Revenue.Before += o.Net
			b.Revenue.Earlier[i] += o.Net
			b.Orders.Before++
			b.Orders.Earlier[i]++
		}
		if o.PaidAt < b.Since {
			return
		}
		i := at(b.Starts, o.PaidAt)
		b.Revenue.Now += o.Net
		b.Revenue.Parts[i] += o.Net
		b.Orders.Now++
		b.Orders.Parts[i]++
		x := by[o.Referrer]
		if x == nil {
			x = &brought{friends: map[id.Member]bool{}}
			by[o.Referrer] = x
		}
		x.revenue += o.Net
		x.friends[o.Friend] = true
	})
	if err != nil {
		return err
	}
	for m, x := range by {
		b.Top = append(b.Top, Referrer{m, int64(len(x.friends)), x.revenue})
	}
	slices.SortFunc(b.Top, func(x, y Referrer) int {
		return cmp.Or(cmp.Compare(y.Revenue, x.Revenue), cmp.Compare(y.Friends, x.Friends), bytes.Compare(x.Member[:], y.Member[:]))
	})
	b.Top = b.Top[:min(len(b.Top), topReferrers)]
	return nil
}

// at finds the part in which an instant lies, which is not before the first.
func at(starts []moment.Time, t moment.Time) int {
	i, found := slices.BinarySearch(starts, t)
	if !found {
		i--
	}
	return i
}

func (b *board) joined(ctx context.Context) error {
	list := append(slices.Clone(b.spans), store.Stretch{Since: b.Before, Until: b.Upto, AsOf: b.Upto})
	joined, ordered, err := b.in.st.FriendsJoined(ctx, b.shop, list)
	if err != nil {
		return err
	}
	n := len(b.spans)
	b.Friends = Change{Now: sum(joined[:n]), Before: joined[n], Parts: joined[:n]}
	b.Buyers = Change{Now: sum(ordered[:n]), Before: ordered[n], Parts: ordered[:n]}
	return nil
}

func sum(list []int64) (n int64) {
	for _, x := range list {
		n += x
	}
	return n
}

func (b *board) touched(ctx context.Context) error {
	list := append(slices.Clone(b.spans), store.Stretch{Since: b.Before, Until: b.Upto, AsOf: b.Upto})
	got, err := b.in.st.Touches(ctx, b.shop, list)
	if err != nil {
		return err
	}
	n := len(b.spans)
	for _, t := range got[:n] {
		b.Funnel.Add(t)
		b.Rate.Parts = append(b.Rate.Parts, rate(t.Ordered, t.Opened))
	}
	b.Rate.Now, b.Rate.Before = rate(b.Funnel.Ordered, b.Funnel.Opened), rate(got[n].Ordered, got[n].Opened)
	return nil
}

// returning follows the friends of the last months, month by month.
func (b *board) returning(ctx context.Context) error {
	zone := b.Dashboard.Shop.Zone
	months := make([]moment.Time, cohortMonths)
	for i := range months {
		months[i] = monthOf(b.Now, zone).AddMonths(i+1-cohortMonths, zone)
	}
	type life struct {
		cohort int
		bought uint // a bit for each month
	}
	friends := map[id.Member]life{}
	err := b.in.st.Returning(ctx, b.shop, months[0], b.until, func(friend id.Member, joined, paid moment.Time) {
		l, known := friends[friend]
		if !known {
			l.cohort = at(months, joined)
		}
		if paid != 0 { // an order that a touch of before led to counts with the month of joining
			l.bought |= 1 << (max(at(months, paid), l.cohort) - l.cohort)
		}
		friends[friend] = l
	})
	if err != nil {
		return err
	}
	b.Cohorts = make([]Cohort, len(months))
	for i := range months {
		b.Cohorts[i] = Cohort{Month: months[i], Bought: make([]int64, len(months)-i)}
	}
	for _, l := range friends {
		c := &b.Cohorts[l.cohort]
		c.Size++
		for i := range c.Bought {
			c.Bought[i] += int64(l.bought >> i & 1)
		}
	}
	first := slices.IndexFunc(b.Cohorts, func(c Cohort) bool { return c.Size > 0 })
	if first < 0 {
		first = len(b.Cohorts)
	}
	b.Cohorts = b.Cohorts[first:]
	return nil
}

// owed values what members have now, and works back from it.
func (b *board) owed(ctx context.Context, p prices) error {
	all, later, err := b.in.st.Owed(ctx, b.shop, b.Now)
	if err != nil {
		return err
	}
	spans := slices.Clone(b.spans)
	spans[len(spans)-1].Until = math.MaxInt64 // whatever is in the balance has moved
	moved, err := b.in.st.Moved(ctx, b.shop, spans)
	if err != nil {
		return err
	}
	b.Owed.Now, b.Pending = p.value(all), p.value(later)
	b.Unpriced = p.rest(all)
	b.Owed.Parts = make([]int64, len(b.spans))
	for i := len(b.spans) - 1; i >= 0; i-- {
		b.Owed.Parts[i] = p.value(all)
		for u, n := range moved[i] {
			all[u] -= n
		}
	}
	b.Owed.Before = p.value(all)
	return nil
}

// spent values what was given for the friends of the period, and of the one before.
func (b *board) spent(ctx context.Context, p prices) error {
	now, err := b.in.st.GivenForFriends(ctx, b.shop, b.Since, b.until)
	if err != nil {
		return err
	}
	before, err := b.in.st.GivenForFriends(ctx, b.shop, b.Before, b.Upto)
	b.Cost.Now, b.NoPrice = p.cost(now)
	b.Cost.Before, _ = p.cost(before)
	return err
}
