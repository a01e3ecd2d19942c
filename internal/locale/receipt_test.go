package locale

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	anna    = id.Mint[id.MemberKind](1_000, [8]byte{1}) // refers
	bela    = id.Mint[id.MemberKind](2_000, [8]byte{2}) // is referred
	spring  = id.Mint[id.ProgramKind](3_000, [8]byte{3})
	coffee  = id.Mint[id.VoucherKind](4_000, [8]byte{4})
	opens   = moment.Of(time.Date(2026, 3, 15, 9, 30, 0, 0, time.UTC))
	ended   = moment.Of(time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)) // midnight in Paris: the day before is the last
	minimum = map[string]string{"need": "20.00", "got": "19.99", "currency": "EUR"}
)

// receipts are lines as decide makes them, one of each kind.
var receipts = []loyalty.ReceiptLine{
	{Program: spring, Version: 1, Rule: "earn", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Unit: "points", Amount: 19},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Given, Unit: "EUR", Amount: 500},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Given, Unit: "points", Amount: 1000},
	{Program: spring, Version: 2, Rule: "stamp", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Unit: "stamps:prg_1", Amount: 1},
	{Program: spring, Version: 1, Rule: "earn", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Unit: "points", Amount: 7, Code: loyalty.NoteLate},
	{Rule: "adjust", Member: bela, Outcome: loyalty.Given, Unit: "EUR", Amount: 250},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Waiting, Unit: "EUR", Amount: 1000, At: opens},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Waiting, Unit: "points", Amount: 1, At: opens},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Opened, Unit: "EUR", Amount: 1000, At: opens},
	{Program: spring, Version: 1, Rule: "earn", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.TakenBack, Unit: "points", Amount: 45, Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.TakenBack, Unit: "points", Amount: 1000, Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.TakenBack, Unit: "points", Amount: 1000, Code: loyalty.AlreadyBuyer},
	{Program: spring, Version: 1, Rule: "earn", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.TakenBack, Unit: "points", Code: loyalty.OrderReturnedAll},
	{Rule: "adjust", Member: bela, Outcome: loyalty.TakenBack, Unit: "points", Amount: 22},
	{Program: spring, Version: 1, Rule: "refer", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BelowMinimum, Figures: minimum},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Refused, Unit: "points", Code: loyalty.BelowMinimum, Figures: minimum},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Refused, Unit: "points", Code: loyalty.CapReached, Figures: map[string]string{"cap": "10", "used": "10", "period": "month"}},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Refused, Unit: "points", Code: loyalty.MemberIsBlocked},
	{Program: spring, Version: 1, Rule: "refer", Member: bela, Outcome: loyalty.Refused, Code: loyalty.NotFirstOrder},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Refused, Code: loyalty.AlreadyBuyer},
	{Member: bela, Outcome: loyalty.Refused, Code: loyalty.NothingLeftToTake},
	{Program: spring, Version: 1, Rule: "card", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Exchanged, Unit: "stamps:prg_1", Amount: 10, Voucher: coffee, At: ended},
	{Program: spring, Version: 1, Rule: "card", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Exchanged, Amount: 1, Voucher: coffee, Code: loyalty.NoteLate},
	{Program: spring, Version: 1, Rule: "card", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Unit: "stamps:prg_1", Amount: 10, Voucher: coffee, Exchange: true, Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "card", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Amount: 1, Voucher: coffee, Code: loyalty.NoteLate},
	{Program: spring, Version: 1, Rule: "earn", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Unit: "points", Amount: 3, Code: loyalty.NoteLate},
	{Member: bela, Outcome: loyalty.Expired, Unit: "points", Amount: 120, At: ended},
	{Member: bela, Outcome: loyalty.Noted},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Noted},
	{Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteHistory},
	{Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteKnown},
	{Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteUnknown},
	{Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteAccepted},
	{Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteLate},
	{Outcome: loyalty.Noted, Code: loyalty.NoteNobody},

	// vouchers, gifts and choices
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Amount: 1, Voucher: coffee, At: ended},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Given, Amount: 3, Voucher: coffee},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Amount: 1, Gift: "Mug"},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Waiting, Amount: 2, Gift: "Mug", At: opens},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Opened, Amount: 1, Gift: "Mug", At: opens},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Amount: 1},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Waiting, Amount: 1, At: opens},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Opened, Amount: 1, At: opens},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.TakenBack, Amount: 1, Voucher: coffee, Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.TakenBack, Gift: "Mug", Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "swap", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Exchanged, Unit: "points", Amount: 500, Gift: "Mug"},
	{Program: spring, Version: 1, Rule: "swap", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Exchanged, Unit: "points", Amount: 500},
	{Program: spring, Version: 1, Rule: "swap", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Unit: "points", Amount: 500, Gift: "Mug", Exchange: true, Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "swap", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Unit: "points", Amount: 500, Exchange: true, Code: loyalty.OrderReturnedAll},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Gift: "Mug", Code: loyalty.NoteLate},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Undone, Code: loyalty.NoteLate},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Noted, Gift: "Mug", Code: "claim_made"},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Noted, Gift: "Mug", Code: "claim_shipped"},
	{Program: spring, Version: 1, Rule: "gift", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Noted, Gift: "Mug", Code: "claim_handed_over"},
	{Rule: "redeem", Member: bela, Outcome: loyalty.Noted, Voucher: coffee},

	// referrals that staff looks at, and that count
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Held, Code: loyalty.SameDevice, Figures: map[string]string{"need": "80", "got": "100"}},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Waiting, Unit: "points", Amount: 1000, Code: loyalty.SameDevice, At: opens},
	{Program: spring, Version: 1, Rule: "refer", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Waiting, Unit: "points", Amount: 500, Code: loyalty.SameDevice, At: opens},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Noted, Code: loyalty.BlockedByStaff},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Noted, Code: loyalty.AlreadyBuyer},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteTyped},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Refused, Code: loyalty.MutualReferral},
	{Rule: "bond", Part: loyalty.AsFriend, Member: bela, Outcome: loyalty.Refused, Code: loyalty.AlreadyInvited},
	{Program: spring, Version: 1, Rule: "count", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.Given, Unit: "referrals:prg_1", Amount: 1},
	{Program: spring, Version: 1, Rule: "count", Part: loyalty.AsReferrer, Member: anna, Outcome: loyalty.TakenBack, Unit: "referrals:prg_1", Amount: 1, Code: loyalty.OrderReturnedAll},

	// orders that count together: members do not see that
	{Program: spring, Version: 1, Rule: "sum", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Given, Unit: "tally:prg_1:sum", Amount: 4550},
	{Program: spring, Version: 1, Rule: "sum", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.TakenBack, Unit: "tally:prg_1:sum", Amount: 4550, Code: loyalty.OrderReturnedAll},

	// what members and staff do
	{Rule: "transfer", Member: anna, Outcome: loyalty.TakenBack, Unit: "points", Amount: 50},
	{Rule: "transfer", Member: bela, Outcome: loyalty.Given, Unit: "points", Amount: 50},
	{Member: bela, Outcome: loyalty.Noted, Code: loyalty.NoteMerged},
	{Rule: loyalty.StaffBlock, Member: bela, Outcome: loyalty.Noted},
	{Rule: loyalty.StaffGroup, Member: bela, Outcome: loyalty.Noted},
	{Rule: loyalty.StaffTag, Member: bela, Outcome: loyalty.Noted},

	// refusals with figures
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BelowMinimum, Figures: figures("need", "3", "got", "2")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BelowMinimum, Figures: minimum, Checks: missed("basket")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BelowMinimum, Figures: figures("need", "3", "got", "2"), Checks: missed("basket_items")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BudgetExhausted, Figures: figures("size", "100000", "used", "99500", "need", "1000", "which", "budget#money")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BudgetExhausted, Figures: figures("size", "1000", "used", "1000", "need", "1", "which", "budget/earn#uses")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.OutOfWindow, Figures: figures("need", "2026-03-01/2026-03-31", "got", "2026-04-01")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.OutOfWindow, Figures: figures("need", "/2026-03-31", "got", "2026-04-01")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.OutOfWindow, Figures: figures("need", "30", "got", "45")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.BetterOfferApplies, Figures: figures("which", "double")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "channel", "need", "web app", "got", "till")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "site", "need", "lyon", "got", "")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "group", "need", "staff", "got", "")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "segment", "need", "vip gold", "got", "late-payer")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "code", "need", "SPRING5", "got", "")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "where", "need", "plan=gold", "got", "plan=free")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "weekday", "need", "mon tue", "got", "sun")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "hours", "need", "17:00-19:00", "got", "16:59")},
	{Program: spring, Version: 1, Rule: "earn", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "nth", "need", "3", "got", "2")},
	{Program: spring, Version: 1, Rule: "refer", Member: bela, Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: figures("which", "referrer_buyer", "need", "1", "got", "0")},
}

