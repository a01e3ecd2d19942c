package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const passkeyRow = `p.id, p.member_id, p.handle, p.sealed, w.wrapped, p.created_at, p.used_at
		FROM passkeys p JOIN person_keys w ON w.shop_id = $1 AND w.member_id = p.member_id WHERE p.shop_id = $1`

var (
	qPutPasskey = New("passkeys.put", `
		INSERT INTO passkeys (shop_id, id, member_id, credential, handle, sealed, created_at, used_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, 0 WHERE (SELECT COUNT(*) FROM passkeys p WHERE p.shop_id = $1 AND p.member_id = $3) < $8
		ON CONFLICT DO NOTHING RETURNING id`)
	qPasskeys    = New("passkeys.member", `SELECT `+passkeyRow+` AND p.member_id = $2 ORDER BY p.id`)
	qPasskey     = New("passkeys.credential", `SELECT `+passkeyRow+` AND p.credential = $2`)
	qUsedPasskey = New("passkeys.used", `
		UPDATE passkeys SET sealed = $4, used_at = $5 WHERE shop_id = $1 AND id = $2 AND member_id = $3 RETURNING id`)
	qDropPasskey = New("passkeys.drop", `DELETE FROM passkeys WHERE shop_id = $1 AND id = $2 AND member_id = $3`)
	qPersonKey   = New("person_keys.one", `SELECT w.wrapped FROM person_keys w WHERE w.shop_id = $1 AND w.member_id = $2`)
)

// Passkey is one of a member's, still sealed. Those of a member whose key was destroyed are not
// found any more.
type Passkey struct {
	ID              id.Passkey
	Member          id.Member
	Handle          []byte
	Sealed, Wrapped []byte
	CreatedAt       moment.Time
	UsedAt          moment.Time // zero: never
}

func (p *Passkey) scan(r Scanner) error {
	return r.Scan(&p.ID, &p.Member, &p.Handle, &p.Sealed, &p.Wrapped, &p.CreatedAt, &p.UsedAt)
}

// PersonKey is the wrapped key of a member's person; nil when he has none, or none any more.
func (s *Store) PersonKey(ctx context.Context, shop loyalty.ShopID, m id.Member) (wrapped []byte, err error) {
	err = s.Read(ctx, qPersonKey, func(r Scanner) error { return r.Scan(&wrapped) }, int64(shop), m.Bytes())
	return wrapped, err
}

// PutPasskey stores a passkey under the digest of its credential's id; false when the member has
// most of them already, or the credential is somebody's.
func (t *Tx) PutPasskey(ctx context.Context, shop loyalty.ShopID, p *Passkey, credential []byte, most int64) (put bool, err error) {
	err = t.read(ctx, qPutPasskey, func(r Scanner) error {
		put = true
		return r.Scan(new([]byte))
	}, int64(shop), p.ID.Bytes(), p.Member.Bytes(), credential, p.Handle, p.Sealed, int64(t.Now), most)
	return put, err
}

// Passkeys lists a member's, in the order of their making.
func (s *Store) Passkeys(ctx context.Context, shop loyalty.ShopID, m id.Member) (out []*Passkey, err error) {
	err = s.Read(ctx, qPasskeys, func(r Scanner) error {
		p := &Passkey{}
		out = append(out, p)
		return p.scan(r)
	}, int64(shop), m.Bytes())
	return out, err
}

// Passkey finds one by the digest of its credential's id; nil when there is none.
func (s *Store) Passkey(ctx context.Context, shop loyalty.ShopID, credential []byte) (out *Passkey, err error) {
	err = s.Read(ctx, qPasskey, func(r Scanner) error {
		out = &Passkey{}
		return out.scan(r)
	}, int64(shop), credential)
	return out, err
}

// UsedPasskey notes a use with what is sealed from then on; false when the passkey was removed.
func (t *Tx) UsedPasskey(ctx context.Context, shop loyalty.ShopID, p *Passkey, sealed []byte) (there bool, err error) {
	err = t.read(ctx, qUsedPasskey, func(r Scanner) error {
		there = true
		return r.Scan(new([]byte))
	}, int64(shop), p.ID.Bytes(), p.Member.Bytes(), sealed, int64(t.Now))
	return there, err
}

// DropPasskey removes one of a member's.
func (t *Tx) DropPasskey(ctx context.Context, shop loyalty.ShopID, m id.Member, which id.Passkey) error {
	return t.Exec(ctx, qDropPasskey, int64(shop), which.Bytes(), m.Bytes())
}
