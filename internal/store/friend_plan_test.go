package store_test

import (
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var qNobodys = store.New("test.nobodys", `
	INSERT INTO orders (shop_id, id, series, ref, state, currency, paid_at, net, imported, lines, returns)
	SELECT $1, r.id, 'shop', r.ref, 'paid', 'EUR', r.paid, 100, FALSE, '[]', '[]' FROM {{rows id:bytea, ref:text, paid:bigint}}`)

// Where a till reports every sale, nobody's orders come first in the index of members' orders, and SQLite,
// which looks at its first rows only, takes it that all orders have one owner. It must find a friend's orders
// by him all the same: to walk all orders of a year for each friend took minutes.
func TestAFriendsOrdersAreFoundByHim(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	s := storetest.Shop(t, st, `program "P" earn 1 point per 1.00 EUR`)
	err := st.Write(t.Context(), func(tx *store.Tx) error {
		var ids [][]byte
		var refs []string
		var paid []int64
		for i := range 500 {
			ids, refs, paid = append(ids, []byte{15: byte(i), 14: byte(i >> 8)}), append(refs, strings.Repeat("x", i+1)), append(paid, int64(i+1))
		}
		tx.Rows(qNobodys, len(ids), int64(s.ID), ids, refs, paid)
		return tx.Flush(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, q := range store.Queries() {
		if !strings.Contains(q.Text, "o.member_id = f.friend_id") || strings.Contains(q.Text, "FROM orders o CROSS JOIN referrals f") {
			continue
		}
		asked++
		steps, err := st.Plan(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(steps, "\n"); !strings.Contains(plan, "orders_member (shop_id=? AND member_id=?") {
			t.Errorf("%s:\n%s", q.Name, plan)
		}
	}
	if asked < 5 {
		t.Errorf("only %d statements look a friend's orders up", asked)
	}
}
