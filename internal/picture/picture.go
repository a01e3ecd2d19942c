// Package picture looks at pictures that somebody sends: whether they are one, how large they
// are, and what of them may be kept.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"cagnotte/internal/loyalty"
)

// Limits of a picture. What is larger is refused before it is decoded: a small file may
// hold a picture that fills the memory.
const (
	Max       = 1 << 20 // bytes
	maxSide   = 4_000   // pixels
	maxPixels = 12_000_000
)

// Picture is one that may be kept.
type Picture struct {
	Digest        string // hexadecimal; in its address
	MediaType     string // image/png, image/jpeg or image/webp
	Width, Height int64  // pixels
	Bytes         []byte
}

// Clean decodes a PNG, JPEG or WebP, by what it is and not by what it is called. PNG and JPEG are
// encoded anew, so that nothing goes along with a picture that nobody sees, such as where it was
// taken; WebP, of which there is no encoder here, is kept as it is once it could be decoded. SVG is
// refused: it may hold scripts and addresses. Problems name the field.
func Clean(field string, file []byte) (Picture, error) {
	refused := loyalty.Invalid(field, "picture_unreadable")
	var (
		p      Picture
		size   func() (image.Config, error)
		decode func() (image.Image, error)
	)
	switch {
	case len(file) == 0:
		return p, loyalty.Invalid(field, "required")
	case len(file) > Max:
		return p, loyalty.Invalid(field, "picture_too_large", "max", "1")
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
		return p, refused
	}
	c, err := size()
	if err != nil || c.Width < 1 || c.Height < 1 {
		return p, refused
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return p, loyalty.Invalid(field, "picture_too_many_pixels", "max", fmt.Sprint(maxSide))
	}
	drawn, err := decode()
	if err != nil {
		return p, refused
	}
	p.Width, p.Height = int64(c.Width), int64(c.Height)
	var out bytes.Buffer
	switch p.MediaType {
	case "image/png":
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, drawn)
	case "image/jpeg":
		err = jpeg.Encode(&out, drawn, &jpeg.Options{Quality: 85})
	default:
		out.Write(file)
	}
	if err != nil {
		return p, fmt.Errorf("a picture: %w", err)
	}
	if out.Len() > Max {
		return p, loyalty.Invalid(field, "picture_too_large", "max", "1")
	}
	p.Bytes = out.Bytes()
	sum := sha256.Sum256(p.Bytes)
	p.Digest = hex.EncodeToString(sum[:12])
	return p, nil
}
