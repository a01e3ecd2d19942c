package store_test

import (
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"

	_ "cagnotte/internal/store/batch" // enters its statements
)

// Every statement of the program is understood by both engines, with the tables as they
// are; what only looks right fails here, not in a shop.
func TestEveryStatementOnBothEngines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		list := store.Queries()
		if len(list) < 60 {
			t.Fatalf("there are %d statements, want 60 or more", len(list))
		}
		names := map[string]bool{}
		for _, q := range list {
			if names[q.Name] {
				t.Errorf("two statements are named %s", q.Name)
			}
			names[q.Name] = true
			if err := st.Prepare(t.Context(), q); err != nil {
				t.Errorf("%s: %v\n%s", q.Name, err, q.Text)
			}
		}
	})
}

// The operator's own statements may look across shops; every other one names its shop.
var acrossShops = map[string]bool{
	"shops": true, "shops.slug": true, "shops.next": true, "shops.put": true, "keys.hash": true,
}

// TestEveryStatementNamesItsShop is the tenant wall, held by a lint: each statement says
// shop_id, or is on the operator's list above.
func TestEveryStatementNamesItsShop(t *testing.T) {
	for _, q := range store.Queries() {
		if !strings.Contains(q.Text, "shop_id") && !acrossShops[q.Name] {
			t.Errorf("%s names no shop:\n%s", q.Name, q.Text)
		}
		for _, word := range []string{"now()", "random()", "FOR UPDATE", "RETURNING *", "SELECT *", "CURRENT_"} {
			if strings.Contains(strings.ToUpper(q.Text), strings.ToUpper(word)) {
				t.Errorf("%s says %s:\n%s", q.Name, word, q.Text)
			}
		}
	}
}
