package insight

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What a backtest says happened is compared here with what happens when the same facts
// are recorded to be judged: every posting, reward and voucher, told in the words of
// members and programs, since their ids are others.

var (
	qPostingsOf = store.New("storetest.backtest.postings", `
		SELECT p.member_id, p.unit, p.amount, p.effective_at, t.kind, t.actor, COALESCE(w.rule, ''), COALESCE(w.once, '')
		FROM postings p JOIN transactions t ON t.shop_id = $1 AND t.id = p.txn_id
		LEFT JOIN rewards w ON w.shop_id = $1 AND w.id = t.reward_id
		WHERE p.shop_id = $1 AND p.member_id IS NOT NULL AND p.effective_at <= $2`)
	qRewardsOf = store.New("storetest.backtest.rewards", `
		SELECT w.member_id, w.program_id, w.rule, w.once, w.unit, w.amount, w.taken, w.absorbed, w.state, w.given_at, COALESCE(w.due_at, 0)
		FROM rewards w WHERE w.shop_id = $1 AND w.given_at <= $2`)
	qVouchersOf = store.New("storetest.backtest.vouchers", `
		SELECT v.member_id, v.kind, v.article, v.amount, v.percent, v.uses_max, v.starts_at, COALESCE(v.expires_at, 0), v.state
		FROM vouchers v WHERE v.shop_id = $1`)
	qKeysOf = store.New("storetest.backtest.keys", `
		SELECT k.member_id, k.key FROM member_keys k WHERE k.shop_id = $1 AND k.kind IN ('number', 'external')`)
)

// names turns ids into what people call it.
type names struct {
	members map[id.Member]string
	text    *strings.Replacer // program ids in units
}

func namesOf(t *testing.T, st *store.Store, shop loyalty.ShopID, programs ...string) names {
	t.Helper()
	n := names{map[id.Member]string{}, strings.NewReplacer(programs...)}
	err := st.Read(t.Context(), qKeysOf, func(r store.Scanner) error {
		var m id.Member
		var key string
		err := r.Scan(&m, &key)
		n.members[m] = key
		return err
	}, int64(shop))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n names) posting(m id.Member, unit string, amount, at int64, kind, actor, rule, once string) string {
	return n.text.Replace(fmt.Sprintf("%s %s %d at %s %s by %s for %s %s", n.members[m], unit, amount, moment.Time(at), kind, actor, rule, once))
}

func (n names) reward(m id.Member, p id.Program, rule, once, unit string, amount, taken, absorbed int64, state string, given, due moment.Time) string {
	return n.text.Replace(fmt.Sprintf("%s %s/%s %s %s %d-%d-%d %s %s %s", n.members[m], p, rule, once, unit, amount, taken, absorbed, state, given, due))
}

func (n names) voucher(m id.Member, kind, article string, amount, percent, uses int64, starts, ends moment.Time, state string) string {
	return fmt.Sprintf("%s voucher %s %s %d %d ×%d from %s until %s %s", n.members[m], kind, article, amount, percent, uses, starts, ends, state)
}

