package loyalty

import "cagnotte/internal/moment"

// What may change of a batch of vouchers once it is issued.
const (
	BatchExtended  = "extended"  // its codes end at another instant
	BatchWithdrawn = "withdrawn" // nobody may use them any more
	BatchRestored  = "restored"  // they may be used again
)

// BatchChange is one change of a batch. It holds from an instant that was ahead when it was
// decided: what was recorded before is judged without it, on every machine and in a replay.
type BatchChange struct {
	Kind   string      `json:"kind"`
	From   moment.Time `json:"from"`
	Until  moment.Time `json:"until,omitzero"` // BatchExtended: the new end, exclusive; zero: never
	Actor  string      `json:"actor"`
	Reason string      `json:"reason"`
}

// BatchChanges are the changes of a batch in the order in which they hold.
type BatchChanges []BatchChange

// End is when codes end that were issued with an end; zero: never.
func (list BatchChanges) End(issued, now moment.Time) moment.Time {
	end := issued
	for _, x := range list {
		if x.Kind == BatchExtended && x.From <= now {
			end = x.Until
		}
	}
	return end
}

// Gone is from when on codes are withdrawn, by what holds now or is known of what comes; first
// is the instant of a withdrawal that was written before there were changes. Zero: they are not.
func (list BatchChanges) Gone(first, now moment.Time) moment.Time {
	gone := first
	for _, x := range list {
		switch {
		case x.Kind == BatchRestored && x.From <= now:
			gone = 0
		case x.Kind == BatchWithdrawn && (gone == 0 || gone > x.From):
			gone = x.From
		}
	}
	return gone
}
