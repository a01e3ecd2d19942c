package portal_test

import (
	"regexp"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// record gives facts to intake; all must be taken.
func (s *site) record(facts ...*loyalty.Fact) {
	s.t.Helper()
	answers, err := s.people.Record(s.t.Context(), s.shop.ID, facts...)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range answers {
		if a.Err != nil {
			s.t.Fatal(a.Err)
		}
	}
}

func (s *site) give(number string, points int64) {
	s.record(&loyalty.Fact{
		Kind: loyalty.StaffAdjust, Feed: "staff", ExternalID: "give-" + number, Via: "test", Origin: loyalty.FromStaff, OccurredAt: s.st.Clock(),
		Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}},
		Adjust: &loyalty.Adjust{Unit: "points", Amount: points, Reason: "test", Actor: "test"},
	})
}

func (s *site) gift(g *loyalty.Gift, stock int64) {
	facts := []*loyalty.Fact{{
		Kind: loyalty.StaffGift, Feed: "staff", ExternalID: "gift-" + g.Code, Via: "test", Origin: loyalty.FromStaff, OccurredAt: s.st.Clock(),
		Gift: g, Staff: &loyalty.Staff{Actor: "test"},
	}}
	if stock > 0 {
		facts = append(facts, &loyalty.Fact{
			Kind: loyalty.StaffStock, Feed: "staff", ExternalID: "stock-" + g.Code, Via: "test", Origin: loyalty.FromStaff, OccurredAt: s.st.Clock() + moment.Second,
			Stock: &loyalty.GiftStock{Gift: g.Code, Add: stock}, Staff: &loyalty.Staff{Actor: "test"},
		})
	}
	s.record(facts...)
}

func TestAGiftIsChosenPaidAndProven(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		s.apply("program \"Points\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR\n")
		s.give("A1", 500)
		s.gift(&loyalty.Gift{Code: "SOAP", Name: "Soap", Names: map[string]string{"en": "Soap", "fr": "Savon"}, Delivery: loyalty.GiftByParcel, Limited: true, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 300}}}, 1)
		s.gift(&loyalty.Gift{Code: "BOX", Name: "Box", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 1000}}}, 0)
		s.gift(&loyalty.Gift{Code: "PEN", Name: "Pen", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 50}}}, 0)
		b := s.browser()
		b.signIn("camille@example.com")
		b.get("/gifts").wants(t, 200, "Soap", "300 points", "500 points to go", `value="50"`)
		b.get("/gifts/SOAP").wants(t, 200, "Choose a secret number first")
		b.post("/gifts/SOAP", "key", "k").wants(t, 200, "New secret number") // cannot be got around
		b.post("/profile/pin", "pin", "1234", "again", "1234").wants(t, 422, "too easy")
		b.post("/profile/pin", "pin", "4826", "again", "4827").wants(t, 422, "not the same")
		b.post("/profile/pin", "pin", "4826", "again", "4826").wants(t, 200, "Change the secret number")
		form := b.get("/gifts/SOAP")
		form.wants(t, 200, `name="pin"`, `name="street"`, "This takes 300 points")
		key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(form.body)[1]
		b.post("/gifts/SOAP", "key", key, "pin", "9999").wants(t, 422, "not your secret number")
		b.post("/gifts/SOAP", "key", key, "pin", "4826", "name", "Camille D").wants(t, 422, `id="street-wrong"`)
		address := []string{"key", key, "name", "Camille D", "street", "1 rue des Lilas", "postal_code", "69003", "city", "Lyon", "country", "fr"}
		b.post("/gifts/SOAP", address...).wants(t, 200, "It is yours")
		b.post("/gifts/SOAP", address...).wants(t, 200, "It is yours") // pressed twice, taken once
		b.get("/").wants(t, 200, "200 points")
		b.get("/gifts").wants(t, 200, "My gifts", "On its way", "800 points to go")
		b.get("/history").wants(t, 200, "500 points")

		thief := s.browser()
		thief.signIn("camille@example.com")
		thief.get("/gifts/BOX").wants(t, 200, "800 points to go")
		for range 5 {
			thief.post("/gifts/PEN", "key", "x", "pin", "0000").wants(t, 422, "not your secret number")
		}
		thief.post("/gifts/PEN", "key", "x", "pin", "4826").wants(t, 422, "too many tries")
	})
}

func TestWhatAMemberSees(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.apply("program \"Points\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR, after 14 days\n  big: earn 100 points on order, from 500.00 EUR\n")
		s.enrol("A1", "Camille", "camille@example.com")
		s.record(&loyalty.Fact{
			Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "o1", Via: "test", Origin: loyalty.FromLive, OccurredAt: st.Clock(),
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "A1"}}},
			Order:  &loyalty.Order{Series: "web", Ref: "1", Currency: "EUR", Lines: []loyalty.Line{{SKU: "X", Quantity: 1, Amount: 4200}}},
		})
		b := s.browser()
		b.signIn("camille@example.com")
		b.get("/").wants(t, 200, "+ 42 points on", "if the order is kept")
		b.get("/history").wants(t, 200, "42 points", "500.00") // what waits, and what was refused, with its figure
		b.get("/share").wants(t, 200, s.server.URL+"/i/", "https://wa.me/?text=", "<svg")
		if g := b.get("/share/qr.png"); g.Header.Get("Content-Type") != "image/png" || len(g.body) < 500 {
			t.Errorf("the picture: %v, %d bytes", g.Header, len(g.body))
		}
		if g := b.get("/share/leaflet.pdf"); len(g.body) < 1000 || g.body[:5] != "%PDF-" {
			t.Errorf("the leaflet: %d bytes", len(g.body))
		}
		b.get("/friends").wants(t, 200, `href="/appeal"`)
		b.get("/appeal").wants(t, 200, "Ask for a second look")
		b.post("/appeal", "text", "").wants(t, 422, `id="text-wrong"`)
		b.post("/appeal", "text", "She is <my> sister").wants(t, 200, "We are looking at it.", "She is &lt;my&gt; sister")
		b.post("/appeal", "text", "and again").wants(t, 422, "still looking", "and again</textarea>")
		b.get("/profile").wants(t, 200, "Not agreed.", "I agree")
		b.post("/profile/consent", "purpose", "newsletter", "way", "mail", "said", "given").wants(t, 200, "Agreed on", "Stop")
		b.post("/profile/consent", "purpose", "newsletter", "way", "mail", "said", "withdrawn").wants(t, 200, "Not agreed.")
		b.post("/profile/consent", "purpose", "newsletter", "way", "owl", "said", "given").wants(t, 422)
		b.get("/profile/data.json").wants(t, 200, `"purpose": "newsletter"`)
		b.get("/profile/data.json").wants(t, 200, `"camille@example.com"`, `"order_paid"`, `"points"`)
	})
}
