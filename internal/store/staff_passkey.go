package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const staffPasskeyRow = `p.shop_id, p.id, p.staff_id, p.handle, p.sealed, p.created_at, p.used_at FROM staff_passkeys p`

var (
	qPutStaffPasskey = New("staff_passkeys.put", `
		INSERT INTO staff_passkeys (shop_id, id, staff_id, credential, handle, sealed, created_at, used_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, 0 WHERE (SELECT COUNT(*) FROM staff_passkeys p WHERE p.shop_id = $1 AND p.staff_id = $3) < $8
		ON CONFLICT DO NOTHING RETURNING id`)
	qStaffPasskeys    = New("staff_passkeys.staff", `SELECT `+staffPasskeyRow+` WHERE p.shop_id = $1 AND p.staff_id = $2 ORDER BY p.id`)
	qStaffPasskey     = New("staff_passkeys.credential", `SELECT `+staffPasskeyRow+` WHERE p.credential = $1 ORDER BY p.shop_id LIMIT 10`)
	qUsedStaffPasskey = New("staff_passkeys.used", `
		UPDATE staff_passkeys SET sealed = $4, used_at = $5 WHERE shop_id = $1 AND id = $2 AND staff_id = $3 RETURNING id`)
	qDropStaffPasskey  = New("staff_passkeys.drop", `DELETE FROM staff_passkeys WHERE shop_id = $1 AND id = $2 AND staff_id = $3 RETURNING id`)
	qDropStaffPasskeys = New("staff_passkeys.drop_all", `DELETE FROM staff_passkeys WHERE shop_id = $1 AND staff_id = $2`)
)

// StaffPasskey is one of somebody's who works in a back office, still sealed.
type StaffPasskey struct {
	Shop      loyalty.ShopID
	ID        id.Passkey
	Staff     id.Staff
	Handle    []byte
	Sealed    []byte
	CreatedAt moment.Time
	UsedAt    moment.Time // zero: never
}

func allStaffPasskeys(out *[]*StaffPasskey) func(Scanner) error {
	return func(r Scanner) error {
		p := &StaffPasskey{}
		*out = append(*out, p)
		return r.Scan(&p.Shop, &p.ID, &p.Staff, &p.Handle, &p.Sealed, &p.CreatedAt, &p.UsedAt)
	}
}

// PutStaffPasskey stores a passkey under the digest of its credential's id; false when its owner
// has most of them already, or the credential is somebody's.
func (t *Tx) PutStaffPasskey(ctx context.Context, p *StaffPasskey, credential []byte, most int64) (put bool, err error) {
	err = t.read(ctx, qPutStaffPasskey, func(r Scanner) error {
		put = true
		return r.Scan(new([]byte))
	}, int64(p.Shop), p.ID.Bytes(), p.Staff.Bytes(), credential, p.Handle, p.Sealed, int64(t.Now), most)
	return put, err
}

// StaffPasskeys lists somebody's, in the order of their making.
func (s *Store) StaffPasskeys(ctx context.Context, shop loyalty.ShopID, who id.Staff) (out []*StaffPasskey, err error) {
	err = s.Read(ctx, qStaffPasskeys, allStaffPasskeys(&out), int64(shop), who.Bytes())
	return out, err
}

// StaffPasskey finds by the digest of a credential's id whose it is, in whichever shop: one row,
// or none. Several would be a digest that comes twice.
func (s *Store) StaffPasskey(ctx context.Context, credential []byte) (out []*StaffPasskey, err error) {
	err = s.Read(ctx, qStaffPasskey, allStaffPasskeys(&out), credential)
	return out, err
}

// UsedStaffPasskey notes a use with what is sealed from then on; false when the passkey was removed.
func (t *Tx) UsedStaffPasskey(ctx context.Context, p *StaffPasskey, sealed []byte) (there bool, err error) {
	err = t.read(ctx, qUsedStaffPasskey, func(r Scanner) error {
		there = true
		return r.Scan(new([]byte))
	}, int64(p.Shop), p.ID.Bytes(), p.Staff.Bytes(), sealed, int64(t.Now))
	return there, err
}

// DropStaffPasskey removes one of somebody's; false when it is not there.
func (t *Tx) DropStaffPasskey(ctx context.Context, shop loyalty.ShopID, who id.Staff, which id.Passkey) (had bool, err error) {
	err = t.read(ctx, qDropStaffPasskey, func(r Scanner) error {
		had = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes(), who.Bytes())
	return had, err
}

// DropStaffPasskeys removes all of somebody's.
func (t *Tx) DropStaffPasskeys(ctx context.Context, shop loyalty.ShopID, who id.Staff) error {
	return t.Exec(ctx, qDropStaffPasskeys, int64(shop), who.Bytes())
}
