package store

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qClaimAnswer = New("answers.claim", `
		INSERT INTO answers (shop_id, key, digest, status, body, expires_at) VALUES ($1, $2, $3, 0, NULL, $4)
		ON CONFLICT (shop_id, key) DO UPDATE SET digest = excluded.digest, status = 0, body = NULL, expires_at = excluded.expires_at
		  WHERE answers.expires_at <= $5
		RETURNING status`)
	qAnswer     = New("answers.one", `SELECT a.digest, a.status, a.body FROM answers a WHERE a.shop_id = $1 AND a.key = $2`)
	qKeepAnswer = New("answers.keep", `
		UPDATE answers SET status = $3, body = $4, expires_at = $5 WHERE shop_id = $1 AND key = $2 AND status = 0`)
	qDropAnswer   = New("answers.drop", `DELETE FROM answers WHERE shop_id = $1 AND key = $2 AND status = 0`)
	qSweepAnswers = New("answers.sweep", `DELETE FROM answers WHERE shop_id = $1 AND expires_at <= $2`)
)

// Answer is what a request with an Idempotency-Key was answered. Status zero: it is still
// being answered.
type Answer struct {
	Digest []byte
	Status int
	Body   []byte
}

// ClaimAnswer takes a key that nobody has, or whose time is over, until the lease ends;
// otherwise it gives what is there.
func (s *Store) ClaimAnswer(ctx context.Context, shop loyalty.ShopID, key string, digest []byte, lease moment.Time) (claimed bool, was Answer, err error) {
	err = s.Write(ctx, func(t *Tx) error {
		claimed, was = false, Answer{}
		t.Query(qClaimAnswer, 1, func(r Scanner) error {
			claimed = true
			return r.Scan(&was.Status)
		}, int64(shop), key, digest, int64(t.Now+lease), int64(t.Now))
		if err := t.Flush(ctx); err != nil || claimed {
			return err
		}
		t.Query(qAnswer, 1, func(r Scanner) error { return r.Scan(&was.Digest, &was.Status, &was.Body) }, int64(shop), key)
		return t.Flush(ctx)
	})
	return claimed, was, err
}

// KeepAnswer stores the answer of a claimed key.
func (s *Store) KeepAnswer(ctx context.Context, shop loyalty.ShopID, key string, a Answer, keep moment.Time) error {
	return s.Write(ctx, func(t *Tx) error {
		return t.Exec(ctx, qKeepAnswer, int64(shop), key, int64(a.Status), a.Body, int64(t.Now+keep))
	})
}

// DropAnswer gives a claimed key back: the request may come again.
func (s *Store) DropAnswer(ctx context.Context, shop loyalty.ShopID, key string) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qDropAnswer, int64(shop), key) })
}

// SweepAnswers removes a shop's answers whose time is over.
func (s *Store) SweepAnswers(ctx context.Context, shop loyalty.ShopID) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qSweepAnswers, int64(shop), int64(t.Now)) })
}
