package decide

import (
	"fmt"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// askInVain evaluates a cart of one line for a member of that state, and lists what was refused.
func askInVain(t *testing.T, state string, ask loyalty.Cart, text string) (out []string) {
	t.Helper()
	docs, err := rules.ParseFile(text, rules.Setting{Currency: "EUR", Decimals: 2, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	p := &rules.Program{ID: id.Mint[id.ProgramKind](1, [8]byte{1}), Name: docs[0].Name}
	p.Versions = []*rules.Version{rules.Compile(p, 1, docs[0].Starts, 0, 0, docs[0])}
	now := moment.Of(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m := id.Mint[id.MemberKind](1, [8]byte{2})
	f := &loyalty.Fact{Kind: loyalty.CartHeld, Feed: "web", ExternalID: "x", OccurredAt: now, FoldAt: now, MemberID: m, Cart: &ask}
	ask.Series, ask.Ref, ask.Currency = "web", "C", "EUR"
	ask.Lines = []loyalty.CartLine{{SKU: "TEA", Quantity: 1, Amount: 1_000}}
	d := NewDossiers(&loyalty.Shop{ID: 1, Currency: "EUR", Decimals: 2, Zone: time.UTC})
	d.Files[m] = NewFile(&loyalty.Member{ID: m, State: state})
	for _, r := range Evaluate(rules.NewBook(1, []*rules.Program{p}), d, f, now).Refused {
		out = append(out, fmt.Sprintln(r.Field, r.Name, r.Code, r.Figures))
	}
	return out
}

const pointsPay = "program\n  starts 2020-01-01\n  pay with points, 100 points for 1.00 EUR\n"

// Whoever is blocked is told so once for each thing that he asks for.
func TestABlockedMemberIsRefusedOnce(t *testing.T) {
	t.Parallel()
	ask := loyalty.Cart{Codes: []string{"A"}, Chosen: []string{"b"}, Pay: []loyalty.Payment{{Unit: "EUR", Amount: 1}, {Unit: "points", Amount: 1}}}
	got := fmt.Sprint(askInVain(t, loyalty.Blocked, ask, pointsPay))
	want := fmt.Sprint([]string{
		"chosen[0] b MEMBER_BLOCKED map[]\n", "codes[0] A MEMBER_BLOCKED map[]\n", "pay[0] EUR MEMBER_BLOCKED map[]\n", "pay[1] points MEMBER_BLOCKED map[]\n",
	})
	if got != want {
		t.Errorf("refused are\n%swant\n%s", got, want)
	}
}

// What is refused stands in the order in which the cart asks for it, also beyond the tenth.
func TestRefusalsStandInTheOrderOfTheCart(t *testing.T) {
	t.Parallel()
	var ask loyalty.Cart
	var want []string
	for i := range 12 {
		ask.Chosen = append(ask.Chosen, fmt.Sprintf("rule%d", i))
		want = append(want, fmt.Sprintf("chosen[%d] rule%d CONDITION_NOT_MET map[which:chosen]\n", i, i))
	}
	for i := range 12 {
		ask.Codes = append(ask.Codes, fmt.Sprintf("CODE%d", i))
		want = append(want, fmt.Sprintf("codes[%d] CODE%d CODE_UNKNOWN map[]\n", i, i))
	}
	if got := askInVain(t, loyalty.Enrolled, ask, pointsPay); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("refused are\n%swant\n%s", got, want)
	}
}
