package upkeep_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

const small = `program "Points"
  earn 1 point per 1.00 EUR
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR, after 14 days
program "Coffee"
  stamp 1 per item, of article COFFEE
  exchange 3 stamps for product voucher of COFFEE
`

// lived is a small shop in which everything has happened that the invariants speak of:
// waiting lots, spent ones, a debt, vouchers in use and withdrawn.
func lived(t *testing.T, st *store.Store) *loyalty.Shop {
	t.Helper()
	s := storetest.Shop(t, st, small)
	listened(t, st, s)
	in := door(t, st)
	at := st.Clock() - 10*moment.Day
	who := func(number string) loyalty.Who {
		return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
	}
	n := 0
	record := func(f *loyalty.Fact) {
		n++
		f.Feed, f.ExternalID, f.Via, f.Origin, f.OccurredAt = "web", fmt.Sprint(n), "api", loyalty.FromLive, at+moment.Time(n)
		got, err := in.Record(t.Context(), s.ID, f)
		if err != nil || got[0].Err != nil {
			t.Fatal(err, got)
		}
	}
	buys := func(member, ref string, coffees, amount int64) {
		record(&loyalty.Fact{Kind: loyalty.OrderPaid, Member: who(member), Order: &loyalty.Order{
			Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "COFFEE", Quantity: coffees, Amount: amount}},
		}})
	}
	record(&loyalty.Fact{Kind: loyalty.MemberJoined, Member: who("anna")})
	record(&loyalty.Fact{Kind: loyalty.MemberJoined, Member: who("bela"), Referrer: who("anna")})
	buys("bela", "1001", 4, 4_550)
	buys("cleo", "1002", 3, 3_000)
	record(&loyalty.Fact{Kind: loyalty.StaffAdjust, Member: who("cleo"), Adjust: &loyalty.Adjust{
		Unit: "points", Amount: -20, Reason: "gift at the counter", Actor: "eva",
	}})
	record(&loyalty.Fact{Kind: loyalty.Refunded, Member: who("cleo"), Refund: &loyalty.Refund{Series: "web", Ref: "1002"}})
	buys("dora", "1003", 3, 999)
	take := func(kind, member, ref string) {
		record(&loyalty.Fact{Kind: kind, Member: who(member), Cart: &loyalty.Cart{
			Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.CartLine{{SKU: "TEA", Quantity: 1, Amount: 900}},
			Pay: []loyalty.Payment{{Unit: "EUR", Amount: 100}},
		}})
	}
	record(&loyalty.Fact{Kind: loyalty.StaffAdjust, Member: who("dora"), Adjust: &loyalty.Adjust{Unit: "EUR", Amount: 500, Reason: "r", Actor: "eva"}})
	take(loyalty.CartRedeemed, "dora", "2001")
	take(loyalty.CartHeld, "dora", "2002")
	return s
}

// listened lets somebody listen to all that a shop gives and takes.
func listened(t testing.TB, st *store.Store, s *loyalty.Shop) {
	t.Helper()
	kinds := []string{loyalty.OutRewardGiven, loyalty.OutRewardTaken, loyalty.OutVoucherIssued}
	if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Listen(t.Context(), s.ID, kinds) }); err != nil {
		t.Fatal(err)
	}
}

const (
	aWaitingLot  = `(SELECT id FROM lots WHERE opens_at IS NULL AND remaining > 0 ORDER BY id LIMIT 1)`
	aSpentLot    = `(SELECT id FROM lots WHERE remaining = 0 AND unit = 'points' ORDER BY id LIMIT 1)`
	aReward      = `(SELECT id FROM rewards WHERE unit = 'points' AND state = 'given' ORDER BY id LIMIT 1)`
	aVoucher     = `(SELECT id FROM vouchers WHERE state = 'active' ORDER BY id LIMIT 1)`
	aTakenOne    = `(SELECT id FROM vouchers WHERE state = 'withdrawn' ORDER BY id LIMIT 1)`
	anEarning    = `(SELECT id FROM transactions WHERE kind = 'earn' ORDER BY id LIMIT 1)`
	aMember      = `(SELECT member_id FROM accounts WHERE unit = 'points' AND balance > 0 ORDER BY member_id LIMIT 1)`
	aNotice      = `(SELECT id FROM outbox ORDER BY id LIMIT 1)`
	anna         = `(SELECT m.id FROM members m ORDER BY m.id LIMIT 1)`
	nobody       = `(SELECT id FROM batches ORDER BY id LIMIT 1)` // no row that is looked for has this id
	lastEvent    = `(SELECT id FROM events ORDER BY id DESC LIMIT 1)`
	oneMorePoint = `UPDATE accounts SET %[1]s = %[1]s + (1) WHERE unit = 'points' AND member_id = ` + aMember
)

type tampering struct {
	name      string
	do, undo  *store.Q
	want      string // the checks that turn red
	wantInRow string // what an example says
}

var tamperings []tampering

func tamper(want, name, wantInRow, do, undo string) {
	tamperings = append(tamperings, tampering{
		name, store.New("tamper."+name, do), store.New("untamper."+name, undo), want, wantInRow,
	})
}