func figures(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func missed(name string) []loyalty.Condition {
	return []loyalty.Condition{{Name: "channel", Holds: true, Need: "web", Got: "web"}, {Name: name, Need: "3", Got: "2"}}
}

// The golden file is there to be read: every kind of line in three languages, as the
// staff, the referrer and the friend see it. go test ./internal/locale -update rewrites it.
func TestReceiptsReadAsInTheGoldenFile(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, l := range receipts {
		fmt.Fprintf(&b, "%s %s %s %s\n", l.Outcome, l.Rule, l.Part, l.Code)
		for _, tag := range []string{"fr", "pl", "en"} {
			p := c.Printer(tag, nil).For(&loyalty.Shop{Currency: "EUR", Zone: paris})
			for _, v := range []struct {
				name string
				View
			}{{"staff", View{Staff: true}}, {"anna", View{Member: anna}}, {"bela", View{Member: bela}}} {
				if s := p.Receipt(l, v.View); s != "" {
					fmt.Fprintf(&b, "  %s %-5s  %s\n", tag, v.name, s)
				}
			}
		}
	}
	golden(t, "testdata/receipts.golden", b.String())
}

// golden compares a text with a file that is there to be read. go test -update rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("it reads otherwise (-golden +now):\n%s", diff)
	}
}

