package admin_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/picture"
	"cagnotte/internal/programs"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// somePrograms are what these tests look at: a card, and a referral with a budget.
const somePrograms = `program "Coffee card"
  stamp: stamp 1 per item, of category coffee
  full: exchange 10 stamps for category voucher of 1 coffee, valid 60 days
program "Bring a friend"
  budget 100.00 EUR per month
  ordered: refer friend 5.00 EUR, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days, valid 12 months
`

func (s *site) published(text string) []programs.Applied {
	s.t.Helper()
	list, err := s.programs.Apply(s.t.Context(), s.shop.ID, text, false)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *site) drafts() []programs.Draft {
	s.t.Helper()
	list, err := s.programs.Drafts(s.t.Context(), s.shop.ID, id.Draft{}, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// order reports an order of a member, paid just now.
func (s *site) order(number, ref, category string, quantity, amount int64) {
	s.t.Helper()
	_, err := s.people.Record(s.t.Context(), s.shop.ID, &loyalty.Fact{
		Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "order-" + ref, Via: "test", Origin: loyalty.FromLive,
		Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}},
		Order: &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{
			{SKU: "ESPRESSO", Category: category, Quantity: quantity, Amount: amount},
		}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestProgramsAreCardsWithTheirFigures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.get("/admin/programs").wants(t, http.StatusOK, "No program yet", `value="stamp-card"`, `href="/admin/programs/wizard/new?template=stamp-card"`, "Double referral on an order", "€5.00")

		s.published(somePrograms)
		anna := s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		friend := &loyalty.Fact{
			Kind: loyalty.MemberJoined, Feed: "web", ExternalID: "join-friend", Via: "test", Origin: loyalty.FromLive, Touch: "link",
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "1002"}}}, Referrer: loyalty.Who{ID: anna.ID},
		}
		if a, err := s.people.Record(t.Context(), s.shop.ID, friend); err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		s.order("1002", "1", "coffee", 12, 30_00)
		page := b.get("/admin/programs")
		page.wants(t, http.StatusOK, "Coffee card", "Running", "€15.00 of €100.00 this month", `<progress max="10000" value="1500"`)
		if !regexp.MustCompile(`Members rewarded</dt><dd>2</dd>[\s\S]*Friends</dt><dd>1</dd>[\s\S]*Cost</dt><dd>€15\.00`).MatchString(page.body) {
			t.Error("the figures of the referral are not on its card")
		}
		// Who may only read is offered nothing to write.
		if g := s.as(staff.ReadOnly).get("/admin/programs"); strings.Contains(g.body, "/programs/drafts") || strings.Contains(g.body, `id="templates"`) {
			t.Error("a reader is offered to write programs")
		}
	})
}

func TestAProgramIsPausedAndGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		at := "/admin/programs/" + s.published(somePrograms)[0].ID.String()
		run := strings.Replace(at, "/programs/", "/programs/run/", 1)
		b := s.as(staff.Marketing)
		b.get(at).wants(t, http.StatusOK, "Running", "10 stamps", "Who gets what, and when", `lang="pl"`, "Que peut-on recevoir", "Co można dostać?", "The first version.")
		b.post(run+"/pause").wants(t, http.StatusOK, "is paused", `action="`+run+`/activate"`, "it gives nothing until")
		b.post(run+"/pause").wants(t, http.StatusConflict)
		b.post(run+"/activate").wants(t, http.StatusOK, "runs again", "Running")
		var done []string
		for _, d := range s.deeds(s.shop) {
			if d.Object != "" {
				done = append(done, d.Action)
			}
		}
		if want := "POST /programs/run/{id}/activate, POST /programs/run/{id}/pause"; strings.Join(done, ", ") != want {
			t.Errorf("on record is %v", done)
		}
		if g := s.as(staff.Support).get(at); strings.Contains(g.body, "/pause") {
			t.Error("the support is offered to pause")
		}
	})
}

