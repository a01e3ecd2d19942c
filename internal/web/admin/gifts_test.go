package admin_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/rewards"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// aMug is what a form says of a gift that is handed over.
func aMug(once string, more ...string) []string {
	return append(more, []string{ // of two values of a field the first one counts
		"once", once, "name", "Mug", "names.fr", "Tasse", "names.pl", "Kubek", "description.en", "Stoneware, 30 cl", "price", "200", "cost", "3.50",
		"delivery", "by_hand", "limited", "yes", "per_member", "1", "period", "month",
	}...)
}

func (s *site) gift(code string) *loyalty.GiftRow {
	s.t.Helper()
	g, err := s.gifts.Gift(s.t.Context(), s.shop.ID, code)
	if err != nil {
		s.t.Fatal(err)
	}
	return g
}

// A gift is written, stocked and changed here; what the form does not ask for stays.
func TestAGiftIsWrittenStockedAndChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		b := s.as(staff.Owner)
		b.get("/admin/gifts").wants(t, http.StatusOK, "No gift yet")
		b.post("/admin/gifts/new", aMug("g1", "code", "MUG", "price", "much")...).wants(t, http.StatusUnprocessableEntity, `value="MUG"`, `value="much"`, "Tasse")
		b.post("/admin/gifts/new", aMug("g1", "code", "MUG")...).wants(t, http.StatusOK, "Mug", "200 points", "Kubek")
		b.post("/admin/gifts/new", aMug("g1", "code", "MUG")...).wants(t, http.StatusOK)
		b.post("/admin/gifts/new", aMug("g2", "code", "MUG")...).wants(t, http.StatusUnprocessableEntity, "already")
		g := s.gift("MUG").Gift
		if g.Cost != 350 || len(g.Prices) != 1 || g.Prices[0] != (loyalty.GiftPrice{Unit: "points", Amount: 200}) || g.Names["pl"] != "Kubek" ||
			len(g.Limits) != 1 || g.Limits[0].Period != "month" || !g.Limited {
			t.Errorf("%+v", g)
		}
		at := "/admin/gifts/entry/MUG"
		b.get("/admin/gifts").wants(t, http.StatusOK, "Out of stock", "1 piece a month")
		b.post(at+"/stock", "once", "s1", "way", "in", "add", "20", "reason", "").wants(t, http.StatusUnprocessableEntity, `value="20"`)
		b.post(at+"/stock", "once", "s1", "way", "in", "add", "20", "reason", "delivery").wants(t, http.StatusOK, "20 of 20 left")
		b.post(at+"/stock", "once", "s1", "way", "in", "add", "20", "reason", "delivery").wants(t, http.StatusOK, "20 of 20 left")
		b.post(at+"/stock", "once", "s2", "way", "out", "add", "30", "reason", "broken").wants(t, http.StatusUnprocessableEntity)
		b.post(at+"/stock", "once", "s3", "way", "out", "add", "5", "reason", "broken").wants(t, http.StatusOK, "15 of 15 left")
		b.get("/admin/gifts").wants(t, http.StatusOK, "On offer", "15 pieces left", "€52.50")
		b.post(at, aMug("g3", "price.money", "4,50", "until", "2020-01-31")...).wants(t, http.StatusOK, "Ended")
		if n := len(s.gift("MUG").Gift.Prices); n != 2 {
			t.Errorf("%d prices", n)
		}
		b.get("/admin/gifts?state=ended").wants(t, http.StatusOK, "Mug", "Until")
		b.get("/admin/gifts?state=on").wants(t, http.StatusOK, "No gift in this state")
		s.as(staff.ReadOnly).get(at).without(t, "Change this gift", "Put in stock").wants(t, http.StatusOK, "As members see it")
	})
}

// The catalogue is looked at as a member of a group sees it, on a day.
func TestTheCatalogueIsSeenAsAMember(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		price := []loyalty.GiftPrice{{Unit: "EUR", Amount: 500}}
		s.entry(&loyalty.Gift{Code: "A", Name: "For all", Delivery: loyalty.GiftByHand, Prices: price})
		s.entry(&loyalty.Gift{Code: "B", Name: "For gold", Delivery: loyalty.GiftByHand, Prices: price, Groups: []string{"gold"}})
		s.entry(&loyalty.Gift{Code: "C", Name: "In winter", Delivery: loyalty.GiftByHand, Prices: price, From: st.Clock() + 400*moment.Day})
		s.entry(&loyalty.Gift{Code: "D", Name: "Inside", Delivery: loyalty.GiftByHand})
		b := s.as(staff.ReadOnly)
		b.get("/admin/gifts/preview").without(t, "For gold", "In winter", "Inside").wants(t, http.StatusOK, "For all", "€5.00")
		b.get("/admin/gifts/preview?group=gold").without(t, "In winter").wants(t, http.StatusOK, "For all", "For gold")
		day := (st.Clock() + 500*moment.Day).Date(s.shop.Zone)
		b.get("/admin/gifts/preview?day="+day).without(t, "For gold").wants(t, http.StatusOK, "For all", "In winter", day)
	})
}

