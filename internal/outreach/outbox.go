package outreach

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Kept is a message as it stands in the outbox. Message is nil when its contents are
// forgotten, or its recipient's key is gone.
type Kept struct {
	*message.Message
	ID        id.Message
	Moment    string
	Member    id.Member
	Locale    string
	State     string // queued, sending, sent, failed, ended
	Reason    string // of the last failure, or of the end
	Via       string // mail, or local: it never left this machine; empty: not yet
	Attempts  int64
	CreatedAt moment.Time
	EndsAt    moment.Time
	DoneAt    moment.Time // zero: not yet
}

// LetsIn tells whether its words let whoever reads them in as its recipient.
func (k *Kept) LetsIn() bool { return k.Moment == message.SignIn }

// Outbox lists a shop's messages, newest first, whatever became of them.
func (o *Outreach) Outbox(ctx context.Context, shop loyalty.ShopID, limit int) ([]*Kept, error) {
	s, err := o.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	rows, err := o.st.Messages(ctx, shop, id.Message{}, limit)
	out := make([]*Kept, len(rows))
	for i, m := range rows {
		if out[i], err = o.kept(s, m); err != nil {
			return nil, err
		}
	}
	return out, err
}

// Of is a page of what was written to a member, newest first, before one (zero: from the
// newest), without the words of it.
func (o *Outreach) Of(ctx context.Context, shop loyalty.ShopID, m id.Member, before id.Message, limit int) ([]*Kept, error) {
	rows, err := o.st.MessagesIn(ctx, shop, m, store.Span{Before: before, Limit: limit})
	out := make([]*Kept, len(rows))
	for i, x := range rows {
		out[i] = bareKept(x)
	}
	return out, err
}

// Message finds one message of a shop; the problem `message_unknown` when there is none.
func (o *Outreach) Message(ctx context.Context, shop loyalty.ShopID, which id.Message) (*Kept, error) {
	s, err := o.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	m, err := o.st.Message(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	return o.kept(s, m)
}

func (o *Outreach) kept(s *loyalty.Shop, m *store.Message) (*Kept, error) {
	k := bareKept(m)
	c, readable, err := o.open(m)
	if err != nil || !readable {
		return k, err
	}
	k.Message, err = o.render(s, m, c)
	return k, err
}

func bareKept(m *store.Message) *Kept {
	return &Kept{
		ID: m.ID, Moment: m.Moment, Member: m.Member, Locale: m.Locale, State: m.State, Reason: m.Reason, Via: m.Via, Attempts: m.Attempts,
		CreatedAt: m.CreatedAt, EndsAt: m.EndsAt, DoneAt: m.DoneAt,
	}
}

// Sweep forgets recipients and values of messages that were done as long ago as the shop keeps them, what lets
// somebody in and has ended, and ends what nobody will send any more.
func (o *Outreach) Sweep(ctx context.Context, shop loyalty.ShopID) error {
	kept, err := o.st.Retention(ctx, shop)
	if err != nil {
		return err
	}
	return o.st.SweepMessages(ctx, shop, o.st.Clock()-moment.Time(kept.Messages)*moment.Day, secret, Job, endedLate)
}

// On tells whether a shop writes to its members of itself: as it was switched, else as its
// members have pages.
func (o *Outreach) On(ctx context.Context, shop loyalty.ShopID) (bool, error) {
	set, err := o.st.Messaging(ctx, shop)
	if err != nil || set != "" {
		return set == "on", err
	}
	if o.o.Portal == nil {
		return false, nil
	}
	return o.o.Portal(ctx, shop)
}

// Switch lets a shop write to its members of itself, or not. What was asked for, such as a
// code to sign in, is sent all the same. What happened before it was switched on is not told.
func (o *Outreach) Switch(ctx context.Context, shop loyalty.ShopID, on bool) error {
	was, err := o.On(ctx, shop)
	if err != nil {
		return err
	}
	last, err := o.st.LastEvent(ctx, shop)
	if err != nil {
		return err
	}
	set := "off"
	if on {
		set = "on"
	}
	return o.st.Write(ctx, func(tx *store.Tx) error {
		if on && !was {
			if err := tx.RaiseMessagesRead(ctx, shop, last); err != nil {
				return err
			}
		}
		return tx.SetMessaging(ctx, shop, set)
	})
}
