package rewards_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rewards"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// shop is a shop with its services.
type shop struct {
	t    *testing.T
	st   *store.Store
	in   *intake.Intake
	r    *rewards.Rewards
	id   loyalty.ShopID
	next int
}

func open(t *testing.T, st *store.Store) *shop {
	t.Helper()
	s := storetest.Shop(t, st, "program \"Points\"\n  used: earn 20 points on voucher use\n")
	in := intake.New(st, storetest.Box(t), slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{})
	t.Cleanup(in.Close)
	return &shop{t: t, st: st, in: in, r: rewards.New(st, in), id: s.ID}
}

func member(name string) loyalty.Who {
	return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: name}}}
}

func (s *shop) fact(kind, name string) *loyalty.Fact {
	s.next++
	f := &loyalty.Fact{
		Kind: kind, Feed: "web", ExternalID: fmt.Sprint("f", s.next), Via: "api", Origin: loyalty.FromLive, OccurredAt: s.st.Clock(),
	}
	if name != "" {
		f.Member = member(name)
	}
	return f
}

// record records a fact and gives its id, or the problem that refused it.
func (s *shop) record(f *loyalty.Fact) (id.Event, *loyalty.Problem) {
	s.t.Helper()
	got, err := s.in.Record(s.t.Context(), s.id, f)
	if err != nil {
		s.t.Fatal(err)
	}
	p, _ := errors.AsType[*loyalty.Problem](got[0].Err)
	if got[0].Err != nil && p == nil {
		s.t.Fatal(got[0].Err)
	}
	return got[0].Event, p
}

func (s *shop) joins(name string) {
	s.t.Helper()
	if _, p := s.record(s.fact(loyalty.MemberJoined, name)); p != nil {
		s.t.Fatal(p)
	}
}

// redeem uses a code; the answer is "" or the code of the refusal.
func (s *shop) redeem(code, name string) (id.Event, string) {
	s.t.Helper()
	f := s.fact(loyalty.VoucherRedeemed, name)
	f.Use = &loyalty.Use{Code: code}
	e, p := s.record(f)
	return e, said(p)
}

func said(p *loyalty.Problem) string {
	if p == nil {
		return ""
	}
	return p.Code
}

func (s *shop) release(e id.Event) string {
	s.t.Helper()
	f := s.fact(loyalty.VoucherReleased, "")
	f.Use = &loyalty.Use{Redemption: e}
	_, p := s.record(f)
	return said(p)
}

func (s *shop) issue(what rewards.Issue) *rewards.VoucherBatch {
	s.t.Helper()
	got, err := s.r.Issue(s.t.Context(), s.id, what, false)
	if err != nil {
		s.t.Fatal(err)
	}
	return got.Batch
}

func (s *shop) codes(b *rewards.VoucherBatch) []string {
	s.t.Helper()
	var out []string
	var behind id.Voucher
	for {
		list, err := s.r.Codes(s.t.Context(), s.id, b.ID, behind, 1_000)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(list) == 0 {
			return out
		}
		for _, v := range list {
			out, behind = append(out, v.Code), v.ID
		}
	}
}

var cash = loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Amount: 500, Uses: 1}

func generated(name string, n int) rewards.Issue {
	return rewards.Issue{Name: name, Origin: loyalty.CodesGenerated, Terms: cash, Count: n}
}

// Codes made here are in their form, each once, long enough for what they are worth, and
// there are as many as were asked for.
func TestGeneratedCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.joins("anna")
		article := loyalty.VoucherTerms{Kind: loyalty.VoucherProduct, Article: "MUG", Amount: 1, Uses: 1}
		for _, tt := range []struct {
			what    rewards.Issue
			symbols int
		}{
			{generated("bearer", 12_000), 18},
			{rewards.Issue{Name: "bound money", Origin: loyalty.CodesGenerated, Terms: cash, Count: 10, Member: member("anna")}, 18},
			{rewards.Issue{Name: "bound mug", Origin: loyalty.CodesGenerated, Terms: article, Count: 1_000, Member: member("anna")}, 8},
			{rewards.Issue{Name: "bearer mug", Origin: loyalty.CodesGenerated, Terms: article, Count: 10}, 18},
		} {
			b := s.issue(tt.what)
			list := s.codes(b)
			if len(list) != tt.what.Count || b.Size != int64(len(list)) {
				t.Fatalf("%s has %d codes and says %d, want %d", b.Name, len(list), b.Size, tt.what.Count)
			}
			seen := map[string]bool{}
			for _, c := range list {
				if got, ok := loyalty.CanonicalCode(c); !ok || got != c || loyalty.TypedCode(c) != c || len(c) != tt.symbols || seen[c] {
					t.Fatalf("%s: %q is not a code of %d symbols, or is there twice", b.Name, c, tt.symbols)
				}
				seen[c] = true
			}
		}
		if got, err := s.r.Batches(t.Context(), s.id, id.Vouchers{}, 10); err != nil || len(got) != 4 || got[0].Name != "bearer mug" {
			t.Errorf("the shop's batches are %d, %v", len(got), err)
		}
	})
}