// The catalogue is put in order by buttons, and by the order in which a page was dragged.
func TestTheCatalogueIsPutInOrderByHand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		for _, code := range []string{"A", "B", "C"} {
			s.entry(&loyalty.Gift{Code: code, Name: "Gift " + code, Delivery: loyalty.GiftByHand})
		}
		b := s.as(staff.Marketing)
		order := func(page got) (out string) {
			for _, x := range cardsInOrder.FindAllStringSubmatch(page.body, -1) {
				out += x[1]
			}
			return out
		}
		if got := order(b.get("/admin/gifts")); got != "ABC" {
			t.Errorf("%s", got)
		}
		if got := order(b.post("/admin/gifts/order", "one", "up:C/B")); got != "ACB" {
			t.Errorf("one place earlier: %s", got)
		}
		if got := order(b.post("/admin/gifts/order", "code", "B", "code", "A", "code", "C")); got != "BAC" {
			t.Errorf("dragged: %s", got)
		}
		b.post("/admin/gifts/order", "one", "up:C/NONE").wants(t, http.StatusNotFound)
		s.as(staff.ReadOnly).get("/admin/gifts").without(t, "one place earlier").wants(t, http.StatusOK, "Gift C")
	})
}

var cardsInOrder = regexp.MustCompile(`<li id="gift-([A-C])"`)

// A gift has a picture that was sent here; one that is none is refused with what was typed.
func TestAGiftHasAPicture(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.entry(&loyalty.Gift{Code: "MUG", Name: "Mug", Delivery: loyalty.GiftByHand, Pictures: []string{"https://shop.example/mug.png"}})
		b := s.as(staff.Marketing)
		at := "/admin/gifts/entry/MUG"
		var drawn bytes.Buffer
		if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
			t.Fatal(err)
		}
		b.picture(at+"/picture", "A blue mug", []byte("no picture")).wants(t, http.StatusUnprocessableEntity, "A blue mug")
		b.picture(at+"/picture", "", drawn.Bytes()).wants(t, http.StatusUnprocessableEntity)
		page := b.picture(at+"/picture", "A blue mug", drawn.Bytes())
		page.wants(t, http.StatusOK, `alt="A blue mug" width="40" height="20"`)
		path := regexp.MustCompile(`/admin/gifts/entry/MUG/picture/[0-9a-f]{24}`).FindString(page.body)
		if sent := b.get(path); sent.StatusCode != http.StatusOK || sent.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%d %v", sent.StatusCode, sent.Header)
		}
		b.get(path[:len(path)-1]+"_").wants(t, http.StatusNotFound)
		b.get("/admin/gifts").wants(t, http.StatusOK, path)
		b.post(at+"/picture/remove").without(t, path).wants(t, http.StatusOK, "shop.example/mug.png")
	})
}

// What a group may have, and prices in other units, are not in the form: it leaves them alone.
func TestTheFormOfAGiftLeavesAloneWhatItDoesNotShow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		list, err := s.programs.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		unit := "referrals:" + list[0].ID.String()
		s.entry(&loyalty.Gift{
			Code: "BAG", Name: "Bag", Delivery: loyalty.GiftByParcel, Prices: []loyalty.GiftPrice{{Unit: unit, Amount: 3}},
			Limits: []loyalty.GiftLimit{{Group: "gold", PerMember: 2, Period: "year"}},
		})
		s.as(staff.Marketing).post("/admin/gifts/entry/BAG", "once", "b1", "name", "Big bag", "delivery", "parcel", "price", "90").wants(t, http.StatusOK, "Big bag")
		g := s.gift("BAG").Gift
		if len(g.Prices) != 2 || g.Prices[1].Unit != unit || len(g.Limits) != 1 || g.Limits[0].Group != "gold" {
			t.Errorf("%+v", g)
		}
	})
}

