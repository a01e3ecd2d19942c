package store

import (
	"bytes"
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// States of a message.
const (
	MessageQueued  = "queued"
	MessageSending = "sending" // handed over, or about to be: a crash leaves it in doubt
	MessageSent    = "sent"
	MessageFailed  = "failed" // whoever delivers refused it for good
	MessageEnded   = "ended"  // too late, or its recipient is not known any more
)

const messageColumns = `m.id, m.key, m.moment, m.locale, m.member_id, m.state, m.reason, m.via, m.attempts, m.created_at, m.ends_at,
		  COALESCE(m.done_at, 0), m.sealed, w.wrapped`

const messageTables = `messages m LEFT JOIN person_keys w ON w.shop_id = $1 AND w.member_id = m.member_id`

var (
	qPutMessage = New("messages.put", `
		INSERT INTO messages (shop_id, id, key, moment, locale, member_id, state, reason, via, attempts, created_at, ends_at, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', 0, $8, $9, $10)
		ON CONFLICT (shop_id, key) DO NOTHING RETURNING id`)
	qMessage  = New("messages.one", `SELECT `+messageColumns+` FROM `+messageTables+` WHERE m.shop_id = $1 AND m.id = $2`)
	qMessages = New("messages.page", `SELECT `+messageColumns+` FROM `+messageTables+`
		WHERE m.shop_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3`)
	qMarkMessage = New("messages.mark", `
		UPDATE messages SET state = $3, reason = $4, via = $5, attempts = $6, done_at = NULLIF(CAST($7 AS BIGINT), 0)
		WHERE shop_id = $1 AND id = $2 AND done_at IS NULL RETURNING id`)
	qEmptyMessage = New("messages.empty", `UPDATE messages SET sealed = NULL WHERE shop_id = $1 AND id = $2`)
	qForgetSent   = New("messages.forget", `UPDATE messages SET sealed = NULL WHERE shop_id = $1 AND sealed IS NOT NULL AND done_at < $2`)
	qForgetEnded  = New("messages.forget.ended", `
		UPDATE messages SET sealed = NULL
		WHERE shop_id = $1 AND sealed IS NOT NULL AND done_at <= $2 AND ends_at < $2 AND moment = $3`)
	qEndLost = New("messages.end.lost", `
		UPDATE messages SET state = $3, reason = $4, done_at = $2 WHERE shop_id = $1 AND done_at IS NULL AND ends_at < $2
		  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.shop_id = $1 AND j.kind = $5 AND j.subject = messages.id)`)
)

// Message is a row of what is sent to people. Sealed is its recipient with the values of
// its text, nil when they are forgotten; Wrapped is the key of the member whom it is about,
// nil when it was destroyed or the message is about no member.
type Message struct {
	ID              id.Message
	Key             string
	Moment          string
	Locale          string
	Member          id.Member
	State           string
	Reason          string
	Via             string
	Attempts        int64
	CreatedAt       moment.Time
	EndsAt          moment.Time
	DoneAt          moment.Time // zero: not yet
	Sealed, Wrapped []byte
}

func scanMessage(r Scanner) (*Message, error) {
	m := &Message{}
	err := r.Scan(&m.ID, &m.Key, &m.Moment, &m.Locale, &m.Member, &m.State, &m.Reason, &m.Via, &m.Attempts, &m.CreatedAt, &m.EndsAt,
		&m.DoneAt, &m.Sealed, &m.Wrapped)
	m.Sealed, m.Wrapped = bytes.Clone(m.Sealed), bytes.Clone(m.Wrapped)
	return m, err
}

// PutMessage stores a queued message; false when the shop has one under its key.
func (t *Tx) PutMessage(ctx context.Context, shop loyalty.ShopID, m *Message) (stored bool, err error) {
	err = t.read(ctx, qPutMessage, func(r Scanner) error {
		stored = true
		return r.Scan(new(id.Message))
	}, int64(shop), m.ID.Bytes(), m.Key, m.Moment, m.Locale, m.Member.Bytes(), MessageQueued, int64(m.CreatedAt), int64(m.EndsAt), m.Sealed)
	return stored, err
}

// MarkMessage stores what became of a message: state, reason, via, attempts, done. What is
// done stays as it is: then it is false.
func (t *Tx) MarkMessage(ctx context.Context, shop loyalty.ShopID, m *Message) (marked bool, err error) {
	err = t.read(ctx, qMarkMessage, func(r Scanner) error {
		marked = true
		return r.Scan(new(id.Message))
	}, int64(shop), m.ID.Bytes(), m.State, m.Reason, m.Via, m.Attempts, int64(m.DoneAt))
	return marked, err
}

// EmptyMessage forgets recipient and values of a message.
func (t *Tx) EmptyMessage(ctx context.Context, shop loyalty.ShopID, m id.Message) error {
	return t.Exec(ctx, qEmptyMessage, int64(shop), m.Bytes())
}

// Message finds a message; loyalty.ErrNotFound when there is none.
func (s *Store) Message(ctx context.Context, shop loyalty.ShopID, which id.Message) (found *Message, err error) {
	err = s.Read(ctx, qMessage, func(r Scanner) (err error) {
		found, err = scanMessage(r)
		return err
	}, int64(shop), which.Bytes())
	if err == nil && found == nil {
		err = loyalty.NotFound("message", "message_unknown")
	}
	return found, err
}

// Messages is a page of a shop's messages, newest first, before one (zero: from the newest).
func (s *Store) Messages(ctx context.Context, shop loyalty.ShopID, before id.Message, limit int) (out []*Message, err error) {
	err = s.Read(ctx, qMessages, func(r Scanner) error {
		m, err := scanMessage(r)
		out = append(out, m)
		return err
	}, int64(shop), newest(before), int64(limit))
	return out, err
}

// SweepMessages forgets recipient and values of messages that were done before old, and of
// those of passing moments as soon as they have ended; and it ends those for which no job
// of the kind is left, as in a shop that came from elsewhere.
func (s *Store) SweepMessages(ctx context.Context, shop loyalty.ShopID, old moment.Time, passing []string, job, reason string) error {
	return s.Write(ctx, func(t *Tx) error {
		t.Rows(qEndLost, 1, int64(shop), int64(t.Now), MessageEnded, reason, job)
		t.Rows(qForgetSent, 1, int64(shop), int64(old))
		for _, of := range passing {
			t.Rows(qForgetEnded, 1, int64(shop), int64(t.Now), of)
		}
		return t.Flush(ctx)
	})
}
