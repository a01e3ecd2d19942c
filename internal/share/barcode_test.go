package share

import (
	"encoding/xml"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

var (
	viewBox = regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	bar     = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v(\d+)h-`)
)

// rasterized draws an SVG of bars, four pixels to the unit.
func rasterized(t *testing.T, svg string) image.Image {
	t.Helper()
	if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil {
		t.Fatal(err)
	}
	const scale = 4
	n := func(s string) int { x, _ := strconv.Atoi(s); return x * scale }
	box := viewBox.FindStringSubmatch(svg)
	out := image.NewGray(image.Rect(0, 0, n(box[1]), n(box[2])))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	for _, m := range bar.FindAllStringSubmatch(svg, -1) {
		draw.Draw(out, image.Rect(n(m[1]), n(m[2]), n(m[1])+n(m[3]), n(m[2])+n(m[4])), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	return out
}

// A scanner reads the number that is there, and nothing more: a number that is no EAN-13 is not
// made one.
func TestACardIsReadBack(t *testing.T) {
	t.Parallel()
	readers := map[gozxing.BarcodeFormat]gozxing.Reader{
		gozxing.BarcodeFormat_CODE_128: oned.NewCode128Reader(), gozxing.BarcodeFormat_EAN_13: oned.NewEAN13Reader(),
	}
	for _, x := range []struct {
		way, number string
		as          gozxing.BarcodeFormat
	}{
		{Code128, "LAV-00412345", gozxing.BarcodeFormat_CODE_128},
		{Code128, "1007", gozxing.BarcodeFormat_CODE_128},
		{EAN13, "4006381333931", gozxing.BarcodeFormat_EAN_13},
		{EAN13, "4006381333932", gozxing.BarcodeFormat_CODE_128}, // its check digit is another one
		{EAN13, "400638133393", gozxing.BarcodeFormat_CODE_128},
		{EAN13, "LAV-1", gozxing.BarcodeFormat_CODE_128},
	} {
		svg, err := BarcodeSVG(x.way, x.number, "Number <"+x.number+">")
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(rasterized(t, svg))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readers[x.as].Decode(bitmap, nil)
		if err != nil || got.GetText() != x.number {
			t.Errorf("%s %s: %v, %v", x.way, x.number, got, err)
		}
		if !strings.Contains(svg, "<title>Number &lt;"+x.number+"&gt;</title>") {
			t.Errorf("%s says %.200s", x.number, svg)
		}
	}
	for _, bad := range []string{"", "Żuraw", strings.Repeat("1", 200)} {
		if _, err := BarcodeSVG(Code128, bad, ""); err == nil {
			t.Errorf("%q is drawn", bad)
		}
	}
	if svg, err := BarcodeSVG(QRCode, "LAV-1", "x"); err != nil || !strings.Contains(svg, "<title>x</title>") {
		t.Error(err)
	}
}
