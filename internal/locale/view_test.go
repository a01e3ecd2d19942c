package locale

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/loyalty"
)

// signs of fraud stay with staff, in words and in figures.
var signs = []loyalty.Reason{
	loyalty.SameDevice, loyalty.SameIP, loyalty.SameAddress, loyalty.SamePayment, loyalty.SimilarEmail, loyalty.DisposableEmail,
	loyalty.Velocity,
}

// Every reason meets every reader in every language, whatever the outcome.
func TestEveryReasonForEveryReader(t *testing.T) {
	t.Parallel()
	secret := map[loyalty.Reason]bool{loyalty.MutualReferral: true, loyalty.NoteNobody: true}
	for _, s := range signs {
		secret[s] = true
	}
	lines := func(code loyalty.Reason, part loyalty.Part, outcome string) loyalty.ReceiptLine {
		return loyalty.ReceiptLine{
			Program: spring, Rule: "refer", Part: part, Member: anna, Outcome: outcome, Unit: "points", Amount: 5, At: opens, Code: code,
		}
	}
	named := reasons(t)
	for _, p := range printers(t) {
		for _, outcome := range []string{loyalty.Refused, loyalty.TakenBack, loyalty.Waiting, loyalty.Held} {
			for _, part := range []loyalty.Part{"", loyalty.AsMember, loyalty.AsFriend, loyalty.AsReferrer} {
				neutral := p.Receipt(lines("A_CODE_TO_COME", part, outcome), View{Member: anna})
				for _, name := range named {
					code := loyalty.Reason(name)
					l := lines(code, part, outcome)
					words := p.Reason(code)
					if s := p.Receipt(l, View{Staff: true}); code != loyalty.NoteLate && !strings.Contains(s, words) {
						t.Errorf("%s: staff does not read %s: %q", p.tag, code, s)
					}
					got := p.Receipt(l, View{Member: anna})
					if wordless.MatchString(got) || got == "" {
						t.Errorf("%s %s %s %s reads %q", p.tag, outcome, part, code, got)
					}
					hidden := secret[code] || outcome == loyalty.Held || looksFirst(l)
					if hidden && got != neutral {
						t.Errorf("%s: %s %s %s tells %q, not %q", p.tag, outcome, part, code, got, neutral)
					}
					if open := (View{Member: anna}).Line(l); code != loyalty.NoteLate && (open.Code != "") != strings.Contains(got, words) {
						t.Errorf("%s: %s %s %s is given as %q, and reads %q", p.tag, outcome, part, code, open.Code, got)
					}
				}
			}
		}
	}
}

func TestAMemberHasNoFigureThatHisWordsKeep(t *testing.T) {
	t.Parallel()
	for _, l := range receipts {
		if diff := cmp.Diff(l, View{Staff: true}.Line(l)); diff != "" {
			t.Errorf("staff misses something of %+v:\n%s", l, diff)
		}
		v := View{Member: l.Member}
		open, said := v.Line(l), printer(t, "en").Receipt(l, v)
		if said == "" && !cmp.Equal(open, loyalty.ReceiptLine{}) {
			t.Errorf("nothing is said, and yet given: %+v", open)
		}
		if len(open.Checks) > 0 {
			t.Errorf("a member reads conditions: %+v", open)
		}
		for name, v := range open.Figures {
			if name != "which" && name != "currency" && name != "period" && v != "" && len(open.Figures) != len(l.Figures) {
				t.Errorf("half of the figures of %+v: %v", l, maps.Clone(open.Figures))
			}
		}
	}
	for _, which := range []string{"group", "segment", "code", "where", "channel", "site", "chosen", "referrer_buyer"} {
		l := loyalty.ReceiptLine{Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", which, "need", "SECRET", "got", "SECRET")}
		for _, p := range printers(t) {
			if s := p.Receipt(l, View{Member: bela}); strings.Contains(s, "SECRET") || wordless.MatchString(s) {
				t.Errorf("%s: %s tells the member %q", p.tag, which, s)
			}
		}
		if open := (View{Member: bela}).Line(l); open.Figures != nil {
			t.Errorf("%s gives the member %v", which, open.Figures)
		}
	}
}

func TestConditionsReadOneByOne(t *testing.T) {
	t.Parallel()
	l := loyalty.ReceiptLine{Outcome: loyalty.Given, Checks: []loyalty.Condition{
		{Name: "minimum", Holds: true, Need: "20.00", Got: "25.50"},
		{Name: "items", Need: "3", Got: "2"},
		{Name: "basket", Holds: true, Need: "20.00", Got: "1234.50"},
		{Name: "basket_items", Holds: true, Need: "3", Got: "4"},
		{Name: "articles", Holds: true, Need: "1", Got: "2"},
		{Name: "channel", Holds: true, Need: "web app", Got: "web"},
		{Name: "site", Need: "lyon", Got: ""},
		{Name: "group", Holds: true, Need: "gold", Got: "gold"},
		{Name: "segment", Need: "vip", Got: ""},
		{Name: "code", Need: "A B C", Got: "D"},
		{Name: "chosen", Need: "autumn", Got: ""},
		{Name: "where", Need: "plan=gold", Got: "plan=free"},
		{Name: "window", Need: "2026-03-01/", Got: "2026-02-28"},
		{Name: "weekday", Need: "sat sun", Got: "fri"},
		{Name: "hours", Holds: true, Need: "22:00-06:00", Got: "23:30"},
		{Name: "within", Need: "30", Got: "-1"},
		{Name: "referrer_buyer", Need: "1", Got: "0"},
		{Name: "of_a_version_to_come", Holds: true},
	}}
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, tag := range []string{"fr", "pl", "en"} {
		for _, s := range c.Printer(tag, nil).For(&loyalty.Shop{Currency: "EUR"}).Conditions(l) {
			b.WriteString(tag + "  " + s + "\n")
		}
	}
	golden(t, "testdata/conditions.golden", b.String())
}

func TestPointsHaveTheDecimalsOfTheirShop(t *testing.T) {
	t.Parallel()
	shop := &loyalty.Shop{Currency: "EUR", PointDecimals: 2}
	tests := []struct {
		n          int64
		fr, pl, en string
	}{
		{100, "1 point", "1 punkt", "1 point"},
		{150, "1,5 point", "1,5 punktu", "1.5 points"},
		{1225, "12,25 points", "12,25 punktu", "12.25 points"},
		{123400, "1\u202f234 points", "1\u00a0234 punkty", "1,234 points"},
	}
	for _, tt := range tests {
		for tag, want := range map[string]string{"fr": tt.fr, "pl": tt.pl, "en": tt.en} {
			if got := printer(t, tag).For(shop).Units("points", tt.n); got != want {
				t.Errorf("%s: %d is %q, want %q", tag, tt.n, got, want)
			}
		}
	}
	l := loyalty.ReceiptLine{
		Member: bela, Outcome: loyalty.Refused, Code: loyalty.CapReached, Figures: figures("cap", "5050", "used", "5050", "period", "day", "what", "points"),
	}
	want := "There is no reward this time. The daily limit is reached: 50.5 of 50.5 points."
	if got := printer(t, "en").For(shop).Receipt(l, View{Member: bela}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	l.Figures = figures("cap", "5050", "used", "5050", "period", "month", "what", "EUR")
	want = "There is no reward this time. The monthly limit is reached: €50.50 of €50.50."
	if got := printer(t, "en").For(shop).Receipt(l, View{Member: bela}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
