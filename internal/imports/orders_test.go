package imports_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

const root = "../.."

func retailer(t testing.TB, st *store.Store) *loyalty.Shop { return storetest.Retailer(t, st, root) }

func door(t testing.TB, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

func mapping(t testing.TB) imports.Mapping {
	t.Helper()
	m, err := imports.MappingOf(imports.ReadsOrders, "online-retail")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func load(t testing.TB, in *intake.Intake, s *loyalty.Shop, file []byte, o imports.Options) imports.Totals {
	t.Helper()
	got, err := (&imports.Desk{Intake: in}).Orders(t.Context(), s, bytes.NewReader(file), mapping(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func real(t testing.TB) []byte {
	t.Helper()
	b, _ := storetest.Retail(t, root)
	return b
}

func counted(t *testing.T, what string, got, want int64) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// truth is what the real file holds, counted and worked out by a model of its own, from
// the file alone.
type truth struct {
	lines, orders, guests, refunds, members, bought, returned int64
	skipped                                                   map[string]int64
	points                                                    imports.Moved
}

func expected(t *testing.T) truth {
	t.Helper()
	if _, whole := storetest.Retail(t, root); !whole {
		return truth{
			lines: 5_217, orders: 279, guests: 21, refunds: 29, members: 206, bought: 106_709_17, returned: 1_866_33,
			skipped: map[string]int64{imports.SkippedStock: 2},
			points:  imports.Moved{Given: 93_387, Taken: 379},
		}
	}
	return truth{
		lines: 32_451, orders: 1_249, guests: 143, refunds: 222, members: 817, bought: 629_070_70, returned: 12_610_80,
		skipped: map[string]int64{imports.SkippedGuest: 36, imports.SkippedStock: 69},
		points:  imports.Moved{Given: 446_457, Taken: 4_836},
	}
}

// holds compares what is the same in either mode.
func (w truth) holds(t *testing.T, got imports.Totals) {
	t.Helper()
	counted(t, "lines", got.Lines, w.lines)
	counted(t, "orders", got.Orders, w.orders)
	counted(t, "guests", got.Guests, w.guests)
	counted(t, "refunds", got.Refunds, w.refunds)
	counted(t, "members", int64(len(got.Members)), w.members)
	counted(t, "bought", got.Bought, w.bought)
	counted(t, "returned", got.Returned, w.returned)
	counted(t, "errors", got.ErrorRows, 0)
	if !maps.Equal(got.Skipped, w.skipped) {
		t.Errorf("skipped %v, want %v", got.Skipped, w.skipped)
	}
}

func report(t *testing.T, got imports.Totals) string {
	t.Helper()
	var b strings.Builder
	if err := got.Report(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheRealFileIsJudged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, in := retailer(t, st), door(t, st)
		var seen, total int64
		got := load(t, in, s, real(t), imports.Options{Reward: true, Progress: func(n, of int64) { seen, total = n, of }})
		want := expected(t)
		want.holds(t, got)
		counted(t, "progress", seen, want.orders+want.refunds)
		counted(t, "of", total, want.orders+want.refunds)
		if points := got.Units["points"]; points != want.points {
			t.Errorf("points %+v", points)
		}
		if got.Vouchers == 0 {
			t.Error("no card was ever full")
		}
		sums := map[ledger.Unit]int64{}
		err := st.Balances(t.Context(), s.ID, st.Clock(), func(b store.Balance) error {
			sums[b.Unit] += b.Balance
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for u, m := range got.Units {
			counted(t, "balances in "+string(u), sums[u], m.Given-m.Taken-m.Exchanged)
		}

		again := load(t, in, s, real(t), imports.Options{Reward: true})
		counted(t, "known", again.Duplicates, want.orders+want.refunds)
		if !again.Unchanged() || len(again.Units) != 0 || !strings.Contains(report(t, again), fmt.Sprintf("nothing changed: all %d facts", again.Duplicates)) {
			t.Errorf("the second import changed something:\n%s", report(t, again))
		}
	})
}

func TestTheRealFileAsHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, in := retailer(t, st), door(t, st)
		got := load(t, in, s, real(t), imports.Options{})
		want := expected(t)
		want.holds(t, got)
		if len(got.Units) != 0 || got.Vouchers != 0 {
			t.Errorf("history gave %v and %d vouchers", got.Units, got.Vouchers)
		}
		again := load(t, in, s, real(t), imports.Options{Reward: true})
		if !again.Unchanged() || len(again.Units) != 0 || !strings.Contains(report(t, again), "use a shop that has not seen the file") {
			t.Errorf("what was history was judged:\n%s", report(t, again))
		}
	})
}

// One row of each kind that a real file holds, and one of each that cannot be read.
func TestRowsOfEveryKind(t *testing.T) {
	const file = "\ufeff" + header +
		"1,85123a ,HEART,6,2010-12-01T08:26:00,2.555,17850,UK\n" + // line 2: rounded half up, 15.33
		"2,22086,,10,2010-12-01T08:30:00,1,,UK\n" + // a guest
		"1,POST,POSTAGE,1,2010-12-01T08:25:00,18,17850,UK\n" + // invoice 1 again, a minute earlier
		"1,22111,FREE GIFT,2,2010-12-01T08:26:00,0,17850,UK\n" +
		"3,22111,damaged,-5,2010-12-01T09:00:00,0,,UK\n" +
		"A4,B,Adjust bad debt,1,2010-12-01T09:00:00,-11062.06,,UK\n" +
		"C5,85123A,HEART,-1,2010-12-02T10:00:00,2.55,17850,UK\n" + // line 8
		"C5,D,Discount,-1,2010-12-02T10:00:00,5,17850,UK\n" +
		"C5,22111,FREE GIFT,-1,2010-12-02T10:00:00,0,17850,UK\n" +
		"C6,85123A,HEART,-1,2010-12-02T10:00:00,2.55,,UK\n" +
		"7,85123A,HEART,six,2010-12-02T10:00:00,2.55,17850,UK\n" + // line 12
		"7,22086,CHAIN,1,2010-12-02T10:00:00,2.55,17850,UK\n" +
		"8,22086,CHAIN,1,yesterday,2.55,17850,UK\n" +
		"9,22086,CHAIN,1,2010-12-02T10:00:00,\"2,55\",17850,UK\n" +
		"10,,CHAIN,1,2010-12-02T10:00:00,2.55,17850,UK\n" +
		"11,22086,CHAIN,1,2010-12-02T10:00:00\n" +
		",22086,CHAIN,1,2010-12-02T10:00:00,2.55,17850,UK\n" +
		"12,22086,CHAIN,-1,2010-12-02T10:00:00,2.55,17850,UK\n" +
		"C13,22086,CHAIN,1,2010-12-02T10:00:00,2.55,17850,UK\n" + // line 20
		"14,22086,CHAIN,1,2010-12-02T10:00:00,2.55,17850,UK\n" +
		"14,22086,CHAIN,1,2010-12-02T10:00:00,2.55,17851,UK\n" +
		"15,22086,CHAIN,1,2010-12-02T10:00:00,99999999999999,17850,UK\n" +
		"16,22086,CHAIN,1,2999-12-02T10:00:00,2.55,17850,UK\n" +
		"17,22086,CHAIN,0,2010-12-02T10:00:00,2.55,17850,UK\n" +
		"18,\"22086,CHAIN,1,2010-12-02T10:00:00,2.55,17850,UK\n"
	wantErrors := `line 12: quantity: not_a_number
line 14: at: not_a_time
line 15: price: not_an_amount
line 16: article: required
line 17: row: wrong_number_of_fields
line 18: invoice: required
line 19: quantity: order_below_zero
line 20: quantity: return_above_zero
line 22: member: another_member
line 23: price: out_of_range
line 26: row: unreadable_csv
line 24: occurred_at: in_the_future`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, in := retailer(t, st), door(t, st)
		got := load(t, in, s, []byte(file), imports.Options{Reward: true})
		var errs []string
		for _, e := range got.Errors {
			errs = append(errs, e.String())
		}
		if g := strings.Join(errs, "\n"); g != wantErrors {
			t.Errorf("errors\n%s\nwant\n%s", g, wantErrors)
		}
		counted(t, "lines", got.Lines, 25)
		counted(t, "orders", got.Orders, 2)
		counted(t, "guests", got.Guests, 1)
		counted(t, "refunds", got.Refunds, 1)
		counted(t, "bought", got.Bought, 1533+1800+1000)
		counted(t, "returned", got.Returned, 255+500)
		skipped := map[string]int64{
			imports.SkippedGuest: 1, imports.SkippedStock: 1, imports.SkippedAdjustment: 1, imports.SkippedFree: 1,
			imports.SkippedEmpty: 1, imports.SkippedIncomplete: 2,
		}
		if !maps.Equal(got.Skipped, skipped) {
			t.Errorf("skipped %v, want %v", got.Skipped, skipped)
		}
		// 15.33 pounds of hearts, of which 2.55 came back: 15 points less 2; 6 + 2 stamps less 1
		if points := got.Units["points"]; points != (imports.Moved{Given: 15, Taken: 2}) {
			t.Errorf("points %+v", points)
		}
	})
}

func TestAFileOfAnotherKindIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, in := retailer(t, st), door(t, st)
		euros := *s
		euros.Currency = "EUR"
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(bytes.Repeat([]byte(header), 1_000)); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name, file string
			shop       *loyalty.Shop
			want       string
		}{
			{"no column for the customer", "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n", s, "column_missing"},
			{"nothing at all", "", s, "read the header"},
			{"half of a packed file", string(packed.Bytes()[:packed.Len()/2]), s, "unexpected EOF"},
			{"a shop in euros", header, &euros, "WRONG_CURRENCY"},
		}
		for _, tt := range tests {
			got, err := (&imports.Desk{Intake: in}).Orders(t.Context(), tt.shop, strings.NewReader(tt.file), mapping(t), imports.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || got.Recorded != 0 {
				t.Errorf("%s: %d recorded, %v", tt.name, got.Recorded, err)
			}
		}
		if _, err := imports.MappingOf(imports.ReadsOrders, "online-retailer"); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("an unknown mapping: %v", err)
		}
	})
}
