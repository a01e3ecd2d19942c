package outreach

import (
	"bytes"
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/store"
)

// Following lists the messages that followed from a fact, the oldest first: those about the
// rewards that it made, and the welcome of who joined by it. What they say is left out.
func (o *Outreach) Following(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact) ([]*Kept, error) {
	made, err := o.st.RewardsMadeBy(ctx, shop, f.ID)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, x := range made {
		keys = append(keys, message.RewardPending+"/"+x.String(), message.RewardAvailable+"/"+x.String())
	}
	if f.Kind == loyalty.MemberJoined && !f.MemberID.IsZero() {
		keys = append(keys, message.Welcome+"/"+f.MemberID.String())
	}
	rows, err := o.st.MessagesNamed(ctx, shop, keys)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b *store.Message) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return closed(rows), nil
}

// Sent is a page of a shop's messages, the newest first; of one member when he is named. What
// they say is left out.
func (o *Outreach) Sent(ctx context.Context, shop loyalty.ShopID, of id.Member, span store.Span) ([]*Kept, error) {
	rows, err := o.st.MessagesIn(ctx, shop, of, span)
	return closed(rows), err
}

// closed are messages without their text.
func closed(rows []*store.Message) []*Kept {
	out := make([]*Kept, len(rows))
	for i, m := range rows {
		out[i] = &Kept{
			ID: m.ID, Moment: m.Moment, Member: m.Member, Locale: m.Locale, State: m.State, Reason: m.Reason, Via: m.Via, Attempts: m.Attempts,
			CreatedAt: m.CreatedAt, EndsAt: m.EndsAt, DoneAt: m.DoneAt,
		}
	}
	return out
}
