package referral

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// How often a member may remind a friend, and how far apart.
const (
	MaxReminders  = 2
	RemindDays    = 3
	unansweredFor = 30 // days after which an invitation is followed no more
)

// Steps of a friend.
const (
	StepNone    = iota // it does not count any more; why is nobody's business
	StepInvited        // or opened
	StepJoined
	StepOrdered
	StepRewarded
)

// Friend is one whom a member invited or who came by his link, as far as the member may know.
type Friend struct {
	ID         id.Invitation // the cursor; of an invitation by e-mail also its id
	Member     id.Member     // zero while he has not joined through this member
	Address    string        // as the member typed it; empty: he did not, or it is forgotten
	Mailed     bool          // invited by e-mail
	Step       int
	Opened     bool // of StepInvited: he looked at the member's page
	At         moment.Time
	Reminded   int64
	RemindedAt moment.Time // zero: never
	CanRemind  bool        // now
}

// Follow is a page of a member's friends, the newest first, before a cursor (zero: from the
// newest); more tells whether there are others.
//
// What does not count reads as an invitation that nobody answered, and after 30 days as one
// that counts no more, for whatever reason: the list tells nobody who is a customer here.
func (x *Invitations) Follow(ctx context.Context, shop loyalty.ShopID, m id.Member, before id.Invitation, limit int) (page []Friend, more bool, err error) {
	if before.IsZero() {
		before = id.Invitation(bytes.Repeat([]byte{0xff}, len(before)))
	}
	s, _, err := x.in.Book(ctx, shop)
	if err != nil {
		return nil, false, err
	}
	now := x.in.Now(s)
	mailed, err := x.st.Invitations(ctx, shop, m, before, limit+1)
	if err != nil {
		return nil, false, err
	}
	others, err := x.st.Uninvited(ctx, shop, m, id.Referral(before), limit+1)
	if err != nil {
		return nil, false, err
	}
	for _, i := range mailed {
		f, err := x.friend(s, i, now)
		if err != nil {
			return nil, false, err
		}
		page = append(page, f)
	}
	for _, r := range others {
		f := Friend{ID: id.Invitation(r.ID), Step: step(r.State), Opened: r.State == loyalty.ReferralClicked, At: r.TouchedAt}
		if r.Bond && r.JoinedAt != 0 && f.Step > StepInvited {
			f.Member = r.Friend
		}
		page = append(page, f)
	}
	slices.SortFunc(page, func(a, b Friend) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	if more = len(page) > limit; more {
		page = page[:limit]
	}
	return page, more, nil
}

func (x *Invitations) friend(s *loyalty.Shop, i *store.Invitation, now moment.Time) (Friend, error) {
	f := Friend{ID: i.ID, Mailed: true, Step: step(i.Referral), At: i.SentAt, Reminded: i.Reminded, RemindedAt: i.RemindedAt}
	f.Opened = i.Referral == loyalty.ReferralClicked
	if f.Step > StepInvited && i.Bond {
		f.Member = i.Member
	}
	if f.Step <= StepInvited {
		f.Step = StepInvited
		if i.SentAt < now.AddDays(-unansweredFor, s.Zone) {
			f.Step = StepNone
		}
	}
	k, err := x.open(i)
	if err != nil {
		return f, err
	}
	f.Address = k.Address
	last := max(i.SentAt, i.RemindedAt)
	f.CanRemind = f.Step == StepInvited && i.Reminded < MaxReminders && last <= now.AddDays(-RemindDays, s.Zone)
	return f, nil
}

// step is how far a referral has come.
func step(state string) int {
	switch state {
	case loyalty.ReferralInvited, loyalty.ReferralClicked:
		return StepInvited
	case loyalty.ReferralJoined:
		return StepJoined
	case loyalty.ReferralQualified:
		return StepOrdered
	case loyalty.ReferralRewarded:
		return StepRewarded
	}
	return StepNone
}

// Remind counts that a member reminds a friend whom he invited by e-mail, which he does himself:
// twice at most, three days apart. The problems `invitation_unknown` and `remind_later`.
func (x *Invitations) Remind(ctx context.Context, shop loyalty.ShopID, m id.Member, which id.Invitation) (Friend, error) {
	s, _, err := x.in.Book(ctx, shop)
	if err != nil {
		return Friend{}, err
	}
	now := x.in.Now(s)
	i, err := x.st.Invitation(ctx, shop, m, which)
	if err != nil {
		return Friend{}, err
	}
	f, err := x.friend(s, i, now)
	if err != nil {
		return f, err
	}
	counted := false
	if f.CanRemind {
		counted, err = x.st.Remind(ctx, shop, m, which, now, MaxReminders, now.AddDays(-RemindDays, s.Zone))
	}
	if err == nil && !counted {
		err = loyalty.Conflict("", "remind_later", "times", fmt.Sprint(MaxReminders), "days", fmt.Sprint(RemindDays))
	}
	return f, err
}
