package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const pursePrograms = `program "Points"
  earn: earn 1 point per 1.00 EUR, valid 12 months
  swap: exchange 500 points for cash voucher of 5.00 EUR, when asked

program "Cashback"
  back: earn 2 % in EUR
`

// newest is the text of the version of a program that was published last.
func (s *site) newest(name string) string {
	s.t.Helper()
	list, err := s.programs.List(s.t.Context(), s.shop.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range list {
		if p.Name == name {
			return p.Newest().Text
		}
	}
	return ""
}

// What wallets are for is read from the programs, and what is changed is their next version.
func TestTheWalletIsWhatProgramsSay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(pursePrograms)
		s.entry(&loyalty.Gift{Code: "MUG", Name: "Mug", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 300}}})
		at := "/admin/gifts/wallet"
		b := s.as(staff.Marketing)
		b.get(at).wants(t, http.StatusOK, "12 months", "without an end", "Cashback", "They do not pay in carts", "1 gift", "from 300 points", "500 points")
		pays := []string{"unit", "points", "mode", "price", "amount", "100", "worth", "1", "share", "50", "minimum", "30"}
		b.post(at+"/pays", append([]string{"worth", ""}, pays...)...).wants(t, http.StatusUnprocessableEntity, `value="100"`)
		b.post(at+"/pays", pays...).wants(t, http.StatusOK, "100 points are worth €1.00")
		b.post(at+"/pays", pays...).wants(t, http.StatusOK)
		if text := s.newest("Wallet – Points"); !strings.Contains(text, "pay with points, 100 points for 1.00 EUR") || !strings.Contains(text, "at most 50 %") || !strings.Contains(text, "from 30.00 EUR") {
			t.Errorf("%s", text)
		}
		b.post(at+"/pays", append([]string{"amount", "200", "base", "7"}, pays...)...).wants(t, http.StatusUnprocessableEntity, "changed")
		b.post(at+"/pays", append([]string{"mode", "payment", "amount", "200", "base", "1"}, pays...)...).wants(t, http.StatusOK, "200 points are worth €1.00")
		if text := s.newest("Wallet – Points"); !strings.Contains(text, "200 points for 1.00 EUR") || !strings.Contains(text, "as payment") {
			t.Errorf("%s", text)
		}
		s.as(staff.ReadOnly).get(at).without(t, "<form method=\"post\" action=\""+at).wants(t, http.StatusOK, "200 points are worth €1.00", "They pay like cash", "At most 50")
		b.post(at+"/pays", "unit", "points", "mode", "off", "base", "2").wants(t, http.StatusOK, "They do not pay in carts")
		b.post(at+"/pays", "unit", "EUR", "mode", "payment").wants(t, http.StatusOK)
		if text := s.newest("Wallet – Money (€)"); !strings.Contains(text, "pay with EUR, as payment") {
			t.Errorf("%s", text)
		}
	})
}

// How long something lasts is changed for a program as a whole; a version that begins later
// is left to the program's own page.
func TestHowLongAWalletLasts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		list := s.published(pursePrograms)
		at := "/admin/gifts/wallet"
		b := s.as(staff.Owner)
		back := list[1].ID.String()
		b.post(at+"/lasts", "program", back, "kind", "months", "n", "").wants(t, http.StatusUnprocessableEntity, `value="months" selected`)
		b.post(at+"/lasts", "program", back, "kind", "months", "n", "18", "base", "1").wants(t, http.StatusOK, "18 months")
		b.post(at+"/lasts", "program", back, "kind", "months", "n", "18", "base", "1").wants(t, http.StatusOK)
		if text := s.newest("Cashback"); !strings.Contains(text, "valid 18 months") {
			t.Errorf("%s", text)
		}
		b.post(at+"/lasts", "program", back, "kind", "end-12", "base", "2").wants(t, http.StatusOK, "until the end of the year")
		later := st.Clock() + moment.Day
		text := s.newest("Points")
		if _, err := s.programs.Apply(t.Context(), s.shop.ID, strings.Replace(text, "1 point", "2 points", 1)+"  starts "+later.String()+"\n", false); err != nil {
			t.Fatal(err)
		}
		b.post(at+"/lasts", "program", list[0].ID.String(), "kind", "never").wants(t, http.StatusUnprocessableEntity, "begins later")
		if p, err := s.programs.Program(t.Context(), s.shop.ID, list[0].ID); err != nil || p.Newest().State != programs.Scheduled {
			t.Error(p, err)
		}
	})
}

// Points have the shop's own name, in every form that a language has; without one they are points.
func TestPointsHaveANameOfTheShop(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(pursePrograms)
		anna := s.joined("1001", "Anna", "")
		s.bought(anna, "O1", 2_000)
		at := "/admin/gifts/wallet"
		b := s.as(staff.Marketing)
		b.post(at+"/names", "names", "yes", "names.en.one", "star").wants(t, http.StatusUnprocessableEntity, `value="star"`)
		b.post(at+"/names", "names", "yes", "names.en.one", "star", "names.en.other", "stars").wants(t, http.StatusOK, "Stars in a cart", `value="stars"`)
		b.get("/admin/members/"+anna.ID.String()+"?tab=wallet").wants(t, http.StatusOK, "20 stars")
		b.post(at+"/names", "names", "yes").without(t, "Stars").wants(t, http.StatusOK, "Points in a cart")
	})
}
