package programs

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/picture"
	"cagnotte/internal/store"
)

// Picture is what is known of a program's picture.
type Picture = store.Picture

// MaxPicture is how many bytes a picture has at most.
const MaxPicture = picture.Max

// Pictures gives the pictures of a shop's programs.
func (p *Programs) Pictures(ctx context.Context, shop loyalty.ShopID) (map[id.Program]Picture, error) {
	return p.st.Pictures(ctx, shop)
}

// PictureBytes gives a picture by its digest; the problem `picture_unknown` where the
// program has another one, or none.
func (p *Programs) PictureBytes(ctx context.Context, shop loyalty.ShopID, which id.Program, digest string) (b []byte, mediaType string, err error) {
	all, err := p.st.Pictures(ctx, shop)
	if err != nil {
		return nil, "", err
	}
	x, known := all[which]
	if known && x.Digest == digest {
		b, err = p.st.PictureBytes(ctx, shop, which, digest)
	}
	if err == nil && b == nil {
		err = loyalty.NotFound("digest", "picture_unknown")
	}
	return b, x.MediaType, err
}

// SetPicture gives a program a picture (see picture.Check), with what is seen on it.
func (p *Programs) SetPicture(ctx context.Context, shop loyalty.ShopID, which id.Program, alt string, file []byte) (Picture, error) {
	s, _, err := p.paused(ctx, shop, which)
	if err != nil {
		return Picture{}, err
	}
	if len(file) == 0 {
		return Picture{}, loyalty.Invalid("picture", "required")
	}
	if alt, err = picture.Alt(alt); err != nil {
		return Picture{}, err
	}
	x, err := picture.Check(file)
	if err != nil {
		return Picture{}, err
	}
	out := Picture{Program: which, Digest: x.Digest, MediaType: x.MediaType, Width: x.Width, Height: x.Height, Alt: alt, ChangedAt: p.in.Now(s)}
	return out, p.st.Write(ctx, func(tx *store.Tx) error { return tx.PutPicture(ctx, shop, out, x.Bytes) })
}

// DropPicture takes a program's picture away.
func (p *Programs) DropPicture(ctx context.Context, shop loyalty.ShopID, which id.Program) error {
	if _, err := p.Program(ctx, shop, which); err != nil {
		return err
	}
	return p.st.Write(ctx, func(tx *store.Tx) error { return tx.DropPicture(ctx, shop, which) })
}