// A batch is issued whole or not at all, and a list's mistakes are told by their place.
func TestAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.issue(rewards.Issue{Name: "first", Origin: loyalty.CodesImported, Terms: cash, Codes: []string{"old-1", "OLD 2"}})
		for _, tt := range []struct {
			name, field, code string
			what              rewards.Issue
		}{
			{"a name that is taken", "name", "batch_exists", generated("first", 5)},
			{"no name", "name", "required", generated("", 5)},
			{"none", "count", "out_of_range", generated("x", 0)},
			{"too many", "count", "out_of_range", generated("x", rewards.MaxCodes+1)},
			{"an unknown origin", "origin", "unknown_value", rewards.Issue{Name: "x", Origin: "magic", Terms: cash}},
			{"two chosen codes", "codes", "one_chosen_code", rewards.Issue{Name: "x", Origin: loyalty.CodesChosen, Terms: cash, Codes: []string{"AAA", "BBB"}}},
			{"a count of chosen codes", "count", "not_of_this_origin", rewards.Issue{Name: "x", Origin: loyalty.CodesChosen, Terms: cash, Count: 2, Codes: []string{"AAA"}}},
			{"codes and a count", "codes", "not_of_this_origin", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Terms: cash, Count: 2, Codes: []string{"AAA"}}},
			{"a list of none", "codes", "required", rewards.Issue{Name: "x", Origin: loyalty.CodesImported, Terms: cash}},
			{"a code that is none", "codes[1]", "unusable_code", rewards.Issue{Name: "x", Origin: loyalty.CodesImported, Terms: cash, Codes: []string{"AAA", "€!"}}},
			{"a code twice", "codes[2]", "code_twice", rewards.Issue{Name: "x", Origin: loyalty.CodesImported, Terms: cash, Codes: []string{"aaa0", "BBB", "AA-AO"}}},
			{"a code of the shop", "codes[1]", "code_taken", rewards.Issue{Name: "x", Origin: loyalty.CodesImported, Terms: cash, Codes: []string{"new", "0LD1"}}},
			{"nobody's", "member", "member_unknown", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Terms: cash, Count: 1, Member: member("nobody")}},
			{"too many for one", "member", "too_many_bound", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Terms: cash, Count: rewards.MaxBound + 1, Member: member("nobody")}},
			{"no kind", "terms.kind", "required", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1}},
			{"no amount", "terms.amount", "out_of_range", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash}}},
			{"an amount and a per cent", "terms.percent", "amount_or_percent", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Amount: 1, Percent: 1}}},
			{"more than all of it", "terms.percent", "out_of_range", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Percent: 10_001}}},
			{"no article", "terms.article", "required", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherProduct, Amount: 1}}},
			{"an article of money", "terms.article", "not_of_this_kind", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Amount: 1, Article: "MUG"}}},
			{"an end before now", "terms.expires_at", "ends_before_it_begins", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Amount: 1, ExpiresAt: 1}}},
			{"uses below zero", "terms.uses", "out_of_range", rewards.Issue{Name: "x", Origin: loyalty.CodesGenerated, Count: 1, Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Amount: 1, Uses: -1}}},
		} {
			_, err := s.r.Issue(t.Context(), s.id, tt.what, false)
			p, _ := errors.AsType[*loyalty.Problem](err)
			if p == nil || p.Field != tt.field || p.Code != tt.code {
				t.Errorf("%s: %v, want %s: %s", tt.name, err, tt.field, tt.code)
			}
		}
		if got, err := s.r.Issue(t.Context(), s.id, generated("tried", 100), true); err != nil || got.Batch.Size != 100 || !got.Batch.ID.IsZero() {
			t.Errorf("a dry run: %+v %v", got, err)
		}
		got, err := s.r.Issue(t.Context(), s.id, rewards.Issue{
			Name: "rest", Origin: loyalty.CodesImported, Terms: cash, LeaveOut: true, Codes: []string{"old-2", "fresh", "FRESH", "?", "other"},
		}, false)
		if err != nil {
			t.Fatal(err)
		}
		want := []rewards.Refused{{0, "old-2", "code_taken"}, {2, "FRESH", "code_twice"}, {3, "?", "unusable_code"}}
		if !slices.Equal(got.Refused, want) || got.Batch.Size != 2 {
			t.Errorf("left out %v of the list and issued %d", got.Refused, got.Batch.Size)
		}
		list, err := s.r.Batches(t.Context(), s.id, id.Vouchers{}, 10)
		if err != nil || len(list) != 2 {
			t.Errorf("%d batches were kept, want 2: %v", len(list), err)
		}
	})
}