// entry puts a gift into the catalogue by the API's way.
func (s *site) entry(g *loyalty.Gift) {
	s.t.Helper()
	s.record(&loyalty.Fact{Kind: loyalty.StaffGift, ExternalID: "gift-" + g.Code, Gift: g, Staff: &loyalty.Staff{Actor: "eva"}})
}

func (s *site) record(f *loyalty.Fact) {
	s.t.Helper()
	f.Feed, f.Via, f.Origin = "test", "test", loyalty.FromStaff
	a, err := s.people.Record(s.t.Context(), s.shop.ID, f)
	if err != nil || a[0].Err != nil {
		s.t.Fatal(err, a)
	}
}

var claimBoxes = regexp.MustCompile(`name="m" value="(rwd_[^"]+)"`)

// What members asked for is sent, handed over or refused, one by one and together, and the
// address of a parcel is for those who send it.
func TestClaimsAreSentHandedOverAndRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna := s.joined("1001", "Anna", "")
		s.bought(anna, "O1", 90_000)
		s.entry(&loyalty.Gift{Code: "MUG", Name: "Mug", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 100}}})
		s.entry(&loyalty.Gift{Code: "BAG", Name: "Bag", Delivery: loyalty.GiftByParcel, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 100}}})
		for _, once := range []string{"1", "2", "3"} {
			s.record(&loyalty.Fact{Kind: loyalty.GiftClaimed, ExternalID: "mug" + once, Member: loyalty.Who{ID: anna.ID}, Claim: &loyalty.GiftClaim{Items: []loyalty.GiftItem{{Gift: "MUG", Quantity: 1}}}})
		}
		s.record(&loyalty.Fact{
			Kind: loyalty.GiftClaimed, ExternalID: "bag", Member: loyalty.Who{ID: anna.ID},
			Claim:   &loyalty.GiftClaim{Items: []loyalty.GiftItem{{Gift: "BAG", Quantity: 1}}, Addressed: true},
			Address: &loyalty.Address{Name: "Anna Nowak", Street: "Rue des Lilas 3", Postal: "69003", City: "Lyon"},
		})
		b := s.as(staff.Support)
		page := b.get("/admin/gifts/claims")
		page.wants(t, http.StatusOK, "Rue des Lilas 3", "Anna Nowak")
		s.as(staff.ReadOnly).get("/admin/gifts/claims").without(t, "Lilas", "Mark as sent").wants(t, http.StatusOK, "Mug")
		b.get("/admin/gifts/claims?delivery=parcel").without(t, "Mug").wants(t, http.StatusOK, "Bag")
		boxes := claimBoxes.FindAllStringSubmatch(page.body, -1)
		if len(boxes) != 4 {
			t.Fatalf("%d claims: %s", len(boxes), page.body)
		}
		mugs := []string{boxes[0][1], boxes[1][1], boxes[2][1]}
		bag := boxes[3][1]
		b.post("/admin/gifts/claims", "once", "c0", "state", "open", "move", "shipped").wants(t, http.StatusUnprocessableEntity, "Tick at least one")
		b.post("/admin/gifts/claims", "once", "c1", "state", "open", "one", "shipped:"+bag, "tracking-"+bag, "6A123").wants(t, http.StatusOK)
		b.get("/admin/gifts/claims?state=shipped").wants(t, http.StatusOK, "Bag", "6A123", "Mark as delivered")
		b.post("/admin/gifts/claims", "once", "c5", "state", "shipped", "move", "delivered", "m", bag).wants(t, http.StatusOK, "Noted for 1")
		b.get("/admin/gifts/claims?state=delivered").wants(t, http.StatusOK, "Bag", "6A123")
		b.post("/admin/gifts/claims", "once", "c2", "state", "open", "move", "handed_over", "m", mugs[0], "m", mugs[1]).wants(t, http.StatusOK)
		b.post("/admin/gifts/claims", "once", "c2", "state", "open", "move", "handed_over", "m", mugs[0], "m", mugs[1]).wants(t, http.StatusOK)
		b.post("/admin/gifts/claims", "once", "c3", "state", "open", "one", "handed_over:"+mugs[0]).wants(t, http.StatusUnprocessableEntity)
		b.post("/admin/gifts/claims", "once", "c6", "state", "open", "move", "delivered", "m", mugs[0], "m", mugs[2], "m", bag).
			wants(t, http.StatusUnprocessableEntity, "Mug for Anna Nowak – its state is “Handed over”", "Mug for Anna Nowak – its state is “To send", "Bag for Anna Nowak – its state is “Delivered”")
		before := s.points(anna.ID)
		b.post("/admin/gifts/claims", "once", "c4", "state", "open", "one", "cancelled:"+mugs[2]).wants(t, http.StatusOK)
		if after := s.points(anna.ID); after != before+100 {
			t.Errorf("a refused gift gives its price back: %d, then %d", before, after)
		}
		b.get("/admin/gifts/claims").wants(t, http.StatusOK, "Nothing here")
		list := s.as(staff.Owner).post("/admin/gifts/claims/export", "state", "handed_over", "format", "csv")
		list.wants(t, http.StatusOK, "Mug")
		if n := strings.Count(list.body, "\n"); n != 3 {
			t.Errorf("%d lines: %s", n, list.body)
		}
	})
}

