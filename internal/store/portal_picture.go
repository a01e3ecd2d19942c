package store

import (
	"bytes"
	"context"

	"cagnotte/internal/loyalty"
)

var (
	qPortalPicture    = New("portal_pictures.one", `SELECT p.media_type, p.bytes FROM portal_pictures p WHERE p.shop_id = $1 AND p.kind = $2 AND p.digest = $3`)
	qPutPortalPicture = New("portal_pictures.put", `
		INSERT INTO portal_pictures (shop_id, kind, digest, media_type, bytes, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (shop_id, kind) DO UPDATE SET digest = excluded.digest, media_type = excluded.media_type, bytes = excluded.bytes,
		  changed_at = excluded.changed_at`)
	qDropPortalPicture = New("portal_pictures.drop", `DELETE FROM portal_pictures WHERE shop_id = $1 AND kind = $2`)
)

// PortalPicture gives the bytes of a portal's picture that has a digest; nil where there is
// another one by now, or none.
func (s *Store) PortalPicture(ctx context.Context, shop loyalty.ShopID, kind, digest string) (b []byte, mediaType string, err error) {
	err = s.Read(ctx, qPortalPicture, func(r Scanner) error {
		err := r.Scan(&mediaType, &b)
		b = bytes.Clone(b)
		return err
	}, int64(shop), kind, digest)
	return b, mediaType, err
}

// PutPortalPicture stores a portal's picture in place of the one that it had.
func (t *Tx) PutPortalPicture(ctx context.Context, shop loyalty.ShopID, kind, digest, mediaType string, b []byte) error {
	return t.Exec(ctx, qPutPortalPicture, int64(shop), kind, digest, mediaType, b, int64(t.Now))
}

// DropPortalPicture takes a portal's picture away.
func (t *Tx) DropPortalPicture(ctx context.Context, shop loyalty.ShopID, kind string) error {
	return t.Exec(ctx, qDropPortalPicture, int64(shop), kind)
}
