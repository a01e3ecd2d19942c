package share

import (
	"image/color"
	"math"
)

// palette is what a shop's one hue makes: the same formula as the pages of the portal, so that
// lightness, and with it contrast, never depends on the hue.
type palette struct {
	brand, deep, glow color.RGBA // backgrounds: the middle, the darkest, the lightest
	pale, mid         color.RGBA // light tints of the hue, for drawings
	soft              color.RGBA // text of second rank on any of the backgrounds
}

var white = color.RGBA{255, 255, 255, 255}

// colours makes the palette of a hue in degrees; any number is taken round the circle.
func colours(hue int) palette {
	h := float64(((hue % 360) + 360) % 360)
	return palette{
		brand: oklch(.45, .09, h),
		deep:  oklch(.37, .085, h),
		glow:  oklch(.51, .095, h),
		pale:  oklch(.95, .03, h),
		mid:   oklch(.82, .075, h),
		soft:  oklch(.945, .025, h),
	}
}

// oklch gives the colour of a lightness (0 to 1), a chroma and a hue in degrees. A chroma that
// screens cannot show is lowered until they can; lightness and hue stay.
func oklch(l, c, h float64) color.RGBA {
	rgb, ok := linear(l, c, h)
	for low, high := 0.0, c; !ok && high-low > 1e-4; {
		middle := (low + high) / 2
		if _, shown := linear(l, middle, h); shown {
			low = middle
		} else {
			high = middle
		}
		rgb, _ = linear(l, low, h)
	}
	return color.RGBA{gamma(rgb[0]), gamma(rgb[1]), gamma(rgb[2]), 255}
}

// linear turns OKLCH into linear sRGB; shown tells whether a screen has that colour.
func linear(l, c, h float64) (rgb [3]float64, shown bool) {
	sin, cos := math.Sincos(h * math.Pi / 180)
	a, b := c*cos, c*sin
	cube := func(v float64) float64 { return v * v * v }
	x := cube(l + 0.3963377774*a + 0.2158037573*b)
	y := cube(l - 0.1055613458*a - 0.0638541728*b)
	z := cube(l - 0.0894841775*a - 1.2914855480*b)
	rgb = [3]float64{
		4.0767416621*x - 3.3077115913*y + 0.2309699292*z,
		-1.2684380046*x + 2.6097574011*y - 0.3413193965*z,
		-0.0041960863*x - 0.7034186147*y + 1.7076147010*z,
	}
	shown = true
	for _, v := range rgb {
		shown = shown && v >= -1e-6 && v <= 1+1e-6
	}
	return rgb, shown
}

// gamma writes a share of light as sRGB does.
func gamma(v float64) uint8 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(v * 255))
}

// blend mixes two colours; share is how much of the second.
func blend(a, b color.RGBA, share float64) color.RGBA {
	share = min(max(share, 0), 1)
	mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*share)) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}
