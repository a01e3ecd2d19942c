package people_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/jobs"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// works does the bulk deeds that are to be done until there are none.
func works(t *testing.T, st *store.Store, p *people.People) {
	t.Helper()
	r := jobs.New(st, slog.New(slog.DiscardHandler), map[string]jobs.Work{people.BulkJob: p.BulkWork})
	for {
		n, err := r.Round(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// manyJoin makes n members with a number each, half of them tagged vip, and gives their ids.
func manyJoin(t *testing.T, p *people.People, shop loyalty.ShopID, n int) []id.Member {
	t.Helper()
	out := make([]id.Member, n)
	for from := 0; from < n; from += 500 {
		var facts []*loyalty.Fact
		for i := from; i < min(n, from+500); i++ {
			number := fmt.Sprintf("N%06d", i)
			f := &loyalty.Fact{Kind: loyalty.MemberJoined, Feed: "web", ExternalID: "join-" + number, Via: "api", Origin: loyalty.FromLive}
			f.Member = loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
			facts = append(facts, f)
		}
		answers, err := p.Record(t.Context(), shop, facts...)
		if err != nil {
			t.Fatal(err)
		}
		facts = nil
		for i, a := range answers {
			if out[from+i] = a.Member; a.Err != nil {
				t.Fatal(a.Err)
			}
			if i%2 == 0 {
				f := &loyalty.Fact{Kind: loyalty.StaffTag, Feed: "web", ExternalID: "tag-" + a.Member.String(), Via: "api", Origin: loyalty.FromStaff}
				f.Member, f.Staff = loyalty.Who{ID: a.Member}, &loyalty.Staff{Actor: "test", Add: []string{"vip"}}
				facts = append(facts, f)
			}
		}
		if answers, err = p.Record(t.Context(), shop, facts...); err != nil || answers[0].Err != nil {
			t.Fatal(err, answers)
		}
	}
	return out
}

// orders lets members buy, one after the other, until it is stopped, or each of them has
// bought once; it tells how much each has bought.
type orders struct {
	stop atomic.Bool
	done sync.WaitGroup
	got  map[id.Member]int64
	n    atomic.Int64
}

func (o *orders) run(t *testing.T, p *people.People, shop loyalty.ShopID, who []id.Member) {
	o.got = map[id.Member]int64{}
	ctx := context.WithoutCancel(t.Context())
	o.done.Go(func() {
		for i := 0; i < len(who) && !o.stop.Load(); i++ {
			m := who[i*7919%len(who)]
			f := &loyalty.Fact{Kind: loyalty.OrderPaid, Feed: "web", ExternalID: fmt.Sprint("o", i), Via: "api", Origin: loyalty.FromLive, Member: loyalty.Who{ID: m}}
			f.Order = &loyalty.Order{Series: "web", Ref: fmt.Sprint(i), Currency: "EUR", Lines: []loyalty.Line{{SKU: "A", Quantity: 1, Amount: 300}}}
			answers, err := p.Record(ctx, shop, f)
			if err != nil || answers[0].Err != nil {
				t.Error(err, answers)
				return
			}
			o.got[m] += 3
			o.n.Add(1)
		}
	})
}

func (o *orders) end() { o.stop.Store(true); o.done.Wait() }

// held is what everybody has, and which of his lots hold it.
func held(t *testing.T, st *store.Store, shop loyalty.ShopID, at moment.Time) map[id.Member]int64 {
	t.Helper()
	out := map[id.Member]int64{}
	if err := st.Balances(t.Context(), shop, at, func(b store.Balance) error { out[b.Member] += b.Balance; return nil }); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(out, func(_ id.Member, n int64) bool { return n == 0 })
	return out
}

// sound fails unless the book keeps its laws, and comes out the same when all facts are
// recorded again (L14).
func sound(t *testing.T, st *store.Store) {
	t.Helper()
	checks, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
	if err != nil || len(checks) < 10 {
		t.Fatal(len(checks), err)
	}
	for _, c := range checks {
		if c.Broken > 0 {
			t.Errorf("%+v", c)
		}
	}
}

// A credit to everybody and its undoing leave each balance as it was, and what came in
// between is there, too (issue 6; A6).
func TestABulkCreditAndItsUndoingLeaveTheBookAsItWas(t *testing.T) {
	n := 2_000
	if os.Getenv("CAGNOTTE_PROVE") != "" {
		n = 100_000
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		who := manyJoin(t, p, s.ID, n)
		before := held(t, st, s.ID, st.Clock())
		list := rosterText(t, p, s.ID)
		var o orders
		o.run(t, p, s.ID, who)
		order := people.BulkOrder{
			Once: "form-1", Actor: "Alicia", What: people.BulkCredit, How: people.BulkHow{Unit: "points", Amount: 50, Reason: "ten years"},
		}
		which, err := p.BeginBulk(t.Context(), s.ID, order)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := p.BeginBulk(t.Context(), s.ID, order); err != nil || again != which {
			t.Fatalf("the same form is another deed: %s, %v", again, err)
		}
		works(t, st, p)
		b, err := p.Bulk(t.Context(), s.ID, which)
		if err != nil || b.State != store.BulkDone || b.Total != int64(n) || b.Changed != int64(n) || b.Same+b.Refused != 0 {
			t.Fatalf("%+v, %v", b, err)
		}
		during := held(t, st, s.ID, st.Clock())
		for _, m := range who {
			if during[m] < 50 {
				t.Fatalf("%s has %d", m, during[m])
			}
		}
		undo, err := p.UndoBulk(t.Context(), s.ID, which, id.Staff{}, "Marek")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := p.UndoBulk(t.Context(), s.ID, which, id.Staff{}, "Marek"); err != nil || again != undo {
			t.Fatalf("undone twice: %s, %v", again, err)
		}
		works(t, st, p)
		o.end()
		b, err = p.Bulk(t.Context(), s.ID, undo)
		if err != nil || b.State != store.BulkDone || b.Total != int64(n) || b.Changed != int64(n) {
			t.Fatalf("%+v, %v", b, err)
		}
		for m, got := range o.got {
			before[m] += got
		}
		if after := held(t, st, s.ID, st.Clock()); !maps.Equal(before, after) || o.n.Load() == 0 {
			t.Errorf("%d orders: %d balances before, %d after, not the same", o.n.Load(), len(before), len(after))
		}
		if got := rosterText(t, p, s.ID); got != list {
			t.Error("the list is another one than before")
		}
		if _, err := p.UndoBulk(t.Context(), s.ID, undo, id.Staff{}, "Marek"); codeOf(err) != "bulk_not_undone" {
			t.Error(err)
		}
		sound(t, st)
	})
}

// rosterText is the list of members, all pages of it, without what they have.
func rosterText(t *testing.T, p *people.People, shop loyalty.ShopID) string {
	t.Helper()
	var out strings.Builder
	var at people.RosterPlace
	for {
		rows, err := p.Roster(t.Context(), shop, people.Roster{Order: people.ByNumber}, at, false, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rows {
			fmt.Fprintln(&out, m.ID, m.Numbers, m.State, m.Group, m.Tags)
			at = m.Place
		}
		if len(rows) < 500 {
			return out.String()
		}
	}
}

// What comes back is what was given: value that ends sooner stays where it is.
func TestUndoingACreditTakesTheCreditItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		m := manyJoin(t, p, s.ID, 1)[0]
		ends := &loyalty.Fact{Kind: loyalty.StaffAdjust, Feed: "web", ExternalID: "ends", Via: "api", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m}}
		ends.Adjust = &loyalty.Adjust{Unit: "points", Amount: 20, Reason: "r", Actor: "a", ExpiresAt: st.Clock() + moment.Day}
		if a, err := p.Record(t.Context(), s.ID, ends); err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		which, err := p.BeginBulk(t.Context(), s.ID, people.BulkOrder{Actor: "a", What: people.BulkCredit, How: people.BulkHow{Unit: "points", Amount: 30, Reason: "r"}, IDs: []id.Member{m, m}})
		if err != nil {
			t.Fatal(err)
		}
		works(t, st, p)
		if _, err := p.UndoBulk(t.Context(), s.ID, which, id.Staff{}, "a"); err != nil {
			t.Fatal(err)
		}
		works(t, st, p)
		w, err := p.Wallet(t.Context(), s.ID, m, 0)
		if err != nil || len(w.Units) != 1 || w.Units[0].Available != 20 || w.Units[0].Lapses != 20 {
			t.Errorf("%+v, %v", w, err)
		}
		sound(t, st)
	})
}