func (s *site) points(m id.Member) int64 {
	s.t.Helper()
	w, err := s.people.Wallet(s.t.Context(), s.shop.ID, m, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, u := range w.Units {
		if u.Unit == "points" {
			return u.Available
		}
	}
	return 0
}

// Codes of a partner are pasted, or come as a file; those that are there are told, and none
// is ever shown.
func TestPoolsAreFilledByPasteAndByFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Marketing)
		b.post("/admin/gifts/pools", "pool", "Cinema", "codes", "").wants(t, http.StatusUnprocessableEntity, `value="Cinema"`)
		b.post("/admin/gifts/pools", "pool", "Cinema", "codes", "AAA-1\nAAA-2\n").without(t, "AAA-1").wants(t, http.StatusOK, "Codes added: 2", "2 of 2 left")
		b.file("/admin/gifts/pools", "code,price\nAAA-2,5\nAAA-3,5\n", "pool", "Cinema").wants(t, http.StatusOK, "Codes added: 1. There already: 1.", "3 of 3 left")
		b.file("/admin/gifts/pools", "", "pool", "Cinema", "codes", "AAA-4").wants(t, http.StatusOK, "4 of 4 left")
		s.as(staff.Support).get("/admin/gifts/pools").without(t, "<textarea").wants(t, http.StatusOK, "Cinema")
	})
}

// file sends a form with a file.
func (b *browser) file(path, text string, pairs ...string) got {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "codes.csv")
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write([]byte(text))
	for i := 0; i < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	_ = w.Close()
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.server.URL+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// Who has earned enough and was never given anything is listed, and given a gift.
func TestWhoReachedTheThresholdIsGivenAGift(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		anna, bela := s.joined("1001", "Anna", ""), s.joined("1002", "Bela", "")
		s.bought(anna, "O1", 50_000)
		s.bought(bela, "O2", 1_000)
		s.entry(&loyalty.Gift{Code: "MUG", Name: "Mug", Delivery: loyalty.GiftByHand})
		b := s.as(staff.Support)
		b.get("/admin/gifts/due?unit=points&reached=100").without(t, "Bela").wants(t, http.StatusOK, "Anna", "500 points")
		b.get("/admin/gifts/due?unit=points&reached=many").wants(t, http.StatusUnprocessableEntity, `value="many"`)
		s.as(staff.ReadOnly).get("/admin/gifts/due?unit=points&reached=100").without(t, "Give a gift").wants(t, http.StatusOK, "Anna")
		give := []string{"once", "d1", "unit", "points", "reached", "100", "gift", "MUG", "m", anna.ID.String()}
		b.post("/admin/gifts/due", give...).wants(t, http.StatusUnprocessableEntity, "Anna")
		give = append(give, "reason", "thank you")
		b.post("/admin/gifts/due", give...).wants(t, http.StatusOK, "Given to 1 of 1", "Whoever has reached it has his gift")
		b.post("/admin/gifts/due", give...).wants(t, http.StatusOK)
		if list, err := s.people.ClaimsOf(t.Context(), s.shop.ID, anna.ID, id.Reward{}, 9); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
	})
}

