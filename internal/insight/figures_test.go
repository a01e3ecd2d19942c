package insight

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// digest is every row of every table, read beside the program.
func digest(t *testing.T, engine string, c store.Config) string {
	t.Helper()
	driver, name, tables := "sqlite", c.Folder+"/cagnotte.db", "SELECT name FROM sqlite_master WHERE type = 'table'"
	if engine == "postgres" {
		driver, name, tables = "pgx", c.URL, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	read := func(query string) (out []string) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		for err == nil && rows.Next() {
			cells, into := make([]any, len(names)), make([]any, len(names))
			for i := range cells {
				into[i] = &cells[i]
			}
			err = rows.Scan(into...)
			out = append(out, strings.TrimSpace(fmt.Sprintln(cells...)))
		}
		if err != nil || rows.Err() != nil {
			t.Fatal(err, rows.Err())
		}
		slices.Sort(out)
		return out
	}
	sum, list := sha256.New(), read(tables)
	if len(list) < 20 {
		t.Fatalf("only %d tables", len(list))
	}
	for _, table := range list {
		fmt.Fprintln(sum, table, read("SELECT * FROM "+table))
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// past is a history that is worked out by hand: ref, member, day of March, hour, amount; a
// negative amount comes back from the order of that ref.
type past struct {
	ref, who  string
	day, hour int
	amount    int64
}

func remember(t *testing.T, st *store.Store, s *loyalty.Shop, list []past) {
	t.Helper()
	var facts []*loyalty.Fact
	for i, x := range list {
		f := &loyalty.Fact{
			Feed: "web", ExternalID: fmt.Sprint(i), Via: "import", Origin: loyalty.FromImport, Kind: loyalty.OrderPaid,
			OccurredAt: moment.Of(time.Date(2026, 3, x.day, x.hour, 0, 0, 0, time.UTC)),
		}
		if x.who != "" {
			f.Member.Keys = []loyalty.Key{{Kind: loyalty.ByNumber, Key: x.who}}
		}
		if x.amount < 0 {
			f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Series: "web", Ref: x.ref, Amount: -x.amount}
		} else {
			f.Order = &loyalty.Order{Series: "web", Ref: x.ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "MUG", Quantity: 1, Amount: x.amount}}}
		}
		facts = append(facts, f)
	}
	inOrder(facts)
	answers, err := door(t, st).Record(t.Context(), s.ID, facts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range answers {
		if a.Err != nil {
			t.Fatal(a.Err)
		}
	}
}

// byHand: dora was a customer before the period; anna split one basket into four; bela
// sent back all but one small order; carl bought once and his reward waits.
var byHand = []past{
	{"d0", "dora", 1, 9, 100_00},
	{"a1", "anna", 10, 9, 20_00}, {"a2", "anna", 10, 10, 20_50}, {"a3", "anna", 10, 11, 20_90}, {"a4", "anna", 10, 12, 20_00},
	{"b1", "bela", 11, 9, 60_00}, {"b2", "bela", 11, 10, 60_00}, {"b3", "bela", 12, 9, 20_00},
	{"b1", "bela", 13, 9, -60_00}, {"b2", "bela", 13, 10, -60_00}, {"b3", "bela", 13, 11, -19_00},
	{"c1", "carl", 20, 9, 50_00},
	{"d1", "dora", 21, 9, 5_00}, // below the minimum
	{"g1", "", 21, 10, 7_00},
}

// Rewards of 2.00 for an order from 20.00 open after five days; a point has no price.
const handDraft = `program "Thanks"
  two: earn 2.00 EUR, from 20.00 EUR, after 5 days, returns absorbed
  point: earn 1 point per 10.00 EUR
  refer friend 5.00 EUR, referrer 5.00 EUR, on first order
`