// Who may use which voucher: bound or for the bearer, by its owner, by somebody else, by
// nobody who is named (V9).
func TestWhoMayUseIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.joins("owner")
		s.joins("other")
		for _, tt := range []struct {
			bound bool
			who   string
			want  string
		}{
			{true, "owner", ""}, {true, "other", "CODE_NOT_YOURS"}, {true, "", ""}, {true, "stranger", "member_unknown"},
			{false, "owner", ""}, {false, "other", ""}, {false, "", ""}, {false, "stranger", "member_unknown"},
		} {
			what := generated(fmt.Sprint(tt.bound, tt.who), 1)
			if tt.bound {
				what.Member = member("owner")
			}
			code := s.codes(s.issue(what))[0]
			f := s.fact(loyalty.VoucherRedeemed, tt.who)
			f.Use = &loyalty.Use{Code: code}
			v, err := s.r.Validate(t.Context(), s.id, f)
			if p, _ := errors.AsType[*loyalty.Problem](err); tt.want == "member_unknown" {
				if p == nil || p.Code != tt.want {
					t.Errorf("%+v: validated as %v", tt, err)
				}
			} else if err != nil || v == nil || said(v.Why) != tt.want {
				t.Errorf("%+v: validated as %+v %v", tt, v, err)
			}
			if _, got := s.redeem(code, tt.who); got != tt.want {
				t.Errorf("%+v: %q", tt, got)
			}
			after, err := s.r.Voucher(t.Context(), s.id, code)
			if err != nil || (after.Used == 1) != (tt.want == "") || len(after.Uses) != int(after.Used) {
				t.Errorf("%+v: it was used %d times, %d are listed, %v", tt, after.Used, len(after.Uses), err)
			}
		}
	})
}

// A use is given back once, in the shop that it was of (V5).
func TestAUseIsGivenBackOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		code := s.codes(s.issue(generated("one", 1)))[0]
		e, why := s.redeem(code, "")
		if why != "" {
			t.Fatal(why)
		}
		elsewhere := storetest.Publish(t, st, &loyalty.Shop{Slug: "x", Name: "X", Currency: "EUR", Decimals: 2, Zone: storetest.Zone(t, "Europe/Paris")},
			"program \"Other\"\n  earn 1 point per 1.00 EUR\n")
		other := &shop{t: t, st: st, in: s.in, r: s.r, id: elsewhere.ID}
		if got := other.release(e); got != "redemption_unknown" {
			t.Errorf("in another shop: %q", got)
		}
		if _, got := other.redeem(code, ""); got != "CODE_UNKNOWN" {
			t.Errorf("another shop's code: %q", got)
		}
		joined, _ := s.record(s.fact(loyalty.MemberJoined, "anna"))
		if got := s.release(joined); got != "redemption_unknown" {
			t.Errorf("an event that is no use: %q", got)
		}
		for i, want := range []string{"", "NOT_REVERSIBLE", "NOT_REVERSIBLE"} {
			if got := s.release(e); got != want {
				t.Errorf("given back %d times before: %q, want %q", i, got, want)
			}
		}
		v, err := s.r.Voucher(t.Context(), s.id, code)
		if err != nil || v.Used != 0 || len(v.Uses) != 1 || !v.Uses[0].Undone {
			t.Errorf("afterwards it is used %d times, its uses are %+v, %v", v.Used, v.Uses, err)
		}
		if _, got := s.redeem(code, ""); got != "" {
			t.Errorf("used again: %q", got)
		}
	})
}

