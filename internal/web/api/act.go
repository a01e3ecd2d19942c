package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// What the shop's people do about a member, and what he does with what he has: one fact
// each. Its fields are the door's own, and so are the fields of its problems.

// StaffWord is who of the shop's people decided, and why.
type StaffWord struct {
	Actor  string `json:"actor" doc:"Who decided"`
	Reason string `json:"reason"`
}

func (w *StaffWord) staff() *Staff { return &Staff{Actor: w.Actor, Reason: w.Reason} }

// memberTrial is a member in the path, and whether it is a dry run.
type memberTrial struct {
	ID     id.Member `path:"id" unknown:"member_unknown"`
	DryRun bool      `query:"dry_run" doc:"Decide and answer, store nothing"`
}

func (t memberTrial) dryRun() bool { return t.DryRun }

func (t memberTrial) who() *Who { return &Who{ID: t.ID} }

// MergeReport makes another member part of this one.
type MergeReport struct {
	Report
	StaffWord
	Other *Who `json:"other" doc:"Who is merged into the member: what he has comes over, with its dates"`
}

func (a *API) merge(c *call, p *memberTrial, b *MergeReport) (*Result, error) {
	e := b.event(loyalty.StaffMerge)
	e.Member, e.Other, e.Staff = p.who(), b.Other, b.staff()
	return a.act(c, e, p.DryRun, "staff")
}

// BlockReport blocks a member, or lets him go on.
type BlockReport struct {
	Report
	StaffWord
}

func (a *API) block(c *call, p *memberTrial, b *BlockReport) (*Result, error) {
	e := b.event(loyalty.StaffBlock)
	e.Member, e.Staff = p.who(), b.staff()
	return a.act(c, e, p.DryRun, "staff")
}

func (a *API) unblock(c *call, p *memberTrial, b *BlockReport) (*Result, error) {
	e := b.event(loyalty.StaffBlock)
	e.Member, e.Staff = p.who(), b.staff()
	e.Staff.No = true
	return a.act(c, e, p.DryRun, "staff")
}

// GroupReport puts a member into a group.
type GroupReport struct {
	Report
	Group  string `json:"group" doc:"Its code; empty: none"`
	Actor  string `json:"actor" doc:"Who decided"`
	Reason string `json:"reason,omitempty"`
}

func (a *API) setGroup(c *call, p *memberTrial, b *GroupReport) (*Result, error) {
	e := b.event(loyalty.StaffGroup)
	e.Member, e.Staff = p.who(), &Staff{Actor: b.Actor, Reason: b.Reason, Group: b.Group}
	return a.act(c, e, p.DryRun, "staff")
}

// TagReport gives a member tags and takes others away.
type TagReport struct {
	Report
	Add    []string `json:"add,omitempty" maxItems:"20"`
	Remove []string `json:"remove,omitempty" maxItems:"20"`
	Actor  string   `json:"actor" doc:"Who decided"`
	Reason string   `json:"reason,omitempty"`
}

func (a *API) tag(c *call, p *memberTrial, b *TagReport) (*Result, error) {
	e := b.event(loyalty.StaffTag)
	e.Member, e.Staff = p.who(), &Staff{Actor: b.Actor, Reason: b.Reason, Add: b.Add, Remove: b.Remove}
	return a.act(c, e, p.DryRun, "staff")
}

// Adjustment gives a member value by hand, or takes some.
type Adjustment struct {
	Report
	Adjust
}

func (a *API) adjust(c *call, p *memberTrial, b *Adjustment) (*Result, error) {
	e := b.event(loyalty.StaffAdjust)
	e.Member, e.Adjust = p.who(), &b.Adjust
	return a.act(c, e, p.DryRun, "adjust")
}

// TransferReport moves open value from one member to another, with its dates.
type TransferReport struct {
	Report
	From *Who `json:"from"`
	To   *Who `json:"to"`
	Transfer
}

func (a *API) transfer(c *call, p *trial, b *TransferReport) (*Result, error) {
	e := b.event(loyalty.Transferred)
	e.Member, e.Other, e.Transfer = b.From, b.To, &b.Transfer
	return a.act(c, e, p.DryRun, "transfer", "member=from", "other=to")
}

// ExchangeReport asks for an exchange that members ask for.
type ExchangeReport struct {
	Report
	Program id.Program `json:"program"`
	Rule    string     `json:"rule" doc:"The exchange, by the name of its rule"`
	Times   int64      `json:"times,omitempty" default:"1"`
}

func (a *API) exchange(c *call, p *memberTrial, b *ExchangeReport) (*Result, error) {
	if b.Times == 0 {
		return nil, loyalty.Invalid("times", "out_of_range", "max", maxTimes)
	}
	e := b.event(loyalty.ExchangeAsked)
	e.Member, e.Use = p.who(), &Use{Program: b.Program, Rule: b.Rule, Times: b.Times}
	return a.act(c, e, p.DryRun, "use.amount=times", "use")
}

// maxTimes is what the problem of an exchange that is made no times names.
const maxTimes = "1000000000"

// Click is a browser that followed a member's link.
type Click struct {
	Report
	Code    string `json:"code" doc:"The personal code in the link"`
	Visitor string `json:"visitor" doc:"The browser, as your own cookie names it"`
}

// Noted answers a click: nothing in it tells whether the code is anybody's.
type Noted struct {
	ID     id.Event `json:"id,omitzero"`
	Status string   `json:"status" enum:"recorded,duplicate,accepted,tried"`
}

// click notes a touch. Without an id, a click is named by its code, browser and time: the
// same one reported twice is one.
func (a *API) click(c *call, p *trial, b *Click) (*Noted, error) {
	for _, x := range []struct{ field, v string }{{"code", b.Code}, {"visitor", b.Visitor}} {
		if x.v == "" {
			return nil, loyalty.Invalid(x.field, "required")
		}
	}
	if !p.DryRun {
		if err := a.feed.Clicked(c.ctx, c.shop(), b.Code, b.Visitor); err != nil {
			return nil, err
		}
	}
	e := b.event(loyalty.LinkClicked)
	if e.ID == "" && e.OccurredAt != 0 {
		e.ID = factName("click", b.Code+" "+b.Visitor+" "+e.OccurredAt.String())
	}
	e.Member, e.Referrer, e.Touch = &Who{Visitor: b.Visitor}, &Who{Code: b.Code}, loyalty.OriginLink
	r, err := a.act(c, e, p.DryRun, "member", "referrer")
	if err != nil {
		return nil, err
	}
	return &Noted{r.ID, r.Status}, nil
}

// Invitation is a message by which a member asked a friend.
type Invitation struct {
	Report
	Referrer  *Who   `json:"referrer" doc:"Who invites"`
	Email     string `json:"email,omitempty" doc:"The friend's, or his phone"`
	Phone     string `json:"phone,omitempty" doc:"With its country, or a locale that names one"`
	FirstName string `json:"first_name,omitempty" doc:"The friend's"`
	LastName  string `json:"last_name,omitempty" doc:"The friend's"`
	Locale    string `json:"locale,omitempty" doc:"The friend's"`
}

func (a *API) invite(c *call, p *trial, b *Invitation) (*Result, error) {
	if b.Email == "" && b.Phone == "" {
		return nil, loyalty.Invalid("email", "required")
	}
	e := b.event(loyalty.InvitationSent)
	e.Referrer = b.Referrer
	e.Member = &Who{Email: b.Email, Phone: b.Phone, FirstName: b.FirstName, LastName: b.LastName, Locale: b.Locale}
	return a.act(c, e, p.DryRun, "member")
}
