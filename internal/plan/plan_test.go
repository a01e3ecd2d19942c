package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

var settings = []rules.Setting{
	{Currency: "EUR", Decimals: 2, Zone: zone("Europe/Paris")},
	{Currency: "PLN", Decimals: 2, PointDecimals: 2, Zone: zone("Europe/Warsaw")},
	{Currency: "JPY", Decimals: 0, Zone: zone("Europe/Paris")},
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// drawing draws what somebody may answer.
type drawing struct {
	t *rapid.T
	s rules.Setting
}

func (d drawing) yes() bool                 { return rapid.Bool().Draw(d.t, "yes") }
func (d drawing) n(least, most int64) int64 { return rapid.Int64Range(least, most).Draw(d.t, "n") }
func (d drawing) one(of ...string) string   { return rapid.SampledFrom(of).Draw(d.t, "one") }

func (d drawing) names() []string {
	var out []string
	for range d.n(0, 2) {
		out = append(out, d.one("MUG", "hot drinks", "5", "of", ",", "a # b", "Été, łąka", "on first order"))
	}
	return out
}

func (d drawing) reward(fixed bool) Reward {
	kinds := slices.Clone(Rewards)
	if fixed {
		kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == Percent })
	}
	r := Reward{Kind: d.one(kinds...), Amount: d.n(1, 100_00), Name: d.one("MUG", "10", "Sac, en toile"), Off: d.n(0, 100_00), Worth: d.n(0, 999)}
	if d.yes() {
		r.Valid = rules.Expiry{Kind: d.one(rules.ExpiryDays, rules.ExpiryMonths), N: int(d.n(1, 400))}
		if d.yes() {
			r.Valid = rules.Expiry{Kind: rules.ExpiryPeriod, N: rapid.SampledFrom([]int{1, 3, 6, 12}).Draw(d.t, "n")}
		}
	}
	if d.yes() {
		r.Limit = d.limit(r.unit(d.s))
	}
	return r
}

func (d drawing) maybe() Reward {
	if d.yes() {
		return Reward{}
	}
	return d.reward(true)
}

func (d drawing) limit(unit string) rules.Cap {
	c := rules.Cap{N: d.n(1, 50), What: d.one(rules.Rewards, unit), Period: d.one("day", "month", "year", "ever", "order")}
	if c.What == rules.Rewards && c.Period == "order" {
		c.Period = "ever"
	}
	return c
}

func (d drawing) answers() *Answers {
	a := &Answers{Name: d.one("Spring", "Parrainage, & # 1", "Zaproś ćmę"), Kind: d.one(Kinds...), Names: map[string]string{}}
	if d.yes() {
		a.Starts = moment.DayOf(2026, 3, 1, d.s.Zone)
	}
	if d.yes() {
		a.Ends = moment.DayOf(2026, 6, 1, d.s.Zone) + moment.Time(d.n(0, 1))*moment.Hour
	}
	if a.Kind == Referral {
		d.referral(a)
	} else {
		d.member(a)
	}
	if d.yes() {
		a.Swap = Swap{Need: d.n(1, 500), Reward: d.reward(true), Asked: d.yes()}
		if a.Kind != Referral && a.Swap.Reward.Kind == Points {
			a.Swap.Reward.Kind = Gift
			a.Swap.Reward.Limit = rules.Cap{}
		}
	}
	for i := range d.n(0, 2) {
		a.Tiers = append(a.Tiers, Tier{Need: 3 * (i + 1), Reward: d.reward(true)})
	}
	d.orders(a)
	if d.yes() {
		a.Cap = rules.Cap{N: d.n(1, 50), What: rules.Rewards, Period: d.one("day", "month", "year", "ever")}
	}
	if d.yes() {
		a.Budget = rules.Budget{Uses: d.n(0, 10), Money: d.n(0, 100_000), Period: d.one("day", "month", "year", "ever")}
	}
	for range d.n(0, 1) {
		a.Names[d.one("ordered", "reward", "joined-friend", "joined", "spend", "counts", "again-referrer")] = d.one("mine", "refer")
	}
	a.Tidy(d.s)
	return a
}

