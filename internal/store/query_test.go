package store_test

import (
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
				continue
			}
			if _, err := st.Plan(t.Context(), q); err != nil {
				t.Errorf("%s cannot be explained: %v\n%s", q.Name, err, q.Text)
			}
		}
	})
}
