package admin_test

import (
	"strconv"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Before a period gets shorter, the page says who would go, and wants to be told that it may be.
func TestAShorterPeriodIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		clock := st.Clock
		_, err := s.people.Enrol(t.Context(), s.shop.ID, people.Enrolment{
			Fact: loyalty.Fact{Feed: "t", ExternalID: "j", Via: "api", Origin: loyalty.FromLive}, Person: people.Naming{Number: "1001", LastName: "Kot"},
		})
		if err != nil {
			t.Fatal(err)
		}
		st.Clock = func() moment.Time { return clock() + 1200*moment.Day }
		b := s.as(staff.Owner)
		b.get("/admin/settings/retention").wants(t, 200, `name="members"`, `value="30"`)
		form := func(members, messages int, more ...string) []string {
			return append(more, "members", strconv.Itoa(members), "leads", "0", "addresses", "12", "messages", strconv.Itoa(messages), "invitations", "30", "sightings", "30")
		}
		b.post("/admin/settings/retention/preview", form(36, 30)...).wants(t, 200, "1 member", "What would go")
		b.post("/admin/settings/retention/preview", form(11, 30)...).wants(t, 422, `id="members-wrong"`)
		b.post("/admin/settings/retention", form(36, 30)...).wants(t, 422, `id="sure-wrong"`, "1 member")
		has := func(members, messages int) {
			t.Helper()
			if r, err := s.people.Retention(t.Context(), s.shop.ID); err != nil || r.Members != members || r.Messages != messages {
				t.Error(r, err)
			}
		}
		has(0, 30)
		b.post("/admin/settings/retention", form(0, 90)...).wants(t, 200)
		has(0, 90)
		b.post("/admin/settings/retention", form(36, 90, "sure", "yes")...).wants(t, 200, `value="36"`)
		has(36, 90)
		b.post("/admin/settings/retention", form(36, 0, "sure", "yes")...).wants(t, 422, `id="messages-wrong"`)
	})
}
