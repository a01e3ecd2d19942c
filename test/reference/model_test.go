// Package reference holds the engine against a reference: random operations of many small
// worlds at once, each compared with what a few plain lines say must come of it.
package reference

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

const programs = `program "Points"
  earn 1 point per 1.00 EUR, valid 6 days
  refer friend 20 points, referrer 50 points, on first order, from 20.00 EUR, after 3 days, at most 1 rewards per month
  gift: exchange 40 points for cash voucher of 5.00 EUR, when asked, valid 4 days
program "Card"
  stamp 2 per order, valid 6 days
  exchange 3 stamps for product voucher of 1 MUG, valid 4 days
`

// shop is a twin shop whose clock the test moves, with many worlds in it: one operation of
// each is one batch, so that a transaction is shared by hundreds.
type shop struct {
	*loyalty.Shop
	st     *store.Store
	in     *intake.Intake
	points id.Program
	stamps ledger.Unit
	groups []*group
	seen   map[string]map[string]int // operation → outcome → how often
	read   time.Duration
	wrote  time.Duration
}

func open(t *testing.T, st *store.Store, seed uint64, groups int) *shop {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{})
	t.Cleanup(in.Close)
	start := moment.DayOf(2026, 3, 1, storetest.Zone(t, "Europe/Paris")) + 12*moment.Hour
	st.Clock = func() moment.Time { return start } // the programs are published then
	row := storetest.Publish(t, st, &loyalty.Shop{
		Slug: "twin", Name: "Twin", Currency: "EUR", Decimals: 2, Zone: storetest.Zone(t, "Europe/Paris"), LiveShop: 1, ClockAt: start,
	}, programs)
	_, book, err := in.Book(t.Context(), row.ID)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{Shop: row, st: st, in: in, points: book.Programs[0].ID, seen: map[string]map[string]int{}}
	s.stamps = book.Programs[1].UnitOf("stamps")
	for i := range groups {
		g := &group{prefix: fmt.Sprintf("w%03d", i), dice: rand.New(rand.NewPCG(seed, uint64(i)))}
		g.world = world{now: start, zone: row.Zone, people: map[string]*member{}, orders: map[string]*order{}, say: func(code string) { g.said[code] = true }}
		for range 5 {
			g.names = append(g.names, g.newcomer())
		}
		s.groups = append(s.groups, g)
	}
	return s
}

// told is what an answer says, as the reference says it.
func told(a intake.Answer) string {
	said := map[string]bool{}
	switch p, refused := a.Err.(*loyalty.Problem); {
	case refused:
		return p.Code
	case a.Err != nil:
		return a.Err.Error()
	case a.Status == intake.Duplicate:
		return "duplicate"
	}
	for _, l := range a.Lines {
		switch {
		case l.Rule == "merge": // what one hands to the other: the dossiers say it
		case l.Outcome != loyalty.Refused && l.Outcome != loyalty.Noted:
			said[l.Outcome] = true
		case l.Code != "":
			said[string(l.Code)] = true
		}
	}
	return words(said)
}

func words(said map[string]bool) string {
	if len(said) == 0 {
		return "ok"
	}
	return strings.Join(slices.Sorted(maps.Keys(said)), ", ")
}

func (s *shop) count(kind, outcomes string) {
	for o := range strings.SplitSeq(outcomes, ", ") {
		if s.seen[kind] == nil {
			s.seen[kind] = map[string]int{}
		}
		s.seen[kind][o]++
	}
}

// tick moves the clock of the engine.
func (s *shop) tick(t *testing.T, now moment.Time) {
	t.Helper()
	if err := s.in.ClockTo(t.Context(), s.ID, now, func(intake.Answer) {}); err != nil {
		t.Fatal(err)
	}
}

