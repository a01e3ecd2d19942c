package share

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

var cards = map[string]CardText{
	"fr":   {"Maison Lavande", "Camille vous offre 10\u202f%", "Sur votre première commande, jusqu’au 31\u00a0décembre.", 300},
	"pl":   {"Księgarnia Żółty Żuraw", "Zaproszenie od: Wołodymyr Świętosławski-Brzęczyszczykiewicz. 10 zł na pierwsze zakupy", "Ważne do 31 grudnia 2026 przy zamówieniu od 100 zł.", 60},
	"long": {"Les Petites Merveilles de la Boulangerie Saint-Honoré 🥐 et Fils", "Marie-Antoinette de La Rochefoucauld-Montbéliard vous offre une boîte de douze macarons à la pistache", "Pour toute première commande d’au moins 35 €, en boutique comme en ligne, et ce jusqu’au dimanche de Pâques.", 0},
	"tiny": {"Zoe", "10 zł dla Ciebie 🎁", "", 172},
	"none": {"招き猫", "", "", -40},
	"word": {"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "x", 230},
}

// With CARDS set to a folder the pictures are left there, to be looked at.
func TestCardsAreWhatNetworksTake(t *testing.T) {
	t.Parallel()
	for name, in := range cards {
		data, err := Card(in)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if picture.Bounds() != image.Rect(0, 0, CardWidth, CardHeight) || len(data) >= 300_000 {
			t.Errorf("%s: %v, %d bytes", name, picture.Bounds(), len(data))
		}
		if again, err := Card(in); err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s: other bytes, or %v", name, err)
		}
		if folder := os.Getenv("CARDS"); folder != "" {
			var out bytes.Buffer
			if err := png.Encode(&out, picture); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name+".png"), out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Texts stay between the margins: outside of the column, a card with text is one without.
func TestTextsStayInTheirColumn(t *testing.T) {
	t.Parallel()
	for name, in := range cards {
		with, without := image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight)), image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight))
		paintShop(with, colours(in.Hue), drawable(in.Shop))
		paintText(with, colours(in.Hue), drawable(in.Headline), drawable(in.Line))
		touched := false
		for y := range CardHeight {
			for x := range CardWidth {
				inside := x >= margin-3 && x <= margin+textWidth+3 && y >= margin-3 && y <= textEnd+3
				if same := with.RGBAAt(x, y) == without.RGBAAt(x, y); !same && !inside {
					t.Fatalf("%s: something is drawn at %d, %d", name, x, y)
				} else if !same {
					touched = true
				}
			}
		}
		if touched != (drawable(in.Shop+in.Headline+in.Line) != "") {
			t.Errorf("%s: drawn is %v", name, touched)
		}
	}
}

// luminance is that of WCAG 2.
func luminance(c color.RGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= .04045 {
			return s / 12.92
		}
		return math.Pow((s+.055)/1.055, 2.4)
	}
	return .2126*part(c.R) + .7152*part(c.G) + .0722*part(c.B)
}

func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func TestEveryHueCanBeRead(t *testing.T) {
	t.Parallel()
	for hue := range 360 {
		p := colours(hue)
		for what, ground := range map[string]color.RGBA{"brand": p.brand, "deep": p.deep, "glow": p.glow} {
			if c := min(contrast(white, ground), contrast(p.soft, ground)); c < 4.5 {
				t.Errorf("hue %d: text on %s has a contrast of %.2f", hue, what, c)
			}
		}
		if contrast(p.deep, white) < 4.5 {
			t.Errorf("hue %d: the deep colour cannot be read on white", hue)
		}
	}
	if contrast(white, colours(0).mid) >= 4.5 {
		t.Error("the measure finds everything readable")
	}
	for _, hue := range []int{0, 60, 172, 300} { // and the ground that is really painted
		ground := image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight))
		p := colours(hue)
		paintGround(ground, p)
		for x := 0; x < CardWidth; x += 5 {
			for y := 0; y < CardHeight; y += 5 {
				if c := contrast(p.soft, ground.RGBAAt(x, y)); c < 4.5 {
					t.Fatalf("hue %d: a contrast of %.2f at %d, %d", hue, c, x, y)
				}
			}
		}
	}
}

func TestNothingIsDrawnThatTheFontsLack(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Zażółć gęślą jaźń, «\u00a0Noël\u00a0»\u202f: l’œuvre… 5 €": "Zażółć gęślą jaźń, «\u00a0Noël\u00a0»\u00a0: l’œuvre… 5 €",
		"🎁 Zoé 🥐 & fils 👨‍👩‍👧":                                      "Zoé & fils",
		"Nguyễn Thị Ạ":       "Nguyen Thi A",
		"Noe\u0308l":         "Noël",
		"招き猫":                "",
		"a\u200bb\u202ec\nd": "abc d",
		"ﬁn Ⅳ":               "ﬁn IV",
	} {
		got := drawable(text)
		if got != want {
			t.Errorf("%q is drawn as %q, want %q", text, got, want)
		}
	}
}

func FuzzDrawable(f *testing.F) {
	f.Add("Zażółć 🎁 \xff é")
	f.Fuzz(func(t *testing.T, text string) {
		got := drawable(text)
		for _, r := range got {
			if !has(r) {
				t.Errorf("%q leaves %U", text, r)
			}
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
	})
}

func TestACardHasItsOwnName(t *testing.T) {
	t.Parallel()
	base := CardText{"a", "b", "c", 1}
	seen := map[string]CardText{}
	for _, in := range []CardText{base, {"ab", "", "c", 1}, {"a", "bc", "", 1}, {"a", "b", "c", 2}, {"", "ab", "c", 1}, {"a", "b", "c1", 0}} {
		if twin, ok := seen[CardName(in)]; ok {
			t.Errorf("%v and %v have one name", in, twin)
		}
		seen[CardName(in)] = in
	}
	if CardName(base) != CardName(base) || len(CardName(base)) != 36 {
		t.Errorf("the name is %q", CardName(base))
	}
}

func BenchmarkCard(b *testing.B) {
	for b.Loop() {
		if _, err := Card(cards["fr"]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeaflet(b *testing.B) {
	for b.Loop() {
		if _, err := Leaflet(leaflets["fr"]); err != nil {
			b.Fatal(err)
		}
	}
}
