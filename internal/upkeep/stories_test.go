package upkeep_test

import (
	"path/filepath"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/story"
	"cagnotte/internal/upkeep"
)

// Every story of the product is told in one database, each in a shop of its own: after all
// of them every invariant holds, and a replay of all their facts ends in the same balances.
func TestVerifyAfterEveryStory(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "test", "stories", "*.txt"))
	if err != nil || len(files) < 120 {
		t.Fatalf("there are %d stories (%v)", len(files), err)
	}
	examples, err := filepath.Glob(filepath.Join("..", "..", "examples", "*.story.txt"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, examples...)
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := door(t, st)
		for _, file := range files {
			s, err := story.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s.Shop.Listens = []string{loyalty.OutRewardGiven, loyalty.OutRewardTaken, loyalty.OutVoucherIssued, loyalty.OutReferral, loyalty.OutClaim}
			e, err := story.NewStored(t.Context(), st, in, s.Shop)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := story.Run(t.Context(), s, e); err != nil {
				t.Errorf("%v", err)
			}
		}
		list, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, list)
	})
}
