package admin_test

import (
	"fmt"
	"net/http"
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

const friendsProgram = `program "Friends"
  starts 2020-01-01
  joined: refer friend 2.00 EUR, referrer 3.00 EUR, on sign-up
`

// running publishes a program and lets a friend join by a member's link and buy.
func (s *site) running() (friend, referrer *people.Member) {
	s.t.Helper()
	if _, err := s.programs.Apply(s.t.Context(), s.shop.ID, friendsProgram, false); err != nil {
		s.t.Fatal(err)
	}
	referrer = s.enrol("1001", "Camille", "Dubois", "camille@example.com")
	_, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
		Fact:     loyalty.Fact{Feed: "web", ExternalID: "join-friend", Via: "test", Origin: loyalty.FromLive, Touch: loyalty.OriginLink},
		Person:   people.Naming{Number: "1002", FirstName: "Zofia", LastName: "Kowalska", Locale: "pl"},
		Referrer: people.Naming{Number: "1001"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.buys("A-1", "1002", 84_90)
	friend, err = s.people.Find(s.t.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "1002"}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return friend, referrer
}

func TestTheDashboardOfANewShopIsAChecklist(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		g := s.as(staff.ReadOnly).get("/admin")
		g.wants(t, http.StatusOK, "A few steps", "POST /v1/orders", "A CSV or Excel file of past orders", "What happens in the shop appears here", `value="0" max="5"`)
		if strings.Contains(g.body, `class="key-figures"`) || strings.Contains(g.body, `action="/admin/target"`) {
			t.Error("figures without anything to count, or a form that this role has not")
		}
		// Orders come by a key: the step leads whoever may make one to where it is made.
		const keys = `href="/admin/settings/keys"`
		s.as(staff.Owner).get("/admin").wants(t, http.StatusOK, keys)
		if strings.Contains(g.body, keys) {
			t.Error("a way to a page that this role has not")
		}
	})
}

func TestTheDashboardShowsWhatReferralsBring(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		friend, referrer := s.running()
		b := s.as(staff.Owner)
		main := b.get("/admin")
		main.wants(t, http.StatusOK,
			"€84.90", "100% of all sales", "of whom 1 has bought", "nothing to compare with", "Setting up: 2 steps of 5.", "put the tracker on",
			`href="/admin/members?referred=yes&amp;since=`+s.st.Clock().AddDays(-27, s.shop.Zone).Date(s.shop.Zone)+`"`,
			`href="/admin/members/`+friend.ID.String()+`">Zofia Kowalska</a> placed an order (€84.90) thanks to Camille Dubois.`,
			`href="/admin/members/`+referrer.ID.String()+`">Camille Dubois</a><small>1 friend</small>`,
			`role="img" aria-label="Orders of friends: 1 in this period, 0 in the one before.`, "See the figures", "just now", `class="h8"`,
		)
		// Two euros for the friend and three for the referrer: what is owed is what he cost.
		for _, where := range []string{`id="figure-owed"`, `aria-labelledby="cost"`} {
			_, part, _ := strings.Cut(main.body, where)
			part, _, _ = strings.Cut(part, "</p>")
			if !strings.Contains(part, "€5.00") {
				t.Errorf("%s does not say 5.00: %s", where, part)
			}
		}
		for period, says := range map[string]string{"7d": "the last 7 days", "12m": "the same months a year earlier", "none": "the last 28 days"} {
			b.get("/admin?period="+period).wants(t, http.StatusOK, says, "€84.90")
		}
		// The same in the test shop, which has nothing of it.
		b.get("/admin/test").wants(t, http.StatusOK, "A few steps")
		// In the other languages, with their plurals and spaces.
		b.get("/admin/language/fr").wants(t, http.StatusOK, "84,90\u00a0€", "soit 100\u00a0% des ventes", "dont 1 a commandé", "1 filleul<", "Mise en place\u00a0: 2 étapes sur 5.")
		b.get("/admin/language/pl").wants(t, http.StatusOK, "84,90\u00a0€", "100% całej sprzedaży", "– zamówienie (84,90\u00a0€), poleca Camille Dubois.")
	})
}

func TestATargetForANewCustomer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.running()
		b := s.as(staff.Owner)
		deeds := len(s.deeds(s.shop))
		for _, bad := range []string{"a lot", "-1", "1.234", "99999999999999999999"} {
			b.post("/admin/target", "target", bad).wants(t, http.StatusUnprocessableEntity, `value="`+bad+`"`, `aria-invalid="true"`)
		}
		if n := len(s.deeds(s.shop)); n != deeds {
			t.Errorf("%d records of what was refused", n-deeds)
		}
		b.post("/admin/target", "target", "5,00").wants(t, http.StatusOK, "Your target is saved.", "within your target of €5.00", `value="5.00"`)
		b.post("/admin/target", "target", "4.99").wants(t, http.StatusOK, "above your target of €4.99")
		b.post("/admin/target", "target", "").wants(t, http.StatusOK, `name="target" type="text" value=""`)
		if list := s.deeds(s.shop); len(list) != deeds+3 || list[0].Action != "POST /target" || list[1].Detail["per_new_customer"] != "4.99" {
			t.Errorf("the record says %+v", list)
		}
		// The steps are hidden, and come back.
		b.post("/admin/setup").wants(t, http.StatusOK, "The steps are hidden.", `action="/admin/setup"`)
		if g := b.get("/admin"); strings.Contains(g.body, "Setting up") {
			t.Error("the steps are still shown")
		}
		b.post("/admin/setup").wants(t, http.StatusOK, "The steps are shown again.", "Setting up")
	})
}

func TestASilentTrackerIsSaid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.running()
		b := s.as(staff.Support)
		seen := func(n byte, ago moment.Time) {
			err := st.Write(t.Context(), func(tx *store.Tx) error {
				return tx.PutSighting(t.Context(), s.shop.ID, &loyalty.Sighting{
					ID: id.Mint[id.SightingKind](int64(tx.Now), [8]byte{n}), Kind: "page", Source: "tracker", Ref: fmt.Sprint(n), SeenAt: st.Clock() - ago,
				})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if g := b.get("/admin"); strings.Contains(g.body, `role="alert"`) {
			t.Error("a tracker that was never seen is not silent")
		}
		seen(1, 50*moment.Hour)
		b.get("/admin").wants(t, http.StatusOK, `role="alert"`, "The tracker has said nothing", "2 days ago", "Setting up: 3 steps of 5.")
		seen(2, 23*moment.Hour)
		if g := b.get("/admin"); strings.Contains(g.body, `role="alert"`) {
			t.Error("a tracker that was seen yesterday is not silent")
		}
	})
}
