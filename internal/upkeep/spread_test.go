package upkeep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// router spreads shops over databases by their number. It is all that it takes: a shop is
// asked for by number, and nothing of it stands anywhere else.
type router struct {
	stores []*store.Store
	doors  []*intake.Intake

	mu     sync.Mutex
	asked  map[string]int               // statements, by name
	within map[*store.Tx]loyalty.ShopID // whose a transaction is
	wrong  map[string]bool
}

// spread opens one database for each engine named.
func spread(t *testing.T, clock *atomic.Int64, engines ...string) *router {
	t.Helper()
	r := &router{asked: map[string]int{}, within: map[*store.Tx]loyalty.ShopID{}, wrong: map[string]bool{}}
	for n, engine := range engines {
		st := storetest.Open(t, storetest.Config(t, engine))
		st.Clock = func() moment.Time { return moment.Time(clock.Load()) }
		st.Asked = func(tx *store.Tx, q *store.Q, args []any) { r.look(n, tx, q, args) }
		r.stores = append(r.stores, st)
		r.doors = append(r.doors, door(t, st))
	}
	return r
}

// look notes every statement that is not about one shop of that database, and every
// transaction that is about two.
func (r *router) look(n int, tx *store.Tx, q *store.Q, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[q.Name]++
	if q.Name == "shops" { // the operator's list, of this database
		return
	}
	number, ok := int64(0), false
	if len(args) > 0 {
		number, ok = args[0].(int64)
	}
	shop := loyalty.ShopID(number)
	if !ok || shop == 0 || r.at(shop) != n {
		r.wrong[fmt.Sprintf("%s in database %d is about shop %v", q.Name, n, args[:min(1, len(args))])] = true
		return
	}
	if tx == nil {
		return
	}
	if was, known := r.within[tx]; known && was != shop {
		r.wrong[fmt.Sprintf("%s: one transaction is about shops %d and %d", q.Name, was, shop)] = true
	}
	r.within[tx] = shop
}

// begun is a clock that stands at the same instant for every run.
func begun() *atomic.Int64 {
	clock := &atomic.Int64{}
	clock.Store(int64(1_790_000_000 * moment.Second))
	return clock
}

func (r *router) at(shop loyalty.ShopID) int { return int(shop) % len(r.stores) }

func (r *router) store(shop loyalty.ShopID) *store.Store { return r.stores[r.at(shop)] }

func (r *router) record(t *testing.T, shop loyalty.ShopID, facts ...*loyalty.Fact) {
	t.Helper()
	got, err := r.doors[r.at(shop)].Record(t.Context(), shop, facts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range got {
		if a.Err != nil {
			t.Fatal(a.Err)
		}
	}
}

const spreadShops = 4

// live lets some shops live side by side for a month and tells what everybody has in the
// end, by his number: ids are made anew each time.
func (r *router) live(t *testing.T, clock *atomic.Int64) string {
	t.Helper()
	var shops []*loyalty.Shop
	for n := range loyalty.ShopID(spreadShops) {
		s := &loyalty.Shop{
			ID: n + 1, Slug: fmt.Sprint("shop-", n), Name: "Shop", Currency: "EUR", Decimals: 2, Zone: storetest.Zone(t, "Europe/Paris"),
		}
		shops = append(shops, storetest.Publish(t, r.store(s.ID), s, small))
		listened(t, r.store(s.ID), s)
	}
	n, begin := 0, clock.Load()
	say := func(s *loyalty.Shop, f *loyalty.Fact) {
		n++
		at := moment.Time(begin) + moment.Time(n)*moment.Minute
		clock.Store(int64(at))
		f.Feed, f.ExternalID, f.Via, f.Origin, f.OccurredAt = "web", fmt.Sprint(n), "api", loyalty.FromLive, at
		r.record(t, s.ID, f)
	}
	who := func(number int) loyalty.Who {
		return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: strconv.Itoa(number)}}}
	}
	const members = 6 // the same numbers in every shop: they are other people
	for m := range members {
		for _, s := range shops {
			f := &loyalty.Fact{Kind: loyalty.MemberJoined, Member: who(m)}
			if m%2 == 1 {
				f.Referrer = who(m - 1)
			}
			say(s, f)
		}
	}
	for k := range 5 {
		for m := range members {
			for _, s := range shops {
				ref := fmt.Sprint(m, "-", k)
				say(s, &loyalty.Fact{Kind: loyalty.OrderPaid, Member: who(m), Order: &loyalty.Order{
					Series: "web", Ref: ref, Currency: "EUR",
					Lines: []loyalty.Line{{SKU: "COFFEE", Quantity: 1, Amount: int64(2_000 + 100*int(s.ID) + 10*m + k)}},
				}})
				if (m+k)%4 == 0 {
					say(s, &loyalty.Fact{Kind: loyalty.Refunded, Refund: &loyalty.Refund{Series: "web", Ref: ref}})
				}
			}
		}
	}
	say(shops[1], &loyalty.Fact{Kind: loyalty.StaffAdjust, Member: who(2), Adjust: &loyalty.Adjust{Unit: "points", Amount: 7, Reason: "sorry", Actor: "eva"}})
	end := moment.Time(clock.Add(int64(20 * moment.Day)))
	for _, s := range shops {
		if _, err := r.doors[r.at(s.ID)].Due(t.Context(), s.ID, end); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	for _, s := range shops {
		r.tell(t, &out, s, members, end)
	}
	return out.String()
}