func TestADraftIsWrittenByTwo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b, other := s.as(staff.Owner), s.as(staff.Support)
		b.post("/admin/programs/drafts", "template", "nothing").wants(t, http.StatusNotFound, "template is not known")
		b.post("/admin/programs/drafts", "template", "cashback").wants(t, http.StatusOK, "earn 3 % in EUR", "Everything can be read", `href="/admin/programs/wizard/drf_`)
		b.post("/admin/programs/drafts", "template", "cashback").wants(t, http.StatusOK, "earn 3 % in EUR")
		if n := len(s.drafts()); n != 1 {
			t.Errorf("two clicks began %d drafts", n)
		}
		d := s.drafts()[0]
		at := "/admin/programs/drafts/" + d.ID.String()

		wrong := strings.Replace(d.Text, "earn 3 %", "earn tree %", 1)
		b.post(at+"/keep", "text", wrong, "revision", "1").wants(t, http.StatusOK, "Line 2:", "earn tree %", `name="revision" value="2"`)
		b.post(at+"/publish", "text", wrong, "revision", "2").wants(t, http.StatusUnprocessableEntity, "earn tree %")

		four, five := strings.Replace(d.Text, "3 %", "4 %", 1), strings.Replace(d.Text, "3 %", "5 %", 1)
		b.post(at, "text", strings.ReplaceAll(four, "\n", "\r\n"), "revision", "2").wants(t, http.StatusOK, "The draft is saved", "earn 4 %")
		// The second one is told, shown the difference, and can take either.
		g := other.post(at, "text", five, "revision", "2")
		g.wants(t, http.StatusConflict, "Somebody else has changed this draft", "earn 5 %", `name="mine" value="3"`, "Only in theirs:", `name="revision" value="2"`)
		if !strings.Contains(g.body, "4%") {
			t.Error("the difference is not said in words")
		}
		if now := s.drafts()[0]; !strings.Contains(now.Text, "4 %") {
			t.Errorf("the second one has overwritten the first: %s", now.Text)
		}
		other.post(at, "text", five, "revision", "2", "mine", "3").wants(t, http.StatusOK, "The draft is saved", "earn 5 %")

		// Who may not publish asks; who may sees it on the list.
		other.post(at+"/publish", "text", five, "revision", "4").wants(t, http.StatusNotFound)
		other.post(at+"/ask", "text", five, "revision", "4", "note", "Please, for Monday").wants(t, http.StatusOK, "Owners and marketing see", "Please, for Monday")
		b.get("/admin/programs").wants(t, http.StatusOK, "Somebody support asks you to publish", "Please, for Monday")
		b.post(at, "revision", "4").wants(t, http.StatusUnprocessableEntity, "Something is missing")
		if now := s.drafts()[0]; !strings.Contains(now.Text, "5 %") {
			t.Errorf("a form without its text took it away: %s", now.Text)
		}
		b.post(at+"/unask", "revision", "4").wants(t, http.StatusOK, "Nobody asks for it")
		b.post(at+"/publish", "text", five, "revision", "4", "starts", "tomorrow").wants(t, http.StatusUnprocessableEntity, "Write a day", "earn 5 %")
		b.post(at+"/publish", "text", five, "revision", "4", "starts", "2999-01-01T08:00").wants(t, http.StatusOK, "is scheduled", "Scheduled")
		b.get(at).wants(t, http.StatusNotFound, "draft is not known")
		if n := len(s.drafts()); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
	})
}