// The figures of a small history are those that a hand comes to, and nothing is written.
func TestTheFiguresOfASmallHistory(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := storetest.Config(t, engine)
			st := storetest.Open(t, c)
			s := shop(t, st, "s", "EUR", "Europe/Paris", 0, nil, 0, 0)
			remember(t, st, s, byHand)
			for name, more := range map[string]string{"apart": "", "together": "  spare: earn 1 point on portal activation, budget 1 uses\n"} {
				docs, err := rules.ParseFile(handDraft+more, rules.SettingOf(s))
				if err != nil {
					t.Fatal(err)
				}
				before := digest(t, engine, c)
				from := moment.Of(time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC))
				r, err := New(st).Backtest(t.Context(), s.ID, Question{Programs: docs, From: from, Target: 3_00})
				if err != nil {
					t.Fatal(err)
				}
				if after := digest(t, engine, c); after != before {
					t.Errorf("%s: something was written", name)
				}
				byHandFigures(t, name, r)
			}
		})
	}
}

func byHandFigures(t *testing.T, name string, r *BacktestReport) {
	t.Helper()
	for _, x := range []struct {
		what      string
		got, want int64
	}{
		// anna 81.40, bela 140.00 of which 139.00 came back, carl 50.00, dora 5.00
		{"orders", r.Orders, 9}, {"returns", r.Returns, 3}, {"bought", r.Bought, 276_40}, {"returned", r.Returned, 139_00},
		{"turnover", r.Turnover, 137_40}, {"guest orders", r.GuestOrders, 1}, {"guest amount", r.GuestAmount, 7_00},
		{"members", r.Members, 4}, {"reached", r.Reached, 3}, {"new customers", r.NewCustomers, 3}, {"new reached", r.NewReached, 3},
		// anna 4 × 2.00 and carl 2.00; all of bela's waited still, and were judged again
		{"cost", r.Cost, 10_00}, {"cost of a new one", r.CostPerNew, 3_33}, {"rate", r.CostRate, 7_28},
		{"given", r.Rules[0].Rewards, 8}, {"taken back", r.Rules[0].TakenBack, 6_00},
		{"waiting", r.Rules[0].Waiting, 1}, {"how much", r.Rules[0].WaitingAmount, 2_00},
		{"points without a price", r.Rules[1].Unpriced, 8 + 5},
	} {
		if x.got != x.want {
			t.Errorf("%s: %s: %d, want %d", name, x.what, x.got, x.want)
		}
	}
	if r.WithinTarget || !r.Rules[2].NoFriends || r.Rules[2].Rewards != 0 {
		t.Errorf("%s: within the target %v, rule of friends %+v", name, r.WithinTarget, r.Rules[2])
	}
	// Each of bela's three orders gave two rewards; of the 2 points of the last one, 19/20 went
	// back, which is both.
	cases := map[string]string{}
	for _, s := range r.Signs {
		for _, c := range s.Cases {
			cases[s.Sign] += fmt.Sprint(c.Key, " ", c.Count, " ", c.Day, " ", c.Rule, ";")
		}
	}
	for sign, want := range map[string]string{
		SignSplit: "anna 4 2026-03-10 two;", SignMinimum: "anna 4  two;", SignReturned: "bela 6  ;", SignTurnover: "",
	} {
		if cases[sign] != want {
			t.Errorf("%s: %s: %q, want %q", name, sign, cases[sign], want)
		}
	}
	if r.Winners[0].Key != "anna" || r.Winners[0].Value != 8_00 || len(r.Winners) != 2 {
		t.Errorf("%s: winners %+v", name, r.Winners)
	}
}

func TestABacktestRefusesWhatItCannotAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := shop(t, st, "s", "EUR", "Europe/Paris", 0, nil, 0, 0)
		docs, err := rules.ParseFile(handDraft, rules.SettingOf(s))
		if err != nil {
			t.Fatal(err)
		}
		want := func(q Question, code string) {
			t.Helper()
			q.Programs = docs
			if _, err := New(st).Backtest(t.Context(), s.ID, q); err == nil || !strings.Contains(err.Error(), code) {
				t.Errorf("%+v: %v, want %s", q, err, code)
			}
		}
		want(Question{}, "no_history")
		remember(t, st, s, byHand)
		want(Question{From: moment.Of(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))}, "no_history")
		want(Question{Most: int64(len(byHand)) - 1}, "too_many_facts")
	})
}