func plus(column string) (do, undo string) {
	do = fmt.Sprintf(oneMorePoint, column)
	return do, strings.Replace(do, "(1)", "(-1)", 1)
}

// Every invariant is broken by one statement that breaks no other one, where the rows
// allow that: most of what is stored is stored so that it is checked twice.
func init() {
	tamper("L1", "a transaction without postings", "txn_",
		`INSERT INTO transactions (shop_id, id, kind, event_id, actor, effective_at, recorded_at)
		 SELECT shop_id, id, 'earn', id, 'web', 0, 0 FROM events WHERE id = `+lastEvent,
		`DELETE FROM transactions WHERE effective_at = 0`)
	tamper("L1 L12", "the shop's side of a posting", "txn_",
		`UPDATE postings SET amount = amount - 1 WHERE member_id IS NULL AND txn_id = `+anEarning,
		`UPDATE postings SET amount = amount + 1 WHERE member_id IS NULL AND txn_id = `+anEarning)
	do, undo := plus("available")
	tamper("L2", "what is available", "available", do, undo)
	do, undo = plus("balance")
	tamper("L2 L8", "a balance", "mem_", do, undo)
	do, undo = plus("debt")
	tamper("L3", "a debt", "points", do, undo)
	tamper("L4", "the unit of a lot", "posting_of_another_member_or_unit",
		`UPDATE lots SET unit = 'stars' WHERE id = `+aSpentLot, `UPDATE lots SET unit = 'points' WHERE unit = 'stars'`)
	tamper("L5", "a transaction without an actor", "no_actor",
		`UPDATE transactions SET actor = '' WHERE id = `+anEarning, `UPDATE transactions SET actor = 'web' WHERE actor = ''`)
	tamper("L5", "a transaction of no event", "no_event",
		`UPDATE transactions SET event_id = `+nobody+` WHERE id = `+anEarning,
		`UPDATE transactions SET event_id = `+lastEvent+` WHERE event_id = `+nobody)
	tamper("L5", "the amount of a reward", "postings_are_not_the_reward",
		`UPDATE rewards SET amount = amount + 1 WHERE id = `+aReward, `UPDATE rewards SET amount = amount - 1 WHERE id = `+aReward)
	tamper("L5", "the version of a reward", "no_version",
		`UPDATE rewards SET version = 7 WHERE id = `+aReward, `UPDATE rewards SET version = 1 WHERE version = 7`)
	tamper("L6", "the text of a fact", "evt_",
		`UPDATE events SET fact = fact || ' ' WHERE id = `+lastEvent, `UPDATE events SET fact = RTRIM(fact) WHERE id = `+lastEvent)
	tamper("L7", "a reversal of nothing", "reverses_nothing",
		`UPDATE transactions SET reverses = `+nobody+` WHERE id = `+anEarning, `UPDATE transactions SET reverses = NULL`)
	tamper("L7", "a reversal of less", "reversed_more_than_moved",
		`UPDATE transactions SET reverses = (SELECT p.txn_id FROM postings p WHERE p.unit = 'points' ORDER BY ABS(p.amount), p.txn_id LIMIT 1)
		 WHERE id = (SELECT p.txn_id FROM postings p WHERE p.unit = 'points' ORDER BY ABS(p.amount) DESC, p.txn_id LIMIT 1)`,
		`UPDATE transactions SET reverses = NULL`)
	tamper("L1 L2 L5 L7 L8 L12", "a member's posting turned around", "txn_",
		`UPDATE postings SET amount = -amount WHERE member_id IS NOT NULL AND txn_id = `+anEarning,
		`UPDATE postings SET amount = -amount WHERE member_id IS NOT NULL AND txn_id = `+anEarning)
	tamper("L8", "what is left of a lot", "lot_",
		`UPDATE lots SET remaining = remaining - 1 WHERE id = `+aWaitingLot, `UPDATE lots SET remaining = remaining + 1 WHERE id = `+aWaitingLot)
	tamper("L8", "a lot that ended long ago", "ended_and_not_posted",
		`UPDATE lots SET expires_at = 1 WHERE id = `+aWaitingLot, `UPDATE lots SET expires_at = NULL WHERE expires_at = 1`)
	tamper("L9", "the state of a voucher", "unknown_state",
		`UPDATE vouchers SET state = 'lost' WHERE id = `+aVoucher, `UPDATE vouchers SET state = 'active' WHERE state = 'lost'`)
	tamper("L9", "a withdrawn voucher that lives again", "active_without_value",
		`UPDATE vouchers SET state = 'active', article = 'TEA' WHERE id = `+aTakenOne,
		`UPDATE vouchers SET state = 'withdrawn', article = 'COFFEE' WHERE article = 'TEA'`)
	tamper("L9", "a voucher of no reward", "no_reward",
		`UPDATE vouchers SET reward_id = `+nobody+` WHERE id = `+aVoucher,
		`UPDATE vouchers SET reward_id = (SELECT w.id FROM rewards w WHERE w.member_id = vouchers.member_id AND w.unit = '') WHERE reward_id = `+nobody)
	tamper("L8", "a lot that ended the day before yesterday", "ended_and_not_posted",
		`UPDATE lots SET opens_at = 1, expires_at = (SELECT recorded_at FROM batches ORDER BY id DESC LIMIT 1) - 90000000000 WHERE id = `+aWaitingLot,
		`UPDATE lots SET opens_at = NULL, expires_at = NULL WHERE opens_at = 1`)
	tamper("L10", "a friend who recommended himself", "himself",
		`UPDATE referrals SET referrer_id = friend_id`, `UPDATE referrals SET referrer_id = `+anna)
	tamper("L10", "a bond without a referrer", "bond_without_referrer",
		`UPDATE referrals SET referrer_id = NULL`, `UPDATE referrals SET referrer_id = `+anna)
	tamper("L10", "two who recommended each other", "recommended_in_a_ring",
		`INSERT INTO referrals (shop_id, id, referrer_id, friend_id, origin, state, reason, bond, touched_at, joined_at, order_name)
		 SELECT f.shop_id, b.id, f.friend_id, f.referrer_id, 'staff', 'joined', '', TRUE, 0, 0, '' FROM referrals f, batches b WHERE b.id = `+nobody,
		`DELETE FROM referrals WHERE touched_at = 0`)
	tamper("L2 L10", "a reward that may be spent before its day", "open_before_it_is_due",
		`UPDATE lots SET opens_at = 1 WHERE id = `+aWaitingLot, `UPDATE lots SET opens_at = NULL WHERE opens_at = 1`)
	tamper("L11", "a notice of no event", "of_another_event",
		`UPDATE outbox SET event_id = `+nobody+` WHERE id = `+aNotice,
		`UPDATE outbox SET event_id = (SELECT r.event_id FROM receipts r WHERE r.event_id < outbox.id ORDER BY r.event_id DESC LIMIT 1) WHERE event_id = `+nobody)
	tamper("L11", "a notice of more than was given", "not_on_the_receipt",
		`UPDATE outbox SET body = REPLACE(body, '"amount":', '"amount":1') WHERE id = `+aNotice,
		`UPDATE outbox SET body = REPLACE(body, '"amount":1', '"amount":') WHERE id = `+aNotice)
	tamper("L11", "a notice that was never written", "line_without_notice",
		`UPDATE receipts SET body = REPLACE(body, ']', ',{"outcome":"given"}]') WHERE event_id = (SELECT x.event_id FROM outbox x WHERE x.id = `+aNotice+`)`,
		`UPDATE receipts SET body = REPLACE(body, ',{"outcome":"given"}]', ']')`)
	tamper("L15", "a hold of a cart that is gone", "held_by_no_cart",
		`UPDATE carts SET state = 'gone' WHERE state = 'held'`, `UPDATE carts SET state = 'held' WHERE state = 'gone'`)
	tamper("L15", "a use of no cart", "used_by_no_cart",
		`UPDATE redemptions SET cart_id = `+nobody, `UPDATE redemptions SET cart_id = (SELECT t.id FROM carts t WHERE t.state = 'redeemed')`)
	tamper("L9", "a use that is not counted", "used_more_often_than_it_says",
		`INSERT INTO voucher_uses (shop_id, event_id, voucher_id, cause, used_at, undone)
		 SELECT v.shop_id, v.id, v.id, 'me', 0, FALSE FROM vouchers v WHERE v.id = `+aVoucher,
		`DELETE FROM voucher_uses WHERE cause = 'me'`)
	tamper("L12", "a posting beside the book", "posting_without_transaction",
		`INSERT INTO postings (shop_id, txn_id, n, place, unit, amount, effective_at)
		 SELECT shop_id, id, 0, 'issuer:me', 'points', 5, 0 FROM batches ORDER BY id LIMIT 1`,
		`DELETE FROM postings WHERE place = 'issuer:me'`)
}

func red(list []upkeep.Check) string {
	var names []string
	for _, c := range list {
		if c.Broken > 0 {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestVerifySeesEveryTampering(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		lived(t, st)
		if err := st.LiftAppendOnly(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := upkeep.Invariants(t.Context(), st)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, list)
		for _, x := range tamperings {
			if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), x.do) }); err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
			list, err := upkeep.Invariants(t.Context(), st)
			if err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
			if got := red(list); got != x.want {
				t.Errorf("%s: red are %q, want %q: %+v", x.name, got, x.want, list)
			}
			if !slices.ContainsFunc(list, func(c upkeep.Check) bool { return strings.Contains(strings.Join(c.Examples, " "), x.wantInRow) }) {
				t.Errorf("%s: no example says %q: %+v", x.name, x.wantInRow, list)
			}
			if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), x.undo) }); err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
		}
		if list, err = upkeep.Invariants(t.Context(), st); err != nil || red(list) != "" {
			t.Errorf("after all was undone: %q, %v", red(list), err)
		}
	})
}
