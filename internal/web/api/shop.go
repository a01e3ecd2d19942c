package api

import (
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
)

// NewShop is what a shop is made of.
type NewShop struct {
	Name     string `json:"name"`
	Currency string `json:"currency" example:"EUR"`
	Zone     string `json:"zone" example:"Europe/Paris"`
}

// OpenedShop is a new shop, with its keys: this is the only time that they can be read.
type OpenedShop struct {
	Shop     Shop     `json:"shop"`
	TestShop Shop     `json:"test_shop"`
	Keys     ShopKeys `json:"keys"`
}

// ShopKeys are the first keys of a shop.
type ShopKeys struct {
	Live string `json:"live"`
	Test string `json:"test" doc:"Reaches the test shop and nothing else"`
}

// Shop is a merchant's shop, or its test twin.
type Shop struct {
	Slug     string      `json:"slug"`
	Name     string      `json:"name"`
	Currency string      `json:"currency"`
	Decimals int         `json:"decimals" doc:"Of the currency: what a minor unit is"`
	Zone     string      `json:"zone"`
	Test     bool        `json:"test"`
	Now      moment.Time `json:"now" format:"date-time" doc:"The shop's time: the test shop has a clock of its own"`
	Outbox   []string    `json:"outbox" doc:"Kinds of notices that are kept"`
}

func shownShop(s *loyalty.Shop, now moment.Time) Shop {
	return Shop{s.Slug, s.Name, s.Currency, s.Decimals, s.Zone.String(), s.Twin(), now, filled(s.Listens)}
}

func (a *API) createShop(c *call, _ *none, b *NewShop) (*OpenedShop, error) {
	o, err := a.office.CreateShop(c.ctx, b.Name, b.Currency, b.Zone)
	if err != nil {
		return nil, err
	}
	live, now, err := a.office.Shop(c.ctx, o.Live.ID)
	if err != nil {
		return nil, err
	}
	return &OpenedShop{shownShop(live, now), shownShop(o.Test, now), ShopKeys{o.LiveKey, o.TestKey}}, nil
}

func (a *API) showShop(c *call, _ *none, _ *none) (*Shop, error) {
	s, now, err := a.office.Shop(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	out := shownShop(s, now)
	return &out, nil
}

// ShopSettings is what may be changed of a shop.
type ShopSettings struct {
	Name string `json:"name" doc:"For people; the slug stays"`
}

func (a *API) changeShop(c *call, _ *none, b *ShopSettings) (*Shop, error) {
	if err := a.office.Rename(c.ctx, c.shop(), b.Name); err != nil {
		return nil, err
	}
	return a.showShop(c, nil, nil)
}

// listShops lists live shops and twins; it is the operator's.
func (a *API) listShops(c *call, p *paging, _ *none) (*Page[Shop], error) {
	from := loyalty.ShopID(0)
	if p.StartingAfter != "" {
		s, err := afterText(p.StartingAfter)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, loyalty.Invalid("starting_after", "invalid_cursor")
		}
		from = loyalty.ShopID(n)
	}
	rows, err := a.office.Shops(c.ctx, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageBy(rows, p.Limit, func(s *loyalty.Shop) string { return textCursor(strconv.FormatInt(int64(s.ID), 10)) },
		func(s *loyalty.Shop) Shop { return shownShop(s, a.office.Now(s)) }), nil
}

type shopRemoval struct {
	Slug    string `path:"slug" unknown:"shop_unknown"`
	Confirm string `query:"confirm" doc:"The slug once more: nothing of the shop comes back"`
}

// RemovedShop names what is gone for everybody; its rows are deleted in the background.
type RemovedShop struct {
	Slug     string `json:"slug"`
	TestSlug string `json:"test_slug,omitempty"`
}

func (a *API) removeShop(c *call, p *shopRemoval, _ *none) (*RemovedShop, error) {
	live, test, err := a.office.RemoveShop(c.ctx, p.Slug, p.Confirm)
	if err != nil {
		return nil, err
	}
	out := &RemovedShop{Slug: live.Slug}
	if test != nil {
		out.TestSlug = test.Slug
	}
	return out, nil
}

// Clock is where a test shop's clock is to stand.
type Clock struct {
	At moment.Time `json:"at" format:"date-time"`
}

func (a *API) setClock(c *call, _ *none, b *Clock) (*Shop, error) {
	if err := a.office.SetClock(c.ctx, c.shop(), b.At); err != nil {
		return nil, err
	}
	return a.showShop(c, nil, nil)
}

// OutboxKinds says which notices are kept from now on.
type OutboxKinds struct {
	Kinds []string `json:"kinds" maxItems:"20" doc:"referral.changed, reward.given, reward.taken_back, voucher.issued, claim.changed"`
}

func (a *API) setOutbox(c *call, _ *none, b *OutboxKinds) (*Shop, error) {
	if err := a.office.Listen(c.ctx, c.shop(), b.Kinds); err != nil {
		return nil, err
	}
	return a.showShop(c, nil, nil)
}

// Notice tells that something happened to a member.
type Notice struct {
	ID       id.Outbox           `json:"id"`
	Kind     string              `json:"kind"`
	Member   id.Member           `json:"member,omitzero"`
	Sequence int64               `json:"sequence" doc:"Of two notices about a member, the greater is the later"`
	Event    id.Event            `json:"event"`
	Decision loyalty.ReceiptLine `json:"decision"`
}

func (a *API) outbox(c *call, p *paging, _ *none) (*Page[Notice], error) {
	from, err := after[id.OutboxKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.office.Outbox(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	out := page(rows, p.Limit, func(n office.Notice) id.Outbox { return n.ID }, func(n office.Notice) Notice {
		return Notice{n.ID, n.Kind, n.Member, n.Rev, n.Event, n.Line}
	})
	if len(rows) > 0 && !out.HasMore { // a reader comes back for what is yet to come
		out.NextCursor = cursor(rows[len(rows)-1].ID)
	}
	return out, nil
}
