package outreach_test

import (
	"context"
	"strings"
	"testing"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Every letter says at its foot who stood behind the shop when it was written, in both of its parts
// and in the reader's language.
func TestLettersSayWhoStandsBehindTheShop(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		look := loyalty.NewPortal()
		look.Legal = loyalty.Identity{Company: "Maison <Lavande> SAS", Address: "1 rue des Lilas\n69001 Lyon", Email: "bonjour@lavande.example", VAT: "FR39356000000"}
		set := func(company string) {
			look.Legal.Company = company
			b.do(st.Write(b.Context(), func(tx *store.Tx) error { return tx.PutPortal(context.WithoutCancel(b.Context()), b.shop.ID, look) }))
		}
		set("Maison <Lavande> SAS")
		for _, tag := range locale.Tags {
			b.do(b.out.Post(b.Context(), b.shop.ID, samples(tag)...))
		}
		set("Somebody else")
		b.round()
		if len(b.mail.got) != len(locale.Tags)*len(samples("en")) {
			t.Fatalf("%d letters", len(b.mail.got))
		}
		for _, m := range b.mail.got {
			vat := map[string]string{"en": "VAT FR", "fr": "TVA FR", "pl": "VAT UE FR"}[m.Locale]
			for _, want := range []string{"1 rue des Lilas, 69001 Lyon", vat + "39356000000", "bonjour@lavande.example"} {
				if !strings.Contains(m.Text, want) || !strings.Contains(m.HTML, want) {
					t.Errorf("%s: %q is missing", m.Subject, want)
				}
			}
			if !strings.Contains(m.Text, "Maison <Lavande> SAS\n") || !strings.Contains(m.HTML, "Maison &lt;Lavande&gt; SAS<br>") {
				t.Errorf("%s: the name is missing or is markup", m.Subject)
			}
		}
	})
}
