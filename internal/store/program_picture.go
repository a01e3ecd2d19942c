package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const pictureHead = `p.program_id, p.digest, p.media_type, p.width, p.height, p.alt, p.changed_at`

var (
	qPictures   = New("program_pictures.all", `SELECT `+pictureHead+` FROM program_pictures p WHERE p.shop_id = $1`)
	qPicture    = New("program_pictures.one", `SELECT p.bytes FROM program_pictures p WHERE p.shop_id = $1 AND p.program_id = $2 AND p.digest = $3`)
	qPutPicture = New("program_pictures.put", `
		INSERT INTO program_pictures (shop_id, program_id, digest, media_type, width, height, alt, bytes, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (shop_id, program_id) DO UPDATE SET digest = excluded.digest, media_type = excluded.media_type,
		  width = excluded.width, height = excluded.height, alt = excluded.alt, bytes = excluded.bytes, changed_at = excluded.changed_at`)
	qDropPicture = New("program_pictures.drop", `DELETE FROM program_pictures WHERE shop_id = $1 AND program_id = $2`)
)

// Picture is what is known of a program's picture without its bytes.
type Picture struct {
	Program       id.Program
	Digest        string // hexadecimal; in its address
	MediaType     string // image/png, image/jpeg or image/webp
	Width, Height int64  // pixels
	Alt           string // what is seen, for who does not see it
	ChangedAt     moment.Time
}

// Pictures gives the pictures of a shop's programs, without their bytes.
func (s *Store) Pictures(ctx context.Context, shop loyalty.ShopID) (map[id.Program]Picture, error) {
	out := map[id.Program]Picture{}
	err := s.Read(ctx, qPictures, func(r Scanner) error {
		var p Picture
		err := r.Scan(&p.Program, &p.Digest, &p.MediaType, &p.Width, &p.Height, &p.Alt, &p.ChangedAt)
		out[p.Program] = p
		return err
	}, int64(shop))
	return out, err
}

// PictureBytes gives the bytes of the picture that has a digest; nil where the program has
// another one by now, or none.
func (s *Store) PictureBytes(ctx context.Context, shop loyalty.ShopID, p id.Program, digest string) (b []byte, err error) {
	err = s.Read(ctx, qPicture, func(r Scanner) error { return r.Scan(&b) }, int64(shop), p.Bytes(), digest)
	return b, err
}

// PutPicture gives a program a picture, in place of the one that it had.
func (t *Tx) PutPicture(ctx context.Context, shop loyalty.ShopID, p Picture, bytes []byte) error {
	return t.Exec(ctx, qPutPicture, int64(shop), p.Program.Bytes(), p.Digest, p.MediaType, p.Width, p.Height, p.Alt, bytes, int64(p.ChangedAt))
}

// DropPicture takes a program's picture away.
func (t *Tx) DropPicture(ctx context.Context, shop loyalty.ShopID, p id.Program) error {
	return t.Exec(ctx, qDropPicture, int64(shop), p.Bytes())
}
