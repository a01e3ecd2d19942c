package share

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// The typefaces of pictures and leaflets are the Go fonts: they have the letters of every
// European language, and come as bytes of a module.
var (
	regular = sync.OnceValue(func() *sfnt.Font { return parse(goregular.TTF) })
	bold    = sync.OnceValue(func() *sfnt.Font { return parse(gobold.TTF) })
)

func parse(ttf []byte) *sfnt.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // bytes of the program itself
	}
	return f
}

// spoken are signs that the fonts lack and that can be said with others.
var spoken = strings.NewReplacer(
	"\u202f", "\u00a0", "\u2007", "\u00a0", "\u2009", " ", "\u200a", " ", "\u2003", " ", "\u2002", " ", "\u3000", " ",
	"\u2010", "-", "\u2011", "-", "\u2212", "–", "\u02bc", "’", "\u00ad", "",
)

// drawable is a text in one line with nothing but what the fonts have: letters with marks that
// they lack lose the marks, everything else that they lack is left out. Both fonts have the
// same letters.
func drawable(text string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(spoken.Replace(line(text))) {
		if has(r) {
			out.WriteRune(r)
			continue
		}
		for _, base := range norm.NFKD.String(string(r)) {
			if has(base) {
				out.WriteRune(base)
			}
		}
	}
	return strings.Join(strings.FieldsFunc(out.String(), func(r rune) bool { return r == ' ' }), " ")
}

// has tells whether the fonts have a sign. A mark that stands alone would be drawn beside its
// letter, so it counts as lacking, as do what joins and directs other signs.
func has(r rune) bool {
	switch {
	case r >= 0x0300 && r <= 0x036F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return false
	case r > 0xFFFF: // none of them is there, and a PDF would not take it
		return false
	}
	var buffer sfnt.Buffer
	for _, f := range []*sfnt.Font{regular(), bold()} {
		if glyph, err := f.GlyphIndex(&buffer, r); err != nil || glyph == 0 {
			return false
		}
	}
	return true
}

// pen writes in one font and size. Large sizes want letters a little closer: tracking is in
// pixels per letter. A pen is for one goroutine.
type pen struct {
	face     font.Face
	size     float64
	tracking float64
}

func newPen(f *sfnt.Font, size, tracking float64) pen {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(err) // never fails: it only looks at the options
	}
	return pen{face, size, tracking}
}

// width measures a text in pixels.
func (p pen) width(text string) float64 {
	return p.walk(text, func(rune, float64) {})
}

// write draws a text with its first letter at x and its foot at y.
func (p pen) write(on draw.Image, x, y float64, text string, ink color.Color) {
	source := image.NewUniform(ink)
	p.walk(text, func(r rune, at float64) {
		dot := fixed.Point26_6{X: fixed.Int26_6((x + at) * 64), Y: fixed.Int26_6(y * 64)}
		if where, mask, point, _, ok := p.face.Glyph(dot, r); ok {
			draw.DrawMask(on, where, source, image.Point{}, mask, point, draw.Over)
		}
	})
}

// walk calls visit with each letter and its place, and returns where the last one ends.
func (p pen) walk(text string, visit func(r rune, at float64)) (end float64) {
	before := rune(-1)
	for _, r := range text {
		if before >= 0 {
			end += float64(p.face.Kern(before, r))/64 + p.tracking
		}
		visit(r, end)
		advance, _ := p.face.GlyphAdvance(r)
		end += float64(advance) / 64
		before = r
	}
	return end
}