// A withdrawn batch can be used for ten seconds more, so that every machine knows by then.
func TestAWithdrawnBatchEndsAhead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		b := s.issue(generated("one", 3))
		list := s.codes(b)
		got, err := s.r.Withdraw(t.Context(), s.id, b.ID, "anna", "printed twice")
		if err != nil || got.WithdrawnBy != "anna" || got.Why != "printed twice" || got.WithdrawnAt <= st.Clock() {
			t.Fatalf("%+v %v", got, err)
		}
		if again, err := s.r.Withdraw(t.Context(), s.id, b.ID, "bela", "again"); err != nil || again.WithdrawnAt != got.WithdrawnAt || again.WithdrawnBy != "anna" {
			t.Errorf("withdrawn again: %+v %v", again, err)
		}
		if _, why := s.redeem(list[0], ""); why != "" {
			t.Errorf("before: %q", why)
		}
		err = st.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Exec(t.Context(), qLongAgo, int64(s.id), int64(st.Clock()-moment.Hour))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, why := s.redeem(list[1], ""); why != "CODE_UNKNOWN" {
			t.Errorf("after: %q", why)
		}
		if _, err := s.r.Withdraw(t.Context(), s.id, b.ID, "", "x"); err == nil {
			t.Error("withdrawn by nobody")
		}
		if _, err := s.r.Withdraw(t.Context(), s.id, id.Vouchers{1}, "anna", "x"); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("a batch that is none: %v", err)
		}
	})
}

var qLongAgo = store.New("rewards_test.long_ago", `UPDATE voucher_batches SET withdrawn_at = $2 WHERE shop_id = $1`)

// A code that was typed wrong costs no question of the database, unless the shop has codes
// from elsewhere that look like ours.
func TestAMistypedCodeIsNotLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		right := s.codes(s.issue(generated("ours", 1)))[0]
		wrong := strings.Replace(right, right[:1], map[bool]string{true: "B", false: "A"}[right[0] == 'A'], 1)
		ask := func(typed string) bool {
			_, ok, err := s.r.Code(t.Context(), s.id, typed)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		for _, c := range []string{right, strings.ToLower(right), right[:6] + " - " + right[6:], "SPRING", "święta-2026", "OLD123"} {
			if !ask(c) {
				t.Errorf("%q may be a code", c)
			}
		}
		for _, c := range []string{wrong, "", "--", "a!b", strings.Repeat("A", 500), strings.Repeat("Ś", 41)} {
			if ask(c) {
				t.Errorf("%q cannot be a code", c)
			}
		}
		s.issue(rewards.Issue{Name: "elsewhere", Origin: loyalty.CodesImported, Terms: cash, Codes: []string{wrong}})
		if !ask(wrong) {
			t.Error("a code from elsewhere cannot be used")
		}
		if _, why := s.redeem(wrong, ""); why != "" {
			t.Errorf("redeemed: %q", why)
		}
		// Another process knows it at the latest when what it knew is no longer fresh.
		if _, ok, err := rewards.New(st, s.in).Code(t.Context(), s.id, wrong); err != nil || !ok {
			t.Errorf("another process: %v %v", ok, err)
		}
	})
}

