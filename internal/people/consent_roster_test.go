package people_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// TestAListByConsentIsWhoMayBeReached draws what members agree to and take back, told in any order, and reads the
// lists of who may be reached and who may not, page by page, there and back, in each order and with words
// and a tag: they must have whoever MayReach says, and the count and a deed about all of them too.
func TestAListByConsentIsWhoMayBeReached(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		dice := rand.New(rand.NewPCG(3, 5))
		p, s := setup(t, st)
		now := st.Clock()
		var all []id.Member
		var facts []*loyalty.Fact
		for i := range 40 {
			m := enrolled(t, p, s.ID, people.Naming{Number: fmt.Sprint("C", 100+i), FirstName: []string{"Anna", "Bela"}[i%2], Email: fmt.Sprintf("c%d@example.com", i)})
			all = append(all, m)
			for n := range dice.IntN(7) {
				f := &loyalty.Fact{
					Kind: loyalty.ConsentGiven, Feed: "web", ExternalID: fmt.Sprint(i, "-", n), Via: "api", Origin: loyalty.FromLive,
					OccurredAt: now - moment.Time(1+dice.IntN(4))*moment.Hour, Member: loyalty.Who{ID: m}, // some at one instant
					Consent: &loyalty.Consent{Purpose: loyalty.Purposes[dice.IntN(2)], Way: loyalty.Ways[dice.IntN(2)], Source: "portal"},
				}
				if dice.IntN(5) < 2 {
					f.Kind = loyalty.ConsentWithdrawn
				}
				facts = append(facts, f)
			}
			if i%3 == 0 {
				facts = append(facts, &loyalty.Fact{
					Kind: loyalty.StaffTag, Feed: "web", ExternalID: fmt.Sprint("tag", i), Via: "api", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m},
					Staff: &loyalty.Staff{Actor: "test", Add: []string{"vip"}},
				})
			}
		}
		dice.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		for _, f := range facts {
			if a, err := p.Record(t.Context(), s.ID, f); err != nil || a[0].Err != nil {
				t.Fatal(a, err)
			}
		}
		agreed, newsletters := 0, int64(0)
		for _, purpose := range loyalty.Purposes {
			for _, way := range loyalty.Ways[:3] {
				yes := map[id.Member]bool{}
				for _, m := range all {
					may, err := p.MayReach(t.Context(), s.ID, m, purpose, way)
					if err != nil {
						t.Fatal(err)
					}
					if yes[m] = may; may {
						agreed++
						if purpose == loyalty.Newsletter && way == loyalty.WaySMS {
							newsletters++
						}
					}
				}
				for _, agrees := range []string{"yes", "no"} {
					for _, r := range []people.Roster{
						{}, {Down: true}, {Order: people.ByName}, {Order: people.ByNumber, Down: true}, {Order: people.ByJoined}, {Q: "ann"}, {Tag: "vip"}, {State: loyalty.Enrolled},
					} {
						r.Purpose, r.Way, r.Agrees = purpose, way, agrees
						var want []id.Member
						for i, m := range all {
							if yes[m] == (agrees == "yes") && (r.Q == "" || i%2 == 0) && (r.Tag == "" || i%3 == 0) {
								want = append(want, m)
							}
						}
						sameMembers(t, p, s.ID, r, want)
					}
				}
			}
		}
		which, err := p.BeginBulk(t.Context(), s.ID, people.BulkOrder{
			Actor: "Alicia", What: people.BulkTag, How: people.BulkHow{Tag: "reached", Reason: "r"},
			Of: people.Roster{Purpose: loyalty.Newsletter, Way: loyalty.WaySMS, Agrees: "yes"},
		})
		if err != nil {
			t.Fatal(err)
		}
		works(t, st, p)
		if b, err := p.Bulk(t.Context(), s.ID, which); err != nil || b.Changed != newsletters || newsletters == 0 {
			t.Errorf("%d agreed to it, the deed was done to %+v (%v)", newsletters, b, err)
		}
		if agreed < 20 {
			t.Errorf("only %d agreements: they prove little", agreed)
		}
	})
}

// sameMembers reads a roster there and back and counts it, and wants these members each time.
func sameMembers(t *testing.T, p *people.People, shop loyalty.ShopID, r people.Roster, want []id.Member) {
	t.Helper()
	const size = 6
	read := func(at people.RosterPlace, back bool) (out []id.Member, last people.RosterPlace) {
		for range 100 {
			rows, err := p.Roster(t.Context(), shop, r, at, back, size)
			if err != nil {
				t.Fatal(err)
			}
			if back {
				slices.Reverse(rows)
			}
			for _, m := range rows {
				out, at = append(out, m.ID), m.Place
			}
			if len(rows) < size {
				break
			}
		}
		return out, at
	}
	there, last := read(people.RosterPlace{}, false)
	if len(want) > 0 {
		back, _ := read(last, true)
		slices.Reverse(back)
		if back = append(back, last.Member); !slices.Equal(back, there) {
			t.Errorf("%+v: there %v, back %v", r, there, back)
		}
	}
	if n, err := p.RosterCount(t.Context(), shop, r, 1_000); err != nil || n != len(want) {
		t.Errorf("%+v: counted %d, want %d (%v)", r, n, len(want), err)
	}
	inOrder := func(a, b id.Member) int { return slices.Compare(a[:], b[:]) }
	if slices.SortFunc(there, inOrder); !slices.Equal(there, slices.SortedFunc(slices.Values(want), inOrder)) {
		t.Errorf("%+v: %v, want %v", r, there, want)
	}
}
