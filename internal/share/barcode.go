package share

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
)

// Ways to draw a number for a till's scanner.
const (
	Code128 = "code128"
	EAN13   = "ean13"
	QRCode  = "qr"
)

// barHeight is how high the bars of a code are, in its narrowest ones.
const barHeight = 40

// IsEAN13 tells whether a number is an EAN-13: thirteen digits, the last of which checks the others.
func IsEAN13(number string) bool {
	if len(number) != 13 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	_, err := ean.Encode(number)
	return err == nil
}

// BarcodeSVG draws a number as an SVG that a scanner reads back as it is, always black on white, with
// the quiet zone, and with a title for screen readers. A number that is no EAN-13 is drawn as Code
// 128. Fails when the number cannot be drawn: Code 128 has the signs of ASCII, 80 at most.
func BarcodeSVG(way, number, title string) (string, error) {
	if way == QRCode {
		return QRSVG(number, title)
	}
	var (
		made  barcode.Barcode
		quiet = 10
		err   error
	)
	if way == EAN13 && IsEAN13(number) {
		quiet = 11
		made, err = ean.Encode(number)
	} else {
		made, err = code128.Encode(number)
	}
	if err != nil {
		return "", fmt.Errorf("share: draw a number of %d signs: %w", len(number), err)
	}
	wide := made.Bounds().Dx()
	var path strings.Builder
	for x := 0; x < wide; x++ {
		from := x
		for x < wide && made.At(x, 0) == color.Black {
			x++
		}
		if x > from {
			fmt.Fprintf(&path, "M%d 2h%dv%dh-%dz", from+quiet, x-from, barHeight, x-from)
		}
	}
	w, h := wide+2*quiet, barHeight+4
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" role="img"><title>%s</title>`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`, w, h, html.EscapeString(line(title)), w, h, path.String()), nil
}
