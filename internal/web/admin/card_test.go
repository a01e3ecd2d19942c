package admin_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const cardPrograms = `program "Friends"
  starts 2020-01-01
  earn 1 point per 1.00 EUR
  reward: refer friend 5.00 EUR, referrer 8.00 EUR, on first order, from 20.00 EUR, after 14 days
  count: refer referrer 1 referral, on first order
`

// publish gives the shop programs.
func (s *site) publish(text string) {
	s.t.Helper()
	if _, err := s.programs.Apply(s.t.Context(), s.shop.ID, text, false); err != nil {
		s.t.Fatal(err)
	}
}

// joined enrols a friend of somebody, by the referrer's number.
func (s *site) joined(number, first, by string) *people.Member {
	s.t.Helper()
	_, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "test", Origin: loyalty.FromLive},
		Person: people.Naming{Number: number, FirstName: first, LastName: "Nowak", Email: first + "@example.com"}, Referrer: people.Naming{Number: by},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	w, _, err := s.people.Who(people.Naming{Number: number}, "member")
	if err != nil {
		s.t.Fatal(err)
	}
	m, err := s.people.Find(s.t.Context(), s.shop.ID, w)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// bought reports a paid order of one line.
func (s *site) bought(m *people.Member, ref string, cents int64) {
	s.t.Helper()
	a, err := s.people.Record(s.t.Context(), s.shop.ID, &loyalty.Fact{
		Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "order-" + ref, Via: "test", Origin: loyalty.FromLive, Member: loyalty.Who{ID: m.ID},
		Order: &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 1, Amount: cents}}},
	})
	if err != nil || a[0].Err != nil {
		s.t.Fatal(err, a)
	}
}

// deedsAbout are what the record says of a member.
func (s *site) deedsAbout(m *people.Member) (out []staff.Done) {
	s.t.Helper()
	for _, d := range s.deeds(s.shop) {
		if d.Object == m.ID.String() {
			out = append(out, d)
		}
	}
	return out
}

func cardOf(m *people.Member, more string) string { return "/admin/members/" + m.ID.String() + more }

// cardText is a page as it is read: no marks, one space.
func cardText(body string) string {
	_, main, _ := strings.Cut(body, "<main")
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " ")
	return strings.Join(strings.Fields(strings.NewReplacer("&#39;", "'", "&amp;", "&", "\u00a0", " ", "\u202f", " ").Replace(text)), " ")
}

func (g got) reads(t *testing.T, texts ...string) {
	t.Helper()
	for _, x := range texts {
		if !strings.Contains(cardText(g.body), x) {
			t.Errorf("%s does not read %q:\n%s", g.Request.URL, x, cardText(g.body))
		}
	}
}

func (g got) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, x := range texts {
		if strings.Contains(g.body, x) {
			t.Errorf("%s says %q", g.Request.URL, x)
		}
	}
}

