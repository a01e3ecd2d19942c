package insight

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// boardPrograms give what a recount can tell from the facts alone: every friend who joins costs
// 5.50 EUR, and a point for each whole euro of a kept order is worth a cent after two weeks.
const boardPrograms = `program "Friends"
  joined: refer friend 2.00 EUR, referrer 3.00 EUR, on sign-up
  points: refer friend 50 points, on sign-up
program "Points"
  earn 1 point per 1.00 EUR, after 14 days
  pay with points, 100 points for 1.00 EUR
program "Card"
  stamp 1 per item, of article NONE
`

// tale is what happened in a shop, told twice: as facts, and as what a person would count.
type tale struct {
	zone    *time.Location
	now     moment.Time
	facts   []*loyalty.Fact
	people  []*taleMember
	touches []taleTouch
	orders  []*taleOrder

	reported []report // facts as they are handed in; none: when they happen
}

type report struct {
	*loyalty.Fact
	at moment.Time
}

type taleMember struct {
	number   string
	joined   moment.Time
	touched  moment.Time
	referrer *taleMember // who sent him, and counts
	bought   bool
}

type taleTouch struct {
	at     moment.Time
	opened bool
	friend *taleMember // nil: nobody came of it, or another one counts
}

type taleOrder struct {
	paid    moment.Time
	who     *taleMember // nil: a guest
	amount  int64
	returns []taleReturn
}

type taleReturn struct {
	at     moment.Time
	amount int64
}

// net is what is left of an order as of an instant.
func (o *taleOrder) net(asof moment.Time) int64 {
	n := o.amount
	for _, r := range o.returns {
		if r.at <= asof {
			n -= r.amount
		}
	}
	return n
}

func (w *tale) fact(kind string, at moment.Time, keys ...loyalty.Key) *loyalty.Fact {
	f := &loyalty.Fact{
		Kind: kind, Feed: "web", ExternalID: fmt.Sprint(kind, len(w.facts)), Via: "test", Origin: loyalty.FromLive, OccurredAt: at,
		Member: loyalty.Who{Keys: keys},
	}
	w.facts = append(w.facts, f)
	return f
}

func number(m *taleMember) loyalty.Key { return loyalty.Key{Kind: loyalty.ByNumber, Key: m.number} }

// draw tells a story of some hundred days.
func draw(rng *rand.Rand, zone *time.Location, days, events int) *tale {
	w := &tale{zone: zone, now: moment.Of(time.Date(2026, 11, 26, 15, 7, 0, 0, time.UTC))}
	start := w.now - moment.Time(days)*moment.Day
	span := int64(w.now - start)
	var times []moment.Time
	for range events {
		times = append(times, start+moment.Time(rng.Int64N(span)))
	}
	slices.Sort(times)
	for i, at := range times {
		switch n := rng.IntN(100); {
		case i < 4 || n < 8:
			m := &taleMember{number: fmt.Sprint("N", i), joined: at}
			w.fact(loyalty.MemberJoined, at, number(m))
			w.people = append(w.people, m)
		case n < 30:
			w.friend(rng, i, at)
		case n < 38: // who looks, or was written to, and never comes
			by, kind := w.people[rng.IntN(len(w.people))], loyalty.LinkClicked
			key := loyalty.Key{Kind: loyalty.ByVisitor, Key: fmt.Sprint("v", i)}
			if n < 34 {
				kind, key.Kind = loyalty.InvitationSent, loyalty.ByEmail
			}
			f := w.fact(kind, at, key)
			f.Referrer.Keys = []loyalty.Key{number(by)}
			w.touches = append(w.touches, taleTouch{at: at, opened: kind == loyalty.LinkClicked})
			if kind == loyalty.InvitationSent && n%2 == 0 { // and looks after all
				f := w.fact(loyalty.LinkClicked, at+moment.Minute, key)
				f.Referrer.Keys = []loyalty.Key{number(by)}
				w.touches[len(w.touches)-1].opened = true
			}
		default:
			w.order(rng, i, at)
		}
	}
	return w
}

