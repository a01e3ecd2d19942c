package admin_test

import (
	"net/http"
	"strconv"
	"testing"

	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A draft runs in the test shop, where nobody is touched, and is thrown away.
func TestADraftRunsInTestAndIsThrownAway(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Support)
		b.post("/admin/programs/drafts", "template", "cashback").wants(t, http.StatusOK)
		d := s.drafts()[0]
		at := "/admin/programs/drafts/" + d.ID.String()
		b.post(at+"/test", "text", d.Text, "revision", "1").wants(t, http.StatusOK)
		live, err := s.programs.List(t.Context(), s.shop.ID)
		if err != nil || len(live) != 0 {
			t.Errorf("it runs in the live shop: %v %v", live, err)
		}
		twin, err := s.programs.List(t.Context(), s.twin.ID)
		if err != nil || len(twin) != 1 {
			t.Errorf("it does not run in the test shop: %v %v", twin, err)
		}
		b.post(at+"/remove", "revision", "99").wants(t, http.StatusConflict)
		now := s.drafts()[0]
		b.post(at+"/remove", "revision", strconv.FormatInt(now.Revision, 10)).wants(t, http.StatusOK)
		if n := len(s.drafts()); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
	})
}
