package api

import (
	"cmp"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/rules"
)

// Claim is a gift on its way to a member, or a choice that he has: named by its reward.
type Claim struct {
	Reward   id.Reward    `json:"reward_id"`
	Member   id.Member    `json:"member"`
	Gift     string       `json:"gift,omitempty" doc:"Missing: a choice among several rewards"`
	ByHand   bool         `json:"by_hand" doc:"Handed over by staff, not sent"`
	Quantity int64        `json:"quantity"`
	State    string       `json:"state" enum:"to_choose,waiting,open,waiting_code,delivered,shipped,handed_over,chosen,withdrawn,cancelled"`
	Since    moment.Time  `json:"since" format:"date-time"`
	DoneAt   moment.Time  `json:"done_at,omitzero" format:"date-time"`
	Chosen   int          `json:"chosen,omitempty" doc:"Which option, from 1"`
	Program  id.Program   `json:"program"`
	Version  int          `json:"version"`
	Rule     string       `json:"rule" doc:"That gave it"`
	Options  []rules.Give `json:"options,omitempty" doc:"Of a choice: what may be chosen, the first is option 1"`
	Code     string       `json:"code,omitempty" doc:"Of an entry of the catalogue: the member asked for it"`
	Variant  string       `json:"variant,omitempty"`
	Delivery string       `json:"delivery,omitempty" enum:"voucher,code,parcel,by_hand"`
	Site     string       `json:"site,omitempty" doc:"Where it is handed over"`
	Unit     ledger.Unit  `json:"unit,omitempty" doc:"What it cost, fixed when it was made"`
	Price    int64        `json:"price,omitempty"`
	Cost     int64        `json:"cost,omitempty" doc:"What the shop pays, minor units"`
	Carrier  string       `json:"carrier,omitempty"`
	Tracking string       `json:"tracking,omitempty"`
}

func shownClaim(k *people.Claim, options []rules.Give) Claim {
	d := &k.Detail
	return Claim{
		Reward: k.Reward, Member: k.Member, Gift: k.Gift, ByHand: k.ByHand, Quantity: k.Quantity, State: k.State, Since: k.Since,
		DoneAt: k.DoneAt, Chosen: k.Chosen, Program: k.Program, Version: k.Version, Rule: k.Rule, Options: options,
		Code: k.Code, Variant: d.Variant, Delivery: k.Delivery, Site: k.Site, Unit: d.Unit, Price: d.Price, Cost: d.Cost,
		Carrier: d.Carrier, Tracking: d.Tracking,
	}
}

// claimPage shows a page of claims.
func (a *API) claimPage(c *call, rows []people.Claim, limit int) (*Page[Claim], error) {
	var failed error
	out := page(rows, limit, func(k people.Claim) id.Reward { return k.Reward }, func(k people.Claim) Claim {
		options, err := a.people.Options(c.ctx, c.shop(), &k)
		failed = cmp.Or(failed, err)
		return shownClaim(&k, options)
	})
	return out, failed
}

type claimQuery struct {
	State         string `query:"state" default:"open" enum:"to_choose,waiting,open,waiting_code,delivered,shipped,handed_over,chosen,withdrawn,cancelled" doc:"open: what is to be sent or handed over"`
	Delivery      string `query:"delivery" enum:"voucher,code,parcel,by_hand"`
	Site          string `query:"site" doc:"Where it is handed over"`
	Limit         int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string `query:"starting_after" doc:"The next_cursor of the page before"`
}

func (a *API) claims(c *call, p *claimQuery, _ *none) (*Page[Claim], error) {
	from, err := after[id.RewardKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.people.Claims(c.ctx, c.shop(), p.State, p.Delivery, p.Site, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return a.claimPage(c, rows, p.Limit)
}

func (a *API) memberClaims(c *call, p *memberPage, _ *none) (*Page[Claim], error) {
	from, err := after[id.RewardKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.people.ClaimsOf(c.ctx, c.shop(), p.ID, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return a.claimPage(c, rows, p.Limit)
}

type claimTrial struct {
	Reward id.Reward `path:"reward_id" unknown:"reward_unknown"`
	DryRun bool      `query:"dry_run" doc:"Decide and answer, store nothing"`
}

func (t claimTrial) dryRun() bool { return t.DryRun }

// ChoiceReport is what the member chose.
type ChoiceReport struct {
	Report
	Option int `json:"option" doc:"From 1, in the order of the program"`
}

func (a *API) choose(c *call, p *claimTrial, b *ChoiceReport) (*Result, error) {
	k, err := a.people.Claim(c.ctx, c.shop(), p.Reward)
	if err != nil {
		return nil, err
	}
	e := b.event(loyalty.ChoiceMade)
	e.Member, e.Use = &Who{ID: k.Member}, &Use{Reward: p.Reward, Option: b.Option}
	return a.act(c, e, p.DryRun, "use.reward=reward_id", "use")
}

// Fulfilment is a gift that has left.
type Fulfilment struct {
	Report
	State string `json:"state" enum:"shipped,handed_over,delivered" doc:"delivered: what was shipped has arrived"`
	Actor string `json:"actor" doc:"Who sent it or handed it over"`

	Carrier  string `json:"carrier,omitempty"`
	Tracking string `json:"tracking,omitempty"`
}

func (a *API) fulfil(c *call, p *claimTrial, b *Fulfilment) (*Result, error) {
	k, err := a.people.Claim(c.ctx, c.shop(), p.Reward)
	if err != nil {
		return nil, err
	}
	e := b.event(loyalty.ClaimUpdated)
	e.Member, e.Use, e.Staff = &Who{ID: k.Member}, &Use{Reward: p.Reward, State: b.State, Carrier: b.Carrier, Tracking: b.Tracking}, &Staff{Actor: b.Actor}
	return a.act(c, e, p.DryRun, "use.reward=reward_id", "use", "staff")
}
