package share

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
	"golang.org/x/image/vector"
)

var leaflets = map[string]LeafletText{
	"fr": {
		Shop: "Maison Lavande", Headline: "Camille vous offre 10\u202f%", Line: "Sur votre première commande d’au moins 30\u00a0€.",
		URL: "https://maison-lavande.fr/i/CAM4F7Q", Link: "maison-lavande.fr/i/CAM4F7Q", CodeLabel: "Code\u00a0:", Code: "CAM4F7Q",
		Terms: "Offre valable jusqu’au 31 décembre 2026, une fois par client.", Imprint: "Maison Lavande SAS, 1 rue des Lilas, 69001 Lyon · SIREN 356 000 000", Lang: "fr", Hue: 300,
	},
	"pl": {
		Shop: "Księgarnia Żółty Żuraw", Headline: "Zażółć gęślą jaźń: 10 zł dla Ciebie", Line: "Na pierwsze zakupy od 100 zł. 🎁",
		URL: "https://zolty-zuraw.pl/i/ZOE7K4M", Link: "zolty-zuraw.pl/i/ZOE7K4M", CodeLabel: "Kod:", Code: "ZOE7K4M",
		Terms: "Oferta ważna do 31 grudnia 2026.", Lang: "pl", Hue: 60,
	},
	"long": {
		Shop: strings.Repeat("Les Petites Merveilles de Saint-Honoré ", 9), Headline: strings.Repeat("Marie-Antoinette vous offre une boîte ", 12),
		Line: strings.Repeat("Pourtoutepremièrecommande", 30), URL: "https://a.fr/" + strings.Repeat("x", 200), Link: "a.fr/" + strings.Repeat("x", 200),
		CodeLabel: "Code", Code: strings.Repeat("CAM4F7Q", 20), Lang: "en", Terms: strings.Repeat("Offre valable une fois par client. ", 30), Imprint: strings.Repeat("1 rue des Lilas ", 30), Hue: 0,
	},
}

func openLeaflet(t *testing.T, in LeafletText) pdf.Page {
	t.Helper()
	data, err := Leaflet(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if folder := os.Getenv("CARDS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "leaflet-"+in.Lang+".pdf"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r.NumPage() != 1 {
		t.Fatalf("%d pages", r.NumPage())
	}
	return r.Page(1)
}

// drawn draws the black paths of a page, four pixels to the point.
func drawn(page pdf.Page) image.Image {
	const scale, w, h = 4, 298, 420
	raster, picture := vector.NewRasterizer(w*scale, h*scale), image.NewGray(image.Rect(0, 0, w*scale, h*scale))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	black := false
	pdf.Interpret(page.V.Key("Contents"), func(s *pdf.Stack, op string) {
		var args []float64
		for s.Len() > 0 {
			args = append([]float64{s.Pop().Float64()}, args...)
		}
		at := func() (x, y float32) { return float32(args[0] * scale), float32((h - args[1]) * scale) }
		switch op {
		case "g":
			black = args[0] == 0
		case "rg":
			black = args[0]+args[1]+args[2] == 0
		case "m":
			raster.MoveTo(at())
		case "l":
			raster.LineTo(at())
		case "h":
			raster.ClosePath()
		case "f":
			if black {
				raster.Draw(picture, picture.Bounds(), image.NewUniform(color.Black), image.Point{})
			}
			raster.Reset(w*scale, h*scale)
		}
	})
	return picture
}

func TestTheCodeOfALeafletIsReadBack(t *testing.T) {
	t.Parallel()
	for name, in := range leaflets {
		if got := readQR(t, drawn(openLeaflet(t, in))); got != in.URL {
			t.Errorf("%s: read %q, want %q", name, got, in.URL)
		}
	}
}

// written lists the lines of a page. The fonts are written in UTF-16, and say so to readers by
// a table that gives every code itself.
func written(t *testing.T, page pdf.Page) (lines []string) {
	t.Helper()
	for _, name := range page.Fonts() {
		table, err := io.ReadAll(page.Font(name).V.Key("ToUnicode").Reader())
		if err != nil || !strings.Contains(string(table), "<0000> <FFFF> <0000>") {
			t.Errorf("font %s: %v, its letters are %s", name, err, table)
		}
	}
	pdf.Interpret(page.V.Key("Contents"), func(s *pdf.Stack, op string) {
		for s.Len() > 0 {
			if v := s.Pop(); op == "Tj" {
				raw, units := v.RawString(), []uint16{}
				for i := 0; i+1 < len(raw); i += 2 {
					units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
				}
				lines = append(lines, string(utf16.Decode(units)))
			}
		}
	})
	return lines
}

func TestTheWordsOfALeafletCanBeExtracted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fr", "pl"} {
		in := leaflets[name]
		text := strings.Join(written(t, openLeaflet(t, in)), " ")
		for _, want := range []string{in.Shop, in.Headline, in.Line, in.Link, in.CodeLabel + " " + in.Code, in.Terms, in.Imprint} {
			if !strings.Contains(text, drawable(want)) {
				t.Errorf("%s: %q is not in %q", name, want, text)
			}
		}
	}
}

func TestNothingLeavesALeaflet(t *testing.T) {
	t.Parallel()
	for name, in := range leaflets {
		page := openLeaflet(t, in)
		var low, high float64 = 1e9, 0
		pdf.Interpret(page.V.Key("Contents"), func(s *pdf.Stack, op string) {
			if op != "Td" {
				for s.Len() > 0 {
					s.Pop()
				}
				return
			}
			y, x := s.Pop().Float64(), s.Pop().Float64()
			low, high = min(low, y), max(high, y)
			if x < edge/point || x > (pageWidth-edge)/point/2+1 { // centred: what begins left of the middle ends as far right
				t.Errorf("%s: a line begins at %.1f points", name, x)
			}
		})
		if low < edge/point || high > (pageHeight-edge)/point {
			t.Errorf("%s: lines stand from %.1f to %.1f points", name, low, high)
		}
	}
}

func TestTheSameLeafletIsTheSameBytes(t *testing.T) {
	t.Parallel()
	in := leaflets["pl"]
	in.Made = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	first, err := Leaflet(in)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if again, err := Leaflet(in); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("other bytes, or %v", err)
		}
	}
	if len(first) > 100_000 {
		t.Errorf("%d bytes", len(first))
	}
	in.URL = "javascript:alert(1)"
	if _, err := Leaflet(in); err == nil {
		t.Error("a leaflet leads to a script")
	}
}
