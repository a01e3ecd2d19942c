package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qAttempted  = New("voucher_attempts.voucher", `SELECT v.id FROM vouchers v WHERE v.shop_id = $1 AND v.code = $2`)
	qPutAttempt = New("voucher_attempts.put", `INSERT INTO voucher_attempts (shop_id, voucher_id, id, at, reason, feed) VALUES ($1, $2, $3, $4, $5, $6)`)
	qAttempts   = New("voucher_attempts", `
		SELECT a.id, a.at, a.reason, a.feed FROM voucher_attempts a WHERE a.shop_id = $1 AND a.voucher_id = $2 ORDER BY a.id DESC LIMIT $3`)
	qTrimAttempts = New("voucher_attempts.trim", `DELETE FROM voucher_attempts WHERE shop_id = $1 AND voucher_id = $2 AND id <= $3`)
	qCartUses     = New("vouchers.cart_uses", `
		SELECT k.event_id, k.series, k.ref, r.member_id, r.amount, r.back, r.redeemed_at
		FROM redemptions r JOIN carts k ON k.shop_id = $1 AND k.id = r.cart_id
		WHERE r.shop_id = $1 AND r.voucher_id = $2 ORDER BY r.id DESC LIMIT $3`)
)

// KeptAttempts is how many refused uses of a voucher are kept.
const KeptAttempts = 20

// Attempt is a use of a voucher that was refused.
type Attempt struct {
	ID     id.Event // its place among the others: no fact has it
	At     moment.Time
	Reason string // the code of the problem
	Feed   string // the system of record that asked
}

// CartUse is a use of a voucher in a cart.
type CartUse struct {
	Event       id.Event // the latest fact of its cart
	Series, Ref string   // of the cart, and of its order
	Member      id.Member
	Amount      int64 // that it took off, minor units
	Back        int64 // of which so much came back
	At          moment.Time
}

// NoteAttempt remembers a refused use of a code, and forgets the oldest of its voucher. A code
// that the shop has not leaves nothing.
func (t *Tx) NoteAttempt(ctx context.Context, shop loyalty.ShopID, code string, x Attempt) error {
	var v id.Voucher
	t.Query(qAttempted, 1, func(r Scanner) error { return r.Scan(&v) }, int64(shop), code)
	if err := t.Flush(ctx); err != nil || v.IsZero() {
		return err
	}
	if err := t.Exec(ctx, qPutAttempt, int64(shop), v.Bytes(), x.ID.Bytes(), int64(x.At), x.Reason, x.Feed); err != nil {
		return err
	}
	var last id.Event
	n := 0
	t.Query(qAttempts, 1, func(r Scanner) error {
		n++
		var a Attempt
		err := r.Scan(&a.ID, &a.At, &a.Reason, &a.Feed)
		last = a.ID
		return err
	}, int64(shop), v.Bytes(), int64(KeptAttempts+1))
	if err := t.Flush(ctx); err != nil || n <= KeptAttempts {
		return err
	}
	return t.Exec(ctx, qTrimAttempts, int64(shop), v.Bytes(), last.Bytes())
}

// Attempts lists the refused uses of a voucher that are kept, newest first.
func (s *Store) Attempts(ctx context.Context, shop loyalty.ShopID, v id.Voucher) (out []Attempt, err error) {
	err = s.Read(ctx, qAttempts, func(r Scanner) error {
		var a Attempt
		err := r.Scan(&a.ID, &a.At, &a.Reason, &a.Feed)
		out = append(out, a)
		return err
	}, int64(shop), v[:], int64(KeptAttempts))
	return out, err
}

// CartUses lists the latest uses of a voucher in carts, newest first.
func (s *Store) CartUses(ctx context.Context, shop loyalty.ShopID, v id.Voucher, limit int) (out []CartUse, err error) {
	err = s.Read(ctx, qCartUses, func(r Scanner) error {
		var u CartUse
		err := r.Scan(&u.Event, &u.Series, &u.Ref, &u.Member, &u.Amount, &u.Back, &u.At)
		out = append(out, u)
		return err
	}, int64(shop), v[:], int64(limit))
	return out, err
}
