package insight

import (
	"cmp"
	"context"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Setup is how far a shop is on its way to the first reward.
type Setup struct {
	Program bool        // one is in force, and not paused
	Orders  moment.Time // when the newest was paid that the shop itself reported; zero: none
	Tracker moment.Time // when a browser was last seen; zero: never
	History bool        // past orders were imported
	Portal  bool        // members and friends have their pages
	Empty   bool        // nobody has bought anything, as far as is known
	Now     moment.Time
}

// silence is how long a tracker that was seen may say nothing.
const silence = moment.Day

// Silent tells whether the tracker was seen and says nothing any more.
func (s *Setup) Silent() bool { return s.Tracker != 0 && s.Now-s.Tracker > silence }

// Setup tells how far a shop is on its way.
func (in *Insight) Setup(ctx context.Context, shop loyalty.ShopID) (*Setup, error) {
	s, err := in.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	book, err := in.st.Book(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &Setup{Now: in.now(s)}
	for _, p := range book.Programs {
		out.Program = out.Program || p.InForce(out.Now, out.Now) != nil && !p.PausedAt(out.Now, out.Now)
	}
	if out.Tracker, err = in.st.LastSighting(ctx, shop); err != nil {
		return nil, err
	}
	portal, err := in.st.Portal(ctx, shop)
	if err != nil {
		return nil, err
	}
	out.Portal = portal.On
	known, imported, reported, err := in.st.Flow(ctx, shop)
	out.Empty, out.History, out.Orders = !known, imported, reported
	return out, err
}

// Event is a recorded fact and the order that it is about.
type Event = store.Event

// looked is how many of the newest facts are looked at for those that are worth telling.
const looked = 200

// told are the kinds of facts that are worth telling as they come.
var told = []string{
	loyalty.InvitationSent, loyalty.MemberJoined, loyalty.OrderPaid, loyalty.OrderCancelled, loyalty.Refunded, loyalty.GiftClaimed,
	loyalty.VoucherRedeemed, loyalty.CartRedeemed, loyalty.ExchangeAsked, loyalty.StaffAdjust, loyalty.StaffBond, loyalty.StaffBlock, loyalty.StaffReview,
}

// Latest gives the newest facts that are worth telling, what happened last first: about somebody, and
// not imported. Only the newest 200 of all are looked at.
func (in *Insight) Latest(ctx context.Context, shop loyalty.ShopID, limit int) ([]*Event, error) {
	list, err := in.st.Latest(ctx, shop, looked)
	list = slices.DeleteFunc(list, func(e *Event) bool {
		return e.History() || e.MemberID.IsZero() || !slices.Contains(told, e.Kind)
	})
	slices.SortStableFunc(list, func(a, b *Event) int { return cmp.Compare(b.OccurredAt, a.OccurredAt) })
	return list[:min(limit, len(list))], err
}
