package portal_test

import (
	"bytes"
	"image"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The picture of a program stands where members see the program, with its words and its size;
// who has not signed in does not get it (S4-8).
func TestTheProgramsPictureIsSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		list, err := s.programs.Apply(t.Context(), s.shop.ID, "program \"Tea card\"\n  stamp 1 per item\n  exchange 10 stamps for product voucher of TEA\n"+
			"program \"Friends\"\n  refer referrer 5.00 EUR, on first order\n", false)
		if err != nil {
			t.Fatal(err)
		}
		s.enrol("A1", "Camille", "camille@example.com")
		s.record(&loyalty.Fact{
			Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "o1", Via: "test", Origin: loyalty.FromLive, OccurredAt: st.Clock(),
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "A1"}}},
			Order:  &loyalty.Order{Series: "web", Ref: "1", Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 2, Amount: 900}}},
		})
		b := s.browser()
		b.signIn("camille@example.com")
		card := b.get("/")
		card.wants(t, 200, "Tea card", "8 stamps to go", `class="stamps"`)
		if on := strings.Count(card.body, `<i class="on">`); on != 2 || strings.Count(card.body, "<i class=") != 10 {
			t.Errorf("%d of 10 places are stamped, not 2", on)
		}
		for i, alt := range []string{"A steaming cup", "Two friends"} {
			var drawn bytes.Buffer
			if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 40+i, 20))); err != nil {
				t.Fatal(err)
			}
			if _, err := s.programs.SetPicture(t.Context(), s.shop.ID, list[i].ID, alt, drawn.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
		home := b.get("/")
		home.wants(t, 200, `width="40" height="20" alt="A steaming cup"`)
		share := b.get("/share")
		share.wants(t, 200, `width="41" height="20" alt="Two friends"`)
		if strings.Contains(home.body, "Two friends") || strings.Contains(share.body, "A steaming cup") {
			t.Error("a picture stands where the program does not")
		}
		path := regexp.MustCompile(`/programs/prg_\w+/[0-9a-f]{24}`).FindString(home.body)
		sent := b.get(path)
		if sent.StatusCode != 200 || sent.Header.Get("Content-Type") != "image/png" || !strings.Contains(sent.Header.Get("Cache-Control"), "private") {
			t.Errorf("%d %v", sent.StatusCode, sent.Header)
		}
		b.get(path[:len(path)-1]+"_").wants(t, 404)
		s.record(&loyalty.Fact{
			Kind: loyalty.StaffGift, Feed: "web", ExternalID: "mug", Via: "test", Origin: loyalty.FromStaff, OccurredAt: st.Clock(), Staff: &loyalty.Staff{Actor: "eva"},
			Gift: &loyalty.Gift{Code: "MUG", Name: "Mug", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "EUR", Amount: 100}}},
		})
		var mug bytes.Buffer
		if err := png.Encode(&mug, image.NewGray(image.Rect(0, 0, 50, 50))); err != nil {
			t.Fatal(err)
		}
		if _, err := s.gifts.SetPicture(t.Context(), s.shop.ID, "MUG", "A blue mug", mug.Bytes()); err != nil {
			t.Fatal(err)
		}
		shelf := b.get("/gifts")
		shelf.wants(t, 200, `alt="A blue mug"`)
		if sent := b.get(regexp.MustCompile(`/gifts/MUG/picture/[0-9a-f]{24}`).FindString(shelf.body)); sent.StatusCode != 200 || sent.Header.Get("Content-Type") != "image/png" {
			t.Errorf("the picture of a gift: %d %v", sent.StatusCode, sent.Header)
		}
		if g := s.browser().get(path); strings.HasPrefix(g.Header.Get("Content-Type"), "image/") {
			t.Errorf("a stranger has the picture: %d %v", g.StatusCode, g.Header)
		}
	})
}