// A referrer who was wrong is changed: both counters follow at once, and what waits goes to the
// one who is right (S0-17).
func TestAWrongReferrerIsChangedOnTheCard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna, celina := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com"), s.enrol("CELINA", "Celina", "Kowalska", "celina@example.com")
		bela := s.joined("BELA", "Bela", "ANNA")
		s.bought(bela, "1", 4500)
		o := s.as(staff.Owner)
		o.get(cardOf(anna, "")).reads(t, "Friends 1 / 1", "On its way €8.00")
		o.get(cardOf(celina, "")).reads(t, "Friends 0 / 0", "On its way €0.00")
		// Why has Anna not got her 8 €? The day and the condition stand on one page.
		o.get(cardOf(anna, "?tab=wallet")).reads(t, "€8.00: paid on", "if the order web/1 is neither cancelled nor returned", "Friends, rule “reward”")
		o.get(cardOf(bela, "?tab=referrals")).reads(t, "Referrer Anna Kowalska", "Goal met, reward on its way")

		// Two of the same name are told apart by number and address.
		found := o.get(cardOf(bela, "?tab=referrals&do=referrer&pick=kowalska"))
		found.reads(t, "Anna Kowalska ANNA – anna@example.com", "Celina Kowalska CELINA – celina@example.com")
		for _, q := range []string{"celina@example.com", "CELINA", "kow cel"} {
			if g := o.get(cardOf(bela, "?do=referrer&pick="+strings.ReplaceAll(q, " ", "+"))); !strings.Contains(g.body, celina.ID.String()) {
				t.Errorf("%s finds nobody", q)
			}
		}
		o.get(cardOf(bela, "?do=referrer&pick=bela")).lacks(t, `name="referrer"`)

		// Neither himself nor a friend of his, and not without a reason.
		path := cardOf(bela, "/referrer")
		o.post(path, "once", "o1", "reason", "x", "referrer", bela.ID.String()).wants(t, 422, "recommend themselves")
		o.post(cardOf(anna, "/referrer"), "once", "o2", "reason", "x", "date", "2020-01-01", "referrer", bela.ID.String()).wants(t, 422, "referrer-wrong")
		again := o.post(path, "once", "o3", "reason", "", "referrer", celina.ID.String(), "pick", "celina")
		again.wants(t, 422, `name="pick" value="celina"`, "reason-wrong")
		o.post(path, "once", "o4", "reason", "a mistake").wants(t, 422, "Something is missing here")
		if list := s.deedsAbout(bela); len(list) != 0 {
			t.Errorf("refused forms are on record: %v", list)
		}

		o.post(path, "once", "o5", "reason", "a mistake at the till", "referrer", celina.ID.String()).reads(t, "The referrer is changed", "Referrer Celina Kowalska", "a mistake at the till", "Somebody owner")
		o.post(path, "once", "o5", "reason", "a mistake at the till", "referrer", celina.ID.String()) // a double click
		o.get(cardOf(anna, "")).reads(t, "Friends 0 / 0", "On its way €0.00")
		o.get(cardOf(celina, "")).reads(t, "Friends 1 / 1", "On its way €8.00")
		o.get(cardOf(celina, "?tab=wallet")).reads(t, "€8.00: paid on", "if the order web/1 is neither cancelled nor returned")
		o.get(cardOf(celina, "?tab=referrals")).reads(t, "of them validated 1", "Validated referrals not used yet 1", "Bela Nowak Goal met, reward on its way", "has had no gift yet")
		o.get(cardOf(anna, "?tab=referrals")).reads(t, "of them validated 0", "Validated referrals not used yet 0", "Bela Nowak Cancelled")
		o.get(cardOf(anna, "?tab=wallet")).reads(t, "Taken back", "−€8.00")
		friends := 0
		for _, d := range s.deedsAbout(bela) {
			if d.Action == "POST /members/{id}/referrer" && d.Detail["from"] == anna.ID.String() && d.Detail["to"] == celina.ID.String() {
				friends++
			}
		}
		if friends != 1 {
			t.Errorf("%d of the deeds is the change", friends)
		}

		o.post(path, "once", "o6", "reason", "nobody did", "none", "yes").reads(t, "no referrer any more", "Nobody recommended")
		o.get(cardOf(celina, "")).reads(t, "Friends 0 / 0")
	})
}

