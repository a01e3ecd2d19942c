package admin_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/moment"
	"cagnotte/internal/pages"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The terms begin from the template with what the programs say, are finished, published, changed
// after the programs changed, announced, and taken back.
func TestLegalTextsInTheBackOffice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		look := s.portal(s.shop)
		look.Languages, look.On, look.Base = []string{"en", "pl"}, true, "https://club.example"
		if err := s.office.SetPortal(t.Context(), s.shop.ID, look); err != nil {
			t.Fatal(err)
		}
		apply := func(text string) {
			t.Helper()
			if _, err := s.programs.Apply(t.Context(), s.shop.ID, text, false); err != nil {
				t.Fatal(err)
			}
		}
		apply("program \"Points\"\n  starts 2020-01-01\n  earn 3 points per 1.00 EUR\n")
		b, p := s.as(staff.Owner), pages.New(st, storetest.Box(t))
		const at = "/admin/settings/texts/terms"
		b.get("/admin/settings/texts").wants(t, http.StatusOK, "read by a lawyer", "Not written yet", "Accessibility statement")
		b.get("/admin/settings/texts/none").wants(t, http.StatusNotFound)
		b.post("/admin/settings/texts/none/begin").wants(t, http.StatusNotFound)
		b.post(at+"/publish", "applies", "", "checked", "yes").wants(t, http.StatusUnprocessableEntity, "no draft in English")
		b.post(at+"/begin").wants(t, http.StatusOK, "The drafts are written", "Polski")
		edit := b.get("/admin/pages/legal-terms/text?locale=en")
		edit.wants(t, http.StatusOK, "To be read by a lawyer", "### Points", "3 points", `href="/admin/settings/texts/terms"`)
		if strings.Contains(edit.body, "Save and publish") || strings.Contains(b.get("/admin/pages").body, "legal-terms") {
			t.Error("a draft of the terms can be published as a page")
		}
		b.post("/admin/pages/legal-terms/publish", "locale", "en", "version", "1").wants(t, http.StatusConflict, "Settings, Legal texts")
		b.post(at+"/publish", "applies", "", "checked", "yes").wants(t, http.StatusUnprocessableEntity, "company")

		for _, tag := range []string{"en", "pl"} {
			g := b.post("/admin/pages", "slug", "legal-terms", "locale", tag, "read", "1", "title", "Terms "+tag, "body", "By {{ company }}.", "position", "0")
			g.wants(t, http.StatusOK, "Saved")
		}
		b.post("/admin/settings/legal", "where", "FR", "legal.company", "Maison Lavande", "legal.address", "Lyon", "legal.email", "a@b.example").wants(t, http.StatusOK, "Saved.", "As members read it")
		b.post(at+"/publish", "applies", "").wants(t, http.StatusUnprocessableEntity, `href="#checked"`)
		b.post(at+"/publish", "applies", "2020-01-01", "checked", "yes").wants(t, http.StatusUnprocessableEntity, `value="2020-01-01"`, "earliest")
		pass(moment.Second)
		b.post(at+"/publish", "applies", "", "checked", "yes").wants(t, http.StatusOK, "Published. Applies from", "holds", "https://club.example/legal/terms?edition=1")
		if d := s.deeds(s.shop)[0]; d.Detail["kind"] != "terms" || d.Detail["edition"] != "1" {
			t.Errorf("recorded as %+v", d)
		}
		_, text, err := p.ReadEdition(t.Context(), s.shop.ID, pages.Terms, 0, "en")
		if err != nil || text.Body != "By Maison Lavande." {
			t.Errorf("%+v, %v", text, err)
		}

		member := s.enrol("A1", "Camille", "Dubois", "camille@example.com")
		if err := p.Accept(t.Context(), s.shop.ID, member.ID, pages.Acceptance{Kind: pages.Terms, Edition: 1, Locale: "fr", Way: pages.WhileJoining}); err != nil {
			t.Fatal(err)
		}
		s.as(staff.Support).get("/admin/members/"+member.ID.String()+"?tab=data").wants(t, http.StatusOK, "Legal texts accepted", "edition 1", "while joining")
		b.get("/admin/settings/texts").wants(t, http.StatusOK, "Edition 1, since")
		apply("program \"Points\"\n  earn 4 points per 1.00 EUR\n")
		pass(moment.Minute)
		b.get("/admin/settings/texts").wants(t, http.StatusOK, "The programs have changed since")
		b.post(at+"/publish", "applies", p.Earliest(s.shop, pages.Terms, true), "checked", "yes").wants(t, http.StatusOK, "announced", "Withdraw")
		b.post(at+"/publish", "applies", "", "checked", "yes").wants(t, http.StatusUnprocessableEntity, "Withdraw it first")
		b.post(at+"/withdraw", "edition", "1").wants(t, http.StatusUnprocessableEntity, "applies already")
		b.post(at+"/withdraw", "edition", "2").wants(t, http.StatusOK, "withdrawn")
		b.post(at+"/begin", "again", "yes").wants(t, http.StatusOK, "Version 3")
		if x, err := p.Get(t.Context(), s.shop.ID, "legal-terms", "en", 0); err != nil || !strings.Contains(x.Body, "4 points") {
			t.Errorf("%v %.200q", err, x.Body)
		}
		if _, err := p.Read(t.Context(), s.twin.ID, "legal-terms", "en"); err == nil {
			t.Error("the test shop has it, too")
		}
	})
}

