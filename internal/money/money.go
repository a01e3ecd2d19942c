// Package money holds amounts as whole minor units (cents, pence, points) in an int64,
// their text, and the few places where a number is rounded or divided. There is no
// floating point here and nothing is ever silently cut: what does not fit is an error.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strings"
)

// Rounding says which way a computed value goes when it is not whole.
type Rounding uint8

// Down is the default for points, HalfUp the rule for money (2.665 is 2.67).
const (
	Down Rounding = iota
	HalfUp
	Up
)

// Errors of this package; callers name the field that held the value.
var (
	ErrForm     = errors.New("not an amount such as 12.50")
	ErrDecimals = errors.New("too many decimals")
	ErrRange    = errors.New("amount out of range")
)

// Max bounds every amount that comes from outside: a thousand billion major units at two
// decimals. Sums of many stay far from the end of an int64.
const Max = int64(100_000_000_000_000)

// Parse reads a plain decimal ("12.50", "-3") into minor units of the given number of
// decimals. Exponents, group separators, signs other than a leading minus, and more
// decimals than the unit has are refused.
func Parse(s string, decimals int) (int64, error) {
	t, negative := strings.CutPrefix(s, "-")
	whole, frac, dot := strings.Cut(t, ".")
	if whole == "" || dot && frac == "" {
		return 0, ErrForm
	}
	for len(frac) > decimals && strings.HasSuffix(frac, "0") {
		frac = frac[:len(frac)-1]
	}
	if len(frac) > decimals {
		return 0, ErrDecimals
	}
	var v int64
	for _, c := range whole + frac + strings.Repeat("0", decimals-len(frac)) {
		if c < '0' || c > '9' {
			return 0, ErrForm
		}
		if v > Max {
			return 0, ErrRange
		}
		v = v*10 + int64(c-'0')
	}
	if v > Max {
		return 0, ErrRange
	}
	if negative {
		v = -v
	}
	return v, nil
}

// Text writes minor units as a plain decimal with exactly that many decimals: 1250 at two
// decimals is "12.50". Grouping and symbols are the locale's business.
func Text(v int64, decimals int) string {
	if decimals == 0 {
		return fmt.Sprintf("%d", v)
	}
	sign := ""
	u := uint64(v)
	if v < 0 {
		sign, u = "-", uint64(-v)
	}
	p := pow10(decimals)
	return fmt.Sprintf("%s%d.%0*d", sign, u/p, decimals, u%p)
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// MulDiv is a × num ÷ den with a 128-bit product, rounded by magnitude: a negative value
// rounds like its positive twin, so that a return undoes what the order gave. den must be
// positive; ErrRange when the result does not fit.
func MulDiv(a, num, den int64, r Rounding) (int64, error) {
	if den <= 0 {
		return 0, fmt.Errorf("%w: divided by %d", ErrRange, den)
	}
	negative := (a < 0) != (num < 0)
	hi, lo := bits.Mul64(abs(a), abs(num))
	if hi >= uint64(den) {
		return 0, ErrRange
	}
	q, rest := bits.Div64(hi, lo, uint64(den))
	switch r {
	case HalfUp:
		if rest >= uint64(den)-rest {
			q++
		}
	case Up:
		if rest > 0 {
			q++
		}
	case Down:
	}
	if q > math.MaxInt64 {
		return 0, ErrRange
	}
	if negative {
		return -int64(q), nil
	}
	return int64(q), nil
}

func abs(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// Split divides total over weights by largest remainder: the parts always sum to total,
// each is within one minor unit of its exact share, and the first of equals gets the
// larger part. All weights zero: everything goes to the first.
func Split(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	if len(weights) == 0 {
		return parts
	}
	var sum int64
	for _, w := range weights {
		sum += max(w, 0)
	}
	if sum == 0 {
		parts[0] = total
		return parts
	}
	sign, left := int64(1), total
	if total < 0 {
		sign, left = -1, -total
	}
	whole := left
	rest := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(whole), uint64(max(w, 0)))
		q, r := bits.Div64(hi, lo, uint64(sum))
		parts[i], rest[i], order[i] = int64(q), r, i
		left -= int64(q)
	}
	sort.SliceStable(order, func(a, b int) bool { return rest[order[a]] > rest[order[b]] })
	for _, i := range order {
		if left == 0 {
			break
		}
		parts[i]++
		left--
	}
	for i := range parts {
		parts[i] *= sign
	}
	return parts
}
