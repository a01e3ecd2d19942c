package admin

import (
	"context"
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/a-h/templ"
)

// Charts are SVG made here: no script and no style of their own. Colours come by class, so that
// light, dark and print are one drawing. Each has words that say all of it; a table stands
// beside the large ones.

// svg writes a drawing whose texts were escaped.
func svg(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

// line gives the path through points.
func line(n int, x func(int) float64, y func(int) float64) string {
	var b strings.Builder
	for i := range n {
		c := 'L'
		if i == 0 {
			c = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", c, x(i), y(i))
	}
	return b.String()
}

// spark is a small line without axes beside a figure that says the same in words.
func spark(v []int64) templ.Component {
	const w, h, pad = 120.0, 36.0, 2.0
	if len(v) < 2 {
		return svg("")
	}
	low, top := v[0], v[0]
	for _, n := range v {
		low, top = min(low, n), max(top, n)
	}
	if low > 0 && float64(low) > .8*float64(top) { // a great sum that hardly moves: what moves is shown
		low = int64(float64(low) * .98)
	} else {
		low = min(0, low)
	}
	span := math.Max(1, float64(top-low))
	d := line(len(v), func(i int) float64 { return pad + float64(i)*(w-2*pad)/float64(len(v)-1) }, func(i int) float64 {
		return h - pad - (h-2*pad)*float64(v[i]-low)/span
	})
	return svg(fmt.Sprintf(`<svg class="spark" viewBox="0 0 %g %g" preserveAspectRatio="none" aria-hidden="true"><path class="area" d="%s L%g %g L%g %g Z"/><path class="line" d="%s"/></svg>`,
		w, h, d, w-pad, h, pad, h, d))
}

// niceTop is the round number above which nothing of a chart lies, and that four steps divide.
func niceTop(n int64) int64 {
	for e := int64(1); ; e *= 10 {
		for _, m := range []int64{4, 8, 12, 20, 40} {
			if n <= m*e || e > math.MaxInt64/1000 {
				return m * e
			}
		}
	}
}

// trend is what a line chart shows: a period against another one, point by point.
type trend struct {
	Label        string // all of it in words
	Marks        []string
	Tips         []string
	Now, Earlier []int64
	Number       func(int64) string
}

// lineChart draws a trend: the period as a line over its area, the one before dashed.
func lineChart(t trend) templ.Component {
	const w, h, left, right, bottom, over = 720.0, 260.0, 8.0, 8.0, 28.0, 22.0
	top := int64(1)
	for _, list := range [][]int64{t.Now, t.Earlier} {
		for _, v := range list {
			top = max(top, v)
		}
	}
	top = niceTop(top)
	n := len(t.Now)
	x := func(i int) float64 { return left + 40 + float64(i)*(w-left-right-80)/float64(max(1, n-1)) }
	y := func(v int64) float64 { return over + (h-bottom-over)*(1-float64(v)/float64(top)) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %g %g" role="img" aria-label="%s">`, w, h, html.EscapeString(t.Label))
	for i := range 5 {
		v := top * int64(4-i) / 4
		fmt.Fprintf(&b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text class="ax" x="%g" y="%.1f">%s</text>`,
			left, w-right, y(v), y(v), left, y(v)-5, html.EscapeString(t.Number(v)))
	}
	step := max(1, (n+6)/7)
	for i := 0; i < n; i += step {
		class := "ax mid"
		if i/step%2 == 1 {
			class += " alt"
		}
		fmt.Fprintf(&b, `<text class="%s" x="%.1f" y="%g">%s</text>`, class, x(i), h-8, html.EscapeString(t.Marks[i]))
	}
	if len(t.Earlier) > 0 {
		fmt.Fprintf(&b, `<path class="line dash" d="%s"/>`, line(min(n, len(t.Earlier)), x, func(i int) float64 { return y(t.Earlier[i]) }))
	}
	d := line(n, x, func(i int) float64 { return y(t.Now[i]) })
	fmt.Fprintf(&b, `<path class="area" d="%s L%.1f %g L%.1f %g Z"/><path class="line" d="%s"/>`, d, x(n-1), h-bottom, x(0), h-bottom, d)
	band := (w - left - right - 80) / float64(max(1, n-1))
	for i := range n {
		fmt.Fprintf(&b, `<rect class="band" x="%.1f" y="%g" width="%.1f" height="%g" data-tip="%s"/>`,
			x(i)-band/2, over, band, h-bottom-over, html.EscapeString(t.Tips[i]))
	}
	b.WriteString(`</svg>`)
	return svg(b.String())
}

// funnelBar draws one step of a funnel as its share of the first, with the slope to the next.
func funnelBar(n, next, first int64) templ.Component {
	const w, h, bar = 100.0, 100.0, 64.0
	y := func(v int64) float64 { return h - math.Max(2, h*float64(v)/float64(max(1, first))) }
	slope := ""
	if next >= 0 {
		slope = fmt.Sprintf(`<path class="slope" d="M%g %.1f L%g %.1f L%g %g L%g %g Z"/>`, bar, y(n), w, y(min(next, first)), w, h, bar, h)
	}
	return svg(fmt.Sprintf(`<svg viewBox="0 0 %g %g" preserveAspectRatio="none" aria-hidden="true">%s<rect class="column" x="0" y="%.1f" width="%g" height="%.1f"/></svg>`,
		w, h, slope, y(min(n, first)), bar, h-y(min(n, first))))
}

// heat is the class of a cell of a table that is tinted by a share in hundredths of a per cent:
// nine tints, the darkest from 60 %.
func heat(share int64) string { return fmt.Sprintf("h%d", min(8, max(0, share)*9/60_00)) }
