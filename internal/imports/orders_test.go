package imports_test

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"os"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const (
	realFile = "../../testdata/online_retail_2010-12-01_to_15.csv.gz"
	header   = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
)

// retailer makes a shop in pounds with the programs of examples/.
func retailer(t testing.TB, st *store.Store) *loyalty.Shop {
	t.Helper()
	var programs []byte
	for _, name := range []string{"points.txt", "stamps.txt"} {
		text, err := os.ReadFile("../../examples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, text...)
	}
	s := &loyalty.Shop{Slug: "retail", Name: "Online Retail", Currency: "GBP", Decimals: 2, Zone: storetest.Zone(t, "Europe/London")}
	return storetest.Publish(t, st, s, string(programs))
}

func door(t testing.TB, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

func mapping(t testing.TB) imports.Mapping {
	t.Helper()
	m, err := imports.MappingOf("online-retail")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func load(t testing.TB, in *intake.Intake, s *loyalty.Shop, file []byte, o imports.Options) imports.Totals {
	t.Helper()
	got, err := imports.Orders(t.Context(), in, s, bytes.NewReader(file), mapping(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func real(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(realFile)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func counted(t *testing.T, what string, got, want int64) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// facts of the real file that hold in either mode; they were counted apart from this code.
func realTotals(t *testing.T, got imports.Totals) {
	t.Helper()
	counted(t, "lines", got.Lines, 32_451)
	counted(t, "orders", got.Orders, 1_249)
	counted(t, "guests", got.Guests, 143)
	counted(t, "refunds", got.Refunds, 222)
	counted(t, "members", int64(len(got.Members)), 817)
	counted(t, "bought", got.Bought, 629_070_70)
	counted(t, "returned", got.Returned, 12_610_80)
	counted(t, "errors", got.ErrorRows, 0)
	skipped := map[string]int64{imports.SkippedGuest: 36, imports.SkippedStock: 69}
	if !maps.Equal(got.Skipped, skipped) {
		t.Errorf("skipped %v, want %v", got.Skipped, skipped)
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
		realTotals(t, got)
		counted(t, "progress", seen, 1_471)
		counted(t, "of", total, 1_471)
		// worked out by a model of its own, from the file alone
		if points := got.Units["points"]; points != (imports.Moved{Given: 446_457, Taken: 4_836}) {
			t.Errorf("points %+v", points)
		}
		counted(t, "vouchers", got.Vouchers, 355)
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
		counted(t, "known", again.Duplicates, 1_471)
		if !again.Unchanged() || len(again.Units) != 0 || !strings.Contains(report(t, again), "nothing changed: all 1471 facts") {
			t.Errorf("the second import changed something:\n%s", report(t, again))
		}
	})
}

func TestTheRealFileAsHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, in := retailer(t, st), door(t, st)
		got := load(t, in, s, real(t), imports.Options{})
		realTotals(t, got)
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
		tests := []struct {
			name, file string
			shop       *loyalty.Shop
			want       string
		}{
			{"no column for the customer", "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n", s, "column_missing"},
			{"nothing at all", "", s, "read the header"},
			{"half of a packed file", string(real(t)[:100_000]), s, "unexpected EOF"},
			{"a shop in euros", header, &euros, "WRONG_CURRENCY"},
		}
		for _, tt := range tests {
			got, err := imports.Orders(t.Context(), in, tt.shop, strings.NewReader(tt.file), mapping(t), imports.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || got.Recorded != 0 {
				t.Errorf("%s: %d recorded, %v", tt.name, got.Recorded, err)
			}
		}
		if _, err := imports.MappingOf("online-retailer"); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("an unknown mapping: %v", err)
		}
	})
}
