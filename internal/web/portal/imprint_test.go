package portal_test

import (
	"net/http"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Pages say below themselves who stands behind the shop: members' and a friend's.
func TestPagesSayWhoStandsBehindTheShop(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, code := hosted(t, st)
		s.look(func(p *loyalty.Portal) {
			p.Legal = loyalty.Identity{Company: "Maison <Lavande> SAS", Address: "1 rue des Lilas\n69001 Lyon", Email: "bonjour@lavande.example", SIREN: "356000000"}
		})
		b := s.browser()
		for _, path := range []string{"/sign-in", "/i/" + code, "/p/maison-lavande/join"} {
			g := b.get(path)
			g.wants(t, http.StatusOK, "<span>Maison &lt;Lavande&gt; SAS</span>", "<span>1 rue des Lilas, 69001 Lyon</span>", "SIREN 356\u00a0000\u00a0000")
		}
	})
}
