package share

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white margin that readers need around a code, in modules.
const quiet = 4

// Sides of a picture of a code, in pixels. A flyer of 8 cm at 300 dots per inch takes 945.
const (
	QRPixels    = 1024 // at least
	QRPixelsMax = 8192
)

// code is a QR code: black modules on white, without the margin.
type code struct {
	side  int
	black []bool
}

// encode makes the code of a text, at level M: 15 per cent of it may be dirty or torn.
func encode(text string) (code, error) {
	if text == "" {
		return code{}, fmt.Errorf("share: a QR code of nothing")
	}
	made, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return code{}, fmt.Errorf("share: QR code of %d bytes: %w", len(text), err)
	}
	c := code{side: made.Bounds().Dx()}
	c.black = make([]bool, c.side*c.side)
	for y := range c.side {
		for x := range c.side {
			c.black[y*c.side+x] = made.At(x, y) == color.Black
		}
	}
	return c, nil
}

// run is a row of black modules that touch.
type run struct{ x, y, n int }

// runs lists the black modules row by row.
func (c code) runs() (runs []run) {
	for y := range c.side {
		for x := 0; x < c.side; x++ {
			from := x
			for x < c.side && c.black[y*c.side+x] {
				x++
			}
			if x > from {
				runs = append(runs, run{from, y, x - from})
			}
		}
	}
	return runs
}

// QRSVG draws the QR code of a text as an SVG of one path, always black on white whatever the
// colours of the page are, with the quiet zone. A title is what a screen reader says; without
// one the picture is hidden from it, and the page has to say it. Fails when the text is empty
// or too long for a code (some 2,300 bytes).
func QRSVG(text, title string) (string, error) {
	c, err := encode(text)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for _, r := range c.runs() {
		fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", r.x+quiet, r.y+quiet, r.n, r.n)
	}
	label, words := `aria-hidden="true"`, ""
	if title != "" {
		label, words = `role="img"`, "<title>"+html.EscapeString(line(title))+"</title>"
	}
	side := strconv.Itoa(c.side + 2*quiet)
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + side + " " + side + `" shape-rendering="crispEdges" ` + label + ">" + words +
		`<path fill="#fff" d="M0 0h` + side + "v" + side + "H0z\"/>" +
		`<path fill="#000" d="` + path.String() + `"/></svg>`, nil
}

// QRPNG draws the QR code of a text as a PNG of at least so many pixels (and at least
// QRPixels), black on white with the quiet zone. Each module has the same whole number of
// pixels, so the side is often a little more than asked. Fails as QRSVG does, and for more
// than QRPixelsMax.
func QRPNG(text string, pixels int) ([]byte, error) {
	if pixels > QRPixelsMax {
		return nil, fmt.Errorf("share: a QR code of %d pixels, at most %d", pixels, QRPixelsMax)
	}
	c, err := encode(text)
	if err != nil {
		return nil, err
	}
	side := c.side + 2*quiet
	module := (max(pixels, QRPixels) + side - 1) / side
	picture := image.NewPaletted(image.Rect(0, 0, side*module, side*module), color.Palette{color.White, color.Black})
	for _, r := range c.runs() {
		for y := (r.y + quiet) * module; y < (r.y+quiet+1)*module; y++ {
			for x := (r.x + quiet) * module; x < (r.x+quiet+r.n)*module; x++ {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("share: write QR code: %w", err)
	}
	return out.Bytes(), nil
}
