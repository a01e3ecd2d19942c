// Package referral knows who sent whom: the referrals of a shop, what a referrer has in
// friends, and whether staff may still have a word on one.
//
// It decides nothing: bonds are tied, changed and judged by facts, through intake.
package referral

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Referrals is the running service; it is safe for many goroutines.
type Referrals struct {
	st     *store.Store
	in     *intake.Intake
	offers offers
}

// New makes it.
func New(st *store.Store, in *intake.Intake) *Referrals {
	return &Referrals{st: st, in: in, offers: offers{kept: map[loyalty.ShopID]*kept{}}}
}

// Filter says which referrals a list has; what is zero does not matter.
type Filter struct {
	State    string
	Referrer id.Member
	Friend   id.Member
}

// List is a page of a shop's referrals in the order of their first touch as it was
// recorded, after a cursor.
func (r *Referrals) List(ctx context.Context, shop loyalty.ShopID, f Filter, after id.Referral, limit int) ([]*loyalty.Referral, error) {
	switch {
	case !f.Friend.IsZero():
		return r.from(ctx, shop, f, after, limit)
	case !f.Referrer.IsZero():
		return r.st.ReferralsBy(ctx, shop, f.Referrer, f.State, after, limit)
	}
	return r.st.Referrals(ctx, shop, f.State, after, limit)
}

// from picks among the few who ever touched one friend.
func (r *Referrals) from(ctx context.Context, shop loyalty.ShopID, f Filter, after id.Referral, limit int) ([]*loyalty.Referral, error) {
	list, err := r.st.ReferralsFrom(ctx, shop, f.Friend)
	list = slices.DeleteFunc(list, func(x *loyalty.Referral) bool {
		return bytes.Compare(x.ID[:], after[:]) <= 0 || f.State != "" && x.State != f.State || !f.Referrer.IsZero() && x.Referrer != f.Referrer
	})
	slices.SortFunc(list, func(a, b *loyalty.Referral) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return list[:min(limit, len(list))], err
}

// One finds a referral; the problem `referral_unknown` when there is none.
func (r *Referrals) One(ctx context.Context, shop loyalty.ShopID, which id.Referral) (*loyalty.Referral, error) {
	return r.st.Referral(ctx, shop, which)
}

// Friends is what a referrer has in friends: two counters, never one.
type Friends struct {
	Linked    int64       // friends who are tied to him now
	LastAt    moment.Time // when the last of them was first touched; zero: there is none
	Validated int64       // validated referrals that are open in his wallet
	Page      []*loyalty.Referral
}

// FriendsOf gives both counters of a referrer, and a page of the friends whom he ever
// touched, after a cursor; the problem `member_unknown` when nobody has that id.
func (r *Referrals) FriendsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, after id.Referral, limit int) (*Friends, error) {
	s, _, err := r.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	accounts, err := r.st.Wallet(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	out := &Friends{}
	for _, a := range accounts {
		if strings.HasPrefix(string(a.Unit), rules.Referrals+":") {
			out.Validated += a.AvailableAt(r.in.Now(s))
		}
	}
	linked, last, err := r.st.FriendCount(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	out.Linked, out.LastAt = linked, moment.Time(last)
	out.Page, err = r.st.ReferralsBy(ctx, shop, m, "", after, limit)
	return out, err
}

// Steps counts a referrer's friends: those who are tied to him now, and of them those whose
// referral has met its goal.
func (r *Referrals) Steps(ctx context.Context, shop loyalty.ShopID, m id.Member) (validated, all int64, err error) {
	states, err := r.st.FriendStates(ctx, shop, m)
	for state, n := range states {
		all += n
		if state == loyalty.ReferralQualified || state == loyalty.ReferralRewarded {
			validated += n
		}
	}
	return validated, all, err
}

// Below lists the friends who are tied to some referrers now, in the order of their first
// touch as it was recorded.
func (r *Referrals) Below(ctx context.Context, shop loyalty.ShopID, referrers ...id.Member) ([]*loyalty.Referral, error) {
	list, err := r.st.FriendsOfMany(ctx, shop, referrers)
	slices.SortFunc(list, func(a, b *loyalty.Referral) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return list, err
}

// ForReview finds a referral that staff is about to have a word on, in a fact of that
// identity. What is not flagged has been decided: the problem `referral_decided`, unless
// that very fact decided it.
func (r *Referrals) ForReview(ctx context.Context, shop loyalty.ShopID, which id.Referral, feed, external string) (*loyalty.Referral, error) {
	x, err := r.st.Referral(ctx, shop, which)
	if err != nil || x.Bond && x.State == loyalty.ReferralFlagged {
		return x, err
	}
	_, err = r.st.EventByName(ctx, shop, feed, external)
	if errors.Is(err, loyalty.ErrNotFound) {
		err = loyalty.Conflict("id", "referral_decided", "state", x.State)
	}
	return x, err
}

// TouchesOf lists who ever touched a friend, in the order of their first touch as it was
// recorded: the one that counts, and those that do not.
func (r *Referrals) TouchesOf(ctx context.Context, shop loyalty.ShopID, friend id.Member) ([]*loyalty.Referral, error) {
	return r.from(ctx, shop, Filter{Friend: friend}, id.Referral{}, 1<<31-1)
}