func TestTheNextVersionIsWrittenScheduledAndWithdrawn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		p := s.published(somePrograms)[1]
		b := s.as(staff.Owner)
		b.post("/admin/programs/drafts", "program", p.ID.String()).wants(t, http.StatusOK, "The next version of", "refer friend 5.00 EUR")
		b.post("/admin/programs/drafts", "program", p.ID.String()).wants(t, http.StatusOK, "refer friend 5.00 EUR")
		list := s.drafts()
		if len(list) != 1 {
			t.Fatalf("%d drafts of one program", len(list))
		}
		b.get("/admin/programs").wants(t, http.StatusOK, "Revision waiting")
		at := "/admin/programs/drafts/" + list[0].ID.String()
		text := strings.Replace(list[0].Text, "referrer 10.00", "referrer 12.00", 1)
		b.post(at, "text", text, "revision", "1").wants(t, http.StatusOK, "What it changes", "€12.00")

		// Another version is published meanwhile: it has to be looked at first.
		s.published(strings.Replace(strings.Replace(somePrograms, "from 20.00", "from 25.00", 1), "program \"Coffee card\"", "program \"Other card\"", 1))
		b.post(at+"/publish", "text", text, "revision", "2").wants(t, http.StatusUnprocessableEntity, "I have looked at it: start from version 2")
		b.post(at, "text", text, "revision", "2", "based_on", "2").wants(t, http.StatusOK, "Everything can be read")
		b.post(at+"/publish", "text", text, "revision", "3", "starts", "2999-01-01").wants(t, http.StatusOK, "is scheduled", "Version 3", "Withdraw")
		run := "/admin/programs/run/" + p.ID.String()
		b.post(run+"/withdraw/3").wants(t, http.StatusOK, "was withdrawn")
		b.post(run+"/withdraw/3").wants(t, http.StatusConflict)
		b.post(run+"/withdraw/x").wants(t, http.StatusNotFound)

		// A copy is a draft, whose name is free.
		b.post(run+"/copy").wants(t, http.StatusOK, `program &#34;Bring a friend (copy)&#34;`)
		// In the test shop it runs at once, and the page leads there.
		b.post(run+"/test").wants(t, http.StatusOK, "runs in the test shop now", "/admin/test/programs/prg_")
		tested, err := s.programs.List(t.Context(), s.twin.ID)
		if err != nil || len(tested) != 1 || tested[0].State != programs.InForce {
			t.Errorf("%v %+v", err, tested)
		}
	})
}

func TestAnOrderIsTriedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		list := s.published(somePrograms)
		s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		b := s.as(staff.ReadOnly)
		card, friend := "/admin/programs/run/"+list[0].ID.String()+"/try", "/admin/programs/run/"+list[1].ID.String()+"/try"
		b.get(card).wants(t, http.StatusOK, `name="category1" value="coffee"`)
		b.get(card+"?run=1&who=new&category1=coffee&qty1=10&amount1=25%2C00").wants(t, http.StatusOK, "10 stamps", "voucher", "Nothing of this was stored")
		b.get(card+"?run=1&who=new&category1=tea&qty1=10&amount1=25").wants(t, http.StatusOK, "is about certain articles")
		b.get(friend).wants(t, http.StatusOK, `name="referrer" type="text" value="1001"`)
		b.get(friend+"?run=1&who=friend&referrer=anna%40example.com&amount1=25").wants(t, http.StatusOK, "€10.00", "€5.00", "Met: ")
		b.get(friend+"?run=1&who=friend&referrer=1001&amount1=19.99").wants(t, http.StatusOK, "Refused", "Not met: ", "€19.99")
		b.get(friend+"?run=1&who=new&amount1=25").wants(t, http.StatusOK, "is about a friend and a referrer")
		b.get(friend+"?run=1&who=friend&referrer=9999&amount1=x&qty2=0&amount2=1").wants(t, http.StatusUnprocessableEntity, `id="referrer-wrong"`, `id="amount1-wrong"`, `id="qty2-wrong"`, `value="9999"`)
		b.get(friend+"?run=1&who=member&member=1001&amount1=1&day=2999-01-01").wants(t, http.StatusUnprocessableEntity, `id="day-wrong"`)
		b.get(friend+"?run=1&who=new").wants(t, http.StatusUnprocessableEntity, "nothing to try")

		// A draft is tried in the place of the program whose next version it is.
		d, err := s.programs.CreateDraft(t.Context(), s.shop.ID, list[1].ID, programs.Said{Text: strings.Replace(
			somePrograms[strings.Index(somePrograms, `program "Bring`):], "from 20.00", "from 19.00", 1)})
		if err != nil {
			t.Fatal(err)
		}
		b.get("/admin/programs/drafts/"+d.ID.String()+"/try?run=1&who=friend&referrer=1001&amount1=19.99").wants(t, http.StatusOK, "€10.00")
		n, err := s.people.Members(t.Context(), s.shop.ID, people.Crowd{}, id.Member{}, 10)
		if err != nil || len(n) != 1 {
			t.Errorf("%v: %d members, want the one of before", err, len(n))
		}
	})
}

