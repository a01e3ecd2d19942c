package store

import (
	"bytes"
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const appealColumns = `a.id, a.member_id, a.at, a.sealed, a.outcome, COALESCE(a.answered_at, 0), a.staff_id, a.reply, w.wrapped
		FROM appeals a LEFT JOIN person_keys w ON w.shop_id = $1 AND w.member_id = a.member_id`

var (
	qPutAppeal = New("appeals.put", `
		INSERT INTO appeals (shop_id, id, member_id, at, sealed, outcome) VALUES ($1, $2, $3, $4, $5, '')`)
	qAppealsWaiting = New("appeals.waiting", `SELECT `+appealColumns+` WHERE a.shop_id = $1 AND a.outcome = '' AND a.id > $2 ORDER BY a.id LIMIT $3`)
	qAppealsOf      = New("appeals.of", `SELECT `+appealColumns+` WHERE a.shop_id = $1 AND a.member_id = $2 ORDER BY a.id DESC LIMIT $3`)
	qAppeal         = New("appeals.one", `SELECT `+appealColumns+` WHERE a.shop_id = $1 AND a.id = $2`)
	qAnswerAppeal   = New("appeals.answer", `
		UPDATE appeals SET outcome = $3, answered_at = $4, staff_id = $5, reply = $6 WHERE shop_id = $1 AND id = $2 AND outcome = '' RETURNING id`)
	qHouseholds = New("households.all", `
		SELECT m.id, m.signals FROM members m
		WHERE m.shop_id = $1 AND m.id IN (
		  SELECT e.member_id FROM events e WHERE e.shop_id = $1 AND e.kind = 'staff_household' ORDER BY e.id DESC LIMIT $2)`)
)

// Appeal is somebody's request for a second look, sealed under his key (Wrapped; nil: it is gone).
type Appeal struct {
	ID             id.Appeal
	Member         id.Member
	At, AnsweredAt moment.Time
	Outcome        string // empty: it waits
	Staff          id.Staff
	Sealed, Reply  []byte
	Wrapped        []byte
}

// PutAppeal stores a request.
func (t *Tx) PutAppeal(ctx context.Context, shop loyalty.ShopID, a *Appeal) error {
	return t.Exec(ctx, qPutAppeal, int64(shop), a.ID.Bytes(), a.Member.Bytes(), int64(a.At), a.Sealed)
}

// AnswerAppeal writes what came of a request; false when it does not wait.
func (t *Tx) AnswerAppeal(ctx context.Context, shop loyalty.ShopID, a *Appeal) (done bool, err error) {
	err = t.read(ctx, qAnswerAppeal, func(r Scanner) error {
		done = true
		return r.Scan(new(id.Appeal))
	}, int64(shop), a.ID.Bytes(), a.Outcome, int64(a.AnsweredAt), a.Staff[:], a.Reply)
	return done, err
}

// AppealsWaiting lists requests without an answer, the oldest first.
func (s *Store) AppealsWaiting(ctx context.Context, shop loyalty.ShopID, limit int) ([]*Appeal, error) {
	return s.appeals(ctx, qAppealsWaiting, int64(shop), make([]byte, 16), int64(limit))
}

// AppealsOf lists a member's requests, the latest first.
func (s *Store) AppealsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, limit int) ([]*Appeal, error) {
	return s.appeals(ctx, qAppealsOf, int64(shop), m.Bytes(), int64(limit))
}

// Appeal finds one request; the problem `appeal_unknown` when there is none.
func (s *Store) Appeal(ctx context.Context, shop loyalty.ShopID, which id.Appeal) (*Appeal, error) {
	list, err := s.appeals(ctx, qAppeal, int64(shop), which.Bytes())
	if err != nil || len(list) > 0 {
		return first(list), err
	}
	return nil, loyalty.NotFound("id", "appeal_unknown")
}

func first(list []*Appeal) *Appeal {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func (s *Store) appeals(ctx context.Context, q *Q, args ...any) (out []*Appeal, err error) {
	err = s.Read(ctx, q, func(r Scanner) error {
		a := &Appeal{}
		err := r.Scan(&a.ID, &a.Member, &a.At, &a.Sealed, &a.Outcome, &a.AnsweredAt, &a.Staff, &a.Reply, &a.Wrapped)
		a.Sealed, a.Reply, a.Wrapped = bytes.Clone(a.Sealed), bytes.Clone(a.Reply), bytes.Clone(a.Wrapped)
		out = append(out, a)
		return err
	}, args...)
	return out, err
}

// Households tells what is known of the members whom staff has ever put into a household, of the
// latest so many decisions.
func (s *Store) Households(ctx context.Context, shop loyalty.ShopID, limit int) (map[id.Member]string, error) {
	out := map[id.Member]string{}
	err := s.Read(ctx, qHouseholds, func(r Scanner) error {
		var m id.Member
		var text string
		if err := r.Scan(&m, &text); err != nil {
			return err
		}
		signs, err := signals(text)
		if home := signs[loyalty.Household]; home != "" {
			out[m] = home
		}
		return err
	}, int64(shop), int64(limit))
	return out, err
}
