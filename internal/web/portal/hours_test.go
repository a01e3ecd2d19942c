package portal_test

import (
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestWhereAGiftIsFetchedAndWhenItIsOpen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		s.apply("program \"Points\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR\n")
		s.give("A1", 500)
		s.gift(&loyalty.Gift{Code: "PEN", Name: "Pen", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 50}}}, 0)
		for _, e := range []office.Entry{
			{Code: "A", Name: "Old Town", Address: "1 Market Square", Hours: "mo-su 0-24; 2099-12-25 closed"}, {Code: "B", Name: "Station", Hours: "whenever a train comes"},
		} {
			if err := s.office.PutEntry(t.Context(), s.shop.ID, office.Sites, e); err != nil {
				t.Fatal(err)
			}
		}
		b := s.browser()
		b.signIn("camille@example.com")
		b.post("/profile/pin", "pin", "4826", "again", "4826").wants(t, 200)
		b.get("/gifts/PEN").wants(t, 200, "1 Market Square", "open now, today 00:00–24:00", "Monday – Sunday: 00:00–24:00", "25 December 2099: closed", "whenever a train comes")
	})
}
