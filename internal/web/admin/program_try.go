package admin

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// tryPage is an order that is tried, and what a program would do with it.
type tryPage struct {
	Name     string
	Back     string // the screen that it belongs to
	Said     string
	Draft    bool
	Tried    bool
	Facts    []triedFact
	Silent   []silentRule // rules that said nothing
	Elsewise []string     // what other programs would give
}

// triedFact is one thing that would have happened, with what the program says to it.
type triedFact struct {
	Kind  string
	Lines []triedLine
}

// triedLine is what one rule says.
type triedLine struct {
	Rule, Outcome, Tag, Text string
	Conditions               []triedCondition
}

type triedCondition struct {
	Holds bool
	Text  string
}

// silentRule is a rule that had nothing to look at, with the reason.
type silentRule struct{ Rule, Why string }

// basketLines is how many lines the form offers.
const basketLines = 4

func (v *visit) tryProgram() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	x := p.Present()
	return v.try(&tryPage{Name: p.Name, Back: "/programs/" + p.ID.String(), Said: v.inShort(x.Document)}, x.Document, p.ID)
}

func (v *visit) tryDraft() error {
	d, err := v.draftRow()
	if err != nil {
		return err
	}
	page := &tryPage{Name: cmp.Or(d.Name, v.t("admin.programs.nameless")), Back: "/programs/drafts/" + d.ID.String(), Draft: true}
	if d.Document == nil {
		f := v.blank()
		f.problem("", "draft_not_ready")
		return v.show(http.StatusUnprocessableEntity, tryView(v, page, f))
	}
	page.Said = v.inShort(d.Document)
	return v.try(page, d.Document, id.Program{})
}

// try shows the form, filled in with an order that fits the program, or what became of the
// one that was asked about. It is a question: nothing is stored.
func (v *visit) try(page *tryPage, d *rules.Document, live id.Program) error {
	f := v.blank()
	q := v.r.URL.Query()
	for name := range q {
		f.values[name] = strings.TrimSpace(q.Get(name))
	}
	if f.get("run") == "" {
		v.example(f, d)
		return v.show(http.StatusOK, tryView(v, page, f))
	}
	facts, err := v.triedFacts(f, d)
	if err != nil {
		return err
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, tryView(v, page, f))
	}
	var choose intake.Choice
	if page.Draft {
		choose = programs.Beside(d, facts[0].OccurredAt, false, &live)
	}
	answers, err := v.People.TryWith(v.ctx, v.shop.ID, choose, facts...)
	if err == nil {
		for _, a := range answers {
			err = cmp.Or(err, a.Err)
		}
	}
	if f.blame(err, "occurred_at=day", "referrer=referrer", "member=member") {
		return v.show(http.StatusUnprocessableEntity, tryView(v, page, f))
	}
	if err != nil {
		return err
	}
	page.Tried = true
	v.traced(page, d, live, facts, answers)
	return v.show(http.StatusOK, tryView(v, page, f))
}

// example fills the form with an order to which the program has something to say.
func (v *visit) example(f *form, d *rules.Document) {
	f.values["who"], f.values["day"] = "new", v.now().Date(v.shop.Zone)
	if rules.Refers(d) {
		f.values["who"] = "friend"
		if list, err := v.People.Members(v.ctx, v.shop.ID, people.Crowd{}, id.Member{}, 1); err == nil && len(list) > 0 {
			f.values["referrer"] = cmp.Or(firstOf(list[0].Numbers), list[0].Email)
		}
	}
	amount := int64(50)
	for range v.shop.Decimals {
		amount *= 10
	}
	f.values["sku1"], f.values["qty1"] = "A1", "1"
	for i := range d.Rules {
		r := &d.Rules[i]
		if !r.Orders() {
			continue
		}
		if sku := firstOf(r.Of.SKUs); sku != "" {
			f.values["sku1"] = sku
		}
		if r.Of.Empty() || f.values["category1"] == "" {
			f.values["category1"] = firstOf(r.Of.Categories)
		}
		amount = max(amount, r.When.Minimum, r.When.Basket)
		f.values["qty1"] = strconv.FormatInt(max(1, r.When.Items), 10)
		for _, g := range r.Gives {
			if g.Measure == rules.PerItem && g.Per > 1 {
				f.values["qty1"] = strconv.FormatInt(g.Per, 10)
			}
		}
		f.values["channel"] = cmp.Or(f.values["channel"], firstOf(r.When.Channels))
		f.values["code"] = cmp.Or(f.values["code"], firstOf(r.When.Codes))
	}
	f.values["amount1"] = money.Text(amount, v.shop.Decimals)
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// triedFacts makes of the form what a shop would report: that somebody joins, where he is
// new, and his order. Mistakes are the form's.
func (v *visit) triedFacts(f *form, d *rules.Document) ([]*loyalty.Fact, error) {
	at := v.triedAt(f)
	name := "try-" + rand.Text()
	fact := func(kind string, at moment.Time) *loyalty.Fact {
		return &loyalty.Fact{
			Kind: kind, Feed: "office", ExternalID: name + "-" + kind, Via: "office", Origin: loyalty.FromLive, OccurredAt: at,
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByExternal, Key: name}}},
		}
	}
	var out []*loyalty.Fact
	buyer := loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByExternal, Key: name}}}
	switch f.get("who") {
	case "member":
		m, err := v.namedMember(f, "member")
		if err != nil {
			return nil, err
		}
		buyer = loyalty.Who{ID: m}
	default:
		join := fact(loyalty.MemberJoined, at-moment.Minute)
		if f.get("who") == "friend" {
			m, err := v.namedMember(f, "referrer")
			if err != nil {
				return nil, err
			}
			join.Referrer, join.Touch = loyalty.Who{ID: m}, "link"
		}
		out = append(out, join)
	}
	order := v.triedOrder(f, name)
	if len(order.Lines) == 0 && f.ok() {
		f.problem("amount1", "not_tried")
	}
	answers := func(trigger string) bool {
		return slices.ContainsFunc(d.Rules, func(r rules.Rule) bool { return r.Trigger == trigger })
	}
	for _, x := range []struct {
		kind string
		tell bool
	}{
		{loyalty.OrderPlaced, answers(rules.OnPlaced)}, {loyalty.OrderPaid, true}, {loyalty.OrderFulfilled, answers(rules.OnFulfilled)},
	} {
		if x.tell {
			o := fact(x.kind, at)
			o.Member, o.Order = buyer, order
			out = append(out, o)
		}
	}
	return out, nil
}

