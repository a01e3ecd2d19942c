package people_test

import (
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What a member agreed to is one truth: what was said last holds, whatever the order of arrival;
// it follows him when two become one, stands in what he is told of himself, and goes with him.
func TestConsentsAreOneTruth(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		m := enrolled(t, p, s.ID, known)
		now := st.Clock()
		say := func(m id.Member, name, kind, way string, at moment.Time) {
			t.Helper()
			f := &loyalty.Fact{
				Kind: kind, Feed: "web", ExternalID: name, Via: "api", Origin: loyalty.FromLive, OccurredAt: at, Member: loyalty.Who{ID: m},
			}
			if kind == loyalty.NewsletterJoined {
				f.Happening = &loyalty.Happening{Channel: "checkout", Attributes: map[string]string{"wording": "2026-05"}}
			} else {
				f.Consent = &loyalty.Consent{Purpose: loyalty.Newsletter, Way: way, Source: "portal"}
			}
			if a, err := p.Record(t.Context(), s.ID, f); err != nil || a[0].Err != nil {
				t.Fatal(a, err)
			}
		}
		may := func(m id.Member, way string, want bool) {
			t.Helper()
			if got, err := p.MayReach(t.Context(), s.ID, m, loyalty.Newsletter, way); err != nil || got != want {
				t.Errorf("by %s: %t, want %t (%v)", way, got, want, err)
			}
		}
		may(m, loyalty.WayMail, false)
		say(m, "1", loyalty.NewsletterJoined, "", now-5*moment.Day)
		may(m, loyalty.WayMail, true)
		may(m, loyalty.WaySMS, false)
		say(m, "2", loyalty.ConsentWithdrawn, loyalty.WayMail, now-2*moment.Day)
		say(m, "3", loyalty.ConsentGiven, loyalty.WayMail, now-3*moment.Day) // told late: he took it back after it
		may(m, loyalty.WayMail, false)
		say(m, "3", loyalty.ConsentGiven, loyalty.WayMail, now-3*moment.Day)
		list, err := p.Consents(t.Context(), s.ID, m)
		if err != nil || len(list) != 3 || list[0].Given || list[0].Name != "2" || list[2].Source != "checkout" || list[2].Wording != "2026-05" {
			t.Errorf("%+v %v", list, err)
		}

		other := enrolled(t, p, s.ID, people.Naming{Number: "1002", FirstName: "Ola", Email: "ola@example.com"})
		say(other, "4", loyalty.ConsentGiven, loyalty.WaySMS, now-moment.Day)
		merge := &loyalty.Fact{
			Kind: loyalty.StaffMerge, Feed: "office", ExternalID: "merge", Via: "office", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m},
			Other: loyalty.Who{ID: other}, Staff: &loyalty.Staff{Actor: "a", Reason: "one person"},
		}
		if a, err := p.Record(t.Context(), s.ID, merge); err != nil || a[0].Err != nil {
			t.Fatal(a, err)
		}
		may(m, loyalty.WaySMS, true)
		may(m, loyalty.WayMail, false)
		if told, err := p.Export(t.Context(), s.ID, m); err != nil || strings.Count(string(told), `"purpose": "newsletter"`) != 4 {
			t.Errorf("%s %v", told, err)
		}

		if err := p.Erase(t.Context(), s.ID, m, "office", "a"); err != nil {
			t.Fatal(err)
		}
		may(m, loyalty.WaySMS, false)
		say(m, "5", loyalty.ConsentGiven, loyalty.WaySMS, 0)
		may(m, loyalty.WaySMS, false)
		if list, err := p.Consents(t.Context(), s.ID, m); err != nil || len(list) != 0 {
			t.Errorf("of somebody who was erased: %+v %v", list, err)
		}
	})
}