func TestACreditIsGivenAndUndone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com")
		o := s.as(staff.Owner)
		balance := func() int64 {
			w, err := s.people.Wallet(t.Context(), s.shop.ID, anna.ID, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range w.Units {
				if b.Unit == "EUR" {
					return b.Balance
				}
			}
			return 0
		}
		path := cardOf(anna, "/credit")
		bad := o.post(path, "once", "c0", "way", "give", "amount", "12,345", "unit", "EUR", "reason", "sorry", "until", "2020-01-01")
		bad.wants(t, 422, `value="12,345"`, `value="sorry"`, "amount-wrong")
		o.post(path, "once", "c0", "way", "give", "amount", "0", "unit", "EUR", "reason", "sorry").wants(t, 422, "above zero")
		o.post(path, "once", "c0", "way", "give", "amount", "5", "unit", "EUR", "reason", "").wants(t, 422, "reason-wrong")
		o.post(path, "once", "c0", "way", "give", "amount", "5", "unit", "EUR", "reason", "x", "until", "2020-01-01").wants(t, 422, "until-wrong")
		o.post(path, "once", "c0", "way", "take", "amount", "5", "unit", "EUR", "reason", "x").wants(t, 422, "amount-wrong")
		o.post(path, "once", "c0", "way", "give", "amount", "5", "unit", "pints", "reason", "x").wants(t, 422, "unit-wrong")
		if balance() != 0 {
			t.Fatal(balance())
		}
		said := o.post(path, "once", "c1", "way", "give", "amount", "12,50", "unit", "EUR", "reason", "for the broken cup")
		said.reads(t, "€12.50 given.", "By hand", "+€12.50", "for the broken cup", "Somebody owner", "The team gave the member €12.50.")
		o.post(path, "once", "c1", "way", "give", "amount", "12,50", "unit", "EUR", "reason", "for the broken cup")
		if balance() != 1250 {
			t.Fatal(balance())
		}
		undo := regexp.MustCompile(`/admin(/members/mem_\w+/undo/evt_\w+)`).FindStringSubmatch(said.body)
		if undo == nil {
			t.Fatal("nothing to undo with")
		}
		// Another member's card, and another role, undo nothing.
		bela := s.enrol("BELA", "Bela", "Nowak", "bela@example.com")
		o.post("/admin"+strings.Replace(undo[1], anna.ID.String(), bela.ID.String(), 1)).wants(t, 404)
		s.as(staff.ReadOnly).post("/admin"+undo[1]).wants(t, 404)
		o.post("/admin"+undo[1]).reads(t, "Undone: €12.50", "−€12.50", "Reversed")
		o.post("/admin" + undo[1])
		if balance() != 0 {
			t.Errorf("%d after it was undone", balance())
		}
		g := o.get(cardOf(anna, "?tab=wallet"))
		g.lacks(t, "/undo/")
		g.reads(t, "+€12.50 €12.50", "−€12.50 €0.00")
		if list := s.deedsAbout(anna); len(list) != 2 {
			t.Errorf("one deed is on record twice: %v", list)
		}
		o.get(cardOf(anna, "?tab=history")).reads(t, "Credit or debit · for the broken cup", "Credit undone")
		if r := s.as(staff.ReadOnly).get(cardOf(anna, "?do=credit")); strings.Contains(r.body, `name="amount"`) || r.StatusCode != 200 {
			t.Error("a form that a role lacks is drawn")
		}
	})
}

func TestAMemberIsBlockedTaggedNotedAndCorrected(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com")
		s.enrol("BELA", "Bela", "Nowak", "bela@example.com")
		o := s.as(staff.Support)
		o.post(cardOf(anna, "/block"), "once", "b0", "reason", "").wants(t, 422, "reason-wrong")
		blocked := o.post(cardOf(anna, "/block"), "once", "b1", "reason", "false returns")
		blocked.reads(t, "Blocked on", "by Somebody support: false returns", "Undo")
		o.get(cardOf(anna, "?do=block")).lacks(t, `name="reason"`)
		o.post(cardOf(anna, "/unblock")).reads(t, "is not blocked any more", "Active")
		o.post(cardOf(anna, "/tag"), "once", "t1", "tags", "press, early").reads(t, "early press")
		o.post(cardOf(anna, "/untag"), "once", "t2", "untag", "press")
		if m, _ := s.people.Member(t.Context(), s.shop.ID, anna.ID); strings.Join(m.Tags, " ") != "early" {
			t.Error(m.Tags)
		}
		o.post(cardOf(anna, "/tag"), "once", "t3", "tags", " ,").wants(t, 422, "tags-wrong")
		o.post(cardOf(anna, "/group"), "once", "g1", "group", "gold").reads(t, "gold")
		note := o.post(cardOf(anna, "/note"), "note", "Wants <b>an invoice</b>")
		note.wants(t, 200, "Wants &lt;b&gt;an invoice")
		note.reads(t, "Somebody support")
		o.post(cardOf(anna, "/note"), "note", strings.Repeat("x", 2001)).wants(t, 422, "xxxx")
		which := regexp.MustCompile(`nte_\w+`).FindString(note.body)
		o.post(cardOf(anna, "/unnote"), "which", which).reads(t, "No note yet")

		person := []string{"once", "p1", "first_name", "Anna", "last_name", "Zielińska", "email", "bela@example.com", "phone", "", "locale", "pl", "birthday", "", "number", ""}
		o.post(cardOf(anna, "/person"), person...).wants(t, 422, "Another member has this already", `value="Zielińska"`, `value="bela@example.com"`)
		person[7] = "anna.z@example.com"
		o.post(cardOf(anna, "/person"), person...).reads(t, "Saved.", "Anna Zielińska", "anna.z@example.com")
		person[11] = "99-99"
		person[1] = "p2"
		person[13] = "05-1"
		o.post(cardOf(anna, "/person"), person...).wants(t, 422)
		if list := s.deedsAbout(anna); len(list) != 8 {
			t.Errorf("%d deeds: %v", len(list), list)
		}
		for _, d := range s.deedsAbout(anna) {
			for k, v := range d.Detail {
				if strings.Contains(v, "Zieli") || strings.Contains(v, "@") || strings.Contains(v, "invoice") {
					t.Errorf("the record of %s names somebody: %s=%s", d.Action, k, v)
				}
			}
		}
	})
}

