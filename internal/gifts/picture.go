package gifts

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/picture"
	"cagnotte/internal/store"
)

// Picture is what is known of the picture of an entry.
type Picture = store.GiftPicture

// MaxPicture is how many bytes a picture has at most.
const MaxPicture = picture.Max

// Pictures gives the pictures of the catalogue by the codes of its entries.
func (g *Gifts) Pictures(ctx context.Context, shop loyalty.ShopID) (map[string]Picture, error) {
	return g.st.GiftPictures(ctx, shop)
}

// PictureBytes gives a picture by its digest; the problem `picture_unknown` where the entry has
// another one, or none.
func (g *Gifts) PictureBytes(ctx context.Context, shop loyalty.ShopID, code, digest string) (b []byte, mediaType string, err error) {
	b, mediaType, err = g.st.GiftPictureBytes(ctx, shop, code, digest)
	if err == nil && b == nil {
		err = loyalty.NotFound("digest", "picture_unknown")
	}
	return b, mediaType, err
}

// SetPicture gives an entry a picture (see picture.Check), with what is seen on it. It stands
// before those whose addresses the entry has.
func (g *Gifts) SetPicture(ctx context.Context, shop loyalty.ShopID, code, alt string, file []byte) (Picture, error) {
	if _, err := g.Gift(ctx, shop, code); err != nil {
		return Picture{}, err
	}
	if len(file) == 0 {
		return Picture{}, loyalty.Invalid("picture", "required")
	}
	alt, err := picture.Alt(alt)
	if err != nil {
		return Picture{}, err
	}
	x, err := picture.Check(file)
	if err != nil {
		return Picture{}, err
	}
	s, err := g.st.Shop(ctx, shop)
	if err != nil {
		return Picture{}, err
	}
	out := Picture{Code: code, Digest: x.Digest, MediaType: x.MediaType, Width: x.Width, Height: x.Height, Alt: alt, ChangedAt: g.in.Now(s)}
	return out, g.st.Write(ctx, func(tx *store.Tx) error { return tx.PutGiftPicture(ctx, shop, out, x.Bytes) })
}

// DropPicture takes the picture of an entry away.
func (g *Gifts) DropPicture(ctx context.Context, shop loyalty.ShopID, code string) error {
	return g.st.Write(ctx, func(tx *store.Tx) error { return tx.DropGiftPicture(ctx, shop, code) })
}
