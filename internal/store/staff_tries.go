package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	// One more try while what is left of the brake has room for it.
	qBrakeStaff = New("staff.brake", `
		UPDATE staff SET brake = CASE WHEN brake > $3 THEN brake ELSE $3 END + $4 WHERE shop_id = $1 AND id = $2 AND brake <= $5 RETURNING brake`)
	qBraked       = New("staff.braked", `SELECT s.brake FROM staff s WHERE s.shop_id = $1 AND s.id = $2`)
	qUnbrakeStaff = New("staff.unbrake", `UPDATE staff SET brake = brake - $3 WHERE shop_id = $1 AND id = $2`)

	qKnownBrowser = New("staff_tries.known", `
		SELECT t.wrong FROM staff_tries t WHERE t.shop_id = $1 AND t.hash = $2 AND t.staff_id = $3 AND t.known AND t.ends_at > $4`)
	qTryStaff = New("staff_tries.try", `
		INSERT INTO staff_tries (shop_id, hash, staff_id, known, wrong, locked_until, ends_at) VALUES ($1, $2, $3, FALSE, 1, 0, $4)
		ON CONFLICT (shop_id, hash) DO UPDATE SET wrong = staff_tries.wrong + 1,
		  ends_at = CASE WHEN staff_tries.known THEN staff_tries.ends_at ELSE excluded.ends_at END
		WHERE staff_tries.locked_until <= $5 RETURNING wrong`)
	qTriesLocked     = New("staff_tries.locked", `SELECT t.locked_until FROM staff_tries t WHERE t.shop_id = $1 AND t.hash = $2`)
	qLockTries       = New("staff_tries.lock", `UPDATE staff_tries SET locked_until = $3 WHERE shop_id = $1 AND hash = $2`)
	qUntryStaff      = New("staff_tries.untry", `UPDATE staff_tries SET wrong = wrong - 1, locked_until = 0 WHERE shop_id = $1 AND hash = $2 AND wrong > 0`)
	qRightStaff      = New("staff_tries.right", `UPDATE staff_tries SET wrong = 0, locked_until = 0 WHERE shop_id = $1 AND hash = $2`)
	qKnowBrowser     = New("staff_tries.know", `INSERT INTO staff_tries (shop_id, hash, staff_id, known, wrong, locked_until, ends_at) VALUES ($1, $2, $3, TRUE, 0, 0, $4)`)
	qDropTries       = New("staff_tries.drop", `DELETE FROM staff_tries WHERE shop_id = $1 AND hash = $2`)
	qDropStaffTries  = New("staff_tries.drop_all", `DELETE FROM staff_tries WHERE shop_id = $1 AND staff_id = $2`)
	qSweepStaffTries = New("staff_tries.sweep", `DELETE FROM staff_tries WHERE shop_id = $1 AND ends_at < $2`)
)

// BrakeStaff counts a try of somebody's account, of which there may be one each interval and so
// many at once; false when there were more, or there is nobody.
func (t *Tx) BrakeStaff(ctx context.Context, shop loyalty.ShopID, who id.Staff, each moment.Time, atOnce int64) (counts bool, err error) {
	err = t.read(ctx, qBrakeStaff, func(r Scanner) error {
		counts = true
		return r.Scan(new(int64))
	}, int64(shop), who[:], int64(t.Now), int64(each), int64(t.Now)+int64(each)*(atOnce-1))
	return counts, err
}

// StaffBraked is when an account's tries will be whole again.
func (t *Tx) StaffBraked(ctx context.Context, shop loyalty.ShopID, who id.Staff) (until moment.Time, err error) {
	err = t.read(ctx, qBraked, func(r Scanner) error { return r.Scan(&until) }, int64(shop), who[:])
	return until, err
}

// UnbrakeStaff takes a try back that BrakeStaff counted.
func (t *Tx) UnbrakeStaff(ctx context.Context, shop loyalty.ShopID, who id.Staff, each moment.Time) error {
	return t.Exec(ctx, qUnbrakeStaff, int64(shop), who[:], int64(each))
}

// KnownBrowser tells whether somebody has come in before by the browser of a digest.
func (t *Tx) KnownBrowser(ctx context.Context, shop loyalty.ShopID, hash []byte, who id.Staff) (known bool, err error) {
	err = t.read(ctx, qKnownBrowser, func(r Scanner) error {
		known = true
		return r.Scan(new(int64))
	}, int64(shop), hash, who[:], int64(t.Now))
	return known, err
}

// TryStaff counts a try from somewhere before it is looked at, so that many at once are no more
// than one after another: wrong is how many were wrong in a row if this one is. Zero: he has to
// wait. Where it is not known yet it is kept until ends.
func (t *Tx) TryStaff(ctx context.Context, shop loyalty.ShopID, hash []byte, who id.Staff, ends moment.Time) (wrong int64, err error) {
	err = t.read(ctx, qTryStaff, func(r Scanner) error { return r.Scan(&wrong) }, int64(shop), hash, who[:], int64(ends), int64(t.Now))
	return wrong, err
}

// TriesLocked is from when on the next try from somewhere counts.
func (t *Tx) TriesLocked(ctx context.Context, shop loyalty.ShopID, hash []byte) (until moment.Time, err error) {
	err = t.read(ctx, qTriesLocked, func(r Scanner) error { return r.Scan(&until) }, int64(shop), hash)
	return until, err
}

// LockTries says from when on the next try from somewhere counts.
func (t *Tx) LockTries(ctx context.Context, shop loyalty.ShopID, hash []byte, until moment.Time) error {
	return t.Exec(ctx, qLockTries, int64(shop), hash, int64(until))
}

// UntryStaff takes a try back that was right. Those before it stay.
func (t *Tx) UntryStaff(ctx context.Context, shop loyalty.ShopID, hash []byte) error {
	return t.Exec(ctx, qUntryStaff, int64(shop), hash)
}

// StaffRight forgets wrong tries from somewhere.
func (t *Tx) StaffRight(ctx context.Context, shop loyalty.ShopID, hash []byte) error {
	return t.Exec(ctx, qRightStaff, int64(shop), hash)
}

// KnowBrowser notes that somebody came in by a browser, until ends; was is its digest of before,
// which is forgotten.
func (t *Tx) KnowBrowser(ctx context.Context, shop loyalty.ShopID, hash, was []byte, who id.Staff, ends moment.Time) error {
	if was != nil {
		if err := t.Exec(ctx, qDropTries, int64(shop), was); err != nil {
			return err
		}
	}
	return t.Exec(ctx, qKnowBrowser, int64(shop), hash, who.Bytes(), int64(ends))
}

// DropStaffTries forgets from where somebody came, and was tried.
func (t *Tx) DropStaffTries(ctx context.Context, shop loyalty.ShopID, who id.Staff) error {
	return t.Exec(ctx, qDropStaffTries, int64(shop), who.Bytes())
}