// booked is everything of a shop's book up to an instant.
func booked(t *testing.T, st *store.Store, s *loyalty.Shop, upTo moment.Time) []string {
	t.Helper()
	book, err := st.Book(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var programs []string
	for _, p := range book.Programs {
		programs = append(programs, p.ID.String(), p.Name)
	}
	n := namesOf(t, st, s.ID, programs...)
	var out []string
	var m id.Member
	all := func(q *store.Q, scan func(store.Scanner) error, args ...any) {
		if err := st.Read(t.Context(), q, scan, append([]any{int64(s.ID)}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	all(qPostingsOf, func(r store.Scanner) error {
		var unit, kind, actor, rule, once string
		var amount, at int64
		err := r.Scan(&m, &unit, &amount, &at, &kind, &actor, &rule, &once)
		out = append(out, n.posting(m, unit, amount, at, kind, actor, rule, once))
		return err
	}, int64(upTo))
	all(qRewardsOf, func(r store.Scanner) error {
		var p id.Program
		var rule, once, unit, state string
		var amount, taken, absorbed int64
		var given, due moment.Time
		err := r.Scan(&m, &p, &rule, &once, &unit, &amount, &taken, &absorbed, &state, &given, &due)
		out = append(out, n.reward(m, p, rule, once, unit, amount, taken, absorbed, state, given, due))
		return err
	}, int64(upTo))
	all(qVouchersOf, func(r store.Scanner) error {
		var kind, article, state string
		var amount, percent, uses int64
		var starts, ends moment.Time
		err := r.Scan(&m, &kind, &article, &amount, &percent, &uses, &starts, &ends, &state)
		out = append(out, n.voucher(m, kind, article, amount, percent, uses, starts, ends, state))
		return err
	})
	slices.Sort(out)
	return out
}

// watcher keeps what a backtest did.
type watcher struct {
	entries map[*decide.Dossiers][]*ledger.Transaction
	turn    chan struct{}
}

func newWatcher() *watcher {
	return &watcher{map[*decide.Dossiers][]*ledger.Transaction{}, make(chan struct{}, 1)}
}

func (w *watcher) watch(d *decide.Dossiers, list []*ledger.Transaction) {
	w.turn <- struct{}{}
	w.entries[d] = append(w.entries[d], list...)
	<-w.turn
}

// said is everything that the backtest of some programs said, in the words of booked.
func (w *watcher) said(n names) []string {
	var out []string
	for d, list := range w.entries {
		rewards := map[id.Reward]*loyalty.Reward{}
		for _, file := range d.Files {
			for _, x := range file.Rewards {
				rewards[x.ID] = x
				k := x.Key
				out = append(out, n.reward(k.Member, k.Program, k.Rule, k.Once, string(x.Unit), x.Amount, x.Taken, x.Absorbed, x.State, x.GivenAt, x.DueAt))
			}
			for _, v := range file.Vouchers {
				out = append(out, n.voucher(v.Member, v.Kind, v.Article, v.Amount, v.Percent, v.UsesMax, v.StartsAt, v.ExpiresAt, v.State))
			}
		}
		for _, t := range list {
			x := rewards[t.Reward]
			if x == nil {
				x = &loyalty.Reward{}
			}
			for _, p := range t.Postings {
				if !p.Member.IsZero() {
					out = append(out, n.posting(p.Member, string(p.Unit), p.Amount, int64(t.EffectiveAt), t.Kind, t.Actor, x.Key.Rule, x.Key.Once))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// tried runs a backtest and gives its report with all that it said.
func tried(t *testing.T, st *store.Store, s *loyalty.Shop, q Question) (*BacktestReport, []string, error) {
	t.Helper()
	w := newWatcher()
	q.watch = w.watch
	report, err := New(st).Backtest(t.Context(), s.ID, q)
	if err != nil {
		return nil, nil, err
	}
	var programs []string
	for i, d := range q.Programs {
		programs = append(programs, draftID(i).String(), d.Name)
	}
	return report, w.said(namesOf(t, st, s.ID, programs...)), nil
}

func door(t testing.TB, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

// shop makes a shop with programs that began with its history. A clock makes it a twin
// whose time stands there.
func shop(t testing.TB, st *store.Store, slug, currency, zone string, clock moment.Time, docs []*rules.Document, first, last moment.Time) *loyalty.Shop {
	t.Helper()
	s := &loyalty.Shop{Slug: slug, Name: slug, Currency: currency, Decimals: 2, Zone: storetest.Zone(t, zone), ClockAt: clock}
	if clock != 0 {
		s.LiveShop = 1
	}
	err := st.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertShop(t.Context(), s); err != nil {
			return err
		}
		for i, d := range docs {
			p := &rules.Program{ID: id.Mint[id.ProgramKind](int64(tx.Now), [8]byte{1: byte(i)}), Name: d.Name}
			if err := tx.InsertProgram(t.Context(), s.ID, p.ID, d.Name); err != nil {
				return err
			}
			v := &rules.Version{Program: p, N: 1, StartsAt: d.Starts, EndsAt: d.Ends, PublishedAt: 1, Doc: d}
			if d.Starts == 0 || d.Starts > last {
				v.StartsAt = first
			}
			if err := tx.InsertVersion(t.Context(), s.ID, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// same compares two lists, and shows what one has and the other has not.
func same(got, want []string) string {
	var b strings.Builder
	i, j := 0, 0
	for n := 0; n < 12 && (i < len(got) || j < len(want)); {
		switch {
		case j == len(want) || i < len(got) && got[i] < want[j]:
			fmt.Fprintf(&b, "only tried:    %s\n", got[i])
			i, n = i+1, n+1
		case i == len(got) || want[j] < got[i]:
			fmt.Fprintf(&b, "only recorded: %s\n", want[j])
			j, n = j+1, n+1
		default:
			i, j = i+1, j+1
		}
	}
	return b.String()
}
