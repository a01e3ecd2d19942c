package programs_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

func TestAdviceFollowsFromTheProgram(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ text, want string }{
		{`program "A"` + "\n  refer friend 5.00 EUR, referrer 10.00 EUR, on first order", "!end !cap !wait !expiry !minimum !held"},
		{
			`program "A"` + "\n  budget 100.00 EUR\n  referral held from score 50\n  refer referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days, valid 1 month, at most 3 rewards per month",
			"end cap wait expiry minimum held",
		},
		{`program "A"` + "\n  ends 2030-01-01\n  stamp 1 per item\n  exchange 10 stamps for product voucher of MUG", "end"},
		{`program "A"` + "\n  earn 1 point per 1.00 EUR", "!end !wait !expiry"},
		{`program "A"` + "\n  earn 5.00 EUR on very first order, after 3 days", "!end cap wait !expiry !minimum"},
		{`program "A"` + "\n  earn cash voucher of 5.00 EUR on birthday", "!end"},
	} {
		docs, err := rules.ParseFile(x.text, rules.Setting{Currency: "EUR", Decimals: 2, Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range programs.Advise(docs[0]) {
			code := a.Code
			if !a.Good {
				code = "!" + code
			}
			got = append(got, code)
		}
		if !slices.Equal(got, strings.Fields(x.want)) {
			t.Errorf("%s\n%v, want %s", x.text, got, x.want)
		}
	}
}