// Vouchers are issued, shown to who may see them, found by a code, and withdrawn.
func TestVouchersAreIssuedFoundAndWithdrawn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.get("/admin/vouchers").wants(t, http.StatusOK, "No batch yet")
		b.post("/admin/vouchers/new", "name", "Leaflet", "origin", "generated", "count", "0", "kind", "cash", "amount", "5").wants(t, http.StatusUnprocessableEntity, `value="Leaflet"`)
		leaflets := []string{"once", "w1", "name", "Leaflet", "origin", "generated", "count", "40", "kind", "cash", "amount", "5,50", "uses", "1"}
		b.post("/admin/vouchers/new", leaflets...).wants(t, http.StatusOK, "Leaflet", "€5.50", "40")
		b.post("/admin/vouchers/new", leaflets...).wants(t, http.StatusOK, "Leaflet", "€5.50", "40")
		b.post("/admin/vouchers/new", "name", "Leaflet", "origin", "generated", "count", "40", "kind", "cash", "amount", "5").wants(t, http.StatusUnprocessableEntity, "already")
		b.post("/admin/vouchers/new", "name", "Old shop", "origin", "imported", "codes", "OLDCODE1\nOLDCODE2\nOLD-CODE-2", "kind", "special", "percent", "10").wants(t, http.StatusUnprocessableEntity)
		b.post("/admin/vouchers/new", "name", "Old shop", "origin", "imported", "codes", "OLDCODE1\nOLDCODE2\nOLD-CODE-2", "leave_out", "yes", "kind", "special", "percent", "10").wants(t, http.StatusOK, "Left out: 1")
		b.post("/admin/vouchers/new", "name", "Spring", "origin", "chosen", "chosen", "SPRING", "kind", "cash", "amount", "3").wants(t, http.StatusOK, "SPRING")
		list, err := rewards.New(st, s.in).Batches(t.Context(), s.shop.ID, id.Vouchers{}, 10)
		if err != nil || len(list) != 3 {
			t.Fatal(len(list), err)
		}
		leaflet := "/admin/vouchers/batch/" + list[2].ID.String()
		export := b.post(leaflet+"/export", "format", "csv")
		lines := strings.Split(strings.TrimSpace(export.body), "\n")
		if len(lines) != 41 {
			t.Fatalf("%d lines", len(lines))
		}
		code, _, _ := strings.Cut(lines[1], ",")
		s.as(staff.ReadOnly).get(leaflet).without(t, "Withdraw the whole batch", "Export").wants(t, http.StatusOK, "•••")
		at := "/admin/vouchers/code?code=" + url.QueryEscape(code)
		b.get(at).wants(t, http.StatusOK, "It can be used now", "Leaflet")
		for i, want := range []error{nil, loyalty.ErrConflict} {
			a, err := s.people.Record(t.Context(), s.shop.ID, &loyalty.Fact{
				Kind: loyalty.VoucherRedeemed, Feed: "till:3", ExternalID: []string{"first", "second"}[i], Via: "test", Origin: loyalty.FromLive, Use: &loyalty.Use{Code: loyalty.TypedCode(lastCode(lines))},
			})
			if err != nil || !errors.Is(a[0].Err, want) {
				t.Fatal(err, a)
			}
		}
		b.get("/admin/vouchers/code?code="+url.QueryEscape(lastCode(lines))).wants(t, http.StatusOK, "till:3", "The code has been used", `<span class="tag good">Used</span>`)
		b.get("/admin/vouchers/code?code=NOSUCH").wants(t, http.StatusNotFound, "The code is not known")
		b.post("/admin/vouchers/code", "once", "v1", "code", code, "reason", "").wants(t, http.StatusUnprocessableEntity, "Withdraw this code")
		b.post("/admin/vouchers/code", "once", "v1", "code", code, "reason", "stolen").wants(t, http.StatusOK, "The code is withdrawn", "Withdrawn")
		b.post("/admin/vouchers/code", "once", "v1", "code", code, "reason", "stolen").wants(t, http.StatusOK)
		b.post(leaflet+"/withdraw", "reason", "").wants(t, http.StatusUnprocessableEntity)
		b.post(leaflet+"/withdraw", "reason", "misprint").wants(t, http.StatusOK, "38", "misprint")
		b.post(leaflet+"/withdraw", "reason", "misprint").wants(t, http.StatusOK)
		b.get("/admin/vouchers").wants(t, http.StatusOK, "Leaflet", "Withdrawn", "Imported", "Chosen")
	})
}

// lastCode is the code in the last line of an export.
func lastCode(lines []string) string {
	code, _, _ := strings.Cut(lines[len(lines)-1], ",")
	return code
}

