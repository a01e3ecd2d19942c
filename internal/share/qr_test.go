package share

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// readQR reads the QR code in a picture, by a reader that is not ours.
func readQR(t *testing.T, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: "UTF-8"})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetText()
}

var codeTexts = []string{"https://maison-lavande.fr/i/CAM4F7Q", "HTTPS://A.PL/I/7", "Zażółć « gęślą » 🎁", "https://a.fr/" + strings.Repeat("x", 300)}

func TestAPNGIsReadBack(t *testing.T) {
	t.Parallel()
	for _, text := range codeTexts {
		for _, pixels := range []int{0, 1024, 1500} {
			data, err := QRPNG(text, pixels)
			if err != nil {
				t.Fatal(err)
			}
			picture, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			side, c := picture.Bounds().Dx(), must(encode(text))
			if side < max(pixels, QRPixels) || side%(c.side+2*quiet) != 0 || picture.Bounds().Dy() != side {
				t.Errorf("%d pixels were asked, %d made for %d modules", pixels, side, c.side)
			}
			if got := readQR(t, picture); got != text {
				t.Errorf("read %q, want %q", got, text)
			}
			module := side / (c.side + 2*quiet)
			for i := range side { // the quiet zone is white on all four sides
				for d := range quiet * module {
					for _, p := range []image.Point{{i, d}, {d, i}, {i, side - 1 - d}, {side - 1 - d, i}} {
						if r, _, _, _ := picture.At(p.X, p.Y).RGBA(); r != 0xffff {
							t.Fatalf("%v is not white", p)
						}
					}
				}
			}
		}
	}
	if _, err := QRPNG(codeTexts[0], QRPixelsMax+1); err == nil {
		t.Error("a picture of any size is made")
	}
}

func must(c code, err error) code {
	if err != nil {
		panic(err)
	}
	return c
}

func TestAnSVGIsReadBack(t *testing.T) {
	t.Parallel()
	for _, text := range codeTexts {
		svg, err := QRSVG(text, `Code de «Zoé» & <Tom> "x"`)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			ViewBox string `xml:"viewBox,attr"`
			Role    string `xml:"role,attr"`
			Title   string `xml:"title"`
			Path    []struct {
				Fill string `xml:"fill,attr"`
				D    string `xml:"d,attr"`
			} `xml:"path"`
		}
		if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Title != `Code de «Zoé» & <Tom> "x"` || doc.Role != "img" || len(doc.Path) != 2 || doc.Path[1].Fill != "#000" {
			t.Errorf("%+v", doc)
		}
		side, _ := strconv.Atoi(strings.Fields(doc.ViewBox)[2])
		const module = 8
		picture := image.NewGray(image.Rect(0, 0, side*module, side*module))
		for i := range picture.Pix {
			picture.Pix[i] = 255
		}
		rows := regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
		if rest := rows.ReplaceAllString(doc.Path[1].D, ""); rest != "" {
			t.Errorf("the path has something else: %q", rest)
		}
		for _, m := range rows.FindAllStringSubmatch(doc.Path[1].D, -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for py := y * module; py < (y+1)*module; py++ {
				for px := x * module; px < (x+n)*module; px++ {
					picture.SetGray(px, py, color.Gray{})
				}
			}
		}
		if got := readQR(t, picture); got != text {
			t.Errorf("read %q, want %q", got, text)
		}
	}
	if svg, err := QRSVG("x", ""); err != nil || !strings.Contains(svg, `aria-hidden="true"`) || strings.Contains(svg, "<title>") {
		t.Errorf("without a title: %v, %s", err, svg)
	}
}

func TestNoCodeOfNothingOrTooMuch(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", strings.Repeat("é", 3000)} {
		if _, err := QRSVG(text, ""); err == nil {
			t.Errorf("a code of %d bytes", len(text))
		}
		if _, err := QRPNG(text, 0); err == nil {
			t.Errorf("a PNG of %d bytes", len(text))
		}
	}
}