// tell writes what the members of a shop have.
func (r *router) tell(t *testing.T, out *strings.Builder, s *loyalty.Shop, members int, at moment.Time) {
	t.Helper()
	st := r.store(s.ID)
	numbers := map[id.Member]int{}
	for m := range members {
		who, err := st.MemberByKey(t.Context(), s.ID, loyalty.Key{Kind: loyalty.ByNumber, Key: strconv.Itoa(m)})
		if err != nil {
			t.Fatal(err)
		}
		numbers[who] = m
		vouchers, err := st.Vouchers(t.Context(), s.ID, who)
		if err != nil {
			t.Fatal(err)
		}
		receipts, err := st.ReceiptsOf(t.Context(), s.ID, who, id.Event{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(out, s.Slug, m, "vouchers", len(vouchers), "receipts", len(receipts))
	}
	var rows []string
	err := st.Balances(t.Context(), s.ID, at, func(b store.Balance) error {
		unit, _, _ := strings.Cut(string(b.Unit), ":") // the program's id is made anew
		rows = append(rows, fmt.Sprintln(s.Slug, numbers[b.Member], unit, b.Balance, b.Available, b.Pending, b.Held, b.Debt, b.Earned))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	out.WriteString(strings.Join(rows, ""))
	notices, err := st.Outbox(t.Context(), s.ID, id.Outbox{}, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(out, s.Slug, "notices", len(notices))
}

// Shops that are spread over two databases, of any kind, live as they do in one: nothing of
// a shop needs the other database, and each of the two verifies and replays by itself.
func TestShopsSpreadOverTwoDatabases(t *testing.T) {
	clock := begun()
	want := spread(t, clock, "sqlite").live(t, clock)
	if n := strings.Count(want, " points "); n != spreadShops*6 {
		t.Fatalf("%d balances in points:\n%s", n, want)
	}
	for _, engines := range [][]string{{"postgres"}, {"sqlite", "sqlite"}, {"postgres", "postgres"}, {"sqlite", "postgres"}} {
		t.Run(strings.Join(engines, " and "), func(t *testing.T) {
			t.Parallel()
			clock := begun()
			r := spread(t, clock, engines...)
			if got := r.live(t, clock); got != want {
				t.Errorf("spread, they have\n%s\nin one database\n%s", got, want)
			}
			for _, st := range r.stores {
				list, err := upkeep.Verify(context.Background(), st, storetest.Box(t), nil)
				if err != nil {
					t.Fatal(err)
				}
				holds(t, list, "L15")
			}
			for complaint := range r.wrong {
				t.Error(complaint)
			}
			total := 0
			for _, n := range r.asked {
				total += n
			}
			if len(r.asked) < 50 || total < 2_000 {
				t.Errorf("only %d statements were seen %d times", len(r.asked), total)
			}
		})
	}
}

// The router sees what it is there for: a shop asked for in the wrong database, and two
// shops in one transaction.
func TestTheRouterSeesWhatCrossesShops(t *testing.T) {
	r := spread(t, begun(), "sqlite", "sqlite")
	if _, err := r.stores[0].HasEvents(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	err := r.stores[0].Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.SetListens(t.Context(), 2, nil), tx.SetListens(t.Context(), 4, nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.wrong) != 2 {
		t.Errorf("complaints are %v, want one of a database and one of a transaction", r.wrong)
	}
}
