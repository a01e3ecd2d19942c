package store_test

import (
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The keys of a member are found by him, also where SQLite has no statistics yet: it would walk all numbers of
// the shop for each member of a page, since it finds them in the order that is asked for.
func TestKeysOfAMemberAreFoundByHim(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	asked := 0
	for _, q := range store.Queries() {
		if !strings.Contains(q.Text, "FROM member_keys k") || !strings.Contains(q.Text, "k.member_id = $2") && !strings.Contains(q.Text, "k.member_id {{in") {
			continue
		}
		asked++
		steps, err := st.Plan(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(steps, "\n"); !strings.Contains(plan, "member_keys_member (shop_id=? AND member_id=?)") {
			t.Errorf("%s:\n%s\n%s", q.Name, plan, q.Text)
		}
	}
	if asked < 2 {
		t.Errorf("only %d statements look a member's keys up", asked)
	}
}