func TestTwoCardsBecomeOneAndOneIsErased(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna, twice := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com"), s.enrol("ANNA2", "Ania", "Kowalska", "ania@example.com")
		s.bought(twice, "1", 3000)
		o := s.as(staff.Owner)
		o.get(cardOf(anna, "?do=merge&pick=ania")).reads(t, "Ania Kowalska ANNA2")
		preview := o.get(cardOf(anna, "?do=merge&other="+twice.ID.String()))
		preview.reads(t, "What will happen", "30 points")
		if m, _ := s.people.Member(t.Context(), s.shop.ID, twice.ID); m.State == loyalty.Merged {
			t.Fatal("the preview merged them")
		}
		o.get(cardOf(anna, "?do=merge&other="+anna.ID.String())).lacks(t, `name="reason"`)
		o.post(cardOf(anna, "/merge"), "once", "m0", "other", twice.ID.String(), "reason", "").wants(t, 422, "reason-wrong", "What will happen")
		o.post(cardOf(anna, "/merge"), "once", "m1", "other", twice.ID.String(), "reason", "the same person").reads(t, "The two cards are one", "30 points")
		gone := o.get(cardOf(twice, ""))
		gone.reads(t, "This member was merged with Anna Kowalska")
		gone.lacks(t, "do=credit", "do=erase")
		o.get(cardOf(anna, "?tab=data")).reads(t, "Merged into this member", "the same person")

		export := o.post(cardOf(anna, "/export"))
		export.wants(t, 200, `"anna@example.com"`, `"points"`)
		if export.Header.Get("Content-Disposition") == "" || s.deeds(s.shop)[0].Action != "POST /members/{id}/export" {
			t.Error("an export is a file, and on record")
		}
		o.post(cardOf(anna, "/erase"), "once", "e0", "name", "Anna").wants(t, 422, "Nothing was erased")
		o.post(cardOf(anna, "/erase"), "once", "e1", "name", " anna  kowalska ").reads(t, "The personal data is erased", "Erased")
		after := o.get(cardOf(anna, "?tab=data"))
		after.lacks(t, "anna@example.com", "Kowalska", "do=erase")
		o.post(cardOf(anna, "/unblock"), "reason", "x").wants(t, 409)
		if list, err := s.people.Search(t.Context(), s.shop.ID, "kowalska", people.Place{}, 5); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
	})
}

