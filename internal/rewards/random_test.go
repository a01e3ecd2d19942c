package rewards

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
)

const symbols = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// judged tells which tests of randomness a sequence of codes fails: every symbol as often as
// any other in each place (monobit, over 30 values), every pair of neighbours as often as any
// other, and nothing of a code to be seen in the next one.
func judged(codes []string) (failed []string) {
	places := len(codes[0]) - 1 // the check character follows from the others
	index := func(b byte) int { return strings.IndexByte(symbols, b) }
	chi := func(name string, cells []int, n int) {
		expected := float64(n) / float64(len(cells))
		sum := 0.0
		for _, c := range cells {
			sum += (float64(c) - expected) * (float64(c) - expected) / expected
		}
		df := float64(len(cells) - 1)
		if z := (sum - df) / math.Sqrt(2*df); math.Abs(z) > 6 {
			failed = append(failed, fmt.Sprintf("%s: z = %.1f", name, z))
		}
	}
	odd := 0
	for p := range places {
		one, next, after := make([]int, 30), make([]int, 900), make([]int, 900)
		for i, c := range codes {
			x := index(c[p])
			one[x]++
			odd += x % 2
			if p+1 < places {
				next[x*30+index(c[p+1])]++
			}
			if i+1 < len(codes) {
				after[x*30+index(codes[i+1][p])]++
			}
		}
		chi(fmt.Sprintf("place %d", p), one, len(codes))
		if p+1 < places {
			chi(fmt.Sprintf("places %d and %d", p, p+1), next, len(codes))
		}
		chi(fmt.Sprintf("place %d of a code and the next", p), after, len(codes)-1)
	}
	n := float64(len(codes) * places)
	if z := (2*float64(odd) - n) / math.Sqrt(n); math.Abs(z) > 6 {
		failed = append(failed, fmt.Sprintf("odd and even symbols: z = %.1f", z))
	}
	return failed
}

// Codes are random as far as tests can tell (V7), and the tests can tell.
func TestCodesAreRandom(t *testing.T) {
	t.Parallel()
	n := 100_000
	if os.Getenv("CAGNOTTE_PROVE") != "" {
		n = 1_000_000
	}
	i := &issuing{}
	for name, form := range map[string]func([32]byte) string{"bound": loyalty.BoundCode, "bearer": loyalty.BearerCode} {
		codes := make([]string, 0, n)
		seen := make(map[string]bool, n)
		for _, c := range i.draw(n, form) {
			codes = append(codes, c.Code)
			seen[c.Code] = true
		}
		if failed := judged(codes); len(failed) > 0 {
			t.Errorf("%s codes: %v", name, failed)
		}
		if name == "bearer" && len(seen) != n {
			t.Errorf("%d of %d bearer codes are different", len(seen), n)
		}
		counted := make([]string, 0, n)
		for k := range n { // codes of a counter must be found out
			var secret [32]byte
			secret[7], secret[6], secret[5], secret[15], secret[14], secret[13] = byte(k), byte(k>>8), byte(k>>16), byte(k), byte(k>>8), byte(k>>16)
			counted = append(counted, form(secret))
		}
		if len(judged(counted)) == 0 {
			t.Errorf("%s codes of a counter are not told from random ones", name)
		}
	}
}