// send sends a file as a browser does.
func (b *browser) send(path, field string, file []byte) got {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile(field, "x")
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.server.URL+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// A logo and an icon are sent, shown and removed; SVG is refused. The code of the portal comes as a
// picture and as a sheet, once there is an address.
func TestThePicturesOfThePortal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		const at = "/admin/settings/pictures"
		b.get(at).wants(t, http.StatusOK, "have no address yet")
		b.get("/admin/settings/qr/code.png").wants(t, http.StatusNotFound)
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
			t.Fatal(err)
		}
		b.send(at+"/logo", "logo", []byte("<svg/>")).wants(t, http.StatusUnprocessableEntity, "no picture that can be read", `href="#logo"`)
		b.send(at+"/icon", "icon", nil).wants(t, http.StatusUnprocessableEntity, `href="#icon"`)
		b.send(at+"/banner", "banner", file.Bytes()).wants(t, http.StatusNotFound)
		page := b.send(at+"/logo", "logo", file.Bytes())
		page.wants(t, http.StatusOK, "Saved.", "The logo as it is now")
		sent := b.get(regexp.MustCompile(at + `/logo/[0-9a-f]{24}`).FindString(page.body))
		if sent.StatusCode != http.StatusOK || sent.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%d %v", sent.StatusCode, sent.Header)
		}
		b.post(at+"/logo/remove").wants(t, http.StatusOK, "Removed.")
		if p := s.portal(s.shop); p.LogoFile != "" {
			t.Errorf("%+v", p)
		}
		b.post("/admin/settings/portal", "on", "yes", "base", "https://club.example").wants(t, http.StatusOK, "Saved.")
		b.get(at).wants(t, http.StatusOK, "Leads to https://club.example", "sheet.pdf?locale=pl")
		for name, begin := range map[string]string{"code.png": "\x89PNG", "sheet.pdf?locale=pl": "%PDF-"} {
			if g := b.get("/admin/settings/qr/" + name); g.StatusCode != http.StatusOK || !strings.HasPrefix(g.body, begin) {
				t.Errorf("%s: %d %.20q", name, g.StatusCode, g.body)
			}
		}
		b.get("/admin/settings/qr/other").wants(t, http.StatusNotFound)
	})
}

// A page changes places in the menu, is seen on a phone before it is published, and is removed after a
// tick, unless another page leads to it.
func TestPagesAreMovedSeenAndRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b, p := s.as(staff.Owner), pages.New(st, storetest.Box(t))
		b.post("/admin/settings/portal", "on", "yes", "base", "https://club.example").wants(t, http.StatusOK, "Saved.")
		for _, slug := range []string{"one", "two"} {
			form := []string{"fresh", "yes", "slug", slug, "locale", "en", "read", "0", "title", "Page " + slug, "body", "See [one](/pages/one)", "in_menu", "yes", "position", "3"}
			b.post("/admin/pages", form...).wants(t, http.StatusOK, "Saved")
		}
		order := func(g got, first, then string) {
			t.Helper()
			g.wants(t, http.StatusOK, "Move Page one down")
			if strings.Index(g.body, "Page "+first+"</a>") > strings.Index(g.body, "Page "+then+"</a>") {
				t.Errorf("%s does not stand before %s", first, then)
			}
		}
		order(b.get("/admin/pages"), "one", "two")
		order(b.post("/admin/pages/two/move", "to", "up"), "two", "one")
		order(b.post("/admin/pages/two/move", "to", "down"), "one", "two")
		b.post("/admin/pages/none/move", "to", "up").wants(t, http.StatusNotFound)

		edit := b.get("/admin/pages/one/text?locale=en")
		edit.wants(t, http.StatusOK, "QR code of the preview")
		link := regexp.MustCompile(`https://club\.example/pages/one\?preview=([\w.%-]+)`).FindStringSubmatch(edit.body)
		if link == nil {
			t.Fatal("no link for a phone")
		}
		if x, err := p.Preview(t.Context(), s.shop.ID, "one", link[1]); err != nil || x.Title != "Page one" {
			t.Errorf("%+v, %v", x, err)
		}

		b.post("/admin/pages/one/remove").wants(t, http.StatusUnprocessableEntity, "Tick that the page")
		b.post("/admin/pages/one/remove", "sure", "yes").wants(t, http.StatusUnprocessableEntity, "Page two (en)")
		b.post("/admin/pages/two/remove", "sure", "yes").wants(t, http.StatusOK, "The page is removed.")
		b.post("/admin/pages/one/remove", "sure", "yes").wants(t, http.StatusOK, "No page yet")
		b.post("/admin/pages/one/remove", "sure", "yes").wants(t, http.StatusNotFound)
	})
}

// The address in the form is looked at without being saved, and what was typed stays.
func TestTheAddressOfThePortalIsLookedAt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.office.Look.Lookup = func(context.Context, string) ([]string, error) { return []string{"93.184.216.34"}, nil }
		s.office.Look.Greet = func(context.Context, string, string) (time.Time, error) {
			return time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC), nil
		}
		b := s.as(staff.Owner)
		b.get("/admin/settings/portal").wants(t, http.StatusOK, "Check the address")
		g := b.post("/admin/settings/portal/check", "on", "yes", "base", "https://club.example.com", "hosts", "shop.example")
		g.wants(t, http.StatusOK, "club.example.com leads to 93.184.216.34", "until 1 February 2027", `value="https://club.example.com"`, "shop.example")
		if p := s.portal(s.shop); p.Base != "" {
			t.Errorf("looking has saved %+v", p)
		}
		b.post("/admin/settings/portal/check", "base", "http://127.0.0.1:8080").wants(t, http.StatusOK, "127.0.0.1 is no domain")
	})
}
