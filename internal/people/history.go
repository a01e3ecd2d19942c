package people

import (
	"bytes"
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Event is a recorded fact and the order that it is about.
type Event = store.Event

// Event finds a recorded fact; the problem `event_unknown` when there is none.
func (p *People) Event(ctx context.Context, shop loyalty.ShopID, e id.Event) (*Event, error) {
	return p.st.Event(ctx, shop, e)
}

// Order finds an order by its id; the problem `order_unknown` when there is none.
func (p *People) Order(ctx context.Context, shop loyalty.ShopID, o id.Order) (*loyalty.OrderRow, error) {
	return p.st.Order(ctx, shop, o)
}

// OrderByName finds an order by its series and number; the problem `order_unknown` when
// there is none.
func (p *People) OrderByName(ctx context.Context, shop loyalty.ShopID, series, ref string) (*loyalty.OrderRow, error) {
	return p.st.OrderByName(ctx, shop, series, ref)
}

// Receipts gives what an event led to, its own member's part first; the problem
// `event_unknown` when there is no such event.
func (p *People) Receipts(ctx context.Context, shop loyalty.ShopID, e id.Event) ([]loyalty.Receipt, error) {
	event, err := p.st.Event(ctx, shop, e)
	if err != nil {
		return nil, err
	}
	list, err := p.st.Receipts(ctx, shop, e)
	slices.SortFunc(list, func(a, b loyalty.Receipt) int {
		switch event.MemberID {
		case a.Member:
			return -1
		case b.Member:
			return 1
		}
		return bytes.Compare(a.Member[:], b.Member[:])
	})
	return list, err
}

// ReceiptsOf is a page of a member's receipts, newest first, before a cursor.
func (p *People) ReceiptsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, before id.Event, limit int) ([]loyalty.Receipt, error) {
	list, err := p.st.ReceiptsOf(ctx, shop, m, before, limit)
	if err == nil && len(list) == 0 {
		_, err = p.st.Member(ctx, shop, m)
	}
	return list, err
}

// Movement is what one transaction changed in one unit of a member.
type Movement = store.Movement

// Movements is a page of a member's movements, newest first, before a cursor.
func (p *People) Movements(ctx context.Context, shop loyalty.ShopID, m id.Member, before id.Transaction, limit int) ([]Movement, error) {
	list, err := p.st.Movements(ctx, shop, m, before, limit)
	if err == nil && len(list) == 0 {
		_, err = p.st.Member(ctx, shop, m)
	}
	return list, err
}