// Each tab shows what there is, and an empty one says so.
func TestTheTabsOfACard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms + "program \"Cards\"\n  starts 2020-01-01\n  cash: earn cash voucher of 5.00 EUR on order, from 40.00 EUR\n")
		anna := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com")
		o := s.as(staff.Owner)
		for tab, empty := range map[string]string{
			"overview": "No note yet", "wallet": "There is no entry yet", "referrals": "Nobody recommended", "orders": "No order of this member",
			"gifts": "No gift yet", "messages": "Nothing has been written", "data": "No agreement recorded", "history": "Joined",
		} {
			g := o.get(cardOf(anna, "?tab="+tab))
			g.wants(t, 200, `aria-current="page"`)
			g.reads(t, empty)
			g.lacks(t, "admin.card.")
		}
		s.bought(anna, "1", 4500)
		s.bought(anna, "2", 1500)
		if a, err := s.people.Record(t.Context(), s.shop.ID, &loyalty.Fact{
			Kind: loyalty.Refunded, Feed: "web", ExternalID: "back", Via: "test", Origin: loyalty.FromLive, Refund: &loyalty.Refund{Series: "web", Ref: "2", Amount: 500},
		}, &loyalty.Fact{
			Kind: loyalty.NewsletterJoined, Feed: "web", ExternalID: "news-7", Via: "api", Origin: loyalty.FromLive, Member: loyalty.Who{ID: anna.ID},
		}, &loyalty.Fact{
			Kind: loyalty.StaffGift, Feed: "web", ExternalID: "mug", Via: "test", Origin: loyalty.FromStaff, Staff: &loyalty.Staff{Actor: "a"},
			Gift: &loyalty.Gift{Code: "MUG", Name: "Mug", Delivery: loyalty.GiftByHand},
		}); err != nil || a[0].Err != nil || a[1].Err != nil || a[2].Err != nil {
			t.Fatal(a, err)
		}
		o.get(cardOf(anna, "?tab=orders")).reads(t, "web/1", "€45.00", "web/2", "€15.00 €5.00 €10.00", "The member received 45 points")
		o.get(cardOf(anna, "?tab=wallet")).reads(t, "Not given, and why", "The amount that counts is €15.00; at least €40.00 is needed")
		o.get(cardOf(anna, "?tab=data")).reads(t, "Newsletter, by e-mail Agreed", "reported by web (api) as news-7")
		// Staff writes down what a member says, with a note; what was said before stays to be read.
		consent := cardOf(anna, "/consent")
		o.get(cardOf(anna, "?tab=data&do=consent")).reads(t, "What did the member say?")
		o.post(consent, "once", "c1", "said", "withdrawn", "purpose", "newsletter", "way", "mail", "reason", "").wants(t, 422, "reason-wrong")
		o.post(consent, "once", "c2", "said", "withdrawn", "purpose", "newsletter", "way", "owl", "reason", "said so").wants(t, 422, "way-wrong")
		o.post(consent, "once", "c3", "said", "withdrawn", "purpose", "newsletter", "way", "mail", "reason", "said so at the till").
			reads(t, "does not agree any more", "Newsletter, by e-mail Taken back", "noted by Somebody owner: said so at the till", "What was said before Agreed")
		o.post(consent, "once", "c4", "said", "given", "purpose", "marketing", "way", "sms", "wording", "2026-05", "reason", "signed").
			reads(t, "Offers and campaigns, by text message Agreed", "text: 2026-05")
		if may, err := s.people.MayReach(t.Context(), s.shop.ID, anna.ID, loyalty.Newsletter, loyalty.WayMail); err != nil || may {
			t.Error("a letter of news may be sent to whoever took it back", err)
		}
		o.get(cardOf(anna, "?tab=history")).reads(t, "Order paid", "Return", "Newsletter joined")

		// An order that is told of late is a correction of today, and says what the balance is by it.
		late := &loyalty.Fact{
			Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "late", Via: "test", Origin: loyalty.FromLive, Member: loyalty.Who{ID: anna.ID}, OccurredAt: st.Clock() - 2*moment.Day,
			Order: &loyalty.Order{Series: "web", Ref: "3", Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 1, Amount: 2000}}},
		}
		if a, err := s.people.Record(t.Context(), s.shop.ID, late); err != nil || a[0].Err != nil {
			t.Fatal(a, err)
		}
		o.get(cardOf(anna, "?tab=wallet")).reads(t, "Correction", "+20 points 75 points", "+15 points 60 points", "+45 points 45 points")

		// A code is value: who may not give value sees its end.
		vouchers, err := s.people.VouchersEver(t.Context(), s.shop.ID, anna.ID)
		if err != nil || len(vouchers) != 1 {
			t.Fatal(vouchers, err)
		}
		o.get(cardOf(anna, "?tab=gifts")).wants(t, 200, vouchers[0].Code)
		reader := s.as(staff.ReadOnly).get(cardOf(anna, "?tab=gifts"))
		reader.lacks(t, vouchers[0].Code, "do=gift")
		reader.wants(t, 200, "•"+vouchers[0].Code[len(vouchers[0].Code)-4:])

		// A gift by hand (S0-14), one handed over at once (S0-13), one later.
		o.post(cardOf(anna, "/gift"), "once", "g0", "gift", "NONE", "reason", "x").wants(t, 404)
		o.post(cardOf(anna, "/gift"), "once", "g0", "gift", "MUG", "reason", "").wants(t, 422, "reason-wrong")
		for range 2 {
			o.post(cardOf(anna, "/gift"), "once", "g1", "gift", "MUG", "reason", "ten friends", "handed", "yes").reads(t, "The gift is given", "Handed over")
		}
		open := o.post(cardOf(anna, "/gift"), "once", "g2", "gift", "MUG", "reason", "ten more")
		open.reads(t, "To send or hand over")
		reward := regexp.MustCompile(`name="reward" value="(rwd_\w+)"`).FindStringSubmatch(open.body)
		if reward == nil {
			t.Fatal("the open gift has no buttons")
		}
		o.post(cardOf(anna, "/claim"), "once", "h1", "reward", reward[1], "state", "handed_over").reads(t, "Marked as handed over")
		o.post(cardOf(anna, "/claim"), "once", "h2", "reward", reward[1], "state", "shipped").wants(t, 422)
		if list, err := s.people.ClaimsOf(t.Context(), s.shop.ID, anna.ID, id.Reward{}, 10); err != nil || len(list) != 2 || list[0].State != loyalty.ClaimHanded || list[1].State != loyalty.ClaimHanded {
			t.Error(list, err)
		}
		o.get(cardOf(anna, "?tab=referrals")).reads(t, "Type of gift Mug")
	})
}

