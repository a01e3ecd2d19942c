package admin

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func drawn(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, b.String())
		}
	}
	if strings.Contains(b.String(), "style=") || strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
		t.Errorf("a drawing with a style of its own, or without numbers: %s", b.String())
	}
	return b.String()
}

func TestChartsAreWholeForAnyFigures(t *testing.T) {
	t.Parallel()
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, now := range [][]int64{{0}, {5}, {0, 0, 0}, {1, 1_000_000_000_000, 3}, {7, 8, 9, 10, 11, 12, 13, 14}} {
		marks := slices.Repeat([]string{`<1 & "2">`}, len(now))
		got := drawn(t, lineChart(trend{Label: `all <of> it "said"`, Marks: marks, Tips: marks, Now: now, Earlier: now, Number: number}))
		if n := strings.Count(got, `class="band"`); n != len(now) {
			t.Errorf("%d points of %d say what they are", n, len(now))
		}
		if !strings.Contains(got, `role="img" aria-label="all &lt;of&gt; it &#34;said&#34;"`) {
			t.Error("the drawing does not say what it is:", got)
		}
		drawn(t, spark(now))
	}
	drawn(t, spark(nil))
	for _, f := range [][3]int64{{0, 0, 0}, {5, 3, 5}, {3, -1, 5}, {1, 9, 5}} {
		drawn(t, funnelBar(f[0], f[1], f[2]))
	}
}

func TestAnAxisEndsAboveAllPointsInFourSteps(t *testing.T) {
	t.Parallel()
	for n := int64(1); n < math.MaxInt64/100_000; n = n*3/2 + 1 {
		if top := niceTop(n); top < n || top%4 != 0 || n > 4 && top > 3*n {
			t.Errorf("the axis of %d ends at %d", n, top)
		}
	}
}

func TestTintsStayWithinTheirNine(t *testing.T) {
	t.Parallel()
	for share, want := range map[int64]string{-5: "h0", 0: "h0", 30_00: "h4", 59_99: "h8", 60_00: "h8", 100_00: "h8"} {
		if got := heat(share); got != want {
			t.Errorf("a share of %d has tint %s, want %s", share, got, want)
		}
	}
}