func TestAProgramIsTriedOverThePast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		list := s.published(somePrograms)
		b := s.as(staff.ReadOnly)
		at := "/admin/programs/run/" + list[0].ID.String() + "/backtest"
		b.get(at).wants(t, http.StatusOK, "The last 365 days")
		b.get(at+"?days=90").wants(t, http.StatusUnprocessableEntity)
		s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		s.order("1001", "1", "coffee", 25, 60_00)
		b.get(at+"?days=90&target=5").wants(t, http.StatusOK, "it is no forecast", "1001", "€60.00", "has no price")
		b.get(at+"?days=7").wants(t, http.StatusUnprocessableEntity)
		b.get(at+"?days=90&target=five").wants(t, http.StatusUnprocessableEntity, `value="five"`)
		d, err := s.programs.CreateDraft(t.Context(), s.shop.ID, id.Program{}, programs.Said{Text: "program \"Back\"\n  earn 5 % in EUR\n"})
		if err != nil {
			t.Fatal(err)
		}
		at = "/admin/programs/drafts/" + d.ID.String()
		b.get(at+"/backtest?days=90&target=2").wants(t, http.StatusOK, "€3.00", "✗ above €2.00")
		if _, err := s.programs.ChangeDraft(t.Context(), s.shop.ID, d.ID, 1, 0, programs.Said{Text: "nothing"}); err != nil {
			t.Fatal(err)
		}
		b.get(at+"/backtest?days=90").wants(t, http.StatusUnprocessableEntity, "cannot be read yet")
		b.get(at+"/try").wants(t, http.StatusUnprocessableEntity, "cannot be read yet")
	})
}

// Of a program any version can be tried: the one in force, one that begins later, and its draft.
func TestAChosenVersionIsTriedOverThePast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		list := s.published("program \"Back\"\n  earn 5 % in EUR\n")
		s.published("program \"Back\"\n  starts 2099-01-01\n  earn 10 % in EUR\n")
		s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		s.order("1001", "1", "coffee", 25, 60_00)
		b := s.as(staff.ReadOnly)
		at := "/admin/programs/run/" + list[0].ID.String() + "/backtest"
		b.get(at).wants(t, http.StatusOK, "Version 1 (Running)", "Version 2 (Scheduled)", `value="1" selected`)
		b.get(at+"?days=90&version=1").wants(t, http.StatusOK, "€3.00", `value="1" selected`)
		b.get(at+"?days=90&version=2").wants(t, http.StatusOK, "€6.00", `value="2" selected`)
		b.get(at+"?days=90&version=7").wants(t, http.StatusOK, "€3.00")
		d, err := s.programs.CreateDraft(t.Context(), s.shop.ID, list[0].ID, programs.Said{Text: "program \"Back\"\n  earn 20 % in EUR\n"})
		if err != nil {
			t.Fatal(err)
		}
		b.get(at).wants(t, http.StatusOK, "/admin/programs/drafts/"+d.ID.String()+"/backtest", "Try the draft")
	})
}

