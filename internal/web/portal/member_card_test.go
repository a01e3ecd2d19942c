package portal_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/share"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The card shows the number for a scanner in the way that the shop chose, under the shop's name of
// it; where there is no card, there is none.
func TestAMembersCard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, _ := hosted(t, st)
		b := s.browser()
		b.get("/card").wants(t, http.StatusOK, "Sign in")
		b.signIn("camille@example.com")
		b.get("/profile").wants(t, http.StatusOK, `href="/card"`)
		card := b.get("/card")
		card.wants(t, http.StatusOK, "<title>Member number A1, for a scanner</title>", `<b class="scan-n">A1</b>`)
		s.look(func(p *loyalty.Portal) {
			p.Card, p.NumberName = loyalty.CardQR, map[string]string{"en": "Lavender number", "fr": "Numéro lavande"}
		})
		qr := b.get("/card")
		qr.wants(t, http.StatusOK, "Lavender number A1, for a scanner", `class="scan square"`)
		if d := regexp.MustCompile(`<path fill="#000" d="[^"]*"`); d.FindString(qr.body) == d.FindString(card.body) {
			t.Error("bars and QR code are the same")
		}
		b.get("/profile").wants(t, http.StatusOK, "Lavender number")
		s.look(func(p *loyalty.Portal) { p.Card = loyalty.CardOff })
		b.get("/card").wants(t, http.StatusNotFound, "There is no card")
		if g := b.get("/profile"); strings.Contains(g.body, `href="/card"`) {
			t.Error("a card that there is not is linked")
		}
	})
}

// Whoever joins a shop of EAN-13 numbers gets one.
func TestNumbersMayBeEAN13(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.look(func(p *loyalty.Portal) {
			p.Card, p.Numbers = loyalty.CardEAN13, loyalty.NumberForm{Prefix: "290", Length: 10, EAN: true}
		})
		for _, name := range []string{"Zofia", "Adam", "Louis"} {
			b, email := s.browser(), strings.ToLower(name)+"@example.com"
			b.post("/join", "first_name", name, "email", email, "terms", "yes")
			b.post("/sign-in/code", "code", codeIn.FindString(s.letters(email)[0].Text)).wants(t, http.StatusOK, name)
			g := b.get("/card")
			if number := regexp.MustCompile(`290\d{10}`).FindString(g.body); !share.IsEAN13(number) {
				t.Errorf("%s has the number %q", name, number)
			}
		}
		p, err := s.office.Portal(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.Numbers.Prefix = "LAV-"
		if err := s.office.SetPortal(t.Context(), s.shop.ID, p); err == nil {
			t.Error("letters are an EAN-13")
		}
	})
}

// A logo that was sent stands on the pages and in the tab, from this server alone; removed, the
// letters of the name stand there again.
func TestTheShopsOwnPictures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		for _, kind := range []string{office.Logo, office.Icon} {
			for _, bad := range []string{"", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "\x89PNG\r\n\x1a\nx"} {
				if err := s.office.SetPicture(t.Context(), s.shop.ID, kind, []byte(bad)); err == nil {
					t.Errorf("%q is a picture", bad)
				}
			}
			if err := s.office.SetPicture(t.Context(), s.shop.ID, kind, file.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
		page := b.get("/p/maison-lavande/sign-in")
		for _, kind := range []string{office.Logo, office.Icon} {
			at := regexp.MustCompile(`/p/maison-lavande/look/` + kind + `/[0-9a-f]{24}`).FindString(page.body)
			g := b.get(at)
			if g.StatusCode != http.StatusOK || g.Header.Get("Content-Type") != "image/png" || g.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s at %q: %d %v", kind, at, g.StatusCode, g.Header)
			}
			b.get(at[:len(at)-1]).wants(t, http.StatusNotFound)
			if err := s.office.DropPicture(t.Context(), s.shop.ID, kind); err != nil {
				t.Fatal(err)
			}
			b.get(at).wants(t, http.StatusNotFound)
		}
		b.get("/sign-in").wants(t, http.StatusOK, `<span aria-hidden="true">ML</span>`, `/icon.svg`)
		if err := s.office.SetPicture(t.Context(), s.shop.ID, "banner", file.Bytes()); err == nil {
			t.Error("there is no such picture")
		}
	})
}
