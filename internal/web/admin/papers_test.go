package admin_test

import (
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestPapersAreFilledAndPrinted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.get("/admin/settings/papers").wants(t, 200, "/admin/settings/papers/record", `name="contact"`, `href="/admin/settings/legal"`)
		b.post("/admin/settings/papers", "contact", strings.Repeat("a", 601)).wants(t, 422, `id="contact-wrong"`)
		b.post("/admin/settings/papers", "contact", "Zoé & <b>Fils</b>").wants(t, 200, "Zoé &amp; &lt;b&gt;Fils")
		look, err := s.office.Portal(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		look.Legal.Company, look.Legal.Form, look.Legal.Host, look.Legal.Address, look.Legal.Email = "Lavande & <b>Fils</b>", "SAS", "Sample Host [EU]", "1 rue X, Lyon", "a@lavande.example"
		if err := s.office.SetPortal(t.Context(), s.shop.ID, look); err != nil {
			t.Fatal(err)
		}
		r := loyalty.NewRetention()
		r.Members = 36
		if err := s.people.SetRetention(t.Context(), s.shop.ID, r); err != nil {
			t.Fatal(err)
		}
		for language, words := range map[string][]string{"en": {"Record of processing", "lawyer", "36 months"}, "fr": {"Registre des activités", "juriste", "36 mois"}, "pl": {"Rejestr czynności", "prawnika", "36 miesięcy"}} {
			got := b.get("/admin/settings/papers/record?language=" + language)
			got.wants(t, 200, append(words, "Lavande &amp; &lt;b&gt;Fils&lt;/b&gt;, SAS", "Zoé &amp; &lt;b&gt;Fils&lt;/b&gt;", "………………………")...)
			if strings.Contains(got.body, "[[") {
				t.Error(language, "has a hole")
			}
		}
		b.get("/admin/settings/papers/processors").wants(t, 200, "Sample Host [EU]")
		b.get("/admin/settings/papers/agreement").wants(t, 200, "skeleton")
		b.get("/admin/settings/papers/none").wants(t, 404)
	})
}