// triedAt is when the order is to have been: now, or at noon of another day.
func (v *visit) triedAt(f *form) moment.Time {
	day, ok := v.when(f, "day")
	switch {
	case !ok || day == 0 || day.Date(v.shop.Zone) == v.now().Date(v.shop.Zone):
		return v.now()
	}
	return day + 12*moment.Hour
}

// namedMember finds who is named by a number or an address.
func (v *visit) namedMember(f *form, field string) (id.Member, error) {
	n := people.Naming{Number: f.get(field)}
	if strings.Contains(f.get(field), "@") {
		n = people.Naming{Email: f.get(field)}
	}
	if f.get(field) == "" {
		f.problem(field, "required")
		return id.Member{}, nil
	}
	who, _, err := v.People.Who(n, field)
	if err == nil {
		var m *people.Member
		if m, err = v.People.Find(v.ctx, v.shop.ID, who); err == nil {
			return m.ID, nil
		}
	}
	if _, ok := errors.AsType[*loyalty.Problem](err); ok {
		f.problem(field, "member_unknown")
		return id.Member{}, nil
	}
	return id.Member{}, err
}

func (v *visit) triedOrder(f *form, name string) *loyalty.Order {
	o := &loyalty.Order{Series: "office", Ref: name, Currency: v.shop.Currency}
	o.Channel = f.get("channel")
	if f.get("code") != "" {
		o.Codes = []string{f.get("code")}
	}
	for i := 1; i <= basketLines; i++ {
		n := strconv.Itoa(i)
		if f.get("amount"+n) == "" {
			continue
		}
		amount, err := money.Parse(strings.NewReplacer(",", ".", " ", "", "\u00a0", "", "\u202f", "").Replace(f.get("amount"+n)), v.shop.Decimals)
		if err != nil || amount < 0 {
			f.problem("amount"+n, "invalid_amount")
			continue
		}
		qty, err := strconv.ParseInt(cmp.Or(f.get("qty"+n), "1"), 10, 64)
		if err != nil || qty < 1 || qty > 10_000 {
			f.problem("qty"+n, "out_of_range", "min", "1", "max", "10000")
			continue
		}
		o.Lines = append(o.Lines, loyalty.Line{SKU: cmp.Or(f.get("sku"+n), "A"+n), Category: f.get("category" + n), Quantity: qty, Amount: amount})
	}
	return o
}

// traced puts the answers into words: rule by rule, with every condition.
func (v *visit) traced(page *tryPage, d *rules.Document, live id.Program, facts []*loyalty.Fact, answers []intake.Answer) {
	spoke := map[string]bool{}
	for i, a := range answers {
		x := triedFact{Kind: facts[i].Kind}
		for _, l := range a.Lines {
			text := v.say.Receipt(l, locale.View{Staff: true})
			if !l.Program.IsZero() && l.Program != live {
				page.Elsewise = append(page.Elsewise, text)
				continue
			}
			line := triedLine{Rule: l.Rule, Outcome: v.say.Outcome(l.Outcome), Tag: outcomeTag(l.Outcome), Text: text}
			for k, c := range v.say.Conditions(l) {
				line.Conditions = append(line.Conditions, triedCondition{l.Checks[k].Holds, c})
			}
			spoke[l.Rule] = true
			x.Lines = append(x.Lines, line)
		}
		page.Facts = append(page.Facts, x)
	}
	for i := range d.Rules {
		r := &d.Rules[i]
		if spoke[r.Name] {
			continue
		}
		why := "trigger"
		switch {
		case r.Refer && !spokeOfFriend(facts):
			why = "friend"
		case r.Multiplies():
			why = "multiplies"
		case r.Orders() && !r.Of.Empty():
			why = "articles"
		case r.Orders():
			why = "order"
		}
		page.Silent = append(page.Silent, silentRule{r.Name, v.t("admin.programs.silent." + why)})
	}
}

func spokeOfFriend(facts []*loyalty.Fact) bool {
	return slices.ContainsFunc(facts, func(f *loyalty.Fact) bool { return f.Referrer.Named() })
}

// outcomeTag is how an outcome looks.
func outcomeTag(outcome string) string {
	switch outcome {
	case loyalty.Given, loyalty.Opened, loyalty.Exchanged, loyalty.Discounted:
		return "tag good"
	case loyalty.Waiting, loyalty.Held:
		return "tag info"
	case loyalty.Refused, loyalty.TakenBack, loyalty.Undone:
		return "tag bad"
	}
	return "tag"
}
