package gifts_test

import (
	"log/slog"
	"strings"
	"testing"

	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The catalogue stands in the order that the shop gave it, for members, too; without one, what
// a member may have comes first.
func TestTheCatalogueIsPutInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		shop := storetest.Shop(t, st, "program \"Points\"\n  earn: earn 1 point per 1.00 EUR\n")
		box := storetest.Box(t)
		in := intake.New(st, box, slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{})
		t.Cleanup(in.Close)
		g := gifts.New(st, in, box)
		facts := []*loyalty.Fact{{Kind: loyalty.MemberJoined, Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "anna"}}}}}
		facts = append(facts, &loyalty.Fact{Kind: loyalty.StaffAdjust, Member: facts[0].Member, Adjust: &loyalty.Adjust{Unit: "points", Amount: 100, Reason: "sorry", Actor: "eva"}, Staff: &loyalty.Staff{Actor: "eva", Reason: "sorry"}})
		for _, code := range []string{"A", "B", "C", "D"} {
			entry := &loyalty.Gift{Code: code, Name: code, Delivery: loyalty.GiftByHand, Limited: code != "C", Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 100}}}
			facts = append(facts, &loyalty.Fact{Kind: loyalty.StaffGift, Gift: entry, Staff: &loyalty.Staff{Actor: "eva"}})
		}
		for i, f := range facts {
			f.Feed, f.ExternalID, f.Via, f.Origin, f.OccurredAt = "web", string(rune('a'+i)), "api", loyalty.FromLive, st.Clock()
		}
		got, err := in.Record(t.Context(), shop.ID, facts...)
		if err != nil {
			t.Fatal(err)
		}
		var anna id.Member
		for _, a := range got {
			if a.Err != nil {
				t.Fatal(a.Err)
			}
			if anna.IsZero() {
				anna = a.Member
			}
		}
		seen := func() (all, offers string) {
			t.Helper()
			list, _, err := g.Catalogue(t.Context(), shop.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				all += x.Gift.Code
			}
			for _, x := range must(g.Offers(t.Context(), shop.ID, anna, nil)) {
				offers += x.Gift.Code
			}
			return all, offers
		}
		if all, offers := seen(); all != "ABCD" || offers != "CABD" {
			t.Errorf("without an order: %s, for members %s", all, offers)
		}
		check := func(err error, want string) {
			t.Helper()
			if all, offers := seen(); err != nil || all != want || offers != want {
				t.Errorf("%s, for members %s: %v; want %s", all, offers, err, want)
			}
		}
		check(g.Place(t.Context(), shop.ID, "D", "C", false), "ABDC")
		check(g.Place(t.Context(), shop.ID, "D", "C", false), "ABDC")
		check(g.Place(t.Context(), shop.ID, "A", "C", true), "BDCA")
		check(g.Arrange(t.Context(), shop.ID, []string{"A", "D", "A", "nothing"}), "BACD")
		if err := g.Place(t.Context(), shop.ID, "A", "nothing", true); err == nil || !strings.Contains(err.Error(), "gift_unknown") {
			t.Error(err)
		}
	})
}

func must(list []gifts.Offer, err error) []gifts.Offer {
	if err != nil {
		panic(err)
	}
	return list
}