func TestNobodyReadsWhatIsNotHis(t *testing.T) {
	t.Parallel()
	for _, p := range printers(t) {
		for _, l := range receipts {
			if s := p.Receipt(l, View{}); s != "" {
				t.Errorf("%s: a reader without a name reads %q", p.tag, s)
			}
			for _, m := range []id.Member{anna, bela} {
				if s := p.Receipt(l, View{Member: m}); l.Member != m && s != "" {
					t.Errorf("%s: %s reads of somebody else: %q", p.tag, m, s)
				}
			}
		}
	}
}

// Whatever the reason lies in the friend's orders, amounts or status, the referrer reads
// the same sentence, without a figure.
func TestTheReferrerReadsNothingAboutTheFriend(t *testing.T) {
	t.Parallel()
	own := map[loyalty.Reason]bool{
		loyalty.CapReached: true, loyalty.BudgetExhausted: true, loyalty.MemberIsBlocked: true, loyalty.ProgramNotRunning: true, loyalty.BlockedByStaff: true,
	}
	named := reasons(t)
	for _, p := range printers(t) {
		for _, outcome := range []string{loyalty.Refused, loyalty.TakenBack, loyalty.Undone} {
			l := loyalty.ReceiptLine{
				Program: spring, Rule: "refer", Part: loyalty.AsReferrer, Member: anna, Outcome: outcome, Unit: "points", Amount: 5,
				Figures: minimum, Code: "A_CODE_TO_COME",
			}
			want := p.Receipt(l, View{Member: anna})
			if strings.Contains(want, "A_CODE") {
				t.Errorf("%s: an unknown code reaches the referrer: %q", p.tag, want)
			}
			for _, code := range named {
				l.Code = loyalty.Reason(code)
				got := p.Receipt(l, View{Member: anna})
				if got != want && !own[l.Code] && l.Code != loyalty.NoteLate {
					t.Errorf("%s: %s %s tells the referrer %q", p.tag, outcome, code, got)
				}
				if strings.ContainsAny(strings.ReplaceAll(got, "5", ""), "0123456789") {
					t.Errorf("%s: %s %s tells the referrer a figure: %q", p.tag, outcome, code, got)
				}
			}
		}
	}
}

