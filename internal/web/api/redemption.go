package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// Redemption is one use of a voucher.
type Redemption struct {
	Report
	Code    string `json:"code"`
	Member  *Who   `json:"member,omitempty" doc:"Who shows it, where that is known: it must be his"`
	Site    string `json:"site,omitempty"`
	Channel string `json:"channel,omitempty"`
}

func (a *API) redeem(c *call, p *trial, b *Redemption) (*Result, error) {
	e := b.event(loyalty.VoucherRedeemed)
	e.Member, e.Use, e.Happening = b.Member, &Use{Code: b.Code}, &Happening{Site: b.Site, Channel: b.Channel}
	return a.act(c, e, p.DryRun, "use", "happening")
}

// ReleaseReport gives a use of a voucher back.
type ReleaseReport struct{ Report }

type redemptionTrial struct {
	Event  id.Event `path:"event_id" unknown:"redemption_unknown"`
	DryRun bool     `query:"dry_run" doc:"Decide and answer, store nothing"`
}

func (t redemptionTrial) dryRun() bool { return t.DryRun }

func (a *API) releaseVoucher(c *call, p *redemptionTrial, b *ReleaseReport) (*Result, error) {
	e := b.event(loyalty.VoucherReleased)
	e.Use = &Use{Redemption: p.Event}
	return a.act(c, e, p.DryRun, "use.redemption=event_id", "use")
}

// Withdrawal lets nobody use a code any more.
type Withdrawal struct {
	Report
	Code   string `json:"code"`
	Actor  string `json:"actor" doc:"Who decided"`
	Reason string `json:"reason"`
}

func (a *API) withdrawVoucher(c *call, p *trial, b *Withdrawal) (*Result, error) {
	e := b.event(loyalty.StaffVoucher)
	e.Use, e.Staff = &Use{Code: b.Code}, &Staff{Actor: b.Actor, Reason: b.Reason}
	return a.act(c, e, p.DryRun, "use", "staff")
}
