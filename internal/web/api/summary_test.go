package api_test

import (
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAProgramOnOnePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-01T09:00:00+01:00"}`)
		program := text(t, s.publish(`program "Carte" earn 1 point per 1.00 EUR`), "programs", 0, "id")
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-02T09:00:00+01:00"}`)
		s.publish("program \"Carte\" earn 2 points per 1.00 EUR\n  welcome: earn 50 points on sign-up")
		path := "/v1/programs/" + program + "/summary"

		now := s.want(200, "GET", path+"?lang=pl", "")
		if text(t, now, "title") != "Carte" || text(t, now, "version") != "2" || text(t, now, "lang") != "pl" {
			t.Errorf("the newest version: %v", now)
		}
		if got := text(t, now, "paragraphs", 2); !strings.Contains(got, "uczestnik otrzymuje 50 punktów") {
			t.Errorf("the second rule reads %q", got)
		}
		if dig(t, now, "changes") != nil {
			t.Errorf("changes that nobody asked for: %v", now)
		}
		was := s.want(200, "GET", path+"?version=1&lang=fr", "")
		if got := text(t, was, "paragraphs", 1); !strings.HasPrefix(got, "Pour chaque commande payée, le membre reçoit 1 point par tranche complète de 1,00\u00a0€.") {
			t.Errorf("the first version reads %q", got)
		}
		changes := dig(t, s.want(200, "GET", path+"?since=1&lang=en", ""), "changes").([]any)
		if len(changes) != 3 || !strings.HasPrefix(changes[0].(string), "Rule “earn” – before: For each paid order, the member receives 1 point") {
			t.Errorf("the changes read %q", changes)
		}
		same := s.want(200, "GET", path+"?since=2&lang=fr", "")
		if got := text(t, same, "changes", 0); got != "Rien ne change." {
			t.Errorf("no change reads %q", got)
		}
		for _, query := range []string{"?version=3", "?since=3"} {
			if got := text(t, s.want(404, "GET", path+query, ""), "code"); got != "version_unknown" {
				t.Errorf("%s is answered with %s", query, got)
			}
		}
	})
}
