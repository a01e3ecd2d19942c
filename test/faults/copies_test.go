package faults

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A shop reports the same thing again and again, from many places at once: each event has
// one result, and every caller gets it.
func TestHundredCopiesOfEachEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		events, copies, callers := 500, 100, 64
		if planted() { // the bug shows at once, and makes every copy expensive
			events, copies = 20, 5
		}
		s := storetest.Shop(t, st, simple)
		in := open(t, st)
		start := st.Clock() - moment.Day
		build := func(i int) *loyalty.Fact {
			return pays(fmt.Sprint(i), fmt.Sprintf("m%d", i%50), start+moment.Time(i), int64(i%3), 1000+int64(i))
		}
		calls := make([]int, 0, events*copies)
		for i := range events {
			for range copies {
				calls = append(calls, i)
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })

		var (
			mu    sync.Mutex
			first = map[int]intake.Answer{}
			fresh = map[int]int{}
			wrong []string
			group sync.WaitGroup
		)
		for c := range callers {
			group.Go(func() {
				for k := c; k < len(calls); k += callers {
					i := calls[k]
					got, err := in.Record(t.Context(), s.ID, build(i))
					mu.Lock()
					switch {
					case err != nil || got[0].Err != nil:
						wrong = append(wrong, fmt.Sprintf("event %d: %v %v", i, err, got))
					default:
						a := got[0]
						if a.Status == intake.Recorded {
							fresh[i]++
						}
						was, seen := first[i]
						first[i] = a
						was.Status = a.Status
						if seen && !sameAnswer(was, a) {
							wrong = append(wrong, fmt.Sprintf("event %d: two results, of %d and %d lines", i, len(was.Lines), len(a.Lines)))
						}
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		for i := range events {
			if fresh[i] != 1 {
				wrong = append(wrong, fmt.Sprintf("event %d was recorded %d times", i, fresh[i]))
			}
		}
		for i, w := range wrong {
			if i < 5 {
				t.Error(w)
			}
		}
		if n := count(t, st, qEvents, int64(s.ID)); n != int64(events) || len(first) != events {
			t.Errorf("%d events stored, %d answered, want %d", n, len(first), events)
		}
		t.Logf("%d calls, %d events, %d wrong", len(calls), events, len(wrong))
	})
}

// sameAnswer compares two answers; the lines of several members may come in another order.
func sameAnswer(a, b intake.Answer) bool {
	if a.Event != b.Event || a.Member != b.Member || len(a.Lines) != len(b.Lines) {
		return false
	}
	used := map[int]bool{}
	for _, x := range a.Lines {
		found := false
		for j, y := range b.Lines {
			if !used[j] && reflect.DeepEqual(x, y) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
