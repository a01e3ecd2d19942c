package referral

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Looks that come while others are written share the next transaction; one who leaves takes
// nothing from the others, and nothing stays behind.
func TestLooksGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int // of the first shop's transactions
		var fail error
		open := make(chan struct{})
		gate := newTurnstile(func(_ context.Context, shop loyalty.ShopID, list []store.Visit) (map[store.Visit]bool, error) {
			if shop == 1 {
				sizes = append(sizes, len(list))
			}
			<-open
			counted := map[store.Visit]bool{}
			for _, v := range list {
				counted[v] = true
			}
			return counted, fail
		})
		of := func(n int) store.Visit { return store.Visit{Visitor: fmt.Sprint(n)} }
		first := gate.count(1, of(0))
		synctest.Wait() // it is being written
		var rest []*look
		for n := range looksAtOnce + 8 {
			rest = append(rest, gate.count(1, of(n/2))) // each of them twice
		}
		elsewhere := gate.count(2, of(1))
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := rest[1].wait(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who has left: %v", err)
		}
		close(open)
		if ok, err := first.wait(t.Context()); !ok || err != nil {
			t.Errorf("the first: %t %v", ok, err)
		}
		for n, one := range rest {
			if ok, err := one.wait(t.Context()); ok != (n%2 == 0) || err != nil {
				t.Errorf("look %d: %t %v", n, ok, err)
			}
		}
		if ok, err := elsewhere.wait(t.Context()); !ok || err != nil {
			t.Errorf("in another shop: %t %v", ok, err)
		}
		synctest.Wait()
		if fmt.Sprint(sizes) != fmt.Sprint([]int{1, looksAtOnce, 8}) {
			t.Errorf("transactions of %d", sizes)
		}
		if len(gate.waiting) != 0 {
			t.Errorf("%d shops are kept", len(gate.waiting))
		}

		fail = errors.New("the disk is full")
		if ok, err := gate.count(1, of(1)).wait(t.Context()); ok || !errors.Is(err, fail) {
			t.Errorf("what was not written: %t %v", ok, err)
		}
		fail = nil
		if ok, err := gate.count(1, of(1)).wait(t.Context()); !ok || err != nil {
			t.Errorf("after a failure: %t %v", ok, err)
		}
	})
}

// More than may wait are refused at once.
func TestLooksAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		gate := newTurnstile(func(context.Context, loyalty.ShopID, []store.Visit) (map[store.Visit]bool, error) {
			<-open
			return nil, nil
		})
		gate.count(1, store.Visit{})
		synctest.Wait()
		for range looksWaiting {
			gate.count(1, store.Visit{})
		}
		if _, err := gate.count(1, store.Visit{}).wait(t.Context()); !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("one too many: %v", err)
		}
		close(open)
	})
}
