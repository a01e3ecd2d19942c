package admin

import (
	"math"
	"strconv"
)

// lch is a colour of OKLCH without its hue: lightness and chroma.
type lch struct{ l, c float64 }

// What the members' pages draw of a hue (frontend/portal.css), light and dark.
var (
	brandLight, brandDark = lch{.45, .09}, lch{.74, .11}
	onDark                = lch{.18, .03}
	groundLight           = lch{.975, .006}
)

// Luminances of what has no hue: white, and the dark page (#0f1213).
const (
	white      = 1.0
	darkGround = .00595
)

// look says how well a hue can be read: ratios of contrast (WCAG 2.2, 1.4.3).
type look struct {
	Dark             bool
	OnButton, OnPage float64
}

// looks are those of light and dark.
func looks(hue int) []look {
	h := float64(hue)
	return []look{
		{false, contrast(white, brandLight.luminance(h)), contrast(groundLight.luminance(h), brandLight.luminance(h))},
		{true, contrast(brandDark.luminance(h), onDark.luminance(h)), contrast(brandDark.luminance(h), darkGround)},
	}
}

func contrast(a, b float64) float64 { return (max(a, b) + .05) / (min(a, b) + .05) }

// luminance is the relative luminance of the colour at a hue in degrees. What a screen cannot
// show is cut to what it can, part by part.
func (x lch) luminance(hue float64) float64 {
	sin, cos := math.Sincos(hue * math.Pi / 180)
	a, b := x.c*cos, x.c*sin
	l := cube(x.l + .3963377774*a + .2158037573*b)
	m := cube(x.l - .1055613458*a - .0638541728*b)
	s := cube(x.l - .0894841775*a - 1.2914855480*b)
	part := func(p, q, r float64) float64 { return min(1, max(0, p*l+q*m+r*s)) }
	return .2126*part(4.0767416621, -3.3077115913, .2309699292) +
		.7152*part(-1.2684380046, 2.6097574011, -.3413193965) +
		.0722*part(-.0041960863, -.7034186147, 1.7076147010)
}

func cube(x float64) float64 { return x * x * x }

// enough tells whether small text can be read.
func enough(ratio float64) bool { return ratio >= 4.5 }

// ratioOf is a ratio as people write it here.
func (v *visit) ratioOf(ratio float64) string {
	text := strconv.FormatFloat(math.Floor(ratio*10)/10, 'f', 1, 64)
	if v.say.Tag() == "en" {
		return text
	}
	return text[:len(text)-2] + "," + text[len(text)-1:]
}
