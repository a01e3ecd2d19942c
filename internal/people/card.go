package people

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// What staff reads about one member, beside his row and wallet.

// Named reads members by their ids; whoever is not there is missing.
func (p *People) Named(ctx context.Context, shop loyalty.ShopID, ids ...id.Member) (map[id.Member]*Member, error) {
	rows, err := p.st.MembersByID(ctx, shop, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[id.Member]*Member, len(rows))
	for m, row := range rows {
		if out[m], err = p.open(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// OrdersOf is a page of a member's orders, the last paid first, behind the first so many.
func (p *People) OrdersOf(ctx context.Context, shop loyalty.ShopID, m id.Member, behind, limit int) ([]*loyalty.OrderRow, error) {
	return p.st.OrdersOf(ctx, shop, m, behind, limit)
}

// EventsOf is a page of a member's facts, the last that happened first, before one of them
// (nil: from the last).
func (p *People) EventsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, before *Event, limit int) ([]*Event, error) {
	return p.st.EventsOf(ctx, shop, m, before, limit)
}

// EventsOfKinds lists a member's facts of some kinds, in any order.
func (p *People) EventsOfKinds(ctx context.Context, shop loyalty.ShopID, m id.Member, kinds ...string) ([]*Event, error) {
	return p.st.EventsOfKinds(ctx, shop, m, kinds...)
}

// EventsOfOrders lists a member's facts about some orders, in any order.
func (p *People) EventsOfOrders(ctx context.Context, shop loyalty.ShopID, m id.Member, orders []id.Order) ([]*Event, error) {
	return p.st.EventsOfOrders(ctx, shop, m, orders)
}

// EventsByID reads facts by their ids; those that are not there are missing.
func (p *People) EventsByID(ctx context.Context, shop loyalty.ShopID, ids []id.Event) (map[id.Event]*Event, error) {
	return p.st.EventsByID(ctx, shop, ids)
}

// ReceiptsFor gives a member's part of what some events led to; an event that led to nothing
// for him is missing.
func (p *People) ReceiptsFor(ctx context.Context, shop loyalty.ShopID, m id.Member, events []id.Event) (map[id.Event]loyalty.Receipt, error) {
	return p.st.ReceiptsFor(ctx, shop, m, events)
}

// MovedLot is a lot that a movement filled, as it is now.
type MovedLot = store.MovedLot

// MovedLots lists the lots that some movements of a member filled, in any order.
func (p *People) MovedLots(ctx context.Context, shop loyalty.ShopID, m id.Member, txns []id.Transaction) ([]MovedLot, error) {
	return p.st.MovedLots(ctx, shop, m, txns)
}

// BookOf is a page of a member's movements in the order of the days on which they took effect,
// the last first, before a place (zero: from the last).
func (p *People) BookOf(ctx context.Context, shop loyalty.ShopID, m id.Member, at moment.Time, before id.Transaction, limit int) ([]Movement, error) {
	return p.st.BookOf(ctx, shop, m, at, before, limit)
}

// BalancesAfter gives what a member had of each unit after one of his movements, in the order
// of BookOf.
func (p *People) BalancesAfter(ctx context.Context, shop loyalty.ShopID, m id.Member, x Movement) (map[ledger.Unit]int64, error) {
	accounts, err := p.st.Wallet(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	since, err := p.st.MovedSince(ctx, shop, m, x.EffectiveAt, x.ID)
	out := make(map[ledger.Unit]int64, len(accounts))
	for _, a := range accounts {
		out[a.Unit] = a.Balance - since[a.Unit]
	}
	return out, err
}

// RewardHead is what a reward was given for: "o:web/1001" is an order, From whose it was.
type RewardHead = store.RewardHead

// RewardHeads tells what some rewards of a member were given for.
func (p *People) RewardHeads(ctx context.Context, shop loyalty.ShopID, m id.Member, rewards []id.Reward) (map[id.Reward]RewardHead, error) {
	return p.st.RewardHeads(ctx, shop, m, rewards)
}

// VouchersEver lists all vouchers that a member ever had, in any order.
func (p *People) VouchersEver(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]*loyalty.Voucher, error) {
	return p.st.VouchersEver(ctx, shop, m)
}

// SignedInAt tells when a member came into his pages last, as far as one of his browsers is
// still signed in: by a letter to his address, or by the shop's own sign-on. Zero: none is.
func (p *People) SignedInAt(ctx context.Context, shop loyalty.ShopID, m id.Member) (moment.Time, error) {
	return p.st.SignedInAt(ctx, shop, m)
}

// Stopped tells whether an address is on the list of those that members' invitations never go
// to again.
func (p *People) Stopped(ctx context.Context, shop loyalty.ShopID, address string) (bool, error) {
	key, ok := p.EmailKey(address)
	if !ok {
		return false, nil
	}
	return p.st.Stopped(ctx, shop, key)
}

// NamesRecorded tells which of some names of facts a feed has recorded.
func (p *People) NamesRecorded(ctx context.Context, shop loyalty.ShopID, feed string, names []string) (map[string]bool, error) {
	return p.st.EventsNamed(ctx, shop, feed, names)
}
