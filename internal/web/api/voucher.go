package api

import (
	"cmp"
	"errors"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rewards"
)

// VoucherTerms is what the vouchers of a batch are for, and what limits them.
type VoucherTerms struct {
	Kind      string      `json:"kind" enum:"product,category,cash,special"`
	Article   string      `json:"article,omitempty" doc:"The article or category of the first two kinds"`
	Amount    int64       `json:"amount,omitempty" doc:"Units of the article, or minor units of money"`
	Percent   int64       `json:"percent,omitempty" doc:"Hundredths of a per cent, 1000 is 10 %: of the basket, or off the article"`
	Uses      int64       `json:"uses,omitempty" default:"1" doc:"Of each code; 0: any number"`
	PerMember int64       `json:"per_member,omitempty" doc:"Of each code by one member, who must then be named; 0: any number"`
	Minimum   int64       `json:"minimum,omitempty" doc:"Of the lines that it may discount, minor units"`
	Priority  int         `json:"priority,omitempty" doc:"Which discount comes first in a cart; -1000 to 1000"`
	Exclusive string      `json:"exclusive,omitempty" doc:"A group of which one discount applies"`
	StartsAt  moment.Time `json:"starts_at,omitzero" format:"date-time" doc:"When missing: at once"`
	ExpiresAt moment.Time `json:"expires_at,omitzero" format:"date-time" doc:"Exclusive; when missing: never"`
}

// VoucherIssue asks for a batch.
type VoucherIssue struct {
	Name   string       `json:"name" doc:"Of the batch; no two of a shop have the same"`
	Origin string       `json:"origin" enum:"generated,chosen,imported" doc:"generated: random codes, count of them; chosen: one shared code; imported: codes of another system"`
	Count  int          `json:"count,omitempty" doc:"Of generated codes, 1 to 100000"`
	Codes  []string     `json:"codes,omitempty" maxItems:"100000" doc:"The chosen code, or those that are imported: 3 to 40 letters and digits; capitals, spaces and dashes do not matter, nor O for 0 and I for 1"`
	Member *Who         `json:"member,omitempty" doc:"Whom the codes are bound to; when missing, whoever has one may use it"`
	Terms  VoucherTerms `json:"terms"`
}

// VoucherBatch is vouchers that were issued together. Its terms never change; when they end may.
type VoucherBatch struct {
	ID          id.Vouchers     `json:"id,omitzero" doc:"Missing in a dry run"`
	Name        string          `json:"name"`
	Origin      string          `json:"origin" enum:"generated,chosen,imported"`
	Size        int64           `json:"size" doc:"How many codes were issued"`
	Member      id.Member       `json:"member,omitzero" doc:"Whom they were bound to"`
	Terms       VoucherTerms    `json:"terms"`
	CreatedAt   moment.Time     `json:"created_at" format:"date-time"`
	WithdrawnAt moment.Time     `json:"withdrawn_at,omitzero" format:"date-time" doc:"From when on nobody can use it"`
	WithdrawnBy string          `json:"withdrawn_by,omitempty"`
	Reason      string          `json:"reason,omitempty" doc:"It was withdrawn for"`
	EndsAt      moment.Time     `json:"ends_at,omitzero" format:"date-time" doc:"When its codes end, where that was changed since; exclusive"`
	Figures     *VoucherFigures `json:"figures,omitempty" doc:"Where one batch is shown"`
}

// VoucherFigures count a batch.
type VoucherFigures struct {
	Issued int64 `json:"issued" doc:"Codes"`
	Used   int64 `json:"used" doc:"Codes that were used at least once"`
	Uses   int64 `json:"uses" doc:"Of all codes together"`
	Left   int64 `json:"left" doc:"Codes that can still be used, were it not for dates"`
}

func shownBatch(b *rewards.VoucherBatch) VoucherBatch {
	out := VoucherBatch{
		ID: b.ID, Name: b.Name, Origin: b.Origin, Size: b.Size, Member: b.Member, Terms: VoucherTerms(b.Terms), CreatedAt: b.CreatedAt,
	}
	if b.Gone() != 0 {
		out.WithdrawnAt, out.WithdrawnBy, out.Reason = b.Gone(), b.WithdrawnBy, b.Why
		if x := b.Changes; len(x) > 0 { // it was withdrawn once more
			out.WithdrawnBy, out.Reason = x[len(x)-1].Actor, x[len(x)-1].Reason
		}
	}
	if b.End() != b.Terms.ExpiresAt {
		out.EndsAt = b.End()
	}
	return out
}

