package referral

import (
	"context"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// The desk is where staff looks at referrals: how many come how far, which ones, and which
// wait for a word.

// ListFilter says which referrals the desk shows, by their first touch.
type ListFilter = store.ReferralFilter

// Spot is a place in the desk's list.
type Spot struct {
	At moment.Time
	ID id.Referral
}

// Latest is a page of referrals, the latest first touch first, behind a spot (zero: from the
// latest).
func (r *Referrals) Latest(ctx context.Context, shop loyalty.ShopID, f ListFilter, behind Spot, limit int) ([]*loyalty.Referral, error) {
	return r.st.ReferralList(ctx, shop, f, behind.At, behind.ID, limit)
}

// Funnel is how many referrals came how far, as the dashboard counts them: all of them but those
// that staff has given another referrer; the friend looked, or did more; the bond counts and he
// has an account or ordered; he bought; what it gives is given. A reward may be for joining alone.
type Funnel struct {
	store.Touches
	States map[string]int64 // how many are in each state, the replaced ones, too
}

// All is how many referrals there are, in whatever state.
func (f Funnel) All() (n int64) {
	for _, x := range f.States {
		n += x
	}
	return n
}

// Funnel counts the referrals of a filter; its state does not matter.
func (r *Referrals) Funnel(ctx context.Context, shop loyalty.ShopID, f ListFilter) (Funnel, error) {
	rows, err := r.st.ReferralFunnel(ctx, shop, f)
	out := Funnel{States: map[string]int64{}}
	for _, x := range rows {
		out.States[x.State] += x.Touched
		if x.State != loyalty.ReferralCancelled {
			out.Add(x.Touches)
		}
	}
	return out, err
}

// FriendReward is what somebody has for a friend.
type FriendReward = store.FriendReward

// RewardsFor gives what was given for some friends, by friend.
func (r *Referrals) RewardsFor(ctx context.Context, shop loyalty.ShopID, friends []id.Member) (map[id.Member][]FriendReward, error) {
	list, err := r.st.RewardsForFriends(ctx, shop, friends)
	out := map[id.Member][]FriendReward{}
	for _, x := range list {
		out[x.Friend] = append(out[x.Friend], x)
	}
	return out, err
}

// manyWaiting is up to where those that wait are counted.
const manyWaiting = 100

// Waiting tells how many referrals wait for staff, up to 100.
func (r *Referrals) Waiting(ctx context.Context, shop loyalty.ShopID) (int64, error) {
	return r.st.FlaggedCount(ctx, shop, id.Referral{}, manyWaiting)
}

// Case is a referral that waits for staff, with the evidence.
type Case struct {
	*loyalty.Referral
	Signs    []decide.Sign
	SameDay  int64 // friends who were tied to the referrer on the same day
	Many     int64 // from how many on that is a sign
	Weight   int64 // and what it weighs
	Next     id.Referral
	Previous id.Referral
	Left     int64 // how many wait, with this one, up to 100
}

// Review is the case of a referral that waits, or of the one that waits longest (zero). It is
// nil when that one does not wait, or none does.
func (r *Referrals) Review(ctx context.Context, shop loyalty.ShopID, which id.Referral) (*Case, error) {
	s, _, err := r.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	var x *loyalty.Referral
	if which.IsZero() {
		list, err := r.st.Flagged(ctx, shop, which, 1)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		x = list[0]
	} else if x, err = r.st.Referral(ctx, shop, which); err != nil {
		return nil, err
	}
	if !x.Bond || x.State != loyalty.ReferralFlagged {
		return nil, nil
	}
	c := &Case{Referral: x}
	c.Many, c.Weight = decide.Velocity()
	of := map[id.Member]loyalty.Signals{}
	for _, m := range []id.Member{x.Friend, x.Referrer} {
		if of[m], err = r.st.MemberSignals(ctx, shop, m); err != nil {
			return nil, err
		}
	}
	c.Signs = decide.Signs(of[x.Friend], of[x.Referrer])
	day := x.JoinedAt.StartOfDay(s.Zone)
	if c.SameDay, err = r.st.FriendsBetween(ctx, shop, x.Referrer, day, x.JoinedAt.NextDay(s.Zone)); err != nil {
		return nil, err
	}
	if c.Left, err = r.Waiting(ctx, shop); err != nil {
		return nil, err
	}
	next, err := r.st.Flagged(ctx, shop, x.ID, 1)
	if err != nil {
		return nil, err
	}
	if len(next) > 0 {
		c.Next = next[0].ID
	}
	previous, err := r.st.FlaggedBefore(ctx, shop, x.ID, 1)
	if err != nil {
		return nil, err
	}
	if len(previous) > 0 {
		c.Previous = previous[0].ID
	}
	return c, nil
}

// Limit is what would have come of looking at referrals from a score on.
type Limit struct {
	Score int64
	Held  int64 // referrals of that score or more
	Good  int64 // of these, how many were rewarded and still are
	Bad   int64 // refused, expired, taken back
}

// Limits tells for each score that occurred which referrals of a stretch of time a rule that
// holds from there on would have held, and how many of them proved good: a friend who ordered
// and whose reward stands.
func (r *Referrals) Limits(ctx context.Context, shop loyalty.ShopID, from, until moment.Time) ([]Limit, error) {
	rows, err := r.st.ReferralScores(ctx, shop, from, until)
	if err != nil {
		return nil, err
	}
	var out []Limit
	for _, x := range rows {
		if !slices.ContainsFunc(out, func(l Limit) bool { return l.Score == x.Score }) {
			out = append(out, Limit{Score: x.Score})
		}
	}
	slices.SortFunc(out, func(a, b Limit) int { return int(a.Score - b.Score) })
	for i := range out {
		for _, x := range rows {
			if x.Score < out[i].Score {
				continue
			}
			out[i].Held += x.N
			switch x.State {
			case loyalty.ReferralRewarded:
				out[i].Good += x.N
			case loyalty.ReferralRefused, loyalty.ReferralExpired, loyalty.ReferralClawed:
				out[i].Bad += x.N
			}
		}
	}
	return out, nil
}
