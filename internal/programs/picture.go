package programs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/webp"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Picture is what is known of a program's picture.
type Picture = store.Picture

// Limits of a picture. What is larger is refused before it is decoded: a small file may
// hold a picture that fills the memory.
const (
	MaxPicture = 1 << 20 // bytes
	maxSide    = 4_000   // pixels
	maxPixels  = 12_000_000
	maxAlt     = 300 // characters
)

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

// SetPicture gives a program a picture in PNG, JPEG or WebP, with what is seen on it. PNG
// and JPEG are encoded anew, so that nothing goes along with a picture that nobody sees,
// such as where it was taken; WebP, of which there is no encoder here, is kept as it is
// once it could be decoded.
func (p *Programs) SetPicture(ctx context.Context, shop loyalty.ShopID, which id.Program, alt string, file []byte) (Picture, error) {
	s, _, err := p.paused(ctx, shop, which)
	if err != nil {
		return Picture{}, err
	}
	alt = strings.Join(strings.Fields(alt), " ")
	switch {
	case len(file) == 0:
		return Picture{}, loyalty.Invalid("picture", "required")
	case alt == "":
		return Picture{}, loyalty.Invalid("alt", "required")
	case utf8.RuneCountInString(alt) > maxAlt:
		return Picture{}, loyalty.Invalid("alt", "too_long", "max", fmt.Sprint(maxAlt))
	case len(file) > MaxPicture:
		return Picture{}, loyalty.Invalid("picture", "picture_too_large", "max", "1")
	}
	out := Picture{Program: which, Alt: alt, ChangedAt: p.in.Now(s)}
	kept, err := checked(&out, file)
	if err != nil {
		return Picture{}, err
	}
	sum := sha256.Sum256(kept)
	out.Digest = hex.EncodeToString(sum[:12])
	return out, p.st.Write(ctx, func(tx *store.Tx) error { return tx.PutPicture(ctx, shop, out, kept) })
}

// checked decodes a picture, fills in what it is, and gives what is to be kept of it.
func checked(p *Picture, file []byte) ([]byte, error) {
	refused := loyalty.Invalid("picture", "picture_unreadable")
	var (
		size   func() (image.Config, error)
		decode func() (image.Image, error)
	)
	switch { // by what it is, not by what it is called
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		p.MediaType = "image/png"
		size = func() (image.Config, error) { return png.DecodeConfig(bytes.NewReader(file)) }
		decode = func() (image.Image, error) { return png.Decode(bytes.NewReader(file)) }
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		p.MediaType = "image/jpeg"
		size = func() (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(file)) }
		decode = func() (image.Image, error) { return jpeg.Decode(bytes.NewReader(file)) }
	case len(file) > 12 && bytes.HasPrefix(file, []byte("RIFF")) && string(file[8:12]) == "WEBP":
		p.MediaType = "image/webp"
		size = func() (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(file)) }
		decode = func() (image.Image, error) { return webp.Decode(bytes.NewReader(file)) }
	default:
		return nil, refused
	}
	c, err := size()
	if err != nil || c.Width < 1 || c.Height < 1 {
		return nil, refused
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return nil, loyalty.Invalid("picture", "picture_too_many_pixels", "max", fmt.Sprint(maxSide))
	}
	drawn, err := decode()
	if err != nil {
		return nil, refused
	}
	p.Width, p.Height = int64(c.Width), int64(c.Height)
	var out bytes.Buffer
	switch p.MediaType {
	case "image/png":
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, drawn)
	case "image/jpeg":
		err = jpeg.Encode(&out, drawn, &jpeg.Options{Quality: 85})
	default:
		return file, nil
	}
	if err != nil {
		return nil, fmt.Errorf("a picture: %w", err)
	}
	if out.Len() > MaxPicture {
		return nil, loyalty.Invalid("picture", "picture_too_large", "max", "1")
	}
	return out.Bytes(), nil
}

// DropPicture takes a program's picture away.
func (p *Programs) DropPicture(ctx context.Context, shop loyalty.ShopID, which id.Program) error {
	if _, err := p.Program(ctx, shop, which); err != nil {
		return err
	}
	return p.st.Write(ctx, func(tx *store.Tx) error { return tx.DropPicture(ctx, shop, which) })
}
