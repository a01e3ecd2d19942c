package portal

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/signin"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
)

// reading is a shop's portal with pages, and a member of the shop.
type reading struct {
	*testing.T
	mux    *http.ServeMux
	pages  *pages.Pages
	shop   *loyalty.Shop
	member *people.Member
	code   string
}

func newReading(t *testing.T, st *store.Store) *reading {
	t.Helper()
	box := storetest.Box(t)
	log := slog.New(slog.DiscardHandler)
	in := intake.New(st, box, log, intake.Options{})
	t.Cleanup(in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	p := &Portal{
		Services: Services{
			Edge: web.NewEdge(log, words), Log: log, Office: office.New(st, in), People: people.New(st, in, box), Programs: programs.New(st, in),
			Pages: pages.New(st, box), SignIn: signin.New(st, box, nil),
		},
		mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(), zip: func(h http.Handler) http.HandlerFunc { return h.ServeHTTP },
	}
	b := &reading{T: t, mux: p.mux.(*http.ServeMux), pages: p.Pages}
	b.shop = storetest.Shop(t, st, "program \"Points\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR\n  welcome: earn 50 points on sign-up\n")
	look := loyalty.NewPortal()
	look.On, look.Base, look.Shop = true, "https://club.example/p/s", "https://shop.example"
	if err := p.Office.SetPortal(t.Context(), b.shop.ID, look); err != nil {
		t.Fatal(err)
	}
	b.join(p)
	p.routes()
	p.open("GET /signed-in/{slug}", func(v *visit) error { // as a session would have it
		v.member = b.member
		return v.shopPage()
	})
	return b
}

func (b *reading) join(p *Portal) {
	b.Helper()
	a, err := p.People.Enrol(b.Context(), b.shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "1", Via: "api", Origin: loyalty.FromLive},
		Person: people.Naming{Number: "NR-77", FirstName: "<b>Zoé</b>", Email: "zoe@example.com", Locale: "fr"},
	})
	if err != nil || a.Err != nil {
		b.Fatal(err, a.Err)
	}
	if b.member, err = p.People.Member(b.Context(), b.shop.ID, a.Member); err != nil {
		b.Fatal(err)
	}
	codes, err := p.People.Codes(b.Context(), b.shop.ID, a.Member)
	if err != nil {
		b.Fatal(err)
	}
	b.code = codes[0]
}

func (b *reading) write(tag, title, body, visitors string) {
	b.Helper()
	if _, err := b.pages.Put(b.Context(), b.shop.ID, pages.Writing{Slug: "how", Locale: tag, Title: title, Body: body, VisitorBody: visitors, InMenu: true}); err != nil {
		b.Fatal(err)
	}
}

func (b *reading) publish(tag string) {
	b.Helper()
	if _, err := b.pages.Publish(b.Context(), b.shop.ID, "how", tag, 0, ""); err != nil {
		b.Fatal(err)
	}
}

func (b *reading) get(path, languages string) (int, string, http.Header) {
	b.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "https://club.example"+path, nil)
	r.Header.Set("Accept-Language", languages)
	b.mux.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

// says wants every text in what was got, and none of those behind an exclamation mark.
func (b *reading) says(name, got string, texts ...string) {
	b.Helper()
	for _, x := range texts {
		not, unwanted := strings.CutPrefix(x, "!")
		if strings.Contains(got, not) == unwanted {
			b.Errorf("%s: %q is there: %v\n%s", name, not, unwanted, got)
		}
	}
}

// S3-9: a member reads his own values in a page, a visitor how to get them.
func TestAPageForItsReader(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newReading(t, st)
		b.write("fr", "Comment <i>", "# A\n\n{{ first_name }} {member_number} {{ member_code }} {{ member_ref_link }} {{ points }} {{ balance }} [x](/share) {{ shop_url }} {{ shop_name }}", "")
		if status, _, _ := b.get("/p/s/pages/how", "fr"); status != http.StatusNotFound {
			t.Errorf("a draft: %d", status)
		}
		b.publish("fr")
		link := "https://club.example/p/s/i/" + b.code
		status, got, _ := b.get("/p/s/signed-in/how", "fr")
		if status != http.StatusOK {
			t.Fatal(status, got)
		}
		b.says("a member", got, "<h1>Comment &lt;i&gt;</h1>", "<h2>A</h2>", "&lt;b&gt;Zoé&lt;/b&gt; NR-77 "+b.code+" <a href=\""+link+"\"", "50 points", "0,00", `href="/p/s/share"`, "!sign-in", "!<b>", "!{")
		_, got, _ = b.get("/p/s/pages/how", "fr")
		b.says("a visitor", got, "connectez-vous pour voir votre lien", `<a href="/p/s/sign-in">`, "https://shop.example", "!NR-77", "!"+b.code, "!Zoé", "!{",
			`<a href="/p/s/pages/how" lang="fr" hreflang="fr">Comment &lt;i&gt;</a>`)
		// The menu is at the foot of other pages, too, and speaks what there is.
		_, got, _ = b.get("/p/s", "pl")
		b.says("the first page", got, `<a href="/p/s/pages/how" lang="fr" hreflang="fr">Comment`, "Więcej o nas")
		b.write("pl", "Jak", "polski", "dla gości")
		b.publish("pl")
		_, got, _ = b.get("/p/s/pages/how", "pl")
		b.says("in Polish", got, "dla gości", "!polski", `lang="pl"`)
		_, got, _ = b.get("/p/s/signed-in/how", "pl")
		b.says("a member in Polish", got, "polski", "!dla gości")
	})
}

// T7: a preview shows nothing of a real member, is not kept by search engines, and ends.
func TestAPreviewShowsInventedData(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		now := st.Clock()
		st.Clock = func() moment.Time { return now }
		b := newReading(t, st)
		b.write("fr", "Brouillon", "{{ first_name }} {{ member_number }} {{ member_code }} {{ member_ref_link }} {{ points }} {{ balance }} {{ shop_name }}", "pour tous")
		token, _, err := b.pages.PreviewToken(t.Context(), b.shop.ID, "how", "fr", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/p/s/signed-in/how?preview=" + token, "/p/s/pages/how?preview=" + token} {
			status, got, head := b.get(path, "fr")
			if status != http.StatusOK || head.Get("X-Robots-Tag") != "noindex" {
				t.Errorf("%s: %d %v", path, status, head)
			}
			b.says(path, got, "Brouillon", "Camille 10042 CAMILLE7K", "aperçu", `content="noindex"`, "!Zoé", "!NR-77", "!"+b.code, "!{")
		}
		_, got, _ := b.get("/p/s/pages/how?as=visitor&preview="+token, "fr")
		b.says("as a visitor", got, "pour tous", "!Camille")
		now += 61 * moment.Minute
		if status, got, _ := b.get("/p/s/pages/how?preview="+token, "fr"); status != http.StatusNotFound || strings.Contains(got, "Brouillon") {
			t.Errorf("after 61 minutes: %d\n%s", status, got)
		}
		if status, _, _ := b.get("/p/s/pages/how", "fr"); status != http.StatusNotFound {
			t.Errorf("without the token: %d", status)
		}
	})
}