func TestCapsNameTheirUnitWhereTheFiguresDo(t *testing.T) {
	t.Parallel()
	l := loyalty.ReceiptLine{
		Program: spring, Version: 1, Rule: "earn", Part: loyalty.AsMember, Member: bela, Outcome: loyalty.Refused, Unit: "points",
		Code: loyalty.CapReached, Figures: map[string]string{"cap": "500", "used": "500", "period": "day", "what": "points"},
	}
	want := "There is no reward this time. The daily limit is reached: 500 of 500 points."
	if got := printer(t, "en").Receipt(l, View{Member: bela}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{loyalty.Invalid("id", "required"), "Il manque quelque chose ici."},
		{loyalty.Invalid("order.lines", "too_many", "max", "2000"), "Il y en a trop\u00a0: 2\u202f000 au plus."},
		{
			loyalty.Invalid("order.currency", string(loyalty.WrongCurrency), "want", "EUR"),
			"La devise n’est pas celle de la boutique, qui est EUR.",
		},
		{
			loyalty.Conflict("adjust.amount", string(loyalty.InsufficientUnits), "need", "30.00", "got", "12.50", "currency", "EUR"),
			"Le solde est insuffisant\u00a0: il faut 30,00\u00a0€, le solde disponible est de 12,50\u00a0€.",
		},
		{loyalty.Invalid("code", string(loyalty.CodeUnknown)), "Le code est inconnu."},
		{loyalty.Invalid("text", "program_twice", "program", "Carte"), "Le programme «\u00a0Carte\u00a0» figure deux fois."},
		{loyalty.Invalid("text", "program_twice"), "La saisie n’a pas été acceptée (program_twice)."},
		{
			loyalty.Conflict("at", "clock_goes_forward", "now", "2026-03-01T09:30:05Z"),
			"L’horloge ne peut qu’avancer\u00a0; elle indique 1er mars 2026, 09:30:05.",
		},
		{loyalty.Invalid("at", "out_of_range", "max", "2100-01-01T00:00:00Z"), "La valeur est hors de la plage autorisée\u00a0; limite\u00a0: 1er janvier 2100, 00:00:00."},
		{
			loyalty.Invalid("limit", "out_of_range", "min", "1", "max", "1000"),
			"La valeur est hors de la plage autorisée, de 1 à 1\u202f000.",
		},
		{
			loyalty.Invalid("occurred_at", "in_the_future", "now", "2026-03-01T09:30:05Z"),
			"Ce moment se situe dans le futur\u00a0; nous sommes le 1er mars 2026, 09:30:05.",
		},
		{loyalty.NotFound("order", "order_unknown"), "Cette commande est inconnue."},
		{loyalty.NotFound("member", "no_words_yet"), "Cela n’existe pas ici (no_words_yet)."},
	}
	p := printer(t, "fr")
	for _, tt := range tests {
		if got := p.Problem(tt.err.(*loyalty.Problem)); got != tt.want {
			t.Errorf("%v reads %q, want %q", tt.err, got, tt.want)
		}
	}
}