func (d drawing) orders(a *Answers) {
	a.Trigger = d.one(Triggers...)
	if d.yes() {
		a.Minimum, a.Items, a.Basket, a.BasketItems = d.n(0, 9_999), d.n(0, 3), d.n(0, 9_999), d.n(0, 3)
	}
	a.Except = rules.Articles{SKUs: d.names(), Categories: d.names()}
	if d.yes() {
		a.Except.Attributes = []string{"brand=Le Creuset"}
	}
	a.Basis = rules.Basis{BeforeTax: d.yes(), BeforeDiscounts: d.yes(), Delivery: d.yes(), Rewards: d.yes(), NoGiftCards: d.yes()}
	a.Codes, a.Channels = d.names(), d.names()
	a.Within, a.Wait = int(d.n(0, 60)), int(d.n(0, 30))
}

func (d drawing) referral(a *Answers) {
	a.Rows[Invited] = Row{Friend: d.maybe(), Referrer: d.maybe(), Once: d.yes(), Apart: d.yes()}
	a.Rows[Joined] = Row{Friend: d.maybe(), Referrer: d.maybe(), Once: d.yes(), Apart: d.yes()}
	a.Rows[Ordered] = Row{Friend: d.reward(false), Referrer: d.maybe(), Apart: d.yes()}
	if d.yes() {
		a.Rows[Ordered].Referrer = a.Rows[Ordered].Friend
	}
	a.Rows[Again] = Row{Friend: d.maybe(), Referrer: d.reward(false)}
	for i := range a.Rows {
		if d.yes() {
			a.Rows[i] = Row{}
		}
	}
	a.Counts = d.one("", Moments[Joined], Moments[Ordered])
	if !slices.ContainsFunc(a.Rows[:], func(r Row) bool { return r.some() }) {
		a.Rows[Joined].Friend = d.reward(true)
	}
	switch d.n(0, 3) {
	case 1:
		a.First.Kind = rules.Very
	case 2:
		a.First = rules.Recurrence{Together: d.n(1, 9_999), Items: d.yes()}
	}
	a.Each = d.each()
	a.Referrals = rules.Referral{WindowDays: int(d.n(0, 40)), LastTouch: d.yes(), ExpireDays: int(d.n(0, 200)), HoldScore: d.n(0, 90), Buyers: d.yes(), Members: d.yes()}
	a.Buyer = d.yes()
}

func (d drawing) each() rules.Recurrence {
	if d.yes() {
		return rules.Recurrence{}
	}
	return rules.Recurrence{Kind: d.one(rules.Every, rules.Nth), N: d.n(2, 9)}
}

func (d drawing) member(a *Answers) {
	a.Reward = d.reward(true)
	a.Often = d.each()
	switch a.Kind {
	case Event:
		a.Event, a.EventName, a.Bonus = d.one(Events...), "review, 5 stars", d.maybe()
		if a.Event == rules.OnSignUp || a.Event == rules.OnBirthday || d.yes() {
			a.Often = rules.Recurrence{Kind: d.one(rules.Each, rules.Once)}
		}
		a.Per = d.one(Fixed, Stamped)
	default:
		a.Things = []string{"MUG", "hot drinks"}
		a.Per = d.one(Fixed, PerSum, PerItem, Stamped)
		switch d.n(0, 3) {
		case 0:
			a.Often = rules.Recurrence{Together: d.n(1, 9_999), Items: d.yes()}
		case 1:
			a.Often = rules.Recurrence{Kind: d.one(rules.First, rules.Very)}
		}
		if a.Per == Fixed {
			a.Reward = d.reward(false)
		}
		if a.Per == PerSum && a.Reward.Kind != Points {
			a.Reward = Reward{Kind: d.one(Money, Points), Amount: d.n(1, 500)}
		}
	}
	a.PerN, a.Stamps, a.Card, a.Asked = d.n(1, 500), d.n(1, 3), d.n(2, 12), d.yes()
	if a.Kind != Event {
		a.StampPer = d.n(0, 3)
	}
	if d.yes() {
		a.StampCap = d.limit(rules.Stamps)
	}
	a.Groups, a.Segments = d.names(), d.names()
}