// A replay copies batches as they were issued; what was used of them follows from the facts,
// into the other engine, too.
func TestAReplayUsesTheSameVouchers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.joins("anna")
		s.joins("carl")
		what := generated("carls", 2)
		what.Member = member("carl")
		carls := s.codes(s.issue(what))
		open := s.codes(s.issue(generated("open", 20)))
		s.issue(rewards.Issue{Name: "spring", Origin: loyalty.CodesChosen, Codes: []string{"Święta-2026"}, Terms: loyalty.VoucherTerms{
			Kind: loyalty.VoucherSpecial, Percent: 1_000, PerMember: 1,
		}})
		spring := loyalty.TypedCode("Święta-2026")
		ok := func(why string) {
			t.Helper()
			if why != "" {
				t.Fatal(why)
			}
		}
		used := func(code, who string) id.Event {
			t.Helper()
			e, why := s.redeem(code, who)
			ok(why)
			return e
		}
		used(carls[0], "carl")
		used(spring, "carl")
		back := used(spring, "anna")
		for i, c := range open[:10] {
			used(c, []string{"", "anna"}[i%2])
		}
		ok(s.release(back))
		f := s.fact(loyalty.StaffVoucher, "")
		f.Origin, f.Use, f.Staff = loyalty.FromStaff, &loyalty.Use{Code: open[19]}, &loyalty.Staff{Actor: "anna", Reason: "lost"}
		_, p := s.record(f)
		ok(said(p))
		f = s.fact(loyalty.StaffMerge, "anna")
		f.Origin, f.Other, f.Staff = loyalty.FromStaff, member("carl"), &loyalty.Staff{Actor: "anna", Reason: "one"}
		_, p = s.record(f)
		ok(said(p))
		used(carls[1], "anna")

		batches, err := s.r.Batches(t.Context(), s.id, id.Vouchers{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		last := batches[0].ID
		if _, err := s.r.Withdraw(t.Context(), s.id, last, "anna", "a mistake"); err != nil {
			t.Fatal(err)
		}
		changed, err := s.r.Restore(t.Context(), s.id, last, "anna", "undone")
		if err != nil {
			t.Fatal(err)
		}
		into := storetest.Open(t, storetest.Config(t, "sqlite"))
		was, is, facts, err := upkeep.Replay(t.Context(), st, into, storetest.Box(t), nil)
		if err != nil || was != is || facts == 0 {
			t.Fatalf("replayed %d facts: %s and %s, %v", facts, was, is, err)
		}
		if a, b := everyCode(t, st, s.id), everyCode(t, into, s.id); a != b || strings.Count(a, "\n") != 23 {
			t.Errorf("vouchers were\n%s\nand are\n%s", a, b)
		}
		if copied, err := into.VoucherBatch(t.Context(), s.id, last); err != nil || !slices.Equal(copied.Changes, changed.Changes) || len(copied.Changes) != 1 {
			t.Errorf("a replay has the changes %+v: %v", copied, err)
		}
		list, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
		if err != nil || !upkeep.Holds(list) {
			t.Errorf("an invariant is broken: %+v %v", list, err)
		}
	})
}

var qEveryCode = store.New("rewards_test.codes", `
	SELECT v.code, COALESCE(v.written, ''), v.member_id, v.used, v.uses_max, v.state,
	  (SELECT COUNT(*) FROM voucher_uses u WHERE u.shop_id = $1 AND u.voucher_id = v.id),
	  (SELECT COUNT(*) FROM voucher_uses u WHERE u.shop_id = $1 AND u.voucher_id = v.id AND u.undone)
	FROM vouchers v WHERE v.shop_id = $1 ORDER BY v.code`)

