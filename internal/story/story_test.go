package story

import (
	"fmt"
	"strings"
	"testing"
)

// told runs a story of which everything but the end is the same.
func told(t *testing.T, end string) string {
	t.Helper()
	s, err := Parse("told", "program earn 1 point per 1.00 EUR\nmember bela\n"+end)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(t.Context(), s, NewDecider(s.Shop))
	if err != nil {
		t.Fatal(err)
	}
	return report.String()
}

func TestWhatDiffersIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, story, want string }{
		{"another amount", "at 2026-03-01 bela orders 10.00 EUR\n  bela +9 points", `
told:3: at 2026-03-01 bela orders 10.00 EUR
    the story says   bela +9 points
    what happened    bela +10 points earn
`},
		{"something unexpected", "at 2026-03-01 bela orders 10.00 EUR", `
told:3: at 2026-03-01 bela orders 10.00 EUR
    the story says   nothing of the kind
    what happened    bela +10 points earn
`},
		{"something missing", "at 2026-03-01 bela orders 0.50 EUR\n  bela +1 point earn", `
told:3: at 2026-03-01 bela orders 0.50 EUR
    the story says   bela +1 point earn
    what happened    nothing of the kind
`},
		{"another rule", "at 2026-03-01 bela orders 1.00 EUR\n  bela +1 point bonus", `
told:3: at 2026-03-01 bela orders 1.00 EUR
    the story says   bela +1 point bonus
    what happened    nothing of the kind
    the story says   nothing of the kind
    what happened    bela +1 points earn
`},
		{"given at once, not pending", "at 2026-03-01 bela orders 1.00 EUR\n  bela +1 point pending until 2026-03-15", `
told:3: at 2026-03-01 bela orders 1.00 EUR
    the story says   bela +1 point pending until 2026-03-15
    what happened    nothing of the kind
    the story says   nothing of the kind
    what happened    bela +1 points earn
`},
		{"another refusal", "at 2026-03-01 bela orders 0.50 EUR\n  refused earn: BELOW_MINIMUM need 2.00", `
told:3: at 2026-03-01 bela orders 0.50 EUR
    the story says   refused earn: BELOW_MINIMUM need 2.00
    what happened    refused earn: BELOW_MINIMUM need 1.00 got 0.50
`},
		{"a fact that is refused whole", "at 2026-03-01 bela orders 0.50 USD", `
told:3: at 2026-03-01 bela orders 0.50 USD
    the story says   nothing of the kind
    what happened    refused: order.currency: WRONG_CURRENCY map[want:EUR]
`},
		{"another balance", "at 2026-03-01 bela orders 2.00 EUR\n  bela +2 points\n  bela has 1 point\n  bela owes 1 point\n  bela lots 1 point\n  bela has 1 voucher", `
told:3: at 2026-03-01 bela orders 2.00 EUR
    the story says   bela has 1 point
    what happened    bela has 2 points, 0 points pending
    the story says   bela owes 1 point
    what happened    bela owes 0 points
    the story says   bela lots 1 point
    what happened    bela lots 2 points
    the story says   bela has 1 voucher
    what happened    bela has 0 vouchers
`},
		{"no voucher", "at 2026-03-01 bela orders 0.00 EUR\n  bela voucher product 1 MUG", `
told:3: at 2026-03-01 bela orders 0.00 EUR
    the story says   bela voucher product 1 MUG
    what happened    nothing of the kind
`},
		{"all as told", "at 2026-03-01 bela orders 2.00 EUR\n  bela +1 point\n  bela +1 point", "\ntold: 3 steps, as told\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := "\n" + told(t, tt.story); got != tt.want {
				t.Errorf("the report is%swant%s", got, tt.want)
			}
		})
	}
}

