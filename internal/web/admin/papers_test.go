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
		b.get("/admin/settings/papers").wants(t, 200, "/admin/settings/papers/record", `name="company"`)
		b.post("/admin/settings/papers", "company", strings.Repeat("a", 601)).wants(t, 422, `id="company-wrong"`)
		b.post("/admin/settings/papers", "company", "Lavande & <b>Fils</b>", "host", "Sample Host [EU]").wants(t, 200, "Lavande &amp; &lt;b&gt;Fils")
		r := loyalty.NewRetention()
		r.Members = 36
		if err := s.people.SetRetention(t.Context(), s.shop.ID, r); err != nil {
			t.Fatal(err)
		}
		for language, words := range map[string][]string{"en": {"Record of processing", "lawyer", "36 months"}, "fr": {"Registre des activités", "juriste", "36 mois"}, "pl": {"Rejestr czynności", "prawnika", "36 miesięcy"}} {
			got := b.get("/admin/settings/papers/record?language=" + language)
			got.wants(t, 200, append(words, "Lavande &amp; &lt;b&gt;Fils&lt;/b&gt;", "………………………")...)
			if strings.Contains(got.body, "[[") {
				t.Error(language, "has a hole")
			}
		}
		b.get("/admin/settings/papers/processors").wants(t, 200, "Sample Host [EU]")
		b.get("/admin/settings/papers/agreement").wants(t, 200, "skeleton")
		b.get("/admin/settings/papers/none").wants(t, 404)
	})
}
