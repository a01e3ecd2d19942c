package share

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strconv"
	"strings"
	"unicode"
)

// CardText is what stands on the picture of a link.
type CardText struct {
	Shop     string // the shop's name
	Headline string // what is offered, and by whom: "Camille vous offre 10 %"
	Line     string // the second line: for what, how long; may be empty
	Hue      int    // the shop's hue in degrees, 0 to 359
}

// The picture's size in pixels, which a page has to tell beside its address.
const (
	CardWidth  = 1200
	CardHeight = 630
)

// drawing numbers the way cards are drawn. A change of it gives every picture a new name, since
// networks keep what they have once fetched under a name.
const drawing = "1"

// CardName is the file name of a card, which follows from what stands on it: the same text has
// the same name for ever, and no other text has it.
func CardName(in CardText) string {
	sum := sha256.New()
	for _, part := range []string{drawing, in.Shop, in.Headline, in.Line, strconv.Itoa(in.Hue)} {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]) + ".jpg"
}

// Where things stand, in pixels. Some networks cut the edges off, so nothing that is read
// stands within the margin.
const (
	margin    = 80.0
	badge     = 84.0 // the square with the shop's initials
	textWidth = 640.0
	textTop   = margin + badge + 44 // the texts below the shop's name
	textEnd   = CardHeight - margin
)

// Card draws the picture that networks show for a link: JPEG, CardWidth by CardHeight pixels,
// below 300 kB. Long texts get smaller, then are cut. It takes some 150 ms of a small
// server; keep it under CardName. The error is the encoder's.
func Card(in CardText) ([]byte, error) {
	canvas := image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight))
	p := colours(in.Hue)
	paintGround(canvas, p)
	paintGift(canvas, p)
	paintShop(canvas, p, drawable(in.Shop))
	paintText(canvas, p, drawable(in.Headline), drawable(in.Line))

	var out bytes.Buffer
	if err := jpeg.Encode(&out, canvas, &jpeg.Options{Quality: 90}); err != nil {
		return nil, fmt.Errorf("share: write card: %w", err)
	}
	return out.Bytes(), nil
}

// paintShop draws the initials and the name of the shop.
func paintShop(on *image.RGBA, p palette, name string) {
	if name == "" {
		return
	}
	x := margin
	if letters := initials(name); letters != "" {
		fill(on, white, roundedBox(margin, margin, badge, badge, 22))
		pen := newPen(bold(), 36, 0)
		pen.write(on, margin+(badge-pen.width(letters))/2, margin+badge/2+13, letters, p.deep)
		x += badge + 24
	}
	at := func(size float64) measure { return newPen(bold(), size, -.3).width }
	size, lines := fit(name, margin+textWidth-x, sizesFrom(40, 26, 2), 2, at)
	pen := newPen(bold(), size, -.3)
	leading := size * 1.15
	y := margin + badge/2 - leading*float64(len(lines)-1)/2 + size*.35
	for i, text := range lines {
		pen.write(on, x, y+leading*float64(i), text, white)
	}
}

// initials are the first letters of the first and the last word, at most two.
func initials(name string) string {
	var letters []string
	for word := range strings.FieldsSeq(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters = append(letters, string(unicode.ToUpper(r)))
				break
			}
		}
	}
	if len(letters) > 2 {
		letters = []string{letters[0], letters[len(letters)-1]}
	}
	return strings.Join(letters, "")
}

// paintText draws the headline and the second line in the middle of the room below the name.
func paintText(on *image.RGBA, p palette, headline, second string) {
	head := func(size float64) measure { return newPen(bold(), size, -size*.018).width }
	small := func(size float64) measure { return newPen(regular(), size, 0).width }
	secondSize, secondLines := fit(second, textWidth, sizesFrom(36, 28, 2), 3, small)
	secondHeight := secondSize * 1.35 * float64(len(secondLines))

	const between = 30.0
	size, lines := 0.0, []string{}
	for _, largest := range sizesFrom(92, 40, 4) {
		size, lines = fit(headline, textWidth, sizesFrom(largest, 40, 4), 4, head)
		if size*1.1*float64(len(lines))+between+secondHeight <= textEnd-textTop {
			break
		}
	}
	height := size * 1.1 * float64(len(lines))
	y := textTop + max(0, (textEnd-textTop-height-between-secondHeight)/2)
	y = write(on, newPen(bold(), size, -size*.018), y, 1.1, lines, white)
	write(on, newPen(regular(), secondSize, 0), y+between, 1.35, secondLines, p.soft)
}

// write draws lines below y and returns where they end.
func write(on *image.RGBA, with pen, y, leading float64, lines []string, ink color.RGBA) float64 {
	for _, text := range lines {
		with.write(on, margin, y+with.size*(.5*leading+.36), text, ink)
		y += with.size * leading
	}
	return y
}
