package share

import (
	"bytes"
	"fmt"
	"image/color"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// LeafletText is what stands on a leaflet. Whatever is empty is left out.
type LeafletText struct {
	Shop      string
	Headline  string
	Line      string    // below the headline
	URL       string    // what the QR code opens: http or https
	Link      string    // the same address as people type it
	CodeLabel string    // the word before the code
	Code      string    // for whoever types it in
	Terms     string    // one line, small
	Imprint   string    // who stands behind the shop, smaller still
	Lang      string    // of the texts, for screen readers: "fr"
	Hue       int       // the shop's hue in degrees, 0 to 359
	Made      time.Time // stands in the file's properties; the same texts and time make the same bytes
}

// An A6 page, in millimetres. Printers leave some edge white, so nothing stands there.
const (
	pageWidth, pageHeight = 105.0, 148.0
	edge                  = 6.0
	bandEnd               = 56.0 // the coloured field above
	codeSide              = 50.0 // of the QR code with its quiet zone
	codeTop               = bandEnd + 2
)

// point is a typographic point in millimetres.
const point = 25.4 / 72

// Leaflet makes a printable page (PDF, A6) with the offer, the QR code, the link and the code.
// Long texts get smaller, then are cut; nothing leaves the page. Fails when URL is no web
// address or is too long for a QR code.
func Leaflet(in LeafletText) ([]byte, error) {
	if !webAddress(in.URL) {
		return nil, fmt.Errorf("share: a leaflet needs a web address")
	}
	qr, err := encode(in.URL)
	if err != nil {
		return nil, err
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: pageWidth, Ht: pageHeight}})
	made := in.Made.UTC()
	if made.IsZero() { // the library would take the time of the machine
		made = time.Unix(0, 0).UTC()
	}
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetCatalogSort(true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetTitle(drawable(in.Shop+" · "+in.Headline), true)
	pdf.SetLang(in.Lang)
	pdf.AddUTF8FontFromBytes("go", "", bytes.Clone(goregular.TTF))
	pdf.AddUTF8FontFromBytes("go", "B", bytes.Clone(gobold.TTF))
	pdf.AddPage()

	page{pdf, colours(in.Hue)}.draw(in, qr)
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("share: write leaflet: %w", err)
	}
	return out.Bytes(), nil
}

// page is a leaflet that is being drawn.
type page struct {
	pdf *fpdf.Fpdf
	palette
}

// text is something to be written in the middle of the page, in points.
type text struct {
	words           string
	style           string // "B" is bold
	largest, lowest float64
	most            int // lines
	ink             color.RGBA
}

var black = color.RGBA{A: 255}

func (p page) draw(in LeafletText, qr code) {
	p.pdf.SetFillColor(int(p.brand.R), int(p.brand.G), int(p.brand.B))
	p.pdf.RoundedRect(edge, edge, pageWidth-2*edge, bandEnd-edge, 4, "1234", "F")
	p.stack(edge+3, bandEnd-3,
		text{in.Shop, "B", 12, 8, 2, p.soft},
		text{in.Headline, "B", 24, 11, 3, white},
		text{in.Line, "", 10.5, 7.5, 3, p.soft})
	p.code(qr)
	label := drawable(in.Code)
	if label != "" && drawable(in.CodeLabel) != "" {
		label = drawable(in.CodeLabel) + " " + label
	}
	p.stack(codeTop+codeSide, pageHeight-edge,
		text{in.Link, "B", 12, 6, 3, p.deep},
		text{label, "B", 16, 8, 2, black},
		text{in.Terms, "", 7.5, 5.5, 4, color.RGBA{70, 70, 70, 255}},
		text{in.Imprint, "", 6, 5, 4, color.RGBA{70, 70, 70, 255}})
}

// code draws the modules as one path, so that no hair of white shows between its rows.
func (p page) code(qr code) {
	module := codeSide / float64(qr.side+2*quiet)
	left, top := (pageWidth-codeSide)/2+quiet*module, codeTop+quiet*module
	p.pdf.SetFillColor(0, 0, 0)
	for _, r := range qr.runs() {
		x, y := left+float64(r.x)*module, top+float64(r.y)*module
		w := float64(r.n) * module
		p.pdf.MoveTo(x, y)
		p.pdf.LineTo(x+w, y)
		p.pdf.LineTo(x+w, y+module)
		p.pdf.LineTo(x, y+module)
		p.pdf.ClosePath()
	}
	p.pdf.DrawPath("f")
}

// stack writes texts below each other into the room between two heights, with even space
// around them. While they are too high together, all of them get smaller.
func (p page) stack(top, end float64, texts ...text) {
	const leading = 1.22
	width := pageWidth - 2*edge - 8
	var sizes []float64
	var lines [][]string
	height := 0.0
	for shrink := 1.0; shrink > .3; shrink -= .05 {
		sizes, lines, height = nil, nil, 0
		for _, t := range texts {
			at := func(size float64) measure {
				return func(s string) float64 {
					p.pdf.SetFont("go", t.style, size)
					return p.pdf.GetStringWidth(s)
				}
			}
			largest := max(t.largest*shrink, t.lowest)
			size, fitted := fit(drawable(t.words), width, sizesFrom(largest, t.lowest, .5), t.most, at)
			sizes, lines = append(sizes, size), append(lines, fitted)
			height += size * point * leading * float64(len(fitted))
		}
		if height <= end-top {
			break
		}
	}
	gap := max(0, end-top-height) / float64(len(texts)+1)
	y := top
	for i, t := range texts {
		if len(lines[i]) > 0 {
			y += gap
		}
		p.pdf.SetTextColor(int(t.ink.R), int(t.ink.G), int(t.ink.B))
		p.pdf.SetFont("go", t.style, sizes[i])
		for _, s := range lines[i] {
			p.pdf.Text((pageWidth-p.pdf.GetStringWidth(s))/2, y+sizes[i]*point*.95, s)
			y += sizes[i] * point * leading
		}
	}
}
