package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const lookRow = `l.member_id, l.staff_id, l.day, l.times, l.first_at, l.last_at FROM staff_looks l WHERE l.shop_id = $1`

var (
	qPutLook = New("staff_looks.put", `
		INSERT INTO staff_looks (shop_id, member_id, staff_id, day, times, first_at, last_at) VALUES ($1, $2, $3, $4, 1, $5, $5)
		ON CONFLICT (shop_id, member_id, staff_id, day)
		DO UPDATE SET times = staff_looks.times + 1, last_at = excluded.last_at WHERE staff_looks.shop_id = $1`)
	qLooksAt    = New("staff_looks.member", `SELECT `+lookRow+` AND l.member_id = $2 ORDER BY +l.last_at DESC LIMIT $3`)
	qLooks      = New("staff_looks.page", `SELECT `+lookRow+` AND l.last_at < $2 AND l.last_at >= $3 ORDER BY l.last_at DESC LIMIT $4`)
	qSweepLooks = New("staff_looks.sweep", `DELETE FROM staff_looks WHERE shop_id = $1 AND last_at < $2`)
)

// StaffLook is that somebody of the staff opened the card of a member, on one day.
type StaffLook struct {
	Member id.Member
	Staff  id.Staff
	Day    string // 2026-03-02, of the shop

	Times         int64
	First, LastAt moment.Time
}

// PutStaffLook notes that a card was opened.
func (t *Tx) PutStaffLook(ctx context.Context, shop loyalty.ShopID, l *StaffLook) error {
	return t.Exec(ctx, qPutLook, int64(shop), l.Member.Bytes(), l.Staff[:], l.Day, int64(l.LastAt))
}

// StaffLooksAt lists who opened the card of a member, the last first.
func (s *Store) StaffLooksAt(ctx context.Context, shop loyalty.ShopID, m id.Member, limit int) ([]*StaffLook, error) {
	return s.looks(ctx, qLooksAt, int64(shop), m.Bytes(), int64(limit))
}

// StaffLooks lists whose cards were opened before a time and from another on, the last first.
func (s *Store) StaffLooks(ctx context.Context, shop loyalty.ShopID, before, from moment.Time, limit int) ([]*StaffLook, error) {
	return s.looks(ctx, qLooks, int64(shop), int64(before), int64(from), int64(limit))
}

func (s *Store) looks(ctx context.Context, q *Q, args ...any) (out []*StaffLook, err error) {
	err = s.Read(ctx, q, func(r Scanner) error {
		l := &StaffLook{}
		out = append(out, l)
		return r.Scan(&l.Member, &l.Staff, &l.Day, &l.Times, &l.First, &l.LastAt)
	}, args...)
	return out, err
}

// SweepStaffLooks forgets what was opened before a time.
func (t *Tx) SweepStaffLooks(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	return t.Exec(ctx, qSweepLooks, int64(shop), int64(before))
}