func shownCounted(b *rewards.Batch) *VoucherBatch {
	out := shownBatch(b.VoucherBatch)
	out.Figures = new(VoucherFigures(b.VoucherFigures))
	return &out
}

func (a *API) issueVouchers(c *call, p *trial, b *VoucherIssue) (*VoucherBatch, error) {
	who, _, err := a.people.Who(b.Member.naming(), "member")
	if err != nil {
		return nil, err
	}
	got, err := a.rewards.Issue(c.ctx, c.shop(), rewards.Issue{
		Name: b.Name, Origin: b.Origin, Terms: loyalty.VoucherTerms(b.Terms), Member: who, Count: b.Count, Codes: b.Codes,
	}, p.DryRun)
	if err != nil {
		return nil, err
	}
	out := shownBatch(got.Batch)
	return &out, nil
}

func (a *API) voucherBatches(c *call, p *paging, _ *none) (*Page[VoucherBatch], error) {
	from, err := after[id.VouchersKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.rewards.Batches(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(b *rewards.VoucherBatch) id.Vouchers { return b.ID }, shownBatch), nil
}

type batchPath struct {
	ID id.Vouchers `path:"id" unknown:"batch_unknown"`
}

func (a *API) voucherBatch(c *call, p *batchPath, _ *none) (*VoucherBatch, error) {
	b, err := a.rewards.Batch(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	return shownCounted(b), nil
}

// BatchWithdrawal lets nobody use a batch any more, from ten seconds later on.
type BatchWithdrawal struct {
	Actor  string `json:"actor" doc:"Who decided"`
	Reason string `json:"reason"`
}

func (a *API) withdrawVouchers(c *call, p *batchPath, b *BatchWithdrawal) (*VoucherBatch, error) {
	got, err := a.rewards.Withdraw(c.ctx, c.shop(), p.ID, b.Actor, b.Reason)
	if err != nil {
		return nil, err
	}
	return shownCounted(got), nil
}

// IssuedVoucher is one code of the shop.
type IssuedVoucher struct {
	ID        id.Voucher    `json:"id"`
	Code      string        `json:"code" doc:"As it was written or made"`
	Form      string        `json:"form" doc:"In which codes are compared"`
	Batch     id.Vouchers   `json:"batch_id,omitzero"`
	Reward    id.Reward     `json:"reward_id,omitzero" doc:"That gave it"`
	Member    id.Member     `json:"member,omitzero" doc:"Whom it is bound to"`
	Kind      string        `json:"kind" enum:"product,category,cash,special"`
	Article   string        `json:"article,omitempty"`
	Amount    int64         `json:"amount,omitempty"`
	Percent   int64         `json:"percent,omitempty"`
	UsesMax   int64         `json:"uses_max,omitempty" doc:"Missing: any number"`
	Used      int64         `json:"used"`
	StartsAt  moment.Time   `json:"starts_at" format:"date-time"`
	ExpiresAt moment.Time   `json:"expires_at,omitzero" format:"date-time" doc:"Exclusive"`
	State     string        `json:"state" enum:"waiting,active,withdrawn"`
	Terms     *VoucherTerms `json:"terms,omitempty" doc:"Of its batch"`
	Uses      []VoucherUse  `json:"uses,omitempty" doc:"The latest outside of carts, newest first, where one voucher is shown"`
}

// VoucherUse is one use of a voucher without a cart.
type VoucherUse struct {
	Event  id.Event    `json:"event_id"`
	Member id.Member   `json:"member,omitzero"`
	UsedAt moment.Time `json:"used_at" format:"date-time"`
	Undone bool        `json:"given_back"`
}

func shownIssued(v *rewards.IssuedVoucher) IssuedVoucher {
	out := IssuedVoucher{
		ID: v.ID, Code: cmp.Or(v.Written, v.Code), Form: v.Code, Batch: v.Batch, Reward: v.Reward, Member: v.Member, Kind: v.Kind,
		Article: v.Article, Amount: v.Amount, Percent: v.Percent, UsesMax: v.UsesMax, Used: v.Used, StartsAt: v.StartsAt,
		ExpiresAt: v.ExpiresAt, State: v.State,
	}
	if v.UsesMax == loyalty.Unlimited {
		out.UsesMax = 0
	}
	if v.Terms != nil {
		out.Terms = new(VoucherTerms(*v.Terms))
	}
	return out
}

type codesPage struct {
	ID            id.Vouchers `path:"id" unknown:"batch_unknown"`
	Limit         int         `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	StartingAfter string      `query:"starting_after" doc:"The next_cursor of the page before"`
}

func (a *API) voucherCodes(c *call, p *codesPage, _ *none) (*Page[IssuedVoucher], error) {
	from, err := after[id.VoucherKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.rewards.Codes(c.ctx, c.shop(), p.ID, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(v *rewards.IssuedVoucher) id.Voucher { return v.ID }, shownIssued), nil
}

type codePath struct {
	Code string `path:"code" unknown:"voucher_unknown"`
}

func (a *API) voucher(c *call, p *codePath, _ *none) (*IssuedVoucher, error) {
	if err := a.limits.Guess(c.access, ""); err != nil {
		return nil, err
	}
	v, err := a.rewards.Voucher(c.ctx, c.shop(), p.Code)
	if err != nil {
		a.missed(c, "", err)
		return nil, err
	}
	out := shownIssued(v.IssuedVoucher)
	for _, u := range v.Uses {
		out.Uses = append(out.Uses, VoucherUse{u.Event, u.Member, u.UsedAt, u.Undone})
	}
	return &out, nil
}

// VoucherQuestion asks whether a code can be used now.
type VoucherQuestion struct {
	Code   string `json:"code"`
	Member *Who   `json:"member,omitempty" doc:"Who shows it, where that is known"`
	Client string `json:"client,omitempty" doc:"Who asks you: his address or session. Wrong codes are counted for each, so that one who guesses does not use up what all the others have"`
}

// VoucherAnswer tells what a code is.
type VoucherAnswer struct {
	Usable  bool              `json:"usable"`
	Reason  loyalty.Reason    `json:"reason,omitempty" doc:"Why not"`
	Figures map[string]string `json:"figures,omitempty" doc:"That led to it"`
	Voucher *IssuedVoucher    `json:"voucher,omitempty" doc:"Missing: the shop has no such code"`
}

func (a *API) validateVoucher(c *call, _ *none, b *VoucherQuestion) (*VoucherAnswer, error) {
	if err := short("client", b.Client); err != nil {
		return nil, err
	}
	if err := a.limits.Guess(c.access, b.Client); err != nil {
		return nil, err
	}
	unknown := &VoucherAnswer{Reason: loyalty.CodeUnknown}
	code, ok, err := a.rewards.Code(c.ctx, c.shop(), b.Code)
	if err != nil {
		return nil, err
	}
	if !ok {
		a.limits.Guessed(c.access, b.Client)
		return unknown, nil
	}
	who, _, err := a.people.Who(b.Member.naming(), "member")
	if err != nil {
		return nil, err
	}
	now, err := a.rewards.Now(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	v, err := a.rewards.Validate(c.ctx, c.shop(), &loyalty.Fact{
		Kind: loyalty.VoucherRedeemed, Feed: "api", ExternalID: "validate", Via: "api", Origin: loyalty.FromLive, OccurredAt: now,
		Member: who, Use: &loyalty.Use{Code: code},
	})
	switch {
	case err != nil:
		return nil, err
	case v == nil:
		a.limits.Guessed(c.access, b.Client)
		return unknown, nil
	}
	out := &VoucherAnswer{Usable: v.Why == nil, Voucher: new(shownIssued(v.IssuedVoucher))}
	if v.Why != nil {
		out.Reason, out.Figures = loyalty.Reason(v.Why.Code), v.Why.Args
	}
	return out, nil
}

// typedCode brings the typed code of a fact into its form, or refuses it as one that the shop does
// not have. Who has sent too many of them has to wait.
func (a *API) typedCode(c *call, typed string) (string, error) {
	if err := a.limits.Guess(c.access, ""); err != nil {
		return "", err
	}
	code, ok, err := a.rewards.Code(c.ctx, c.shop(), typed)
	if err == nil && !ok {
		err = loyalty.Conflict("use.code", string(loyalty.CodeUnknown))
	}
	a.missed(c, "", err)
	return code, err
}

// missed counts a code that the shop does not have.
func (a *API) missed(c *call, client string, err error) {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && (p.Code == string(loyalty.CodeUnknown) || p.Code == "voucher_unknown") {
		a.limits.Guessed(c.access, client)
	}
}
