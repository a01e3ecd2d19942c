package office

import (
	"testing"

	"cagnotte/internal/moment"
)

// Whoever read before a change, and comes back after it, brings nothing.
func TestAHouseReadBeforeAChangeIsNotKept(t *testing.T) {
	var h houses
	_, before := h.get(0)
	h.forget()
	h.put(&house{since: 1}, before)
	if x, _ := h.get(1); x != nil {
		t.Error("what was read before a change is told after it")
	}
	_, now := h.get(1)
	h.put(&house{since: 1}, now)
	if x, _ := h.get(1); x == nil {
		t.Error("what was read after a change is not kept")
	}
	for _, late := range []int64{0, 1 + int64(houseFor)} {
		if x, _ := h.get(moment.Time(late)); x != nil {
			t.Errorf("it is told at %d", late)
		}
	}
}
