package upkeep_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// The balances of any instant are those of everybody's wallet of that instant; and those of
// now are the export of now.
func TestBalancesOfAnInstantAreTheWalletsOfThen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		imported(t, st)
		s := theShop(t, st, "retail")
		now := st.Clock()
		export := func(at moment.Time) []string {
			t.Helper()
			var b bytes.Buffer
			if err := upkeep.ExportBalancesAt(t.Context(), st, s, at, now, &b); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if lines[0] != "member,unit,available,pending,debt" || !slices.IsSorted(lines[1:]) {
				t.Errorf("the header is %s, or the lines are not sorted", lines[0])
			}
			return lines[1:]
		}
		var members []id.Member
		var today []string
		err := st.Balances(t.Context(), s.ID, now, func(b store.Balance) error {
			if len(members) == 0 || members[len(members)-1] != b.Member {
				members = append(members, b.Member)
			}
			today = append(today, fmt.Sprintf("%s,%s,%d,%d,%d", b.Member, b.Unit, b.Available, b.Pending, b.Debt))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := export(now); !slices.Equal(got, today) || len(got) < 100 {
			t.Errorf("now: %d lines, want %d", len(got), len(today))
		}
		first, _, err := moment.ParseLocal("2010-12-02", s.Zone)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, at := range []moment.Time{first - moment.Day, first, first + 5*moment.Day, first + 9*moment.Day + 13*moment.Hour, now - 1} {
			var want []string
			for _, m := range members {
				accounts, err := st.WalletThen(t.Context(), s.ID, m, at)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range accounts {
					pending := int64(0)
					for _, l := range a.Lots {
						if !l.OpenAt(at) && !l.EndedAt(at) {
							pending += l.Remaining
						}
					}
					want = append(want, fmt.Sprintf("%s,%s,%d,%d,%d", m, a.Unit, a.AvailableAt(at), pending, a.Debt()))
				}
			}
			if got := export(at); !slices.Equal(got, want) {
				t.Errorf("at %s: %d lines, the wallets say %d", at, len(got), len(want))
			}
			if len(want) < seen {
				t.Errorf("at %s: %d wallets, and %d before", at, len(want), seen)
			}
			seen = len(want)
		}
		if seen < 100 {
			t.Errorf("%d lines", seen)
		}
	})
}