// Each deed changes those who were not so already, and its undoing those alone.
func TestBulkDeedsAreUndoneForThoseWhomTheyChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		who := manyJoin(t, p, s.ID, 8) // every other one is tagged vip
		deed := func(o people.BulkOrder) *people.Bulk {
			t.Helper()
			o.Actor, o.How.Reason = "Alicia", "a reason"
			which, err := p.BeginBulk(t.Context(), s.ID, o)
			if err != nil {
				t.Fatal(err)
			}
			works(t, st, p)
			b, err := p.Bulk(t.Context(), s.ID, which)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		undo := func(b *people.Bulk) *people.Bulk {
			t.Helper()
			which, err := p.UndoBulk(t.Context(), s.ID, b.ID, id.Staff{}, "Marek")
			if err != nil {
				t.Fatal(err)
			}
			works(t, st, p)
			if b, err = p.Bulk(t.Context(), s.ID, which); err != nil {
				t.Fatal(err)
			}
			return b
		}
		count := func(r people.Roster) int {
			t.Helper()
			n, err := p.RosterCount(t.Context(), s.ID, r, 100)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		tally := func(b *people.Bulk) [4]int64 { return [4]int64{b.Total, b.Changed, b.Same, b.Refused} }

		b := deed(people.BulkOrder{What: people.BulkTag, How: people.BulkHow{Tag: "vip"}})
		if tally(b) != [4]int64{8, 4, 4, 0} || count(people.Roster{Tag: "vip"}) != 8 {
			t.Errorf("tagged: %v", tally(b))
		}
		if b = undo(b); tally(b) != [4]int64{4, 4, 0, 0} || count(people.Roster{Tag: "vip"}) != 4 {
			t.Errorf("untagged again: %v, %d", tally(b), count(people.Roster{Tag: "vip"}))
		}
		// What the deed changes does not change whom it is about.
		b = deed(people.BulkOrder{What: people.BulkUntag, How: people.BulkHow{Tag: "vip"}, Of: people.Roster{Tag: "vip"}})
		if tally(b) != [4]int64{4, 4, 0, 0} || count(people.Roster{Tag: "vip"}) != 0 {
			t.Errorf("taken: %v", tally(b))
		}
		if undo(b); count(people.Roster{Tag: "vip"}) != 4 {
			t.Error("not tagged again")
		}

		deed(people.BulkOrder{What: people.BulkGroup, How: people.BulkHow{Group: "GOLD"}, IDs: who[:2]})
		b = deed(people.BulkOrder{What: people.BulkGroup, How: people.BulkHow{Group: "SILVER"}})
		if tally(b) != [4]int64{8, 8, 0, 0} || count(people.Roster{Group: "SILVER"}) != 8 {
			t.Errorf("grouped: %v", tally(b))
		}
		deed(people.BulkOrder{What: people.BulkGroup, How: people.BulkHow{Group: "STAFF"}, IDs: who[7:]}) // what somebody decided since stands
		if b = undo(b); tally(b) != [4]int64{8, 7, 1, 0} || count(people.Roster{Group: "GOLD"}) != 2 || count(people.Roster{Group: "STAFF"}) != 1 || count(people.Roster{Group: "SILVER"}) != 0 {
			t.Errorf("groups undone: %v", tally(b))
		}

		deed(people.BulkOrder{What: people.BulkBlock, IDs: who[:1]})
		b = deed(people.BulkOrder{What: people.BulkBlock})
		if tally(b) != [4]int64{8, 7, 1, 0} || count(people.Roster{State: loyalty.Blocked}) != 8 {
			t.Errorf("blocked: %v", tally(b))
		}
		if b = undo(b); tally(b) != [4]int64{7, 7, 0, 0} || count(people.Roster{State: loyalty.Blocked}) != 1 {
			t.Errorf("not blocked any more: %v", tally(b))
		}
		b = deed(people.BulkOrder{What: people.BulkUnblock})
		if tally(b) != [4]int64{8, 1, 7, 0} || count(people.Roster{State: loyalty.Enrolled}) != 8 {
			t.Errorf("unblocked: %v", tally(b))
		}

		// Who has spent his credit keeps what he bought: his is refused, the others' come back.
		b = deed(people.BulkOrder{What: people.BulkCredit, How: people.BulkHow{Unit: "points", Amount: 10}})
		spend := &loyalty.Fact{Kind: loyalty.StaffAdjust, Feed: "web", ExternalID: "spent", Via: "api", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: who[3]}}
		spend.Adjust = &loyalty.Adjust{Unit: "points", Amount: -4, Reason: "r", Actor: "a"}
		if a, err := p.Record(t.Context(), s.ID, spend); err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		if b = undo(b); tally(b) != [4]int64{8, 7, 0, 1} {
			t.Errorf("credits undone: %v", tally(b))
		}
		if got := held(t, st, s.ID, st.Clock()); len(got) != 1 || got[who[3]] != 6 {
			t.Errorf("left: %v", got)
		}

		// Somebody of another shop is nobody here.
		b = deed(people.BulkOrder{What: people.BulkTag, How: people.BulkHow{Tag: "x"}, IDs: []id.Member{id.Mint[id.MemberKind](1, [8]byte{7})}})
		if tally(b) != [4]int64{1, 0, 0, 1} {
			t.Errorf("a stranger: %v", tally(b))
		}
		// A filter that finds nobody is a deed about nobody.
		if b = deed(people.BulkOrder{What: people.BulkTag, How: people.BulkHow{Tag: "x"}, Of: people.Roster{Q: "nobody@example.com"}}); tally(b) != [4]int64{} || !b.Ended() {
			t.Errorf("nobody: %+v", b)
		}
		sound(t, st)
	})
}

