package store

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const giftPictureHead = `p.code, p.digest, p.media_type, p.width, p.height, p.alt, p.changed_at`

var (
	qGiftPictures   = New("gift_pictures.all", `SELECT `+giftPictureHead+` FROM gift_pictures p WHERE p.shop_id = $1`)
	qGiftPicture    = New("gift_pictures.one", `SELECT p.media_type, p.bytes FROM gift_pictures p WHERE p.shop_id = $1 AND p.code = $2 AND p.digest = $3`)
	qPutGiftPicture = New("gift_pictures.put", `
		INSERT INTO gift_pictures (shop_id, code, digest, media_type, width, height, alt, bytes, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (shop_id, code) DO UPDATE SET digest = excluded.digest, media_type = excluded.media_type,
		  width = excluded.width, height = excluded.height, alt = excluded.alt, bytes = excluded.bytes, changed_at = excluded.changed_at`)
	qDropGiftPicture = New("gift_pictures.drop", `DELETE FROM gift_pictures WHERE shop_id = $1 AND code = $2`)
)

// GiftPicture is what is known of the picture of an entry of the catalogue without its bytes.
type GiftPicture struct {
	Code          string // of the entry
	Digest        string // hexadecimal; in its address
	MediaType     string // image/png, image/jpeg or image/webp
	Width, Height int64  // pixels
	Alt           string // what is seen, for who does not see it
	ChangedAt     moment.Time
}

// GiftPictures gives the pictures of a shop's catalogue, without their bytes.
func (s *Store) GiftPictures(ctx context.Context, shop loyalty.ShopID) (map[string]GiftPicture, error) {
	out := map[string]GiftPicture{}
	err := s.Read(ctx, qGiftPictures, func(r Scanner) error {
		var p GiftPicture
		err := r.Scan(&p.Code, &p.Digest, &p.MediaType, &p.Width, &p.Height, &p.Alt, &p.ChangedAt)
		out[p.Code] = p
		return err
	}, int64(shop))
	return out, err
}

// GiftPictureBytes gives the bytes of the picture that has a digest, with their media type; nil
// where the entry has another one by now, or none.
func (s *Store) GiftPictureBytes(ctx context.Context, shop loyalty.ShopID, code, digest string) (b []byte, mediaType string, err error) {
	err = s.Read(ctx, qGiftPicture, func(r Scanner) error { return r.Scan(&mediaType, &b) }, int64(shop), code, digest)
	return b, mediaType, err
}

// PutGiftPicture gives an entry a picture, in place of the one that it had.
func (t *Tx) PutGiftPicture(ctx context.Context, shop loyalty.ShopID, p GiftPicture, bytes []byte) error {
	return t.Exec(ctx, qPutGiftPicture, int64(shop), p.Code, p.Digest, p.MediaType, p.Width, p.Height, p.Alt, bytes, int64(p.ChangedAt))
}

// DropGiftPicture takes the picture of an entry away.
func (t *Tx) DropGiftPicture(ctx context.Context, shop loyalty.ShopID, code string) error {
	return t.Exec(ctx, qDropGiftPicture, int64(shop), code)
}