// A batch is extended and withdrawn from its page and from the list, and both are undone.
func TestBatchesAreExtendedAndWithdrawnTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		for _, name := range []string{"Leaflet", "Letter"} {
			b.post("/admin/vouchers/new", "once", name, "name", name, "origin", "generated", "count", "3", "kind", "cash", "amount", "5", "uses", "1", "until", "2099-03-31").wants(t, http.StatusOK, name)
		}
		b.post("/admin/vouchers/new", "once", "o", "name", "Open", "origin", "generated", "count", "3", "kind", "cash", "amount", "5", "uses", "1").wants(t, http.StatusOK)
		list, err := rewards.New(st, s.in).Batches(t.Context(), s.shop.ID, id.Vouchers{}, 10)
		if err != nil || len(list) != 3 {
			t.Fatal(len(list), err)
		}
		forever, letter, leaflet := list[0].ID.String(), list[1].ID.String(), list[2].ID.String()
		at := "/admin/vouchers/batch/" + leaflet
		b.post(at+"/extend", "until", "", "reason", "sold out").wants(t, http.StatusUnprocessableEntity, `value="sold out"`)
		b.post(at+"/extend", "until", "2099-03-30", "reason", "sold out").wants(t, http.StatusUnprocessableEntity, "valid that long already")
		b.post(at+"/extend", "until", "2099-06-30", "reason", "sold out").wants(t, http.StatusOK, "30 June 2099", "sold out", "Take the extension back", "31 March 2099")
		b.post(at+"/unextend").without(t, "Take the extension back").wants(t, http.StatusOK, "valid until 31 March 2099")
		b.post("/admin/vouchers/change", "do", "extend", "until", "2099-12-31", "reason", "winter").wants(t, http.StatusUnprocessableEntity, "Tick at least one", "2099-12-31", "winter")
		b.post("/admin/vouchers/change", "do", "extend", "until", "2099-12-31", "reason", "winter", "m", leaflet, "m", letter, "m", forever).
			wants(t, http.StatusUnprocessableEntity, "Batches changed: 2.", "Open – The codes are valid that long already")
		b.get("/admin/vouchers").wants(t, http.StatusOK, "31 December 2099")
		b.post("/admin/vouchers/change", "do", "withdraw", "reason", "misprint", "m", leaflet, "m", letter).wants(t, http.StatusOK, "Batches changed: 2.", "Withdrawn")
		b.post("/admin/vouchers/batch/"+letter+"/extend", "until", "2100-12-31", "reason", "x").wants(t, http.StatusUnprocessableEntity, "Let it be used again first")
		b.post("/admin/vouchers/batch/"+letter+"/restore").without(t, "The batch is withdrawn").wants(t, http.StatusOK, "May be used again", "Withdraw the whole batch")
		s.as(staff.ReadOnly).get("/admin/vouchers").without(t, "data-bulk", `name="m"`).wants(t, http.StatusOK, "Letter")
	})
}

// A code that asks who uses it, and for how much, is said to be usable when that is so; and
// no two columns of the list have the same name.
func TestACodeSaysWhenItCanBeUsed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.post("/admin/vouchers/new", "once", "w1", "name", "Friends", "origin", "chosen", "chosen", "WELCOME", "kind", "cash", "percent", "10", "per_member", "1", "minimum", "30").wants(t, http.StatusOK)
		b.get("/admin/vouchers/code?code=WELCOME").without(t, "It can be used now", "not met").
			wants(t, http.StatusOK, "It can be used, when:", "each may use it 1 time", "at least €30.00")
		b.get("/admin/vouchers/new").wants(t, http.StatusOK, `name="once"`)
		heads := map[string]bool{}
		for _, h := range columnHeads.FindAllStringSubmatch(b.get("/admin/vouchers").body, -1) {
			if heads[h[1]] {
				t.Errorf("two columns %q", h[1])
			}
			heads[h[1]] = true
		}
		if len(heads) != 6 {
			t.Errorf("%v", heads)
		}
	})
}

var columnHeads = regexp.MustCompile(`<th scope="col"[^>]*>([^<]+)</th>`)

// Two groups of one name are told apart by their codes.
func TestGroupsOfOneNameAreToldApart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		for _, code := range []string{"GOLD", "gold", "SILVER"} {
			name := "Gold"
			if code == "SILVER" {
				name = "Silver"
			}
			if err := s.office.PutEntry(t.Context(), s.shop.ID, office.Groups, office.Entry{Code: code, Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		b := s.as(staff.Owner)
		b.get("/admin/gifts/new").without(t, "SILVER)").wants(t, http.StatusOK, "Gold (GOLD)", "Gold (gold)", "Silver")
		b.get("/admin/members").wants(t, http.StatusOK, "Gold (GOLD)", "Gold (gold)")
	})
}

// without checks that a page does not have texts, before it is asked what it has.
func (g got) without(t *testing.T, texts ...string) got {
	t.Helper()
	g.lacks(t, texts...)
	return g
}
