package insight

import (
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What customers usually buy: of what came back whole, nothing counts; guests are no buyers
// who return.
func TestHabitsAreThoseOfTheNewestOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := shop(t, st, "s", "EUR", "Europe/Paris", 0, nil, 0, 0)
		none, err := New(st).Habits(t.Context(), s.ID)
		if err != nil || none != (Habits{}) || none.Again() != 0 {
			t.Fatalf("a shop without orders: %+v %v", none, err)
		}
		remember(t, st, s, byHand)
		got, err := New(st).Habits(t.Context(), s.ID)
		if want := (Habits{Orders: 9, Average: 27_16, Buyers: 4, Return: 2}); err != nil || got != want || got.Again() != 50_00 {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	})
}
