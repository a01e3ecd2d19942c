package outreach

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/message"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// sendTime is the longest that a hand-over may take.
const sendTime = time.Minute

// Ways by which a message left.
const (
	viaMail  = "mail"
	viaLocal = "local"
)

// Reasons for which a message ended without being sent.
const (
	endedLate     = "too_late"
	endedErased   = "erased"   // the member's key is gone, or the contents are
	endedRestored = "restored" // it was queued in the database that this one is a copy of, and may have left that
)

// Deliver does the job of one message: it marks it as under way, hands it over, and leaves
// the mark of what became of it to the transaction that ends the job.
func (o *Outreach) Deliver(ctx context.Context, j store.Job) (out store.Outcome, err error) {
	now := o.st.Clock()
	since, err := o.st.Quarantine(ctx)
	if err != nil || since != 0 {
		return store.Outcome{Again: now + moment.Minute}, err
	}
	m, err := o.st.Message(ctx, j.Shop, id.Message(j.Subject))
	if err != nil || m.DoneAt != 0 {
		return out, err
	}
	restored, err := o.st.Restored(ctx)
	if err != nil {
		return out, err
	}
	m.Attempts = j.Attempts
	switch {
	case now >= m.EndsAt:
		return o.done(j, m, store.MessageEnded, endedLate), nil
	case m.CreatedAt <= restored:
		return o.done(j, m, store.MessageEnded, endedRestored), nil
	}
	c, readable, err := o.open(m)
	if err != nil {
		return out, err
	}
	if !readable {
		return o.done(j, m, store.MessageEnded, endedErased), nil
	}
	s, err := o.st.Shop(ctx, j.Shop)
	if err != nil {
		return out, err
	}
	sender := o.o.Mail
	if m.Via = viaMail; s.Twin() || sender == nil { // a test never leaves the machine
		sender, m.Via = o.o.Kept, viaLocal
	}
	words, err := o.render(s, m, c)
	if err != nil {
		return out, err
	}
	m.State = store.MessageSending
	under := false
	err = o.st.Write(ctx, func(tx *store.Tx) (err error) {
		under, err = tx.MarkMessage(ctx, j.Shop, m)
		return err
	})
	if err != nil || !under {
		return out, err
	}
	hand, end := context.WithTimeout(ctx, sendTime)
	defer end()
	switch err := sender.Send(hand, words); {
	case err == nil:
		return o.done(j, m, store.MessageSent, ""), nil
	case message.IsFinal(err):
		return o.done(j, m, store.MessageFailed, said(err)), nil
	default:
		return o.later(j, m, said(err)), nil
	}
}

// secret are the moments whose letters let somebody in.
var secret = []string{message.SignIn, message.StaffInvitation}

// done is the outcome of a message of which nothing follows. What lets somebody in is forgotten
// at once, except where the row is the only place to read it.
func (o *Outreach) done(j store.Job, m *store.Message, state, reason string) store.Outcome {
	m.State, m.Reason = state, reason
	forget := reason == endedErased || slices.Contains(secret, m.Moment) && (state != store.MessageSent || m.Via != viaLocal)
	return store.Outcome{Effect: func(ctx context.Context, tx *store.Tx) error {
		m.DoneAt = tx.Now
		if _, err := tx.MarkMessage(ctx, j.Shop, m); err != nil || !forget {
			return err
		}
		return tx.EmptyMessage(ctx, j.Shop, m.ID)
	}}
}

// later puts a message back into the queue.
func (o *Outreach) later(j store.Job, m *store.Message, reason string) store.Outcome {
	m.State, m.Reason = store.MessageQueued, reason
	return store.Outcome{Retry: true, Effect: func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.MarkMessage(ctx, j.Shop, m)
		return err
	}}
}

// said is what is kept of a sender's error.
func said(err error) string {
	text := fmt.Sprint(err)
	return text[:min(len(text), maxField)]
}