// A deed that somebody stops ends behind its portion, and what it did can be undone.
func TestABulkDeedIsStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		manyJoin(t, p, s.ID, 600)
		which, err := p.BeginBulk(t.Context(), s.ID, people.BulkOrder{Actor: "a", What: people.BulkTag, How: people.BulkHow{Tag: "new", Reason: "r"}})
		if err != nil {
			t.Fatal(err)
		}
		// The first look at the deed behind its first portion finds that it is to stop.
		portions := 0
		was := st.Clock
		st.Clock = func() moment.Time {
			if b, err := p.Bulk(t.Context(), s.ID, which); err == nil && b.Changed > 0 && portions == 0 {
				portions++
				if err := p.StopBulk(t.Context(), s.ID, which); err != nil {
					t.Error(err)
				}
			}
			return was()
		}
		if _, err := p.BulkWork(t.Context(), store.Job{Shop: s.ID, Kind: people.BulkJob, Subject: which}); err != nil {
			t.Fatal(err)
		}
		st.Clock = was
		b, err := p.Bulk(t.Context(), s.ID, which)
		if err != nil || b.State != store.BulkStopped || b.Changed != 250 || !b.Undoable(st.Clock()) {
			t.Fatalf("%+v, %v", b, err)
		}
		if err := p.StopBulk(t.Context(), s.ID, which); codeOf(err) != "bulk_ended" {
			t.Error(err)
		}
		if _, err := p.UndoBulk(t.Context(), s.ID, which, id.Staff{}, "a"); err != nil {
			t.Fatal(err)
		}
		works(t, st, p)
		if n, err := p.RosterCount(t.Context(), s.ID, people.Roster{Tag: "new"}, 1000); err != nil || n != 0 {
			t.Errorf("%d are tagged, %v", n, err)
		}
	})
}

