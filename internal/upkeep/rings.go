package upkeep

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// rings finds members who were recommended, over others, by themselves (L10): each has one
// referrer, so that going from friend to referrer either ends or comes back. One member
// of each ring is named, the first that was made.
func (r *report) rings(ctx context.Context, v *store.View, shop loyalty.ShopID) error {
	referrer := map[id.Member]id.Member{}
	err := v.Bonds(ctx, shop, func(friend, by id.Member) {
		if friend != by { // of that the sweep speaks
			referrer[friend] = by
		}
	})
	if err != nil {
		return err
	}
	walked := make(map[id.Member]id.Member, len(referrer)) // on the way that began with whom
	for from := range referrer {
		at, more := from, true
		for more && walked[at].IsZero() {
			walked[at] = from
			at, more = referrer[at]
		}
		if more && walked[at] == from {
			r.fault(store.Fault{Invariant: "L10", How: "recommended_in_a_ring", Row: eldest(referrer, at).String()})
		}
	}
	return nil
}

// eldest is the member of a ring who was made first.
func eldest(referrer map[id.Member]id.Member, in id.Member) id.Member {
	first := in
	for m := referrer[in]; m != in; m = referrer[m] {
		if m.String() < first.String() {
			first = m
		}
	}
	return first
}
