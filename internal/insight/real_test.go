package insight

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const root = "../.."

// retail imports the real file.
func retail(t testing.TB, st *store.Store, s *loyalty.Shop, reward bool) {
	t.Helper()
	file, _ := storetest.Retail(t, root)
	m, err := imports.MappingOf(imports.ReadsOrders, "online-retail")
	if err != nil {
		t.Fatal(err)
	}
	totals, err := (&imports.Desk{Intake: door(t, st)}).Orders(t.Context(), s, bytes.NewReader(file), m, imports.Options{Reward: reward})
	if err != nil || totals.ErrorRows > 0 {
		t.Fatal(err, totals.Errors)
	}
}

// drafts are programs that fit the real file: the examples in its currency, and what they
// do not show. Their waiting times and ends fall into its two weeks.
func drafts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{
		"budget": `program "Welcome"
  budget 900.00 GBP
  first: earn 5.00 GBP on first order, from 100.00 GBP, at most 1 rewards ever
  rest: earn 2 % in GBP, round down to 5, after 2 days, valid 5 days, budget 120 uses per day`,
		"chain": `program "Chain"
  starts 2010-12-03
  earn 1 point per 1.00 GBP, after 3 days, valid 6 days, at most 400 points per day, worth 0.01 GBP
  full: exchange 150 points for cash voucher of 2.50 GBP, valid 4 days
  hearts: earn product voucher of 85123A per 6 items, of articles 85123A 22111, at most 2 rewards per month
  pair: earn gift "Bag" on every 2 orders, after 1 day
  sum: earn cash voucher of 10.00 GBP on orders of 900.00 GBP together`,
		"absorbed": `program "Absorbed"
  earn 3 points per item, returns absorbed, valid 2 days
  swap: exchange 90 points for cash voucher of 3.00 GBP, budget 800 uses
  big: multiply points by 2, from 50.00 GBP`,
	}
	files, err := filepath.Glob(root + "/examples/*.txt")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, ".story.txt") || strings.HasPrefix(filepath.Base(name), "cart_") { // carts are no orders
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = strings.ReplaceAll(string(text), "EUR", "GBP")
	}
	return out
}

// The real file, imported as history and tried, is what it becomes when it is imported to
// be judged: each posting, reward and voucher.
func TestABacktestOfTheRealFileIsItsImport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		past := shop(t, st, "past", "GBP", "Europe/London", 0, nil, 0, 0)
		retail(t, st, past, false)
		first, last := extent(t, st, past)
		gave := 0
		for name, text := range drafts(t) {
			docs, err := rules.ParseFile(text, rules.SettingOf(past))
			if err != nil {
				t.Fatal(name, err)
			}
			report, got, err := tried(t, st, past, Question{Programs: docs})
			if err != nil {
				t.Fatal(name, err)
			}
			// A live shop's clock runs on after the last fact: with a budget that may change
			// who gets it, so the shop is a twin whose time stands still there.
			fresh := shop(t, st, "fresh-"+name, "GBP", "Europe/London", last, docs, first, last)
			retail(t, st, fresh, true)
			want := booked(t, st, fresh, last)
			if diff := same(got, want); diff != "" {
				t.Errorf("%s: %d tried, %d recorded\n%s", name, len(got), len(want), diff)
			}
			gave += len(want)
			t.Logf("%s: %d rows, refused %v, cost %d", name, len(want), report.Refused, report.Cost)
			sound(t, name, report)
		}
		if gave < 1000 {
			t.Errorf("all drafts together made only %d rows", gave)
		}
	})
}

// A live shop, whose clock is years behind the last fact, has the same postings up to it.
func TestABacktestIsTheImportIntoALiveShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		past := shop(t, st, "past", "GBP", "Europe/London", 0, nil, 0, 0)
		retail(t, st, past, false)
		_, last := extent(t, st, past)
		fresh := storetest.Retailer(t, st, root)
		retail(t, st, fresh, true)
		docs, err := rules.ParseFile(drafts(t)["points.txt"]+"\n"+drafts(t)["stamps.txt"], rules.SettingOf(past))
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := tried(t, st, past, Question{Programs: docs})
		if err != nil {
			t.Fatal(err)
		}
		want, least := booked(t, st, fresh, last), 1000
		if _, whole := storetest.Retail(t, root); !whole {
			least = 900 // of the first two days, whose rows are 959
		}
		if diff := same(got, want); diff != "" || len(want) < least {
			t.Errorf("%d tried, %d recorded\n%s", len(got), len(want), diff)
		}
	})
}

func extent(t *testing.T, st *store.Store, s *loyalty.Shop) (first, last moment.Time) {
	t.Helper()
	v, err := st.View(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, first, last, err = v.Extent(t.Context(), store.History{Shop: s.ID, Until: forever})
	if err != nil || v.Close() != nil {
		t.Fatal(err)
	}
	return first, last
}

// sound holds a report's figures against one another.
func sound(t *testing.T, name string, r *BacktestReport) {
	t.Helper()
	for _, u := range r.Units {
		if in, out := u.Given-u.TakenBack-u.Exchanged-u.Ended, u.Open+u.Waiting-u.Owed; in != out {
			t.Errorf("%s: of %s %d came in and stayed, %d are there: %+v", name, u.Unit, in, out, u)
		}
	}
	cost, winners := int64(0), int64(0)
	for _, x := range r.Rules {
		cost += x.Cost
	}
	for _, w := range r.Winners {
		winners += w.Value
	}
	// Who owes more than he was given is no winner, and lowers the cost.
	if cost != r.Cost || len(r.Winners) < MaxListed && winners < r.Cost {
		t.Errorf("%s: the rules cost %d, the winners %d, all %d", name, cost, winners, r.Cost)
	}
	if r.Turnover != r.Bought-r.Returned || r.Reached > r.Members || r.NewCustomers > r.Members || r.NewReached > r.NewCustomers {
		t.Errorf("%s: %+v", name, r)
	}
}