// round moves the clock, lets one operation happen in each world, and compares answers and
// states.
func (s *shop) round(t *testing.T, now moment.Time) {
	t.Helper()
	began := time.Now()
	s.tick(t, now)
	facts, ops := make([]*loyalty.Fact, len(s.groups)), make([]op, len(s.groups))
	want := make([]string, len(s.groups))
	for i, g := range s.groups {
		g.said = map[string]bool{}
		g.tick(now)
		delete(g.said, "undone") // the second check takes back so seldom what was exchanged
		s.count("clock", words(g.said))
		g.said = map[string]bool{}
		o, at := g.draw(), now
		ops[i] = o
		if o.kind == "again" || o.kind == "another body" {
			want[i] = "duplicate"
			if len(g.past) == 0 {
				o = op{kind: "join", who: g.names[0], name: o.name}
				ops[i] = o
			} else {
				p := g.past[g.dice.IntN(len(g.past))]
				if at = p.at; o.kind == "another body" {
					at, want[i] = at+1, "event_conflict"
				}
				facts[i] = s.fact(g, p.op, at)
				continue
			}
		}
		facts[i] = s.fact(g, o, at)
		g.do(o)
		want[i] = words(g.said)
	}
	answers, err := s.in.Record(t.Context(), s.ID, facts...)
	if err != nil {
		t.Fatal(err)
	}
	s.wrote += time.Since(began)
	for i, g := range s.groups {
		if got := told(answers[i]); got != want[i] {
			t.Fatalf("%s: %+v ends in %q, the reference says %q\n%v\n%s", g.prefix, ops[i], got, want[i], answers[i].Lines, g.story())
		}
		s.count(ops[i].kind, want[i])
		if answers[i].Err == nil && ops[i].kind != "again" {
			g.past = append(g.past, past{ops[i], now, want[i]})
		}
		if ops[i].kind == "merge" && want[i] != "same_member" && answers[i].Err == nil {
			g.names[slices.Index(g.names, ops[i].other)] = g.newcomer()
		}
	}
	began = time.Now()
	s.compare(t, now, ops)
	s.read += time.Since(began)
}

// story is what happened in a world, to be read when it went wrong.
func (g *group) story() string {
	var b strings.Builder
	for _, p := range g.past {
		o := p.op
		fmt.Fprintf(&b, "%s %s who=%s other=%s ref=%s of=%v line=%d n=%d unit=%s: %s\n", p.at, o.kind, o.who, o.other, o.ref, o.of, o.line, o.n, o.unit, p.answer)
	}
	return b.String()
}

var (
	qKeys = store.New("reference.keys", `SELECT k.key, k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind = 'number'`)
	qLots = store.New("reference.lots", `
		SELECT l.member_id, l.unit, l.remaining, l.since, COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0) FROM lots l
		WHERE l.shop_id = $1 AND l.remaining > 0`)
	qVouchers = store.New("reference.vouchers", `
		SELECT v.id, v.member_id, v.code, v.kind, v.used, v.state, COALESCE(v.expires_at, 0) FROM vouchers v WHERE v.shop_id = $1`)
)

type holding struct {
	accounts map[string]string
	lots     map[string][]string
	vouchers []*loyalty.Voucher
}