// friend lets somebody join by a referrer: with a click some days before, or not; one who has
// bought before is none.
func (w *tale) friend(rng *rand.Rand, i int, at moment.Time) {
	by := w.people[rng.IntN(len(w.people))]
	m := &taleMember{number: fmt.Sprint("N", i), joined: at, touched: at, referrer: by}
	keys := []loyalty.Key{number(m)}
	switch rng.IntN(4) {
	case 0: // he bought first
		paid := max(by.joined, at-moment.Time(rng.Int64N(int64(20*moment.Day))))
		if paid < at {
			w.pay(i, paid, m, 10_00)
			m.referrer = nil
		}
	case 1: // he clicked first
		if clicked := at - moment.Time(rng.Int64N(int64(9*moment.Day))); clicked > by.joined {
			visitor := loyalty.Key{Kind: loyalty.ByVisitor, Key: fmt.Sprint("v", i)}
			f := w.fact(loyalty.LinkClicked, clicked, visitor)
			f.Referrer.Keys = []loyalty.Key{number(by)}
			keys, m.touched = append(keys, visitor), clicked
		}
	}
	f := w.fact(loyalty.MemberJoined, at, keys...)
	f.Referrer.Keys, f.Touch = []loyalty.Key{number(by)}, loyalty.OriginLink
	t := taleTouch{at: m.touched, opened: true}
	if m.referrer != nil {
		t.friend = m
	}
	w.touches, w.people = append(w.touches, t), append(w.people, m)
}

func (w *tale) pay(i int, at moment.Time, who *taleMember, amount int64) *taleOrder {
	o := &taleOrder{paid: at, who: who, amount: amount}
	f := w.fact(loyalty.OrderPaid, at)
	f.Order = &loyalty.Order{Series: "web", Ref: fmt.Sprint("R", i, "-", len(w.facts)), Currency: "EUR", Lines: []loyalty.Line{{SKU: "MUG", Quantity: 1, Amount: amount}}}
	if who != nil {
		f.Member.Keys = []loyalty.Key{number(who)}
		who.bought = true
	}
	w.orders = append(w.orders, o)
	return o
}

func (w *tale) order(rng *rand.Rand, i int, at moment.Time) {
	who := w.people[rng.IntN(len(w.people))]
	if rng.IntN(8) == 0 {
		who = nil
	}
	o := w.pay(i, at, who, 100*(1+rng.Int64N(90)))
	ref := w.facts[len(w.facts)-1].Order
	back := at + moment.Time(rng.Int64N(int64(20*moment.Day)))
	if back > w.now || rng.IntN(3) > 0 {
		return
	}
	var f *loyalty.Fact
	switch rng.IntN(3) {
	case 0:
		f = w.fact(loyalty.OrderCancelled, back)
		f.Order = &loyalty.Order{Series: ref.Series, Ref: ref.Ref}
		o.returns = append(o.returns, taleReturn{back, o.amount})
	case 1:
		f = w.fact(loyalty.Refunded, back)
		f.Refund = &loyalty.Refund{Series: ref.Series, Ref: ref.Ref}
		o.returns = append(o.returns, taleReturn{back, o.amount})
	default:
		n := 100 * (1 + rng.Int64N(o.amount/100))
		f = w.fact(loyalty.Refunded, back)
		f.Refund = &loyalty.Refund{Series: ref.Series, Ref: ref.Ref, Amount: n}
		o.returns = append(o.returns, taleReturn{back, n})
	}
	if who != nil {
		f.Member.Keys = []loyalty.Key{number(who)}
	}
}

