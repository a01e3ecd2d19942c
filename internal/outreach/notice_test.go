package outreach_test

import (
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func (b *bench) look() {
	b.Helper()
	b.do(b.out.LookAtAll(b.Context()))
	b.round()
}

// sent lists what was sent since the last call, as "to: subject", sorted.
func (b *bench) sent() string {
	var out []string
	for _, m := range b.mail.got {
		out = append(out, m.To+": "+strings.ReplaceAll(m.Subject, "\u00a0", " "))
	}
	b.mail.got = nil
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (b *bench) buys(number, ref string, cents int64, more func(*loyalty.Fact)) {
	b.Helper()
	b.pass(moment.Second)
	f := &loyalty.Fact{Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "o-" + ref, Via: "api", Origin: loyalty.FromLive}
	f.Order = &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "a", Quantity: 1, Amount: cents}}}
	var err error
	f.Member, _, err = b.ppl.Who(people.Naming{Number: number}, "member")
	b.do(err)
	if more != nil {
		more(f)
	}
	a, err := b.ppl.Record(b.Context(), b.shop.ID, f)
	b.do(err)
	b.do(a[0].Err)
}

func sentBy(number string) func(*people.Enrolment) {
	return func(e *people.Enrolment) { e.Referrer = people.Naming{Number: number} }
}

func TestMembersAreToldOfJoiningAndRewards(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.joins("1", "old@members.example", nil)
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.look()
		b.want(b.sent(), "") // what was before is not told

		b.joins("2", "anna@members.example", func(e *people.Enrolment) { e.Person.Locale = "pl" })
		b.joins("3", "", nil)
		b.look()
		b.look()
		b.want(b.sent(), "anna@members.example: Witamy w Maison Lavande")

		b.joins("4", "bela@members.example", sentBy("2"))
		b.look()
		b.want(b.sent(), "anna@members.example: To Twoje: 1,00 €\nbela@members.example: Bienvenue chez Maison Lavande\nbela@members.example: C’est à vous : 2,00 €")

		b.buys("4", "1001", 5000, nil)
		b.look()
		pending := b.mail.got
		b.want(b.sent(), "anna@members.example: Wkrótce dla Ciebie: 10,00 €")
		due := b.clock().AddDays(14, b.shop.Zone)
		if !strings.Contains(pending[0].Text, b.date("pl", due)) || !strings.Contains(pending[0].Text, "https://lavande.example/p/") {
			t.Errorf("no date or link in\n%s", pending[0].Text)
		}

		b.pass(15 * moment.Day)
		_, err := b.in.Due(t.Context(), b.shop.ID, b.clock())
		b.do(err)
		b.look()
		b.want(b.sent(), "anna@members.example: To Twoje: 10,00 €")

		// everything is read a second time, and told once
		for range 3 {
			b.pass(3 * moment.Minute)
			b.look()
		}
		b.out = b.another(st)
		b.jobs = runner(st, b.out)
		b.look()
		b.want(b.sent(), "")
	})
}

func (b *bench) date(tag string, at moment.Time) string {
	b.Helper()
	return words(b).Printer(tag, b.shop.Zone).Date(at)
}

func TestImportedHistoryIsNotTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.look()
		b.joins("1", "anna@members.example", func(e *people.Enrolment) { e.Fact.Via, e.Fact.Origin = "import", loyalty.FromImport })
		b.joins("2", "bela@members.example", func(e *people.Enrolment) {
			e.Fact.Via, e.Referrer = "import", people.Naming{Number: "1"} // a merchant who wants rewards for what he brings in
		})
		b.joins("3", "cleo@members.example", func(e *people.Enrolment) { e.Fact.OccurredAt = b.now - 90*moment.Day })
		b.buys("2", "1", 9000, func(f *loyalty.Fact) { f.Via = "import" })
		b.look()
		b.pass(20 * moment.Day)
		_, err := b.in.Due(t.Context(), b.shop.ID, b.clock())
		b.do(err)
		b.look()
		b.want(b.sent(), "")
		if len(b.kept()) != 0 {
			t.Errorf("queued:\n%s", state(b.kept()))
		}
	})
}

// A reward that was taken back before its letter was written is not told.
func TestWhatWasTakenBackIsNotTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.joins("1", "anna@members.example", nil)
		b.joins("2", "", sentBy("1"))
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.look()
		b.buys("2", "7", 5000, nil)
		f := &loyalty.Fact{Kind: loyalty.OrderCancelled, Feed: "web", ExternalID: "c-7", Via: "api", Origin: loyalty.FromLive, Order: &loyalty.Order{Series: "web", Ref: "7"}}
		a, err := b.ppl.Record(t.Context(), b.shop.ID, f)
		b.do(err)
		b.do(a[0].Err)
		b.look()
		b.want(b.sent(), "")
	})
}

func TestSwitchedOffNothingIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.joins("1", "a@members.example", nil) // nobody switched it: off
		b.look()
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.joins("2", "b@members.example", nil)
		b.look()
		b.do(b.out.Switch(t.Context(), b.shop.ID, false))
		b.joins("3", "c@members.example", nil)
		b.look()
		b.do(b.out.Post(t.Context(), b.shop.ID, code("asked"))) // what was asked for is sent all the same
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.joins("4", "d@members.example", nil)
		b.look()
		b.want(b.sent(), "asked@friends.example: Your sign-in code: 4711-asked\nb@members.example: Bienvenue chez Maison Lavande\nd@members.example: Bienvenue chez Maison Lavande")
	})
}

// A fact whose transaction ends after that of a later one appears behind the place that was
// read already: it is found by the second reading.
func TestALateCommitIsNotSkipped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.look()
		first := b.joins("1", "a@members.example", nil)
		b.pass(moment.Second)
		hidden := hide(b, first)
		b.joins("2", "b@members.example", nil)
		b.look()
		b.want(b.sent(), "b@members.example: Bienvenue chez Maison Lavande")
		hidden()
		b.look()
		b.want(b.sent(), "")
		b.pass(3 * moment.Minute)
		b.look()
		b.want(b.sent(), "a@members.example: Bienvenue chez Maison Lavande")
	})
}

// hide puts the kind of a member's joining away, as if its transaction had not ended, until
// the function that it returns is called.
func hide(b *bench, m interface{ Bytes() []byte }) (show func()) {
	b.Helper()
	set := func(from, to string) {
		b.Helper()
		b.do(b.st.Write(b.Context(), func(tx *store.Tx) error {
			return tx.Exec(b.Context(), rename, int64(b.shop.ID), m.Bytes(), from, to)
		}))
	}
	set(loyalty.MemberJoined, "hidden")
	return func() { set("hidden", loyalty.MemberJoined) }
}

var rename = store.New("outreach_test.rename", `UPDATE events SET kind = $4 WHERE shop_id = $1 AND member_id = $2 AND kind = $3`)
