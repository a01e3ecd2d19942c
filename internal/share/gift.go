package share

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// shape draws an outline into a rasterizer.
type shape func(*vector.Rasterizer)

// fill paints shapes in one colour, with smooth edges.
func fill(on *image.RGBA, ink color.Color, shapes ...shape) {
	r := vector.NewRasterizer(on.Bounds().Dx(), on.Bounds().Dy())
	for _, s := range shapes {
		s(r)
	}
	r.Draw(on, on.Bounds(), image.NewUniform(ink), image.Point{})
}

// curve is how far the handles of a Bézier curve stand out for a quarter of a circle.
const curve = .5522847498

// roundedBox is a rectangle with round corners.
func roundedBox(x, y, w, h, radius float64) shape {
	return func(r *vector.Rasterizer) {
		k := radius * (1 - curve)
		move(r, x+radius, y)
		to(r, x+w-radius, y)
		bend(r, x+w-k, y, x+w, y+k, x+w, y+radius)
		to(r, x+w, y+h-radius)
		bend(r, x+w, y+h-k, x+w-k, y+h, x+w-radius, y+h)
		to(r, x+radius, y+h)
		bend(r, x+k, y+h, x, y+h-k, x, y+h-radius)
		to(r, x, y+radius)
		bend(r, x, y+k, x+k, y, x+radius, y)
		r.ClosePath()
	}
}

func circle(x, y, radius float64) shape {
	return roundedBox(x-radius, y-radius, 2*radius, 2*radius, radius)
}

// loop is one half of a bow: it leaves the knot at x, y and comes back. side is 1 for the right
// one and -1 for the left one; inner shrinks it around the same knot.
func loop(x, y, side, inner float64) shape {
	return func(r *vector.Rasterizer) {
		at := func(dx, dy float64) (float64, float64) { return x + side*dx*inner, y + dy*inner }
		cubic := func(ax, ay, bx, by, cx, cy float64) {
			ax, ay = at(ax, ay)
			bx, by = at(bx, by)
			cx, cy = at(cx, cy)
			bend(r, ax, ay, bx, by, cx, cy)
		}
		move(r, x, y)
		cubic(20, -70, 80, -118, 122, -96)
		cubic(160, -74, 128, -8, 0, 0)
		r.ClosePath()
	}
}

func move(r *vector.Rasterizer, x, y float64) { r.MoveTo(float32(x), float32(y)) }
func to(r *vector.Rasterizer, x, y float64)   { r.LineTo(float32(x), float32(y)) }
func bend(r *vector.Rasterizer, ax, ay, bx, by, cx, cy float64) {
	r.CubeTo(float32(ax), float32(ay), float32(bx), float32(by), float32(cx), float32(cy))
}

// paintGround fills the card: from the brand's colour to its deep one, with a light in the
// upper right corner. No pixel is lighter than the palette's glow, which white text stands on.
func paintGround(on *image.RGBA, p palette) {
	w, h := float64(CardWidth), float64(CardHeight)
	for y := range CardHeight {
		for x := range CardWidth {
			fx, fy := float64(x), float64(y)
			c := blend(p.brand, p.deep, (fx/w*.5+fy/h)/1.5)
			far := math.Hypot((fx-.86*w)/(.62*w), (fy+.05*h)/(1.05*h))
			if far < 1 {
				light := 1 - far*far*(3-2*far)
				c = blend(c, p.glow, light)
			}
			on.SetRGBA(x, y, c)
		}
	}
}

// paintGift draws a wrapped present at the right, with what flies off it.
func paintGift(on *image.RGBA, p palette) {
	const x, y = 955.0, 268.0 // the knot of the bow
	for _, dot := range [][3]float64{
		{792, 196, 9}, {828, 120, 6}, {1108, 142, 8}, {1128, 236, 5}, {770, 300, 5}, {905, 88, 5}, {1040, 76, 7},
	} {
		fill(on, blend(p.glow, p.mid, .75), circle(dot[0], dot[1], dot[2]))
	}
	// the shadow on the ground
	fill(on, color.RGBA{0, 0, 0, 38}, roundedBox(x-166, y+262, 332, 26, 13))
	// box and lid
	fill(on, p.pale, roundedBox(x-140, y+60, 280, 214, 18))
	fill(on, blend(p.pale, p.mid, .55), roundedBox(x-140, y+60, 280, 26, 0))
	fill(on, white, roundedBox(x-162, y, 324, 72, 16))
	// ribbon
	fill(on, p.mid, roundedBox(x-27, y+72, 54, 202, 0))
	fill(on, blend(p.mid, p.brand, .3), roundedBox(x-27, y+72, 54, 14, 0))
	fill(on, p.mid, roundedBox(x-27, y, 54, 72, 0))
	// bow
	fill(on, p.mid, loop(x, y+2, 1, 1))
	fill(on, p.mid, loop(x, y+2, -1, 1))
	fill(on, blend(p.mid, p.brand, .55), loop(x+14, y-10, 1, .58))
	fill(on, blend(p.mid, p.brand, .55), loop(x-14, y-10, -1, .58))
	fill(on, blend(p.mid, white, .45), roundedBox(x-24, y-26, 48, 40, 14))
}