func everyCode(t *testing.T, st *store.Store, shop loyalty.ShopID) string {
	t.Helper()
	var b strings.Builder
	err := st.Read(context.WithoutCancel(t.Context()), qEveryCode, func(r store.Scanner) error {
		var code, written, state string
		var m id.Member
		var used, most, uses, undone int64
		err := r.Scan(&code, &written, &m, &used, &most, &state, &uses, &undone)
		fmt.Fprintln(&b, code, written, m, used, most, state, uses, undone)
		return err
	}, int64(shop))
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var qEndsLongAgo = store.New("rewards_test.ends_long_ago", `UPDATE vouchers SET expires_at = $2 WHERE shop_id = $1`)

// A batch that is extended ends later from the instant on that was ahead, not before; taken
// back, it ends as it did, as long as that has not passed (decision 55).
func TestAnExtendedBatchEndsLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		now := st.Clock()
		what := generated("leaflet", 3)
		what.Terms.ExpiresAt = now + moment.Day
		b := s.issue(what)
		list := s.codes(b)
		longer := now + 30*moment.Day
		for _, tt := range []struct {
			until       moment.Time
			actor, want string
		}{{now + moment.Hour, "eva", "not_later"}, {now + moment.Day - 1, "eva", "not_later"}, {longer, "", "required"}} {
			_, err := s.r.Extend(t.Context(), s.id, b.ID, tt.until, tt.actor, "sold out")
			if p, _ := errors.AsType[*loyalty.Problem](err); said(p) != tt.want {
				t.Errorf("%v by %q: %v, want %s", tt.until, tt.actor, err, tt.want)
			}
		}
		if _, err := s.r.Unextend(t.Context(), s.id, b.ID, "eva", "x"); err == nil {
			t.Error("what was never extended is taken back")
		}
		for range 2 { // said again it changes nothing
			if _, err := s.r.Extend(t.Context(), s.id, b.ID, longer, "eva", "sold out"); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.r.Batch(t.Context(), s.id, b.ID)
		if err != nil || got.End() != longer || len(got.Changes) != 1 || got.Terms.ExpiresAt != what.Terms.ExpiresAt {
			t.Fatalf("%+v %v", got, err)
		}
		if v, err := s.r.Voucher(t.Context(), s.id, list[0]); err != nil || v.ExpiresAt != longer {
			t.Errorf("its codes say %v: %v", v.ExpiresAt, err)
		}
		past := func(from moment.Time) {
			t.Helper()
			changes := slices.Clone(got.Changes)
			changes[0].From = from
			err := st.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.Exec(t.Context(), qEndsLongAgo, int64(s.id), int64(now-moment.Hour)); err != nil {
					return err
				}
				return tx.ChangeVoucherBatch(t.Context(), s.id, b.ID, changes)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		past(now + moment.Hour)
		if _, why := s.redeem(list[0], ""); why != "CODE_EXPIRED" {
			t.Errorf("before the extension holds: %q", why)
		}
		past(now - moment.Second)
		if _, why := s.redeem(list[0], ""); why != "" {
			t.Errorf("while it holds: %q", why)
		}
		if _, err := s.r.Unextend(t.Context(), s.id, b.ID, "eva", "a mistake"); err != nil {
			t.Fatal(err)
		}
		if got, err = s.r.Batch(t.Context(), s.id, b.ID); err != nil || got.End() != what.Terms.ExpiresAt || len(got.Changes) != 2 {
			t.Errorf("taken back: %+v %v", got, err)
		}
		if _, ok := rewards.Before(got.VoucherBatch); ok {
			t.Error("it is taken back twice")
		}
	})
}

// A withdrawn batch may be used again, and be withdrawn again; changes hold in their order.
func TestAWithdrawnBatchMayBeUsedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		b := s.issue(generated("one", 3))
		if _, err := s.r.Withdraw(t.Context(), s.id, b.ID, "anna", "a mistake"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.r.Extend(t.Context(), s.id, b.ID, 0, "anna", "x"); err == nil {
			t.Error("a withdrawn batch is extended")
		}
		for range 2 {
			got, err := s.r.Restore(t.Context(), s.id, b.ID, "anna", "undone")
			if err != nil || got.Gone() != 0 || len(got.Changes) != 1 || got.Changes[0].From <= got.WithdrawnAt {
				t.Fatalf("%+v %v", got, err)
			}
		}
		got, err := s.r.Withdraw(t.Context(), s.id, b.ID, "anna", "after all")
		if err != nil || got.Gone() == 0 || len(got.Changes) != 2 {
			t.Fatalf("%+v %v", got, err)
		}
		first, list := got.WithdrawnAt, got.Changes
		v := &loyalty.Voucher{State: loyalty.VoucherActive, GoneAt: first, Changes: list}
		list[1].From = list[0].From + moment.Minute
		for _, tt := range []struct {
			at   moment.Time
			gone bool
		}{{first - 1, false}, {first, true}, {list[0].From - 1, true}, {list[0].From, false}, {list[1].From, true}} {
			if v.Gone(tt.at) != tt.gone {
				t.Errorf("at %v gone is %v", tt.at, !tt.gone)
			}
		}
	})
}

// A use that is refused leaves no fact, but is remembered: the latest twenty of a voucher.
func TestRefusedUsesAreRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		code := s.codes(s.issue(generated("one", 1)))[0]
		if _, why := s.redeem(code, ""); why != "" {
			t.Fatal(why)
		}
		for range store.KeptAttempts + 3 {
			if _, why := s.redeem(code, ""); why != "CODE_USED" {
				t.Fatal(why)
			}
		}
		if _, why := s.redeem("NOSUCHCODE", ""); why == "" {
			t.Error("a code that is none was used")
		}
		v, err := s.r.Voucher(t.Context(), s.id, code)
		if err != nil || len(v.Failed) != store.KeptAttempts || v.Failed[0].Reason != "CODE_USED" || v.Failed[0].Feed != "web" || v.Failed[0].At < v.Failed[19].At {
			t.Errorf("%+v %v", v.Failed, err)
		}
	})
}