// Whatever is answered becomes a text that can be read, and is read back as it was answered.
func TestAnswersAreReadBack(t *testing.T) {
	t.Parallel()
	for _, s := range settings {
		t.Run(s.Currency, func(t *testing.T) {
			t.Parallel()
			for range 30 { // as many draws as the flag says, each time
				rapid.Check(t, func(t *rapid.T) { readBack(t, drawing{t, s}.answers(), s) })
			}
		})
	}
}

func readBack(t interface {
	Fatalf(string, ...any)
}, a *Answers, s rules.Setting) {
	if wrong := a.Problems(s); len(wrong) > 0 {
		t.Fatalf("%+v\nis refused: %v", a, wrong)
	}
	text := a.Document(s).Text(s)
	list, err := rules.ParseFile(text, s)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	if x := list[0]; x.Text(s) != text {
		t.Fatalf("%s\nbecomes\n%s", text, x.Text(s))
	}
	rules.Compile(&rules.Program{}, 1, 0, 0, 0, list[0])
	got, ok := Read(list[0], s)
	if !ok {
		t.Fatalf("%s\nis not read back; it reads\n%s\n%v", text, got.Document(s).Text(s), got.Problems(s))
	}
	got.Tidy(s)
	want := *a
	want.Names, got.Names = nil, nil
	if diff := cmp.Diff(&want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s\n-answered +read:\n%s", text, diff)
	}
}

// What is wrong is said of its field, and nothing that is not wrong is refused.
func TestWhatIsWrongIsSaidOfItsField(t *testing.T) {
	t.Parallel()
	s := settings[0]
	good := func() *Answers {
		a := &Answers{Name: "P", Kind: Basket, Trigger: rules.OnOrder, Reward: Reward{Kind: Points, Amount: 5}}
		a.Tidy(s)
		return a
	}
	if wrong := good().Problems(s); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for _, x := range []struct {
		want  string
		spoil func(*Answers)
	}{
		{"name required", func(a *Answers) { a.Name = "" }},
		{"name invalid_program_name", func(a *Answers) { a.Name = `a "b"` }},
		{"ends ends_before_it_begins", func(a *Answers) { a.Starts, a.Ends = 10, 5 }},
		{"reward-kind required", func(a *Answers) { a.Reward = Reward{} }},
		{"reward-amount required", func(a *Answers) { a.Reward.Amount = 0 }},
		{"reward-amount out_of_range", func(a *Answers) { a.Reward = Reward{Kind: Percent, Amount: 101_00} }},
		{"reward-name quotes_inside", func(a *Answers) { a.Reward = Reward{Kind: Gift, Name: "a\nb"} }},
		{"reward-name too_long", func(a *Answers) { a.Reward = Reward{Kind: Gift, Name: strings.Repeat("a", 300)} }},
		{"per money_or_points_wanted", func(a *Answers) { a.Per, a.PerN, a.Reward = PerSum, 100, Reward{Kind: Gift, Name: "Mug"} }},
		{"reward-kind fixed_reward_wanted", func(a *Answers) { a.Per, a.PerN, a.Reward = PerItem, 1, Reward{Kind: Percent, Amount: 5} }},
		{"often-n out_of_range", func(a *Answers) { a.Often = rules.Recurrence{Kind: rules.Every, N: 1} }},
		{"often not_for_this", func(a *Answers) {
			a.Kind, a.Event, a.Often = Event, rules.OnBirthday, rules.Recurrence{Kind: rules.First}
		}},
		{"event-name required", func(a *Answers) { a.Kind, a.Event = Event, rules.OnCustomEvent }},
		{"things required", func(a *Answers) { a.Kind = Article }},
		{"swap-kind points_for_points", func(a *Answers) { a.Swap = Swap{Need: 5, Reward: Reward{Kind: Points, Amount: 5}} }},
		{"swap-need required", func(a *Answers) { a.Swap = Swap{Reward: Reward{Kind: Money, Amount: 5}} }},
		{"reward-limit limit_of_units", func(a *Answers) { a.Reward.Limit = rules.Cap{N: 1, What: rules.Rewards, Period: "order"} }},
		{"codes quotes_inside", func(a *Answers) { a.Codes = []string{`"`} }},
		{"except-attributes name_and_value_wanted", func(a *Answers) { a.Except.Attributes = []string{"brand"} }},
		{"ordered-referrer-kind reward_missing", func(a *Answers) { a.Kind = Referral; a.First.Kind = rules.First }},
		{"invited-friend-kind fixed_reward_wanted", func(a *Answers) {
			a.Kind, a.First.Kind, a.Rows[Invited].Friend = Referral, rules.First, Reward{Kind: Percent, Amount: 5}
		}},
	} {
		a := good()
		x.spoil(a)
		wrong := a.Problems(s)
		if len(wrong) == 0 {
			t.Errorf("%s: nothing is wrong", x.want)
			continue
		}
		p := wrong[0].(*loyalty.Problem)
		if got := p.Field + " " + p.Code; got != x.want || len(wrong) > 1 {
			t.Errorf("%s: %v", x.want, wrong)
		}
	}
}

