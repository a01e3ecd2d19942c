package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/pages"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A page is written, seen as a member and as a visitor, published, changed, and taken back to
// an older version; what is refused stays as it was typed, and a form sent twice is one version.
func TestPagesAreWrittenInTheBackOffice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b, box := s.as(staff.Owner), pages.New(st, nil)
		read := func() (string, error) {
			x, err := box.Read(t.Context(), s.shop.ID, "gifts", "en")
			return x.Body, err
		}
		b.get("/admin/pages").wants(t, http.StatusOK, "No page yet", "template=questions")
		b.get("/admin/pages/new?template=terms&locale=pl").wants(t, http.StatusOK, `value="terms"`, "Have a lawyer check")

		form := []string{"fresh", "yes", "slug", "gifts", "locale", "en", "read", "0", "title", "Gifts", "body", "Yours: {{ member_code }}", "in_menu", "yes", "position", "3"}
		seen := b.post("/admin/pages/preview", form...)
		seen.wants(t, http.StatusOK, "Yours: CAMILLE7K", "sign in to see this")
		bad := append([]string{}, form...)
		bad[11] = "Kept {{ nothing_like_that }}"
		b.post("/admin/pages", bad...).wants(t, http.StatusUnprocessableEntity, "Kept {{ nothing_like_that }}", `value="gifts"`, "There is no field")

		for range 2 {
			b.post("/admin/pages", form...).wants(t, http.StatusOK, "Saved. Readers do not see it")
		}
		list, err := box.Versions(t.Context(), s.shop.ID, "gifts", "en", 9)
		if err != nil || len(list) != 1 || list[0].Position != 3 || !list[0].InMenu {
			t.Fatalf("a form sent twice: %+v %v", list, err)
		}
		if _, err := read(); err == nil {
			t.Error("readers see what is not published")
		}
		b.post("/admin/pages/gifts/publish", "locale", "en", "version", "1").wants(t, http.StatusOK, "readers see it now", "shown to readers")

		next := []string{"slug", "gifts", "locale", "en", "read", "1", "title", "Gifts", "body", "The second", "position", "3"}
		b.post("/admin/pages", append(next, "then", "publish")...).wants(t, http.StatusOK, "Published")
		if got, err := read(); err != nil || got != "The second" {
			t.Errorf("%q %v", got, err)
		}
		stale := append([]string{}, next...)
		stale[9] = "Somebody else"
		b.post("/admin/pages", stale...).wants(t, http.StatusUnprocessableEntity, "Somebody else has written", "Somebody else</textarea>")

		b.get("/admin/pages/gifts/text?locale=en&version=1").wants(t, http.StatusOK, "This is version 1", "{{ member_code }}", `name="read" value="2"`)
		b.post("/admin/pages/gifts/publish", "locale", "en", "version", "1")
		if got, err := read(); err != nil || !strings.HasPrefix(got, "Yours") {
			t.Errorf("an older version: %q %v", got, err)
		}
		b.get("/admin/pages").wants(t, http.StatusOK, "newer text waiting")
		b.get("/admin/pages/gifts/text?locale=pl").wants(t, http.StatusOK, `name="read" value="0"`)
		b.post("/admin/pages/gifts/unpublish", "locale", "en").wants(t, http.StatusOK, "Readers do not see it any more")
		if _, err := read(); err == nil {
			t.Error("readers see what was taken from them")
		}
		for _, path := range []string{"/admin/pages/none/text", "/admin/pages/gifts/text?locale=xx", "/admin/pages/gifts/text?locale=en&version=9", "/admin/test/pages/gifts/text"} {
			b.get(path).wants(t, http.StatusNotFound)
		}
	})
}