// compare holds everything that members have against the reference.
func (s *shop) compare(t *testing.T, now moment.Time, ops []op) {
	t.Helper()
	has := map[id.Member]*holding{}
	at := func(m id.Member) *holding {
		if has[m] == nil {
			has[m] = &holding{accounts: map[string]string{}, lots: map[string][]string{}}
		}
		return has[m]
	}
	keys := map[string]id.Member{}
	name := func(u ledger.Unit) string {
		if u == s.stamps {
			return "stamps"
		}
		return string(u)
	}
	read := func(q *store.Q, scan func(store.Scanner) error) {
		if err := s.st.Read(t.Context(), q, scan, int64(s.ID)); err != nil {
			t.Fatal(err)
		}
	}
	read(qKeys, func(r store.Scanner) error {
		var k string
		var m id.Member
		err := r.Scan(&k, &m)
		keys[k] = m
		return err
	})
	err := s.st.Balances(t.Context(), s.ID, now, func(b store.Balance) error {
		if b.Balance != 0 || b.Earned != 0 || b.Available != 0 || b.Pending != 0 || b.Debt != 0 {
			at(b.Member).accounts[name(b.Unit)] = fmt.Sprintf("balance %d open %d pending %d debt %d earned %d", b.Balance, b.Available, b.Pending, b.Debt, b.Earned)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	read(qLots, func(r store.Scanner) error {
		var m id.Member
		var unit ledger.Unit
		var left int64
		var since, opens, ends moment.Time
		if err := r.Scan(&m, &unit, &left, &since, &opens, &ends); err != nil {
			return err
		}
		u := name(unit)
		at(m).lots[u] = append(at(m).lots[u], fmt.Sprintf("%d since %d open %d end %d", left, since, opens, ends))
		return nil
	})
	read(qVouchers, func(r store.Scanner) error {
		v := &loyalty.Voucher{}
		err := r.Scan(&v.ID, &v.Member, &v.Code, &v.Kind, &v.Used, &v.State, &v.ExpiresAt)
		at(v.Member).vouchers = append(at(v.Member).vouchers, v)
		return err
	})
	for i, g := range s.groups {
		members := map[*member]string{}
		for n, m := range g.people {
			if members[m] == "" || n < members[m] {
				members[m] = n
			}
		}
		for m, n := range members {
			h := at(keys[n])
			if got, want := h.text(), g.text(m); got != want {
				t.Fatalf("after %+v %s has\n%sthe reference says\n%s%s", ops[i], n, got, want, g.story())
			}
			slices.SortFunc(h.vouchers, func(a, b *loyalty.Voucher) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
			for j, v := range g.of(m) {
				v.code = h.vouchers[j].Code
			}
			delete(has, keys[n])
		}
	}
	for m, h := range has {
		if got := h.text(); got != "" {
			t.Fatalf("%s, who is nobody, has\n%s", m, got)
		}
	}
}

func (h *holding) text() string {
	var b strings.Builder
	for _, u := range []string{"points", "stamps"} {
		if h.accounts[u] != "" {
			fmt.Fprintf(&b, "%s: %s\n", u, h.accounts[u])
		}
		slices.Sort(h.lots[u])
		for _, l := range h.lots[u] {
			fmt.Fprintf(&b, "  %s\n", l)
		}
	}
	slices.SortFunc(h.vouchers, func(a, b *loyalty.Voucher) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, v := range h.vouchers {
		unit := map[string]string{"cash": "points", "product": "stamps"}[v.Kind]
		fmt.Fprintf(&b, "  voucher for %s used %v gone %v end %d\n", unit, v.Used > 0, v.State == loyalty.VoucherWithdrawn, v.ExpiresAt)
	}
	return b.String()
}

// of lists a member's vouchers.
func (w *world) of(m *member) (out []*voucher) {
	for _, v := range w.vouchers {
		if v.to == m {
			out = append(out, v)
		}
	}
	return out
}

// text writes what the reference says that a member has.
func (w *world) text(m *member) string {
	var b strings.Builder
	for _, u := range []string{"points", "stamps"} {
		var earned int64
		var lots []string
		for _, l := range w.lots {
			if l.to != m || l.unit != u {
				continue
			}
			if l.order != nil {
				earned += l.n - l.taken
			}
			if l.left > 0 {
				lots = append(lots, fmt.Sprintf("  %d since %d open %d end %d\n", l.left, l.since, date(l.opens), date(l.ends)))
			}
		}
		all, debt, open := w.sum(m, u, all), m.debt[u], w.sum(m, u, w.open)
		pending := w.sum(m, u, func(l *lot) bool { return l.opens > w.now })
		if all != 0 || debt != 0 || earned != 0 {
			fmt.Fprintf(&b, "%s: balance %d open %d pending %d debt %d earned %d\n", u, all-debt, open, pending, debt, earned)
		}
		slices.Sort(lots)
		b.WriteString(strings.Join(lots, ""))
	}
	for _, v := range w.of(m) {
		fmt.Fprintf(&b, "  voucher for %s used %v gone %v end %d\n", v.unit, v.used, v.gone, v.ends)
	}
	return b.String()
}

func date(t moment.Time) moment.Time {
	if t == never {
		return 0
	}
	return t
}

// steps are how far the clock moves between two operations.
var steps = []moment.Time{moment.Minute, 3 * moment.Hour, 9 * moment.Hour, moment.Day}

// wanted are the outcomes without which a run has shown nothing. Each of them, and each
// other outcome that comes up, must come up often.
var wanted = map[string]string{
	"again": "duplicate", "another body": "event_conflict", "block": "ok, member_unknown", "unblock": "ok, exchanged, member_unknown",
	"cancel": "ok, order_known, taken_back, undone", "clock": "ok, expired, opened, refused, taken_back",
	"exchange":      "exchanged, INSUFFICIENT_BALANCE, MEMBER_BLOCKED, exchange_unknown, member_unknown",
	"give":          "given, exchanged, member_unknown, unknown_unit",
	"join":          "ok, ALREADY_BUYER, ALREADY_MEMBER, ALREADY_REFERRED, CODE_UNKNOWN, MUTUAL_REFERRAL, SELF_REFERRAL",
	"merge":         "merged, exchanged, same_member, member_unknown",
	"pay":           "given, waiting, exchanged, order_known, ALREADY_BUYER, BELOW_MINIMUM, CAP_REACHED, MEMBER_BLOCKED, NOT_FIRST_ORDER, ORDER_CANCELLED, ORDER_RETURNED",
	"pay in pounds": "WRONG_CURRENCY", "place": "order_known",
	"redeem":        "ok, CODE_EXPIRED, CODE_NOT_YOURS, CODE_UNKNOWN, CODE_USED, MEMBER_BLOCKED, member_unknown",
	"refund line":   "ok, taken_back, undone, order_unknown, NOT_REVERSIBLE",
	"refund amount": "ok, taken_back, undone, order_unknown, NOT_REVERSIBLE",
	"refund whole":  "ok, taken_back, undone, order_unknown, NOT_REVERSIBLE",
	"take":          "taken_back, INSUFFICIENT_BALANCE, member_unknown",
	"transfer":      "given, INSUFFICIENT_BALANCE, MEMBER_BLOCKED, same_member, member_unknown",
}

// covered prints how often each outcome came up, and fails where that was not often.
func (s *shop) covered(t *testing.T, least int) {
	t.Helper()
	for kind, outcomes := range wanted {
		for o := range strings.SplitSeq(outcomes, ", ") {
			if s.seen[kind][o] == 0 {
				t.Errorf("%s never ended in %s", kind, o)
			}
		}
	}
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(s.seen)) {
		for _, o := range slices.Sorted(maps.Keys(s.seen[kind])) {
			n := s.seen[kind][o]
			fmt.Fprintf(&b, "%-14s %-22s %6d\n", kind, o, n)
			if n < least {
				t.Errorf("%s ended in %s only %d times, wanted are %d", kind, o, n, least)
			}
		}
	}
	t.Log("\n" + b.String())
}

// TestAgainstTheReference plays the same operations to the engine and to the reference.
// The race detector makes SQLite forty times slower, so that under it the test runs itself
// again without.
func TestAgainstTheReference(t *testing.T) {
	if raced {
		t.Parallel()
		out, err := itself(t, "", "^TestAgainstTheReference$")
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
		return
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		groups, rounds, least := 500, 100, 100
		if os.Getenv("CAGNOTTE_PROVE") != "" {
			rounds, least = 1_000, 1_000
		}
		seed := seed(t)
		s := open(t, st, seed, groups)
		dice := rand.New(rand.NewPCG(seed, 1<<40))
		now := s.ClockAt
		for range rounds {
			now += steps[dice.IntN(len(steps))]
			s.round(t, now)
		}
		s.tick(t, now)
		s.covered(t, least)
		t.Logf("%d operations in %s, compared in %s", groups*rounds, s.wrote.Round(time.Millisecond), s.read.Round(time.Millisecond))
		verify := func() ([]upkeep.Check, error) { return upkeep.Verify(t.Context(), st, storetest.Box(t), nil) }
		if st.Serial() && os.Getenv("CAGNOTTE_PROVE") == "" { // replayed once is enough: from PostgreSQL into SQLite
			verify = func() ([]upkeep.Check, error) { return upkeep.Invariants(t.Context(), st) }
		}
		list, err := verify()
		if err != nil {
			t.Fatal(err)
		}
		if !upkeep.Holds(list) {
			var b strings.Builder
			_ = upkeep.Report(&b, list) // a Builder takes everything
			t.Error(b.String())
		}
	})
}

// The reference must be plain enough to be believed.
func TestTheReferenceIsSmall(t *testing.T) {
	text, err := os.ReadFile("reference_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n)\n") // behind the imports
	n := 0
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	if n > 150 {
		t.Errorf("the reference has %d lines", n)
	}
}

// seed is the same for each run, and drawn anew under CAGNOTTE_PROVE; CAGNOTTE_SEED replays
// one.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(1)
	if os.Getenv("CAGNOTTE_PROVE") != "" {
		n = rand.Uint64()
	}
	if text := os.Getenv("CAGNOTTE_SEED"); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CAGNOTTE_SEED=%d", n)
	return n
}

// itself runs a test of this package in a process of its own, without the race detector.
func itself(t *testing.T, tag, run string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-timeout", "60m", "-tags", tag, "-run", run, ".")
	cmd.Env = append(os.Environ(), "CAGNOTTE_PLANTED="+tag)
	return cmd.CombinedOutput()
}

// A test that cannot fail shows nothing: with a debt clamped to zero this one must fail.
func TestPlantedBugTurnsRed(t *testing.T) {
	if os.Getenv("CAGNOTTE_PLANTED") != "" {
		return // this is the run with the bug
	}
	t.Parallel()
	out, err := itself(t, "bug_clamp", "^TestAgainstTheReference$/^sqlite$")
	if err == nil {
		t.Fatalf("green with the bug planted:\n%s", out)
	}
	if !strings.Contains(string(out), "the reference says") {
		t.Fatalf("did not even run with the bug planted: %v\n%s", err, out)
	}
}
