package money

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in   string
		dec  int
		want int64
		err  error
	}{
		{"12.50", 2, 1250, nil}, {"12.5", 2, 1250, nil}, {"-3", 2, -300, nil}, {"0", 0, 0, nil},
		{"2.550", 2, 255, nil}, {"2.555", 2, 0, ErrDecimals}, {"1,5", 2, 0, ErrForm}, {"1e3", 2, 0, ErrForm},
		{"NaN", 2, 0, ErrForm}, {"", 2, 0, ErrForm}, {".5", 2, 0, ErrForm}, {"5.", 2, 0, ErrForm}, {"+5", 2, 0, ErrForm},
		{"9223372036854775808", 0, 0, ErrRange}, {"1000000000000.01", 2, 0, ErrRange}, {"1000000000000.00", 2, Max, nil},
		{"0.1234567890123456789", 4, 0, ErrDecimals}, {"--1", 2, 0, ErrForm}, {"1 000", 2, 0, ErrForm}, {"٣", 0, 0, ErrForm},
	} {
		got, err := Parse(tt.in, tt.dec)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("Parse(%q, %d) = %d, %v; want %d, %v", tt.in, tt.dec, got, err, tt.want, tt.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("12.50", 2)
	f.Fuzz(func(t *testing.T, s string, d int) {
		if d < 0 || d > 4 {
			return
		}
		v, err := Parse(s, d)
		if err != nil {
			return
		}
		again, err := Parse(Text(v, d), d)
		if err != nil || again != v {
			t.Fatalf("%q parsed to %d, its text to %d, %v", s, v, again, err)
		}
	})
}

func TestMulDivRoundsByMagnitude(t *testing.T) {
	for _, tt := range []struct {
		a, n, d int64
		r       Rounding
		want    int64
	}{
		{1999, 1, 100, Down, 19}, {-1999, 1, 100, Down, -19}, {2665, 1, 10, HalfUp, 267}, {-2665, 1, 10, HalfUp, -267},
		{1, 1, 100, Up, 1}, {0, 7, 100, Up, 0}, {Max, Max, Max, Down, Max},
	} {
		if got, err := MulDiv(tt.a, tt.n, tt.d, tt.r); err != nil || got != tt.want {
			t.Errorf("MulDiv(%d, %d, %d) = %d, %v; want %d", tt.a, tt.n, tt.d, got, err, tt.want)
		}
	}
	if _, err := MulDiv(Max, Max, 1, Down); !errors.Is(err, ErrRange) {
		t.Errorf("overflow gave %v, want ErrRange", err)
	}
}

func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(-1_000_000_000, 1_000_000_000).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 1, 20).Draw(t, "weights")
		var sum, of int64
		for _, w := range weights {
			of += w
		}
		for i, p := range Split(total, weights) {
			sum += p
			if of == 0 {
				continue
			}
			exact, _ := MulDiv(total, weights[i], of, Down)
			if d := p - exact; d < -1 || d > 1 {
				t.Fatalf("part %d is %d, its share %d", i, p, exact)
			}
		}
		if sum != total {
			t.Fatalf("parts sum to %d, want %d", sum, total)
		}
	})
}