// recount is what a person comes to who reads the story.
func (w *tale) recount(d *Dashboard, ids map[string]id.Member) *Dashboard {
	end := w.now + 1
	out := &Dashboard{
		Shop: d.Shop, Period: d.Period, Now: d.Now, Since: d.Since, Before: d.Before, Upto: d.Upto, Starts: d.Starts, Earlier: d.Earlier, Monthly: d.Monthly,
	}
	part := func(starts []moment.Time, t moment.Time) int {
		n := 0
		for i, s := range starts {
			if s <= t {
				n = i
			}
		}
		return n
	}
	parts := func() []int64 { return make([]int64, len(d.Starts)) }
	for _, c := range []*Change{&out.Revenue, &out.Orders} {
		c.Parts, c.Earlier = parts(), parts()
	}
	out.Friends.Parts, out.Buyers.Parts, out.Owed.Parts, out.Rate.Parts = parts(), parts(), parts(), parts()
	now, before := func(t moment.Time) bool { return t >= d.Since && t < end }, func(t moment.Time) bool { return t >= d.Before && t < d.Upto }
	friendly := func(o *taleOrder) bool {
		return o.who != nil && o.who.referrer != nil && o.paid >= o.who.touched && o.net(end) > 0
	}
	ordered := func(m *taleMember, asof moment.Time) bool {
		return slices.ContainsFunc(w.orders, func(o *taleOrder) bool { return o.who == m && friendly(o) && o.paid < asof })
	}
	revenue, friends := map[*taleMember]int64{}, map[*taleMember]map[*taleMember]bool{}
	for _, o := range w.orders {
		net := o.net(end)
		if now(o.paid) {
			out.Sales.Now += net
		}
		if before(o.paid) {
			out.Sales.Before += net
		}
		if !friendly(o) {
			continue
		}
		if now(o.paid) {
			i := part(d.Starts, o.paid)
			out.Revenue.Now += net
			out.Revenue.Parts[i] += net
			out.Orders.Now++
			out.Orders.Parts[i]++
			by := o.who.referrer
			if friends[by] == nil {
				friends[by] = map[*taleMember]bool{}
			}
			revenue[by] += net
			friends[by][o.who] = true
		}
		if before(o.paid) {
			i := part(d.Earlier, o.paid)
			out.Revenue.Before += net
			out.Revenue.Earlier[i] += net
			out.Orders.Before++
			out.Orders.Earlier[i]++
		}
	}
	for by, n := range revenue {
		out.Top = append(out.Top, Referrer{ids[by.number], int64(len(friends[by])), n})
	}
	for _, m := range w.people {
		if m.referrer == nil {
			continue
		}
		if now(m.joined) {
			i := part(d.Starts, m.joined)
			out.Friends.Now++
			out.Friends.Parts[i]++
			if ordered(m, end) {
				out.Buyers.Now++
				out.Buyers.Parts[i]++
			}
		}
		if before(m.joined) {
			out.Friends.Before++
			if ordered(m, d.Upto) {
				out.Buyers.Before++
			}
		}
	}
	out.Cost.Now, out.Cost.Before = 5_50*out.Friends.Now, 5_50*out.Friends.Before
	opened, bought, openedBefore, boughtBefore := parts(), parts(), int64(0), int64(0)
	for _, t := range w.touches {
		if before(t.at) {
			openedBefore += b2i(t.opened)
			boughtBefore += b2i(t.friend != nil && ordered(t.friend, d.Upto))
		}
		if !now(t.at) {
			continue
		}
		i := part(d.Starts, t.at)
		opened[i] += b2i(t.opened)
		bought[i] += b2i(t.friend != nil && ordered(t.friend, end))
		out.Funnel.Touched++
		out.Funnel.Opened += b2i(t.opened)
		out.Funnel.Joined += b2i(t.friend != nil)
		out.Funnel.Ordered += b2i(t.friend != nil && ordered(t.friend, end))
		out.Funnel.Rewarded += b2i(t.friend != nil)
	}
	share := func(a, b int64) int64 {
		if b == 0 {
			return 0
		}
		return (a*10_000*2 + b) / (2 * b)
	}
	for i := range opened {
		out.Rate.Parts[i] = share(bought[i], opened[i])
	}
	out.Rate.Now, out.Rate.Before = share(out.Funnel.Ordered, out.Funnel.Opened), share(boughtBefore, openedBefore)
	owed := func(asof moment.Time) (all, later int64) {
		points := int64(0)
		for _, m := range w.people {
			if m.referrer != nil && m.joined <= asof {
				all += 5_00
				points += 50
			}
		}
		for _, o := range w.orders {
			if o.who == nil || o.paid > asof {
				continue
			}
			points += o.net(asof) / 100
			if o.paid.AddDays(14, w.zone) > asof {
				later += o.net(asof) / 100
			}
		}
		return all + points, later
	}
	for i := range d.Starts {
		last := w.now
		if i+1 < len(d.Starts) {
			last = min(last, d.Starts[i+1]-1)
		}
		out.Owed.Parts[i], _ = owed(last)
	}
	out.Owed.Now, out.Pending = owed(w.now)
	out.Owed.Before, _ = owed(d.Since - 1)
	for i := 5; i >= 0; i-- {
		y, month, _ := w.now.Std().In(w.zone).Date()
		m := moment.Of(time.Date(y, month-time.Month(i), 1, 0, 0, 0, 0, w.zone))
		c := Cohort{Month: m, Bought: make([]int64, i+1)}
		for _, x := range w.people {
			if x.referrer == nil || x.joined.Month(w.zone) != m.Month(w.zone) {
				continue
			}
			c.Size++
			for j := range c.Bought {
				in := m.AddMonths(j, w.zone).Month(w.zone)
				c.Bought[j] += b2i(slices.ContainsFunc(w.orders, func(o *taleOrder) bool {
					return o.who == x && friendly(o) && max(o.paid, m).Month(w.zone) == in
				}))
			}
		}
		if c.Size > 0 || len(out.Cohorts) > 0 {
			out.Cohorts = append(out.Cohorts, c)
		}
	}
	each := func(cost, n int64) int64 {
		if n == 0 {
			return 0
		}
		return (2*cost + n) / (2 * n)
	}
	out.CostEach = Change{Now: each(out.Cost.Now, out.Buyers.Now), Before: each(out.Cost.Before, out.Buyers.Before)}
	return out
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Every figure of a dashboard is what a naive recount over the story comes to, in each period:
// with returns, cancellations, guests, refused friends, links that nobody followed.
func TestADashboardIsARecount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		seen := &Dashboard{}
		for seed := range uint64(6) {
			zone := []string{"Europe/Paris", "America/New_York"}[seed%2]
			w := draw(rand.New(rand.NewPCG(seed, 4)), storetest.Zone(t, zone), []int{40, 110, 500}[seed%3], 260)
			first := w.now - 600*moment.Day
			s := shop(t, st, fmt.Sprint("s", seed), "EUR", zone, w.now, parsed(t, boardPrograms), first, w.now)
			in := door(t, st)
			late := seed >= 4
			if late { // orders and what came back of them are reported days later, in any order
				rng := rand.New(rand.NewPCG(seed, 5))
				for _, f := range w.facts {
					w.reported = append(w.reported, report{f, f.OccurredAt})
					if f.Kind == loyalty.OrderPaid || f.Kind == loyalty.OrderCancelled || f.Kind == loyalty.Refunded {
						w.reported[len(w.reported)-1].at += moment.Time(rng.Int64N(int64(12 * moment.Day)))
					}
				}
			}
			ids := w.record(t, st, in, s)
			for _, period := range Periods {
				d, err := New(st).Dashboard(t.Context(), s.ID, period)
				if err != nil {
					t.Fatal(err)
				}
				want := w.recount(d, ids)
				if len(want.Top) > len(d.Top) { // the recount names them all, in no order
					want.Top = slices.DeleteFunc(want.Top, func(r Referrer) bool { return r.Revenue < d.Top[len(d.Top)-1].Revenue || !slices.Contains(d.Top, r) })
				}
				byMember := func(a, b Referrer) int { return slices.Compare(a.Member[:], b.Member[:]) }
				got := *d
				if late { // corrections moved value when they were made
					got.Owed.Before, got.Owed.Parts = want.Owed.Before, want.Owed.Parts
				}
				got.Top = slices.SortedFunc(slices.Values(d.Top), byMember)
				slices.SortFunc(want.Top, byMember)
				gotFields, wantFields := reflect.ValueOf(got), reflect.ValueOf(*want)
				for i := range gotFields.NumField() {
					g, w := gotFields.Field(i).Interface(), wantFields.Field(i).Interface()
					if fmt.Sprint(g) != fmt.Sprint(w) {
						t.Errorf("seed %d, %s: %s is %v, want %v", seed, period, gotFields.Type().Field(i).Name, g, w)
					}
				}
				seen.add(d)
			}
		}
		for i := range reflect.TypeFor[Dashboard]().NumField() {
			f := reflect.ValueOf(*seen).Field(i)
			if c, ok := f.Interface().(Change); ok && (c.Now == 0 || c.Before == 0) {
				t.Errorf("%s was never anything", reflect.TypeFor[Dashboard]().Field(i).Name)
			}
		}
		if seen.Pending == 0 || seen.Funnel.Touched == seen.Funnel.Opened || seen.Funnel.Joined == seen.Funnel.Ordered || len(seen.Top) < 10 {
			t.Errorf("the stories are too simple: %+v", seen)
		}
	})
}

