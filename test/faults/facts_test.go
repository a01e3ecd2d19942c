// Package faults shows what happens when things go wrong: facts in any order, many copies
// at once, two processes on one database, processes killed in the middle. Each test has a
// planted bug behind a build tag that turns it red (planted_test.go), and counts what it
// did, so that an empty run cannot pass.
package faults

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const programs = `program "Points"
  earn 1 point per 1.00 EUR, at most 60 points per month, valid 12 months
  first: earn 100 points per order, on first order, from 10.00 EUR
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR, after 14 days
program "Coffee"
  stamp 1 per item, of article COFFEE
  exchange 3 stamps for product voucher of COFFEE, valid 30 days
`

// simple is for the races: no waiting time, so that both serial results are at once.
const simple = `program "Points"
  earn 1 point per 1.00 EUR
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR
program "Coffee"
  stamp 1 per item, of article COFFEE
  exchange 3 stamps for product voucher of COFFEE
`

func number(n string) loyalty.Who {
	return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: n}}}
}

func fact(kind, ext, member string, at moment.Time) *loyalty.Fact {
	return &loyalty.Fact{
		Kind: kind, Feed: "web", ExternalID: ext, Via: "api", Origin: loyalty.FromLive, OccurredAt: at, Member: number(member),
	}
}

func joins(member, referrer string, at moment.Time) *loyalty.Fact {
	f := fact(loyalty.MemberJoined, "join-"+member, member, at)
	if referrer != "" {
		f.Referrer = number(referrer)
	}
	return f
}

func pays(ref, member string, at moment.Time, coffees, cents int64) *loyalty.Fact {
	f := fact(loyalty.OrderPaid, "paid-"+ref, member, at)
	f.Order = &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{
		{SKU: "COFFEE", Quantity: coffees, Amount: cents / 2}, {SKU: "MUG", Quantity: 1, Amount: cents - cents/2},
	}}
	return f
}

func returns(ref, member string, at moment.Time, sku string) *loyalty.Fact {
	f := fact(loyalty.Refunded, "back-"+ref+sku, member, at)
	f.Refund = &loyalty.Refund{Series: "web", Ref: ref}
	if sku != "" {
		f.Refund.Lines = []loyalty.RefundLine{{SKU: sku, Quantity: 1}}
	}
	return f
}

func open(t *testing.T, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

// record stores facts one after the other and fails the test when one is refused.
func record(t *testing.T, in *intake.Intake, shop loyalty.ShopID, facts ...*loyalty.Fact) {
	t.Helper()
	for _, f := range facts {
		got, err := in.Record(t.Context(), shop, f)
		switch {
		case err != nil:
			t.Error(err)
			return
		case got[0].Err != nil:
			t.Errorf("%s %s: %v", f.Kind, f.ExternalID, got[0].Err)
			return
		}
	}
}

// bulk stores facts of which none needs another to be there before it, 500 at a time.
func bulk(t *testing.T, in *intake.Intake, shop loyalty.ShopID, facts []*loyalty.Fact) {
	t.Helper()
	for some := range slices.Chunk(facts, 500) {
		answers, err := in.Record(t.Context(), shop, some...)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			if a.Err != nil {
				t.Fatalf("%s %s: %v", some[i].Kind, some[i].ExternalID, a.Err)
			}
		}
	}
}

// count runs a counting query.
func count(t *testing.T, st *store.Store, q *store.Q, args ...any) (n int64) {
	t.Helper()
	if err := st.Read(t.Context(), q, func(r store.Scanner) error { return r.Scan(&n) }, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

var (
	qEvents = store.New("faults.events", `SELECT COUNT(*) FROM events e WHERE e.shop_id = $1`)
	qLots   = store.New("faults.lots", `
		SELECT k.key, l.unit, l.remaining, COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0) FROM lots l
		JOIN member_keys k ON k.shop_id = l.shop_id AND k.member_id = l.member_id
		WHERE l.shop_id = $1 AND k.shop_id = $1 AND l.remaining > 0
		ORDER BY k.key, l.unit, l.remaining, COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0)`)
	qBalances = store.New("faults.balances", `
		SELECT k.key, a.unit, a.balance, a.earned FROM accounts a
		JOIN member_keys k ON k.shop_id = a.shop_id AND k.member_id = a.member_id
		WHERE a.shop_id = $1 AND k.shop_id = $1 ORDER BY k.key, a.unit`)
	qVouchers = store.New("faults.vouchers", `
		SELECT k.key, v.article, v.state, v.starts_at FROM vouchers v
		JOIN member_keys k ON k.shop_id = v.shop_id AND k.member_id = v.member_id
		WHERE v.shop_id = $1 AND k.shop_id = $1 AND v.state = 'active' ORDER BY k.key, v.starts_at`)
)

// states reads balances, open lots and live vouchers of every member, as text by number.
func states(t *testing.T, st *store.Store, shop *loyalty.Shop) map[string]string {
	t.Helper()
	out := map[string]string{}
	read := func(q *store.Q, scan func(r store.Scanner) (string, string, error)) {
		err := st.Read(t.Context(), q, func(r store.Scanner) error {
			k, line, err := scan(r)
			out[k] += line + "\n"
			return err
		}, int64(shop.ID))
		if err != nil {
			t.Fatal(err)
		}
	}
	read(qBalances, func(r store.Scanner) (k, line string, err error) {
		var unit string
		var balance, earned int64
		err = r.Scan(&k, &unit, &balance, &earned)
		return k, fmt.Sprintf("%s %d earned %d", unit, balance, earned), err
	})
	read(qLots, func(r store.Scanner) (k, line string, err error) {
		var unit string
		var left, opens, expires int64
		err = r.Scan(&k, &unit, &left, &opens, &expires)
		return k, fmt.Sprintf("lot %s %d %d %d", unit, left, opens, expires), err
	})
	read(qVouchers, func(r store.Scanner) (k, line string, err error) {
		var article, state string
		var starts int64
		err = r.Scan(&k, &article, &state, &starts)
		return k, fmt.Sprintf("voucher %s %s %d", article, state, starts), err
	})
	return out
}

func planted() bool { return os.Getenv("CAGNOTTE_PLANTED") != "" }
