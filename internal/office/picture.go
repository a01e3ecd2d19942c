package office

import (
	"context"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/picture"
	"cagnotte/internal/store"
)

// Pictures of a portal.
const (
	Logo = "logo" // beside the shop's name
	Icon = "icon" // in a browser's tab
)

// SetPicture gives a portal a picture, as picture.Check takes it.
func (o *Office) SetPicture(ctx context.Context, shop loyalty.ShopID, kind string, file []byte) error {
	x, err := picture.Check(file)
	if err != nil {
		return err
	}
	return o.setPicture(ctx, shop, kind, x.Digest, func(tx *store.Tx) error {
		return tx.PutPortalPicture(ctx, shop, kind, x.Digest, x.MediaType, x.Bytes)
	})
}

// DropPicture takes a portal's picture away.
func (o *Office) DropPicture(ctx context.Context, shop loyalty.ShopID, kind string) error {
	return o.setPicture(ctx, shop, kind, "", func(tx *store.Tx) error { return tx.DropPortalPicture(ctx, shop, kind) })
}

func (o *Office) setPicture(ctx context.Context, shop loyalty.ShopID, kind, digest string, also func(*store.Tx) error) error {
	if !slices.Contains([]string{Logo, Icon}, kind) {
		return loyalty.NotFound("kind", "picture_unknown")
	}
	p, err := o.st.Portal(ctx, shop)
	if err != nil {
		return err
	}
	if kind == Logo {
		p.LogoFile = digest
	} else {
		p.IconFile = digest
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		return tx.PutPortal(ctx, shop, p)
	})
	o.houses.forget()
	return err
}

// Picture gives a portal's picture by its digest; the problem `picture_unknown` where there is
// another one, or none.
func (o *Office) Picture(ctx context.Context, shop loyalty.ShopID, kind, digest string) (b []byte, mediaType string, err error) {
	b, mediaType, err = o.st.PortalPicture(ctx, shop, kind, digest)
	if err == nil && b == nil {
		err = loyalty.NotFound("digest", "picture_unknown")
	}
	return b, mediaType, err
}
