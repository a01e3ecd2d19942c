package insight

import (
	"context"
	"testing"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// priced gives away whatever can have a price, and what has none.
const priced = `program "Points"
  earn 1 point per 1.00 EUR
  pay with points, 100 points for 1.00 EUR
  swap: exchange 100 points for cash voucher of 2.00 EUR
program "Card"
  stamp 1 per item
  full: exchange 10 stamps for cash voucher of 3.00 EUR
program "Coffee card"
  stamp 1 per item
  full: exchange 10 stamps for product voucher of 1 ESPRESSO
program "Friends"
  money: refer friend 2.00 EUR, referrer 30 points, on sign-up
  cash: refer referrer cash voucher of 4.00 EUR, on sign-up
  free: refer referrer product voucher of 1 ESPRESSO, on sign-up
  said: refer referrer product voucher of 1 CAKE, on sign-up, worth 1.50 EUR
  gift: refer referrer gift MUG, on sign-up
  hand: refer referrer gift "A smile" by hand, on sign-up
`

// What a friend costs is money at its face, points at what they are exchanged for at most, gifts
// at what the shop pays for them; of what has no price it is said how much there is.
func TestWhatAFriendCosts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		now := march + 40*moment.Day
		s := shop(t, st, "s", "EUR", "Europe/Paris", now, parsed(t, priced), march-moment.Day, now)
		w := &tale{now: now}
		gift := w.fact(loyalty.StaffGift, march)
		gift.Origin, gift.Staff = loyalty.FromStaff, &loyalty.Staff{Actor: "x"}
		gift.Gift = &loyalty.Gift{Code: "MUG", Name: "Mug", Cost: 6_40, Delivery: loyalty.GiftByHand}
		anna, bela := &taleMember{number: "anna"}, &taleMember{number: "bela"}
		w.people = append(w.people, anna, bela)
		w.fact(loyalty.MemberJoined, march+moment.Hour, number(anna))
		w.fact(loyalty.MemberJoined, now-moment.Day, number(bela)).Referrer.Keys = []loyalty.Key{number(anna)}
		w.pay(1, now-moment.Hour, bela, 10_00)
		w.record(t, st, door(t, st), s)
		d, err := New(st).Dashboard(t.Context(), s.ID, Week)
		if err != nil {
			t.Fatal(err)
		}
		// 2.00 + 30 points at 2 cents + 4.00 + 1.50 + 6.40; one coffee and one smile are without a price
		if d.Cost.Now != 14_50 || d.CostEach.Now != 14_50 || d.NoPrice != 2 || d.Buyers.Now != 1 {
			t.Errorf("cost %d, each %d, without a price %d, buyers %d", d.Cost.Now, d.CostEach.Now, d.NoPrice, d.Buyers.Now)
		}
		// 2.00 + 40 points at 2 cents + a stamp at 30 cents; the other stamp is for a coffee
		if d.Owed.Now != 3_10 || len(d.Unpriced) != 1 || d.Unpriced[0].Amount != 1 {
			t.Errorf("owed %d, beside %v", d.Owed.Now, d.Unpriced)
		}
	})
}

func TestTheDearestWordAboutAUnitCounts(t *testing.T) {
	p := prices{currency: "EUR"}
	into := map[ledger.Unit]worth{}
	for _, w := range []worth{{1, 2}, {3, 5}, {2, 4}, {0, 0}, {7, 12}} {
		p.dearer(into, "points", w)
	}
	p.dearer(into, "EUR", worth{2, 1})
	if len(into) != 1 || into["points"] != (worth{3, 5}) {
		t.Errorf("%v", into)
	}
}

// An answer is kept for a minute, or longer where it took long; many shops do not fill the memory.
func TestDashboardsAreKeptForAWhile(t *testing.T) {
	var (
		x       boards
		now     = march
		counted int
		takes   moment.Time
	)
	get := func(k boardKey) *Dashboard {
		d, err := x.get(t.Context(), k, func() moment.Time { return now }, func(context.Context) (*Dashboard, error) {
			counted++
			d := &Dashboard{Now: now}
			now += takes
			return d, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a, b := boardKey{1, Week}, boardKey{2, Week}
	first := get(a)
	now += moment.Minute - 1
	if get(a) != first || get(b) == first || counted != 2 {
		t.Error("not kept, or another shop's", counted)
	}
	now++
	takes = 3 * moment.Second
	slow := get(a)
	if slow == first {
		t.Error("kept for longer than a minute")
	}
	now += 150*moment.Second - 1
	if get(a) != slow {
		t.Error("what took long was not kept for fifty times as long")
	}
	now -= moment.Hour // a clock that was set back
	if get(a) == slow {
		t.Error("of the future")
	}
	for i := range 2 * boardsMost {
		get(boardKey{loyalty.ShopID(i), Year})
	}
	if len(x.list) > boardsMost {
		t.Errorf("%d are kept", len(x.list))
	}
	// Who goes away while another one counts does not wait.
	gone, stop := context.WithCancel(t.Context())
	stop()
	one := x.of(a)
	one.turn <- struct{}{}
	if _, err := x.get(gone, a, func() moment.Time { return now }, nil); err == nil {
		t.Error("waited, and got something")
	}
}
