package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/referral"
)

// Referral is what there is between a friend and one referrer: a touch, the bond, or an
// attempt that was refused.
type Referral struct {
	ID          id.Referral `json:"id"`
	Referrer    id.Member   `json:"referrer"`
	Friend      id.Member   `json:"friend"`
	Origin      string      `json:"origin" enum:"staff,code,link,email"`
	State       string      `json:"state" enum:"invited,clicked,joined,qualified,rewarded,flagged,refused,expired,cancelled,clawed_back"`
	Reason      string      `json:"reason,omitempty" doc:"Why it is flagged or refused"`
	Active      bool        `json:"active" doc:"The one of the friend's referrals that counts"`
	TouchedAt   moment.Time `json:"touched_at" format:"date-time" doc:"The first touch"`
	LastTouchAt moment.Time `json:"last_touch_at" format:"date-time"`
	JoinedAt    moment.Time `json:"joined_at,omitzero" format:"date-time" doc:"When it became the one that counts"`
	Order       string      `json:"order,omitempty" doc:"The order that qualified it, as series/ref"`
	Score       int64       `json:"score,omitempty" doc:"The sum of the signs of fraud"`
}

func shownReferral(f *loyalty.Referral) Referral {
	return Referral{
		ID: f.ID, Referrer: f.Referrer, Friend: f.Friend, Origin: f.Origin, State: f.State, Reason: f.Reason, Active: f.Bond,
		TouchedAt: f.TouchedAt, LastTouchAt: f.LastAt, JoinedAt: f.JoinedAt, Order: f.Order, Score: f.Score,
	}
}

func referralID(f *loyalty.Referral) id.Referral { return f.ID }

type referralQuery struct {
	State         string    `query:"state" enum:"invited,clicked,joined,qualified,rewarded,flagged,refused,expired,cancelled,clawed_back"`
	Referrer      id.Member `query:"referrer"`
	Friend        id.Member `query:"friend"`
	Limit         int       `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string    `query:"starting_after" doc:"The next_cursor of the page before"`
}

func (a *API) listReferrals(c *call, p *referralQuery, _ *none) (*Page[Referral], error) {
	from, err := after[id.ReferralKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.referrals.List(c.ctx, c.shop(), referral.Filter{State: p.State, Referrer: p.Referrer, Friend: p.Friend}, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, referralID, shownReferral), nil
}

type referralPath struct {
	ID id.Referral `path:"id" unknown:"referral_unknown"`
}

func (a *API) referral(c *call, p *referralPath, _ *none) (*Referral, error) {
	f, err := a.referrals.One(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	out := shownReferral(f)
	return &out, nil
}

type referralTrial struct {
	ID     id.Referral `path:"id" unknown:"referral_unknown"`
	DryRun bool        `query:"dry_run" doc:"Decide and answer, store nothing"`
}

func (t referralTrial) dryRun() bool { return t.DryRun }

// Review is staff's word on a flagged referral.
type Review struct {
	Report
	Outcome string `json:"outcome" enum:"accept,refuse"`
	StaffWord
}

func (a *API) review(c *call, p *referralTrial, b *Review) (*Result, error) {
	name, err := identity(c, b.ID, 0)
	if err != nil {
		return nil, err
	}
	x, err := a.referrals.ForReview(c.ctx, c.shop(), p.ID, b.Feed, name)
	if err != nil {
		return nil, err
	}
	e := b.event(loyalty.StaffReview)
	e.Member, e.Staff = &Who{ID: x.Friend}, b.staff()
	e.Staff.No = b.Outcome == "refuse"
	return a.act(c, e, p.DryRun, "staff")
}

// BondReport says who recommended somebody, who need not be a member yet.
type BondReport struct {
	Report
	StaffWord
	Friend   *Who `json:"friend"`
	Referrer *Who `json:"referrer"`
}

func (a *API) bond(c *call, p *trial, b *BondReport) (*Result, error) {
	e := b.event(loyalty.StaffBond)
	e.Member, e.Referrer, e.Staff = b.Friend, b.Referrer, b.staff()
	return a.act(c, e, p.DryRun, "staff", "member=friend")
}

// ReferrerReport changes who recommended a member.
type ReferrerReport struct {
	Report
	StaffWord
	Referrer *Who `json:"referrer,omitempty"`
	None     bool `json:"none,omitempty" doc:"Instead of a referrer: nobody did"`
}

func (a *API) setReferrer(c *call, p *memberTrial, b *ReferrerReport) (*Result, error) {
	if b.None && b.Referrer != nil {
		return nil, loyalty.Invalid("none", "referrer_or_none")
	}
	e := b.event(loyalty.StaffBond)
	e.Member, e.Referrer, e.Staff = p.who(), b.Referrer, b.staff()
	e.Staff.No = b.None
	return a.act(c, e, p.DryRun, "staff")
}

// Friends is what a member has in friends: two counters, never one, and a page of them.
type Friends struct {
	Member       id.Member   `json:"member"`
	Linked       int64       `json:"linked" doc:"Friends who are tied to him now"`
	LastLinkedAt moment.Time `json:"last_linked_at,omitzero" format:"date-time" doc:"The first touch of the last of them"`
	Validated    int64       `json:"validated" doc:"Validated referrals that are open in his wallet: an exchange uses them up"`
	Data         []Friend    `json:"data"`
	HasMore      bool        `json:"has_more"`
	NextCursor   string      `json:"next_cursor,omitempty"`
}

// Friend is one whom the member touched. What he ordered or got is his own affair.
type Friend struct {
	Referral    id.Referral `json:"referral"`
	Friend      id.Member   `json:"friend"`
	Origin      string      `json:"origin" enum:"staff,code,link,email"`
	State       string      `json:"state" enum:"invited,clicked,joined,qualified,rewarded,flagged,refused,expired,cancelled,clawed_back"`
	Reason      string      `json:"reason,omitempty"`
	Active      bool        `json:"active" doc:"He is this member's friend, and nobody else's"`
	TouchedAt   moment.Time `json:"touched_at" format:"date-time"`
	LastTouchAt moment.Time `json:"last_touch_at" format:"date-time"`
	JoinedAt    moment.Time `json:"joined_at,omitzero" format:"date-time"`
}

func (a *API) friends(c *call, p *memberPage, _ *none) (*Friends, error) {
	from, err := after[id.ReferralKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	x, err := a.referrals.FriendsOf(c.ctx, c.shop(), p.ID, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	list := page(x.Page, p.Limit, referralID, func(f *loyalty.Referral) Friend {
		return Friend{f.ID, f.Friend, f.Origin, f.State, f.Reason, f.Bond, f.TouchedAt, f.LastAt, f.JoinedAt}
	})
	return &Friends{p.ID, x.Linked, x.LastAt, x.Validated, list.Data, list.HasMore, list.NextCursor}, nil
}