// A portion that was sent and not counted is done once: after a crash it is sent again.
func TestABulkDeedSurvivesACrash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		who := manyJoin(t, p, s.ID, 20)
		which, err := p.BeginBulk(t.Context(), s.ID, people.BulkOrder{Actor: "a", What: people.BulkTag, How: people.BulkHow{Tag: "new", Reason: "r"}, IDs: who})
		if err != nil {
			t.Fatal(err)
		}
		// The crash: the facts of some were recorded, and what became of them was not stored.
		var facts []*loyalty.Fact
		var sent []store.BulkMember
		for _, m := range who[:10] {
			f := &loyalty.Fact{
				Kind: loyalty.StaffTag, Feed: "office", ExternalID: "bulk-" + which.String() + "-" + m.String(), Via: "office", Origin: loyalty.FromStaff,
				Member: loyalty.Who{ID: m}, Staff: &loyalty.Staff{Actor: "a", Reason: "r", Add: []string{"new"}},
			}
			facts, sent = append(facts, f), append(sent, store.BulkMember{Member: m, State: store.BulkSent})
		}
		if answers, err := p.Record(t.Context(), s.ID, facts...); err != nil || answers[9].Err != nil {
			t.Fatal(err, answers)
		}
		if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.SetBulkMembers(t.Context(), s.ID, which, sent) }); err != nil {
			t.Fatal(err)
		}
		works(t, st, p)
		b, err := p.Bulk(t.Context(), s.ID, which)
		if err != nil || b.Changed != 20 || b.Same+b.Refused != 0 || !b.Ended() {
			t.Fatalf("%+v, %v", b, err)
		}
	})
}

func TestBulkOrdersSayWhatIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		ok := people.BulkHow{Unit: "points", Amount: 5, Tag: "vip", Reason: "r"}
		with := func(change func(*people.BulkHow)) people.BulkHow { h := ok; change(&h); return h }
		many := make([]id.Member, 201)
		for i := range many {
			many[i] = id.Mint[id.MemberKind](int64(i+1)*1000, [8]byte{1})
		}
		for want, o := range map[string]people.BulkOrder{
			"unknown_deed":             {What: "erase", How: ok},
			"reason required":          {What: people.BulkBlock},
			"reason too_long":          {What: people.BulkBlock, How: people.BulkHow{Reason: strings.Repeat("x", 121)}},
			"reason control_character": {What: people.BulkBlock, How: people.BulkHow{Reason: "a\x00"}},
			"tag required":             {What: people.BulkTag, How: with(func(h *people.BulkHow) { h.Tag = " " })},
			"unit unknown_unit":        {What: people.BulkCredit, How: with(func(h *people.BulkHow) { h.Unit = "stamps" })},
			"amount amount_unreadable": {What: people.BulkCredit, How: with(func(h *people.BulkHow) { h.Amount = -5 })},
			"who nobody_chosen":        {What: people.BulkTag, How: ok, IDs: []id.Member{}},
			"who nobody_chosen many":   {What: people.BulkTag, How: ok, IDs: many},
			"q search_without_letters": {What: people.BulkTag, How: ok, Of: people.Roster{Q: "--"}},
		} {
			_, err := p.BeginBulk(t.Context(), s.ID, o)
			words := strings.Fields(want)
			if code := codeOf(err); !slices.Contains(words, code) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if list, err := p.Bulks(t.Context(), s.ID, 10); err != nil || len(list) != 0 {
			t.Errorf("%d were begun, %v", len(list), err)
		}
		if _, err := p.Bulk(t.Context(), s.ID, id.Bulk{1}); codeOf(err) != "bulk_unknown" {
			t.Error(err)
		}
	})
}