// add sums figures, to see that there were any.
func (d *Dashboard) add(o *Dashboard) {
	to, from := reflect.ValueOf(d).Elem(), reflect.ValueOf(*o)
	for i := range to.NumField() {
		if c, ok := to.Field(i).Addr().Interface().(*Change); ok {
			c.Now += from.Field(i).Interface().(Change).Now
			c.Before += from.Field(i).Interface().(Change).Before
		}
	}
	d.Pending += o.Pending
	d.Top = append(d.Top, o.Top...)
	d.Funnel.Touched += o.Funnel.Touched
	d.Funnel.Opened += o.Funnel.Opened
	d.Funnel.Joined += o.Funnel.Joined
	d.Funnel.Ordered += o.Funnel.Ordered
}

func parsed(t testing.TB, text string) []*rules.Document {
	t.Helper()
	docs, err := rules.ParseFile(text, rules.Setting{Currency: "EUR", Decimals: 2, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// record hands the story in, in the order of reporting, and gives the members' ids by number.
func (w *tale) record(t testing.TB, st *store.Store, in *intake.Intake, s *loyalty.Shop) map[string]id.Member {
	t.Helper()
	if w.reported == nil {
		for _, f := range w.facts {
			w.reported = append(w.reported, report{f, f.OccurredAt})
		}
	}
	slices.SortStableFunc(w.reported, func(a, b report) int { return cmp.Compare(a.at, b.at) })
	var facts []*loyalty.Fact
	for _, r := range w.reported {
		facts = append(facts, r.Fact)
	}
	for chunk := range slices.Chunk(facts, 50) {
		answers, err := in.Record(t.Context(), s.ID, chunk...)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			if a.Err != nil {
				t.Fatal(chunk[i].Kind, chunk[i].OccurredAt, a.Err)
			}
		}
	}
	if _, err := in.Due(t.Context(), s.ID, w.now); err != nil {
		t.Fatal(err)
	}
	ids := map[string]id.Member{}
	for _, m := range w.people {
		found, err := st.MemberByKey(t.Context(), s.ID, number(m))
		if err != nil {
			t.Fatal(err)
		}
		ids[m.number] = found
	}
	return ids
}
