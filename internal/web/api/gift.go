package api

import (
	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Gift is an entry of the catalogue.
type Gift struct {
	Code        string                `json:"code,omitempty" doc:"Its permanent name"`
	Name        string                `json:"name" doc:"In receipts"`
	Names       map[string]string     `json:"names,omitempty" doc:"By language: fr, pl, en"`
	Description map[string]string     `json:"description,omitempty" doc:"By language"`
	Category    string                `json:"category,omitempty"`
	Pictures    []string              `json:"pictures,omitempty" maxItems:"20" doc:"Addresses: https://… or /…"`
	Prices      []loyalty.GiftPrice   `json:"prices,omitempty" maxItems:"20" doc:"One of them pays, in minor units of its unit; none: only programs give it"`
	Cost        int64                 `json:"cost,omitempty" doc:"What the shop pays for a piece, minor units"`
	Limited     bool                  `json:"limited,omitempty" doc:"There are as many as were put in stock"`
	Variants    []loyalty.GiftVariant `json:"variants,omitempty" maxItems:"200" doc:"Each with a stock of its own"`
	Limits      []loyalty.GiftLimit   `json:"limits,omitempty" maxItems:"20" doc:"Pieces for a member within day, month, year or ever; of a group, or of all that have no limit of their own"`
	Groups      []string              `json:"groups,omitempty" maxItems:"20" doc:"Of members who may have it; none: all"`
	Segments    []string              `json:"segments,omitempty" maxItems:"20" doc:"Tags: one of them is enough"`
	From        moment.Time           `json:"from,omitzero" format:"date-time"`
	Until       moment.Time           `json:"until,omitzero" format:"date-time" doc:"Exclusive"`
	Delivery    string                `json:"delivery" enum:"voucher,code,parcel,by_hand"`
	Pool        string                `json:"pool,omitempty" doc:"Of its codes"`
	Voucher     *loyalty.GiftVoucher  `json:"voucher,omitempty" doc:"That it is"`
	Archived    bool                  `json:"archived,omitempty"`
}

// Stock puts pieces of a gift in stock, or (below zero) takes them out.
type Stock loyalty.GiftStock

// GiftClaim is what a member asks for of the catalogue: all of it or nothing.
type GiftClaim struct {
	Items   []GiftItem `json:"items" maxItems:"50"`
	Site    string     `json:"site,omitempty" doc:"Where it is handed over"`
	Address *Address   `json:"address,omitempty" doc:"Where a parcel goes. Sealed apart from the fact"`
}

// GiftItem is so many pieces of one gift.
type GiftItem struct {
	Gift     string `json:"gift" doc:"Its code"`
	Variant  string `json:"variant,omitempty"`
	Quantity int64  `json:"quantity,omitempty" default:"1"`
	Unit     string `json:"unit,omitempty" doc:"Which of several prices pays"`
}

// Address is where a parcel goes.
type Address struct {
	Name    string `json:"name"`
	Street  string `json:"street"`
	More    string `json:"more,omitempty"`
	Postal  string `json:"postal_code"`
	City    string `json:"city"`
	Country string `json:"country,omitempty" doc:"Two letters"`
}

// catalogue adds to a fact what it says of the catalogue.
func (e *Event) catalogue(f *loyalty.Fact) {
	f.Gift, f.Stock, f.Pool = (*loyalty.Gift)(e.Gift), (*loyalty.GiftStock)(e.Stock), e.Pool
	if e.Claim == nil {
		return
	}
	f.Claim = &loyalty.GiftClaim{Site: e.Claim.Site, Addressed: e.Claim.Address != nil}
	for _, x := range e.Claim.Items {
		f.Claim.Items = append(f.Claim.Items, loyalty.GiftItem(x))
	}
	if a := e.Claim.Address; a != nil {
		f.Address = new(loyalty.Address(*a))
	}
}

func shownGiftClaim(c *loyalty.GiftClaim) *GiftClaim {
	if c == nil {
		return nil
	}
	out := &GiftClaim{Site: c.Site, Items: make([]GiftItem, len(c.Items))}
	for i, x := range c.Items {
		out.Items[i] = GiftItem(x)
	}
	return out
}

// checkAddress refuses an address that nobody could deliver to.
func checkAddress(a *Address) error {
	if a == nil {
		return nil
	}
	for _, x := range []struct{ field, v string }{{"name", a.Name}, {"street", a.Street}, {"postal_code", a.Postal}, {"city", a.City}} {
		if x.v == "" {
			return loyalty.Invalid("address."+x.field, "required")
		}
	}
	for _, x := range []struct{ field, v string }{
		{"name", a.Name}, {"street", a.Street}, {"more", a.More}, {"postal_code", a.Postal}, {"city", a.City}, {"country", a.Country},
	} {
		if err := short("address."+x.field, x.v); err != nil {
			return err
		}
	}
	return nil
}

// GiftEntry is an entry of the catalogue with its stock.
type GiftEntry struct {
	Gift
	Stock     []VariantStock `json:"stock,omitempty" doc:"Where it is limited; by variant"`
	ChangedAt moment.Time    `json:"changed_at" format:"date-time"`
}

// VariantStock is what was put in stock of a variant, and what is left.
type VariantStock struct {
	Variant string `json:"variant,omitempty"`
	In      int64  `json:"in"`
	Left    int64  `json:"left"`
}

func shownGift(g *loyalty.GiftRow) GiftEntry {
	out := GiftEntry{Gift: Gift(g.Gift), ChangedAt: g.ChangedAt}
	variants := []string{""}
	if len(g.Gift.Variants) > 0 {
		variants = nil
		for _, v := range g.Gift.Variants {
			variants = append(variants, v.Code)
		}
	}
	for _, v := range variants {
		if left, limited := g.Left(v); limited {
			out.Stock = append(out.Stock, VariantStock{v, g.In[v], left})
		}
	}
	return out
}

// GiftReport says an entry of the catalogue, whole.
type GiftReport struct {
	Report
	Actor string `json:"actor" doc:"Who decided"`
	Gift  Gift   `json:"gift"`
}

type giftPath struct {
	Code   string `path:"code" unknown:"gift_unknown"`
	DryRun bool   `query:"dry_run" doc:"Decide and answer, store nothing"`
}

func (p giftPath) dryRun() bool { return p.DryRun }

func (a *API) putGift(c *call, p *giftPath, b *GiftReport) (*Result, error) {
	e := b.event(loyalty.StaffGift)
	b.Gift.Code = p.Code
	e.Gift, e.Staff = &b.Gift, &Staff{Actor: b.Actor}
	return a.act(c, e, p.DryRun, "staff")
}

// StockReport puts pieces in stock.
type StockReport struct {
	Report
	Actor   string `json:"actor" doc:"Who decided"`
	Variant string `json:"variant,omitempty"`
	Add     int64  `json:"add" doc:"Pieces; below zero: taken out"`
}

func (a *API) stockGift(c *call, p *giftPath, b *StockReport) (*Result, error) {
	e := b.event(loyalty.StaffStock)
	e.Stock, e.Staff = &Stock{Gift: p.Code, Variant: b.Variant, Add: b.Add}, &Staff{Actor: b.Actor}
	return a.act(c, e, p.DryRun, "stock.gift=code", "stock", "staff")
}

func (a *API) gift(c *call, p *giftPath, _ *none) (*GiftEntry, error) {
	g, err := a.gifts.Gift(c.ctx, c.shop(), p.Code)
	if err != nil {
		return nil, err
	}
	out := shownGift(g)
	return &out, nil
}

func (a *API) listGifts(c *call, p *paging, _ *none) (*Page[GiftEntry], error) {
	from, err := afterText(p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.gifts.List(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageBy(rows, p.Limit, func(g *loyalty.GiftRow) string { return textCursor(g.Gift.Code) }, shownGift), nil
}

// GiftOffer is an entry as a member sees it.
type GiftOffer struct {
	GiftEntry
	Claimable bool              `json:"claimable" doc:"He may have it now"`
	Code      string            `json:"reason,omitempty" doc:"Why not"`
	Missing   int64             `json:"missing,omitempty" doc:"What is lacking of the first price"`
	Unit      string            `json:"missing_unit,omitempty"`
	Text      string            `json:"text,omitempty"`
	Figures   map[string]string `json:"figures,omitempty"`
}

// GiftOffers are what the catalogue has for a member, in the order that the shop gave it; where it
// gave none, what he may have first.
type GiftOffers struct {
	Lang string      `json:"lang" doc:"The language of the texts"`
	Data []GiftOffer `json:"data"`
}

type memberGiftsQuery struct {
	ID   id.Member `path:"id" unknown:"member_unknown"`
	Lang string    `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

func (a *API) memberGifts(c *call, p *memberGiftsQuery, _ *none) (*GiftOffers, error) {
	words, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	list, err := a.offers(c, p.ID, nil, words)
	if err != nil {
		return nil, err
	}
	return &GiftOffers{words.Tag(), list}, nil
}

// offers shows a member the catalogue; spent is what he is about to spend elsewhere.
func (a *API) offers(c *call, m id.Member, spent map[string]int64, words *locale.Printer) ([]GiftOffer, error) {
	list, err := a.gifts.Offers(c.ctx, c.shop(), m, spent)
	if err != nil {
		return nil, err
	}
	out := make([]GiftOffer, len(list))
	for i, x := range list {
		o := GiftOffer{GiftEntry: shownGift(x.GiftRow), Claimable: x.Why == "", Code: string(x.Why), Missing: x.Missing, Unit: x.Unit, Figures: x.Figures}
		if x.Why != "" {
			o.Text = words.Why(loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: x.Why})
			if x.Missing > 0 {
				o.Text = words.MissingUnits(x.Unit, x.Missing, x.Gift.Name)
			}
		}
		out[i] = o
	}
	return out, nil
}

// GiftClaimReport is a member's request for gifts.
type GiftClaimReport struct {
	Report
	GiftClaim
}

func (a *API) claimGifts(c *call, p *memberTrial, b *GiftClaimReport) (*Result, error) {
	if err := checkAddress(b.Address); err != nil {
		return nil, err
	}
	e := b.event(loyalty.GiftClaimed)
	e.Member, e.Claim = p.who(), &b.GiftClaim
	return a.act(c, e, p.DryRun, "claim")
}

// Cancellation gives a claim up.
type Cancellation struct {
	Report
	Actor  string `json:"actor" doc:"Who decided: the member's own wish is noted by staff"`
	Reason string `json:"reason,omitempty"`
}

func (a *API) cancelClaim(c *call, p *claimTrial, b *Cancellation) (*Result, error) {
	k, err := a.people.Claim(c.ctx, c.shop(), p.Reward)
	if err != nil {
		return nil, err
	}
	e := b.event(loyalty.ClaimUpdated)
	e.Member, e.Use, e.Staff = &Who{ID: k.Member}, &Use{Reward: p.Reward, State: loyalty.ClaimCancelled}, &Staff{Actor: b.Actor, Reason: b.Reason}
	return a.act(c, e, p.DryRun, "use.reward=reward_id", "use", "staff")
}

// ClaimDelivery is what whoever sends a gift needs: where it goes, or its codes.
type ClaimDelivery struct {
	Claim
	Address *Address `json:"address,omitempty"`
	Codes   []string `json:"codes,omitempty" doc:"Of a partner"`
}

type claimPath struct {
	Reward id.Reward `path:"reward_id" unknown:"reward_unknown"`
}

func (a *API) claim(c *call, p *claimPath, _ *none) (*ClaimDelivery, error) {
	k, err := a.people.Claim(c.ctx, c.shop(), p.Reward)
	if err != nil {
		return nil, err
	}
	d, err := a.gifts.Delivery(c.ctx, c.shop(), &k.Claim)
	if err != nil {
		return nil, err
	}
	options, err := a.people.Options(c.ctx, c.shop(), k)
	if err != nil {
		return nil, err
	}
	out := &ClaimDelivery{Claim: shownClaim(k, options), Codes: d.Codes}
	if d.Address != nil {
		out.Address = new(Address(*d.Address))
	}
	return out, nil
}

// DueMember is a member who has reached a threshold and has no gift yet.
type DueMember struct {
	Member id.Member `json:"member"`
	Earned int64     `json:"earned" doc:"Of the unit, in all"`
}

type dueQuery struct {
	Unit          string `query:"unit" required:"true" doc:"points, EUR, referrals:prg_…"`
	Reached       int64  `query:"reached" required:"true" minimum:"1" maximum:"100000000000000" doc:"Minor units of it, earned in all"`
	Limit         int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string `query:"starting_after" doc:"The next_cursor of the page before"`
}

func (a *API) dueForGift(c *call, p *dueQuery, _ *none) (*Page[DueMember], error) {
	from, err := after[id.MemberKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.gifts.Due(c.ctx, c.shop(), p.Unit, p.Reached, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &Page[DueMember]{Data: []DueMember{}}
	for i, r := range rows {
		if i == p.Limit {
			out.HasMore, out.NextCursor = true, cursor(rows[i-1].Member)
			break
		}
		out.Data = append(out.Data, DueMember{r.Member, r.Earned})
	}
	return out, nil
}

// CodePool is a pool of partners' codes.
type CodePool struct {
	Name string `json:"name"`
	Size int64  `json:"size" doc:"Codes that were ever put in"`
	Left int64  `json:"left"`
	Low  bool   `json:"low" doc:"A tenth or less is left"`
}

// CodePools lists them.
type CodePools struct {
	Data []CodePool `json:"data"`
}

func (a *API) codePools(c *call, _ *none, _ *none) (*CodePools, error) {
	list, err := a.gifts.Pools(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	out := &CodePools{Data: make([]CodePool, len(list))}
	for i, p := range list {
		out.Data[i] = CodePool{p.Name, p.Size, p.Free, p.Low()}
	}
	return out, nil
}

// NewCodes are put into a pool.
type NewCodes struct {
	Codes []string `json:"codes" maxItems:"100000"`
}

// AddedCodes tells what became of them.
type AddedCodes struct {
	Added int   `json:"added"`
	Twice []int `json:"twice" doc:"Their places: they were there already, or stand twice in the list"`
}

type poolPath struct {
	Name string `path:"name" unknown:"not_found"`
}

func (a *API) addCodes(c *call, p *poolPath, b *NewCodes) (*AddedCodes, error) {
	got, err := a.gifts.AddCodes(c.ctx, c.shop(), p.Name, b.Codes)
	if err != nil {
		return nil, err
	}
	return shownAdded(got), nil
}

func shownAdded(x *gifts.Added) *AddedCodes { return &AddedCodes{x.Added, filled(x.Twice)} }