// picture sends a file with its text.
func (b *browser) picture(path, alt string, file []byte) got {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("picture", "x.png")
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = w.WriteField("alt", alt)
	_ = w.Close()
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.server.URL+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func TestAPictureIsCheckedAndServed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		p := s.published(somePrograms)[0]
		b := s.as(staff.Owner)
		run := "/admin/programs/run/" + p.ID.String() + "/picture"
		img := image.NewRGBA(image.Rect(0, 0, 20, 10))
		img.Set(3, 3, color.RGBA{200, 10, 10, 255})
		var good, wide, photo bytes.Buffer
		if err := png.Encode(&good, img); err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, 4_001, 2))); err != nil {
			t.Fatal(err)
		}
		if err := jpeg.Encode(&photo, img, nil); err != nil {
			t.Fatal(err)
		}
		secret := append(photo.Bytes()[:2:2], append([]byte("\xff\xe1\x00\x0cExif secret"[:14]), photo.Bytes()[2:]...)...)

		b.picture(run, "", good.Bytes()).wants(t, http.StatusUnprocessableEntity, `id="alt-wrong"`)
		b.picture(run, "A cup", nil).wants(t, http.StatusUnprocessableEntity, `id="picture-wrong"`, `value="A cup"`)
		b.picture(run, "A cup", []byte("<svg onload=alert(1)>")).wants(t, http.StatusUnprocessableEntity, "no picture that can be read", `value="A cup"`)
		b.picture(run, "A cup", good.Bytes()[:40]).wants(t, http.StatusUnprocessableEntity, "no picture that can be read")
		b.picture(run, "A cup", wide.Bytes()).wants(t, http.StatusUnprocessableEntity, "too many pixels")
		b.picture(run, "A cup", bytes.Repeat([]byte{1}, picture.Max+1)).wants(t, http.StatusUnprocessableEntity, "too large")
		b.picture(run, "A cup", bytes.Repeat([]byte{1}, 3*picture.Max)).wants(t, http.StatusUnprocessableEntity, "too large")

		page := b.picture(run, "A cup", good.Bytes())
		page.wants(t, http.StatusOK, "The picture is saved", `alt="A cup"`, `width="20" height="10"`)
		at := regexp.MustCompile(regexp.QuoteMeta(run) + `/[0-9a-f]{24}`).FindString(page.body)
		sent := b.get(at)
		if sent.StatusCode != http.StatusOK || sent.Header.Get("Content-Type") != "image/png" || !strings.Contains(sent.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%d %v", sent.StatusCode, sent.Header)
		}
		if back, err := png.Decode(strings.NewReader(sent.body)); err != nil || back.Bounds().Dx() != 20 {
			t.Errorf("it is no picture: %v", err)
		}
		b.picture(run, "A photo", secret).wants(t, http.StatusOK, "A photo")
		b.get(at).wants(t, http.StatusNotFound) // another one has its place
		all, err := s.programs.Pictures(t.Context(), s.shop.ID)
		if err != nil || all[p.ID].MediaType != "image/jpeg" {
			t.Fatal(err, all)
		}
		kept, _, err := s.programs.PictureBytes(t.Context(), s.shop.ID, p.ID, all[p.ID].Digest)
		if err != nil || bytes.Contains(kept, []byte("secret")) {
			t.Errorf("%v: what nobody sees went along", err)
		}
		b.post(run+"/remove").wants(t, http.StatusOK, "The picture is removed")
		if all, err = s.programs.Pictures(t.Context(), s.shop.ID); err != nil || len(all) != 0 {
			t.Errorf("%v %v", err, all)
		}
	})
}

// What belongs to another shop is not there, whatever is asked of it.
func TestAnotherShopsProgramsAreNotHere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		p := s.published(somePrograms)[0]
		d, err := s.programs.CreateDraft(t.Context(), s.shop.ID, p.ID, programs.Said{})
		if err != nil {
			t.Fatal(err)
		}
		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		s.add(other.Live, staff.Owner)
		b := s.asOf(other.Live, staff.Owner)
		for _, route := range routesOf() {
			method, path, _ := strings.Cut(route, " ")
			if !strings.Contains(path, "/programs/") || !strings.Contains(path, "{id}") || strings.Contains(path, "/wizard/") {
				continue
			}
			with := p.ID.String()
			if strings.Contains(path, "/drafts/") {
				with = d.ID.String()
			}
			path = placeholders.Replace(strings.Replace(path, "{id}", with, 1))
			g := b.get
			if method == "POST" {
				g = func(path string) got { return b.post(path, "text", "x", "revision", "1") }
			}
			if answer := g(path); answer.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d", route, answer.StatusCode)
			}
		}
		b.post("/admin/programs/drafts", "program", p.ID.String()).wants(t, http.StatusNotFound)
		if now, err := s.programs.Draft(t.Context(), s.shop.ID, d.ID); err != nil || now.Revision != 1 {
			t.Errorf("%v %+v", err, now)
		}
	})
}