// A long ledger goes on from page to page, and each line keeps its balance.
func TestTheLedgerOfACardIsPaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com")
		for i := range 30 {
			s.bought(anna, strconv.Itoa(i), 1000)
		}
		o := s.as(staff.ReadOnly)
		first := o.get(cardOf(anna, "?tab=wallet"))
		first.reads(t, "+10 points 300 points", "+10 points 60 points")
		next := regexp.MustCompile(`href="/admin(/members/[^"]*before=[^"]*)"`).FindStringSubmatch(first.body)
		if next == nil {
			t.Fatal("there is no next page")
		}
		second := o.get("/admin" + strings.ReplaceAll(next[1], "&amp;", "&"))
		second.reads(t, "+10 points 50 points", "+10 points 10 points", "Back to the first")
		second.lacks(t, "before=")
		if n := strings.Count(first.body, "<tr>") + strings.Count(second.body, "<tr>"); n != 30+2 {
			t.Errorf("%d lines", n-2)
		}
	})
}

// Somebody of another shop has no card here.
func TestAnotherShopsMemberHasNoCardHere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		anna := s.enrol("ANNA", "Anna", "Kowalska", "anna@example.com")
		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		s.add(other.Live, staff.Owner)
		b := s.asOf(other.Live, staff.Owner)
		b.get(cardOf(anna, "")).wants(t, http.StatusNotFound)
		for deed, pairs := range map[string][]string{
			"credit": {"amount", "5", "unit", "points", "reason", "x"}, "block": {"reason", "x"}, "unblock": {"reason", "x"}, "tag": {"tags", "x"}, "untag": {"untag", "x"},
			"group": {"group", "x"}, "person": {"first_name", "x"}, "note": {"note", "x"}, "unnote": {}, "referrer": {"none", "x", "reason", "x"},
			"merge": {"other", anna.ID.String(), "reason", "x"}, "erase": {"name", "Anna Kowalska"}, "export": {}, "gift": {"gift", "MUG", "reason", "x"}, "claim": {"state", "shipped"},
		} {
			b.post(cardOf(anna, "/"+deed), pairs...).wants(t, http.StatusNotFound)
		}
		if m, err := s.people.Member(t.Context(), s.shop.ID, anna.ID); err != nil || m.FirstName != "Anna" || m.State != loyalty.Enrolled || len(m.Tags) != 0 {
			t.Error(m, err)
		}
		if list := s.deedsAbout(anna); len(list) != 0 {
			t.Errorf("%v", list)
		}
		// The live shop's members are not those of its test side.
		s.as(staff.Owner).get(strings.Replace(cardOf(anna, ""), "/admin/", "/admin/test/", 1)).wants(t, http.StatusNotFound)
	})
}