// A program that says more than the wizard asks is left to its text, and one of the templates
// and examples that says no more is shown.
func TestWhatIsReadAndWhatIsLeft(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`program "P" earn 1 point per 1.00 EUR`:                                                                       true,
		`program "P" refer friend 5.00 EUR, referrer 10.00 EUR, on first order, after 14 days`:                        true,
		`program "P" discount 10 %`:                                                                                   false,
		`program "P" multiply points by 2`:                                                                            false,
		`program "P" earn choice of gift Mug or 5 points`:                                                             false,
		`program "P" earn 1 point per 1.00 EUR, weekdays sat sun`:                                                     false,
		`program "P" earn 1 point per 1.00 EUR, of brand=Acme`:                                                        false,
		`program "P" earn 1 point per 1.00 EUR, round up`:                                                             false,
		`program "P" exchange 5 points for 1.00 EUR`:                                                                  false,
		"program \"P\" earn 5 points\n  earn 6 points":                                                                false,
		"program \"P\" stamp 1 per item\n  exchange 9 stamps for gift Mug\n  earn 5 points":                           false,
		"program \"P\" stamp 1 per item\n  exchange 9 stamps for gift Mug":                                            true,
		"program \"P\" refer friend 5 points on first order\n  refer referrer 5 points on sign-up":                    true,
		"program \"P\" refer friend 5 points on first order, from 5.00 EUR\n  refer referrer 5 points on first order": false,
	} {
		list, err := rules.ParseFile(text, settings[0])
		if err != nil {
			t.Fatal(text, err)
		}
		if _, ok := Read(list[0], settings[0]); ok != want {
			t.Errorf("%s: read %v, want %v", text, ok, want)
		}
	}
}

// Each objective leaves something to be given, whatever was given before.
func TestAnObjectiveAlwaysRewards(t *testing.T) {
	t.Parallel()
	s := settings[0]
	rapid.Check(t, func(t *rapid.T) {
		d := drawing{t, s}
		a := d.answers()
		if a.Kind != Referral {
			t.Skip("not a referral")
		}
		for range 4 {
			to := d.one(Objectives...)
			a.Aim(to)
			a.Tidy(s)
			if a.Objective() != to {
				t.Fatalf("aimed at %s, is at %s: %+v", to, a.Objective(), a)
			}
			readBack(t, a, s)
		}
	})
}

func ExampleAnswers_Document() {
	s := settings[0]
	a := &Answers{
		Name: "Parrainage", Kind: Referral, Minimum: 40_00, Wait: 14, Referrals: rules.Referral{WindowDays: 30},
		Cap: rules.Cap{N: 10, What: rules.Rewards, Period: "month"},
	}
	a.Rows[Ordered] = Row{Friend: Reward{Kind: CashPercent, Amount: 10_00}, Referrer: Reward{Kind: Money, Amount: 8_00}}
	a.Tidy(s)
	fmt.Print(a.Document(s).Text(s))
	// Output:
	// program "Parrainage"
	//   referral window 30 days
	//   at most 10 rewards per month
	//   ordered: refer friend cash voucher of 10 %, referrer 8.00 EUR, on first order, from 40.00 EUR, after 14 days
}