func TestParseErrorsNameTheirLine(t *testing.T) {
	t.Parallel()
	const head = "program earn 1 point per 1.00 EUR\nmember bela\n"
	for _, tt := range []struct{ text, want string }{
		{"", "1: a story wants at least one dated fact"},
		{"member bela\nat 2026-03-01 bela orders 1.00 EUR", "2: a story wants a program"},
		{"program earn 1 pint per 1.00 EUR", `1: the amount is in "pint"`},
		{"program earn 1 point per 1.00 EUR\n  ends tomorrow\nmember bela", `2: "tomorrow" is neither`},
		{"shop currency EURO", `1: "EURO" is not a currency`},
		{"shop zone Paris", `1: "Paris" is not a time zone`},
		{"program earn 1 point\nprogram earn 1 point", `2: two programs are named "program"`},
		{head + "shop currency GBP", "3: the shop is described before"},
		{"member staff", `1: "staff" cannot be`},
		{head + "member bela", "3: bela is there already"},
		{head + "bela orders 1.00 EUR", "3: a fact begins with its date"},
		{head + "at 2026-02-30 bela orders 1.00 EUR", `3: "2026-02-30" is neither`},
		{head + "at 2026-03-01 anna orders 1.00 EUR", `3: nobody is named "anna"`},
		{head + "at 2026-03-01 bela dances", `3: "dances" is not something`},
		{head + "at 2026-03-01 bela orders one MUG for 1.00", `3: expected a number of articles, found "one"`},
		{head + "at 2026-03-01 bela orders 1 MUG", "3: an ordered article has a price"},
		{head + "at 2026-03-01 bela orders 1.00 EUR quickly", `3: did not expect "quickly"`},
		{head + "at 2026-03-01 bela returns the order of 2026-02-01", "3: there are 0 orders of that date"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\nat 2026-02-01 bela orders 1.00 EUR", "4: this happened before"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\nlate at 2026-04-01 bela orders 1.00 EUR", "4: this is not late"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\nclock 2026-02-01", "4: the clock does not go back"},
		{head + "again", "3: there is no fact that could come again"},
		{head + "at 2026-03-01 staff lends bela 1 point because", `3: "lends" is not something that staff does`},
		{head + "at 2026-03-01 staff gives bela 1 pint because", `3: "pint" is not a unit`},
		{head + "at 2026-03-01 bela orders 1.00 EUR\n  bela +1.5 points", `4: "+1.5" is not an amount`},
		{head + "at 2026-03-01 bela orders 1.00 EUR\n  anna +1 point", `4: nobody is named "anna"`},
		{head + "at 2026-03-01 bela orders 1.00 EUR\n  bela +1 point\n  nothing", "5: where nothing follows"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\n  refused earn BELOW_MINIMUM", "4: expected refused RULE"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\n  bela voucher gold 1 MUG", "4: a voucher is for"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\n  bela lots 1 point, 1.00 EUR", "4: the lots of one line"},
		{head + "  bela +1 point\nat 2026-03-01 bela joins", "2: bela joins later"},
		{head + "at 2026-03-01 bela orders 1.00 EUR\nprogram earn 1 point", "4: a program after the first fact"},
		{head + "at 2026-03-01 program earn 1 point\nclock 2026-04-01", "3: a later version says when it starts"},
		{"  bela +1 point", "1: what must follow is written below"},
	} {
		_, err := Parse("told", tt.text)
		if err == nil || !strings.HasPrefix(err.Error(), "told:"+tt.want) {
			t.Errorf("%q\n gave %v\n want %s", tt.text, err, tt.want)
		}
	}
}

// FuzzParse holds that no text makes the parser or the engine panic, or break the ledger.
func FuzzParse(f *testing.F) {
	f.Add("at 2026-03-01 bela orders 10.00 EUR\n  bela +10 points\nlate at 2026-02-01 bela returns 1 MUG for 5.00")
	f.Add("at 2026-03-01 staff gives bela 3 stamps because fun\nagain\nclock 2027-01-01\nhistory at 2020-01-01 bela orders 2 MUG for 3.00")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("fuzz", fmt.Sprintf("%s\nmember bela\n%s", `program "P" earn 1 point per 1.00 EUR, valid 1 month
  stamp 1 per item of MUG
  exchange 3 stamps for product voucher of 1 MUG`, text))
		if err != nil {
			return
		}
		d := NewDecider(s.Shop)
		if _, err := Run(t.Context(), s, d); err != nil {
			t.Fatal(err)
		}
		if err := d.Verify(); err != nil {
			t.Fatal(err)
		}
	})
}
