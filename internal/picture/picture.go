// Package picture takes pictures that people send: it decodes them, to know that they are some,
// and drops whatever they carry along. It stores nothing.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/webp"

	"cagnotte/internal/loyalty"
)

// Limits of a picture. What is larger is refused before it is decoded: a small file may
// hold a picture that fills the memory.
const (
	Max       = 1 << 20 // bytes
	maxSide   = 4_000   // pixels
	maxPixels = 12_000_000
	maxAlt    = 300 // characters
)

// Picture is a picture that may be shown.
type Picture struct {
	Bytes         []byte
	Digest        string // hexadecimal
	MediaType     string // image/png, image/jpeg or image/webp
	Width, Height int64  // pixels
}

// Alt tidies the words that say what is seen; they are wanted.
func Alt(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case text == "":
		return "", loyalty.Invalid("alt", "required")
	case utf8.RuneCountInString(text) > maxAlt:
		return "", loyalty.Invalid("alt", "too_long", "max", fmt.Sprint(maxAlt))
	}
	return text, nil
}

// Check decodes a picture in PNG, JPEG or WebP, and says what it is. PNG and JPEG are encoded
// anew, so that nothing goes along with a picture that nobody sees, such as where it was taken;
// WebP, of which there is no encoder here, is kept as it is once it could be decoded. The
// problems `picture_unreadable`, `picture_too_large` and `picture_too_many_pixels` name the field
// picture.
func Check(file []byte) (Picture, error) {
	var p Picture
	kept, err := p.check(file)
	if err != nil {
		return Picture{}, err
	}
	sum := sha256.Sum256(kept)
	p.Bytes, p.Digest = kept, hex.EncodeToString(sum[:12])
	return p, nil
}

// check fills in what a picture is, and gives what is to be kept of it.
func (p *Picture) check(file []byte) ([]byte, error) {
	if len(file) == 0 {
		return nil, loyalty.Invalid("picture", "required")
	}
	if len(file) > Max {
		return nil, loyalty.Invalid("picture", "picture_too_large", "max", "1")
	}
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
	if out.Len() > Max {
		return nil, loyalty.Invalid("picture", "picture_too_large", "max", "1")
	}
	return out.Bytes(), nil
}
