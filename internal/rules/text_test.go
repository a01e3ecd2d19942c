package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/money"
)

func setting(t interface{ Fatal(...any) }) Setting {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return Setting{Currency: "EUR", Decimals: 2, Zone: zone}
}

// drawing writes random programs of the whole grammar, in every setting.
type drawing struct {
	*rapid.T
	set     Setting
	clauses []string
}

func (d *drawing) of(words ...string) string { return rapid.SampledFrom(words).Draw(d.T, "word") }

func (d *drawing) number(from, to int) int { return rapid.IntRange(from, to).Draw(d.T, "number") }

func (d *drawing) flag() bool { return rapid.Bool().Draw(d.T, "flag") }

// say adds a clause or not.
func (d *drawing) say(format string, args ...any) {
	if d.flag() {
		d.clauses = append(d.clauses, fmt.Sprintf(format, args...))
	}
}

// must adds a clause.
func (d *drawing) must(format string, args ...any) {
	d.clauses = append(d.clauses, fmt.Sprintf(format, args...))
}

func (d *drawing) amount() string {
	return money.Text(int64(d.number(1, 99_999)), d.set.Decimals) + " " + d.set.Currency
}

func (d *drawing) points() string {
	n := int64(d.number(1, 99_999))
	if d.set.PointDecimals == 0 && n == 1 {
		return "1 point"
	}
	return money.Text(n, d.set.PointDecimals) + " points"
}

func (d *drawing) factor(most int) string {
	return strings.TrimSuffix(strings.TrimRight(money.Text(int64(d.number(1, most)), 2), "0"), ".")
}

func (d *drawing) words() string {
	return d.of("one", `"two words"`, `one "two words" THREE-3`, `"on" "a=b"`, "22086", `"é, # ł"`)
}

func (d *drawing) word() string {
	return d.of("one", `"two words"`, `"on"`, "22086", "EUR", `"é, # ł"`)
}

// thing is a reward that is no amount of a unit.
func (d *drawing) thing() string {
	switch d.number(0, 3) {
	case 0:
		return "gift " + d.word() + d.of("", " by hand")
	case 1:
		return d.of("cash", "special") + " voucher of " + d.of(d.amount(), d.factor(10_000)+" %")
	case 2:
		return "product voucher of " + d.of("", "1 ", "3 ") + d.of("MUG", `"TEA CUP"`)
	}
	return "category voucher of " + d.of("", "2 ") + d.of("teas", `"hot drinks"`) + d.of("", " at "+d.factor(10_000)+" %")
}

func (d *drawing) fixed() string {
	return d.of(d.points(), d.amount(), d.thing(), d.thing(), "choice of "+d.thing()+" or "+d.points()+d.of("", " or "+d.amount()))
}

// reward draws what a rule on orders may give.
func (d *drawing) reward() string {
	switch d.number(0, 4) {
	case 0:
		return d.factor(10_000) + " % in " + d.set.Currency
	case 1:
		return d.of(d.points(), d.amount()) + d.of(" per order", " per item", fmt.Sprintf(" per %d items", d.number(1, 9)), " per "+d.amount())
	case 2:
		return d.thing() + d.of("", " per item", " per 3 items")
	case 3:
		return fmt.Sprintf("%d stamps per ", d.number(2, 9)) + d.amount()
	}
	return d.fixed()
}

// who draws the conditions of every rule, and those of what has a place or attributes.
func (d *drawing) who(head string) {
	on := "order"
	for _, c := range d.clauses {
		if words := strings.Fields(c); words[0] == "on" {
			on = words[1]
		}
	}
	event := slices.Contains([]string{"portal", "newsletter", "event", "step"}, on)
	without := slices.Contains([]string{"gift", "link", "invitation", "validated", "birthday", "reaching"}, on)
	if !without && !strings.HasPrefix(head, "exchange") {
		d.say("in channel %s", d.words())
		d.say("at site %s", d.words())
	}
	d.say("for group %s", d.words())
	d.say("for segment %s", d.words())
	if event {
		d.say("where %s", d.of("plan=gold", `plan=gold "size=very large"`))
	}
	d.say("between %s and %s", d.of("2026-03-01", "2026-03-01T18:30"), d.of("2026-03-02", "2026-04-01T02:00"))
	d.say("weekdays %s", d.of("mon", "sat sun", "fri mon wed"))
	d.say("hours %s", d.of("09:00 to 17:30", "22:00 to 02:00", "18:00 to 00:00"))
	d.say("priority %d", d.number(1, 1_000_000))
}

// order draws the conditions that look at an order.
func (d *drawing) order() {
	d.say("from %s", d.amount())
	d.say("from %s", d.of("1 item", "3 items"))
	d.say("from basket of %s", d.amount())
	d.say("from basket of %d items", d.number(1, 20))
	for _, word := range []string{"of", "of", "except"} {
		d.say("%s %s", word, d.of("MUG", "articles MUG", "category sale", `categories "hot drinks" teas`, "brand=Acme", `attributes "brand=Le Creuset" label=bio`, `"two words" other`))
	}
	d.say("before tax")
	d.say("before discounts")
	d.say("with delivery")
	d.say("with rewards")
	d.say("without gift cards")
	d.say("with code %s", d.words())
}

// value draws what is said of the value that a rule gives.
func (d *drawing) value() {
	d.say("round %s", d.of("down", "nearest", "up")+d.of("", " to 5", " to 1"))
	d.say("after %s", d.of("1 day", "14 days"))
	d.say("%s", d.of("returns absorbed", "returns owed"))
	d.say("within %d days", d.number(1, 400))
	d.ending()
}

// ending draws what an exchange may say, too.
func (d *drawing) ending() {
	d.say("valid %s", d.of("30 days", "1 day", "1 month", "12 months", "until the end of the month", "until the end of the quarter",
		"until the end of the half-year", "until the end of the year", "until 2026-12-31", "until 2026-12-31T18:30"))
	d.say("at most %d rewards %s", d.number(1, 9), d.of("per day", "per month", "per year", "ever"))
	d.say("worth %s", d.amount())
	period := d.of("", " per day", " per month", " per year")
	d.say("budget %d uses%s", d.number(1, 99), period)
	if d.flag() {
		d.must("budget %s%s", d.amount(), period)
		if !slices.ContainsFunc(d.clauses, func(c string) bool { return strings.HasPrefix(c, "worth") }) {
			d.must("worth %s", d.amount())
		}
	}
}

// orders draws the trigger of a rule on orders.
func (d *drawing) orders(refers bool) {
	kind := d.of("order", "placed order", "fulfilled order")
	switch n := d.number(0, 7); {
	case n == 0:
		d.must("on each %s", kind)
	case n == 1:
		d.must("on %sfirst %s", d.of("", "very "), kind)
	case n == 2:
		d.must("on %s %d", kind, d.number(1, 9))
	case n == 3:
		d.must("on every %d %ss", d.number(1, 9), kind)
	case n == 4:
		d.must("on orders of %s together", d.of(d.amount(), "1 items", "10 items"))
		d.say("on each %s", kind)
	case n == 5:
		d.must("once")
	case n == 6 && !refers:
		d.must("on cart update")
	}
}

// event draws a trigger without an order.
func (d *drawing) event(refers bool) {
	list := []string{"gift claim", "gift shipping", "voucher use"}
	if refers {
		list = []string{"link click", "invitation"}
	}
	switch d.number(0, 3) {
	case 0:
		d.must("on %s", d.of(append(list, "portal activation", "newsletter", `event "re view"`, "event review", `step "a, b"`)...))
		d.say("%s", d.of("once", "every 3 times", "time 2"))
	case 1:
		d.must("on sign-up")
	case 2:
		if refers {
			d.must("on validated referral")
		} else {
			d.must("on birthday")
			d.say("once")
		}
	case 3:
		if refers {
			d.must("on invitation")
		} else {
			d.must("on reaching %s", d.of(d.points(), d.amount(), "1 referral", "3 referrals", "10 stamps"))
		}
	}
}

// rule draws the text of a rule: a head, then clauses in any order.
func (d *drawing) rule(n int) string {
	d.clauses = nil
	var head string
	switch d.number(0, 8) {
	case 7, 8:
		head = d.cart()
	case 0, 1:
		head = "earn " + d.reward()
		d.orders(false)
		d.order()
		d.value()
		if strings.Contains(head, " points per ") && !slices.ContainsFunc(d.clauses, func(c string) bool { return strings.HasPrefix(c, "at most") }) {
			d.must("at most %s per %s", d.points(), d.of("order", "day", "month", "year"))
		}
		d.alone()
	case 2:
		head = "earn " + d.fixed()
		d.event(false)
		d.value()
		d.alone()
	case 3:
		head = fmt.Sprintf("stamp %d", d.number(1, 9)) + d.of("", " per item", " per order", " per 2 items")
		d.orders(false)
		d.order()
		d.say("at most 7 stamps %s", d.of("ever", "per day", "per order", "per year"))
		d.alone()
	case 4:
		head = d.of("friend "+d.reward(), "referrer "+d.fixed(), "referrer 1 referral", "friend "+d.fixed()+", referrer "+d.reward())
		if strings.Contains(head, "stamp") {
			head = "friend " + d.fixed()
		}
		head = "refer " + head
		d.orders(true)
		d.order()
		d.value()
		d.say("by a buyer")
		d.alone()
		if d.flag() && !strings.Contains(head, " per ") && !strings.Contains(head, "% in") {
			d.clauses = nil
			d.event(true)
			d.value()
		}
	case 5:
		head = "multiply " + d.of("points", "stamps", d.set.Currency) + " by " + d.factor(10_000)
		d.say("on %s", d.of("each placed order", "each fulfilled order", "cart update"))
		d.order()
		d.say("exclusive in %s", d.word())
		d.say("last")
	case 6:
		head = "exchange " + d.of("10 stamps", "1 stamp", "3 referrals", d.points(), d.amount()) + " for " + d.of(d.fixed(), "5 stamps")
		d.ending()
		d.say("when asked")
	}
	d.who(head)
	clauses := rapid.Permutation(d.clauses).Draw(d.T, "order")
	comma := d.of(", ", ", ", " , ")
	return fmt.Sprintf("rule%d: ", n) + strings.Join(append([]string{head}, clauses...), comma)
}

// cart draws a rule about the cart at hand.
func (d *drawing) cart() string {
	d.say("from %s", d.amount())
	d.say("from %s", d.of("1 item", "3 items"))
	d.say("from basket of %s", d.amount())
	d.say("from basket of %d items", d.number(1, 20))
	if len(d.clauses) > 0 {
		d.say("after discounts")
	}
	for _, word := range []string{"of", "of", "except"} {
		d.say("%s %s", word, d.of("MUG", "articles MUG", "category sale", `categories "hot drinks" teas`, "brand=Acme", `attributes "brand=Le Creuset" label=bio`, `"3" other`))
	}
	d.say("with code %s", d.words())
	d.say("within %d days", d.number(1, 400))
	period := d.of("", " per day", " per month", " per year")
	d.say("budget %d uses%s", d.number(1, 99), period)
	capped := d.flag()
	if d.flag() {
		d.say("as payment")
		d.say("at most %s %%", d.factor(10_000))
		d.say("budget %s%s", d.amount(), period)
		if capped {
			d.must("at most %s per %s", d.amount(), d.of("order", "day", "year"))
		}
		return "pay with " + d.of(d.set.Currency, "points, "+d.points()+" for "+d.amount(), "points "+d.points()+" for "+d.amount())
	}
	d.say("when chosen")
	d.alone()
	if d.flag() {
		d.say("worth %s", d.amount())
		if slices.ContainsFunc(d.clauses, func(c string) bool { return strings.HasPrefix(c, "worth") }) {
			d.say("budget %s%s", d.amount(), period)
		}
		d.say("at most %d rewards per day", d.number(1, 9))
		return fmt.Sprintf("discount %d free %s on top", d.number(1, 9), d.word())
	}
	d.say("budget %s%s", d.amount(), period)
	if capped {
		d.must("at most %s", d.of(d.amount()+d.of(" per order", " per day", " ever"), "1 reward per month", "3 rewards ever"))
	}
	return "discount " + d.of(
		d.factor(10_000)+" %"+d.of("", " on the cheapest", " on the cheapest of 2", " on the cheapest of 12", " on delivery"),
		d.amount()+d.of("", " per unit", " per line", " on delivery"), fmt.Sprintf("%d free %s", d.number(1, 9), d.word()),
	)
}

func (d *drawing) alone() {
	d.say("%s", d.of("exclusive", "exclusive in "+d.word()))
	d.say("last")
}

// program draws a program with what holds for all of it.
func (d *drawing) program() string {
	d.clauses = nil
	if d.flag() {
		d.must("starts %s", d.of("2026-03-01", "2026-03-01T09:00"))
		d.must("ends %s", d.of("2026-03-01T10:00", "2026-03-31"))
	}
	d.say("referral window %s", d.of("30 days", "1 day"))
	d.say("referral last touch")
	d.say("referral expires after 180 days")
	d.say("referral of buyers too")
	d.say("referral of members too")
	d.say("referral held from score %d", d.number(1, 100))
	d.say("at most %d rewards %s", d.number(1, 9), d.of("per day", "per month", "per year", "ever"))
	period := d.of("", " per day", " per month", " per year")
	d.say("budget %d uses%s", d.number(1, 99), period)
	d.say("budget %s%s", d.amount(), period)
	lines := d.clauses
	for n := range d.number(1, 4) {
		lines = append(lines, d.rule(n))
	}
	return "program " + d.of(`"Spring, & # 1 more"`, `"x"`) + "\n  " + strings.Join(lines, "\n  ") + "\n"
}

func settings(t interface{ Fatal(...any) }) []Setting {
	zone := setting(t).Zone
	return []Setting{setting(t), {"EUR", 2, 2, zone}, {"JPY", 0, 0, zone}, {"KWD", 3, 1, zone}}
}

func TestTextAndDocumentTurnIntoEachOther(t *testing.T) {
	t.Parallel()
	all := settings(t)
	rapid.Check(t, func(t *rapid.T) {
		d := &drawing{T: t, set: rapid.SampledFrom(all).Draw(t, "setting")}
		text := d.program()
		once, err := ParseFile(text, d.set)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for name, doc := range map[string]*Document{"the text": once[0], "the JSON": throughJSON(t, once[0])} {
			if !reflect.DeepEqual(doc, once[0]) {
				t.Fatalf("%s\nbecomes by %s\n%+v\nnot\n%+v", text, name, doc, once[0])
			}
			written := doc.Text(d.set)
			twice, err := ParseFile(written, d.set)
			if err != nil {
				t.Fatalf("%s\nis written as\n%s: %v", text, written, err)
			}
			if !reflect.DeepEqual(once, twice) {
				t.Fatalf("%s\nis written as\n%s\nand reads as\n%+v\nnot\n%+v", text, written, twice[0], once[0])
			}
			if again := throughJSON(t, twice[0]).Text(d.set); again != written {
				t.Fatalf("%s\nis written anew as\n%s", written, again)
			}
		}
	})
}

// throughJSON reads a document from its JSON, strictly.
func throughJSON(t *rapid.T, d *Document) *Document {
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	out := &Document{}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(out); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return out
}

func TestParseErrorsNameTheirLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		line int
		why  string
	}{
		{"", 1, "there is no program"},
		{"# nothing\nearn 1 point", 2, "a program begins with the word program"},
		{"program", 1, "a program wants at least one rule"},
		{`program "A`, 1, "closing quotes"},
		{"program\n  win 1 point", 2, "a rule begins with earn"},
		{"program\n  earn 0 points", 2, "not a whole number above zero"},
		{"program\n  earn 1.5 points", 2, "not a whole number above zero"},
		{"program\n  earn 1 point per 1.001 EUR", 2, "not an amount"},
		{"program\n  earn 1 point per 1.00 USD", 2, "the shop's currency is EUR"},
		{"program\n  earn 1 point per 1.00", 2, "the shop's currency is EUR"},
		{"program\n\n  # more\n  earn 1 point on sundays", 4, "nothing that a rule answers to"},
		{"program\n  earn 1 point, from 5.00 EUR, on sign-up", 2, "on sign-up has no order to look at"},
		{"program\n  earn 1 point per item on sign-up", 2, "on sign-up gives a fixed amount"},
		{"program\n  stamp 1 per 1.00 EUR", 2, "a stamp is given per item"},
		{"program\n  refer uncle 5 points", 2, "refer rewards the friend or the referrer"},
		{"program\n  refer friend 5 points, friend 3 points", 2, "twice"},
		{"program\n  refer friend 5 stamps", 2, "a referral gives points, money"},
		{"program\n  exchange 5 stamps for gold", 2, "is not a reward"},
		{"program\n  exchange 5 stamps for product voucher of", 2, "names its article"},
		{"program\n  exchange 5 points for cash voucher of 1.00 EUR, valid 2 weeks", 2, "valid for days or months"},
		{"program\n  exchange 5 points for cash voucher of 1.00 EUR, on sign-up", 2, "an exchange happens when enough is there"},
		{"program\n  exchange 5 points for cash voucher of 1.00 EUR, of MUG", 2, "an exchange has no order to look at"},
		{"program\n  earn 1 point of MU\"G TEA", 2, "quotes hold whole words"},
		{"program\n  earn 1 point, at most 5 stamps per month", 2, "a cap in units wants"},
		{"program\n  earn 1 point, at most 5 rewards per order", 2, "a cap per order is in units"},
		{"program\n  earn 1 point, at most 5 rewards per week", 2, "a cap holds per order"},
		{"program\n  earn 1 point, after 40000 days", 2, "more than a hundred years"},
		{"program\n  earn 1 point, valid until the end of the week", 2, "value ends with the month"},
		{"program\n  earn 1 point, valid 3 weeks", 2, "valid for days or months"},
		{"program\n  earn 1 point of", 2, "expected at least one article"},
		{"program\n  a: earn 1 point\n  a: earn 2 points", 3, "two rules are named"},
		{"program\n  starts tomorrow\n  earn 1 point", 2, "neither a day"},
		{"program\n  ends 2026-01-01 or so\n  earn 1 point", 2, "did not expect"},
		{"program\n  starts 2026-02-01\n  ends 2026-01-31\n  earn 1 point", 1, "ends before it starts"},
		{"program earn 1 point\nprogram earn 1 pint", 2, "shop's currency"},
		{"programme earn 1 point", 1, "begins with the word program"},
	} {
		_, err := ParseFile(tt.text, setting(t))
		p, ok := errors.AsType[*ParseError](err)
		if !ok || p.Line != tt.line || !strings.Contains(p.Why, tt.why) {
			t.Errorf("%q\n gave %v\n want line %d: … %s …", tt.text, err, tt.line, tt.why)
		}
	}
}

// TestParseErrorsOfOneRule holds each thing that a single rule or line can say wrongly.
func TestParseErrorsOfOneRule(t *testing.T) {
	t.Parallel()
	const order, exchange = "earn 1 point, ", "exchange 5 points for gift Mug, "
	for _, tt := range []struct{ rule, why string }{
		{"referral window 0 days", "not a whole number above zero"},
		{"referral window 2 weeks", `expected "days"`},
		{"referral expires after 40000 days", "more than a hundred years"},
		{"referral held from score high", "not a whole number above zero"},
		{"referral forever", "a rule begins with earn, stamp"},
		{"at most 10 points per month", "a program's cap is in rewards"},
		{"at most 10 rewards per order", "a program's cap is in rewards"},
		{"at most 10 rewards", "a cap holds per order"},
		{"budget 10 uses per week", "a budget holds per day"},
		{"budget lots", "is not an amount"},
		{"earn choice of gift Mug", "a choice is between two or more"},
		{"earn choice of gift Mug or 1 point per item", "a choice is between two or more"},
		{"earn choice of gift Mug or 3 stamps", "a choice is between two or more"},
		{"earn choice of gift Mug or choice of 1 point or 2.00 EUR", "a choice is between two or more"},
		{"earn gift", "a gift has a name"},
		{"earn gift Mug per 1.00 EUR", "vouchers and gifts are given per item or per order"},
		{"earn cash voucher of 1.00 EUR per 1.00 EUR", "vouchers and gifts are given per item or per order"},
		{"earn choice of gift Mug or 1.00 EUR per item, on sign-up", "a choice is between"},
		{"earn gold", "is not a reward"},
		{"earn 5 % in USD", `expected "in EUR"`},
		{"earn 101 % in EUR", "not a number between 0.01 and 100.00"},
		{"earn 0 % in EUR", "not a number between"},
		{"earn gold voucher of 1 MUG", "expected a product, category, cash or special voucher"},
		{"earn cash voucher 1.00 EUR", `expected "of"`},
		{"earn cash voucher of 101 %", "not a number between"},
		{"earn product voucher of 1 MUG at 50 %", "a product voucher is for free units"},
		{"earn category voucher of 1 teas at 50", `expected "%"`},
		{"earn 1 point per 0 items", "not a whole number above zero"},
		{"earn 1.5 points", "not a whole number above zero"},
		{"multiply gold by 2", "multiply points, stamps or EUR"},
		{"multiply points 2", `expected "by"`},
		{"multiply points by 101", "not a number between"},
		{"multiply points by 2, on sign-up", "a multiplier only says on which orders"},
		{"multiply points by 2, on first order", "a multiplier only says"},
		{"multiply points by 2, at most 3 rewards per day", "a multiplier only says"},
		{"multiply points by 2, valid 3 days", "a multiplier only says"},
		{"multiply points by 2, exclusive", "multiply is never exclusive"},
		{"exchange 5 points", `expected "for"`},
		{"exchange 5 points for 1 stamp per item", "an exchange gives a fixed amount"},
		{exchange + "exclusive in a", "exchange is never exclusive"},
		{exchange + "once", "an exchange has no order to look at"},
		{exchange + "after 3 days", "an exchange has no order to look at"},
		{exchange + "with code A", "an exchange has no order to look at"},
		{exchange + "round up", "an exchange has no order to look at"},
		{exchange + "last", "an exchange has no order to look at"},
		{order + "when asked", "only an exchange is made when asked"},
		{order + "on dancing", "is nothing that a rule answers to"},
		{order + "on each dance", "is nothing that a rule answers to"},
		{order + "on order 0", "not a whole number above zero"},
		{order + "on every order", "not a whole number above zero"},
		{order + "on event", "an event has a name"},
		{order + "on step", "an event has a name"},
		{order + "on reaching lots", "is not an amount"},
		{order + "on orders of 5.00 EUR", `expected "together"`},
		{order + "on orders of 5.00 EUR together, once", "orders counted together reward once"},
		{order + "on orders of 5.00 EUR together, on sign-up", "orders counted together reward once"},
		{order + "every 3 rewards", `expected "times"`},
		{order + "on sign-up, every 2 times", "on sign-up comes once, or each time"},
		{order + "on birthday, time 2", "on birthday comes once, or each time"},
		{order + "on reaching 5 points, every 2 times", "comes once, or each time"},
		{order + "on validated referral", "rewards friend or referrer: write refer"},
		{order + "on invitation", "rewards friend or referrer: write refer"},
		{"refer friend 1 point on birthday", "refer does not work on birthday"},
		{"refer friend 1 point on cart update", "refer does not work on cart update"},
		{"refer friend 1 point on voucher use", "refer does not work"},
		{order + "by a buyer", "only refer asks"},
		{"earn 1 point per item on birthday", "on birthday gives a fixed amount"},
		{order + "on portal activation, of MUG", "on portal activation has no order to look at"},
		{order + "on newsletter, before tax", "on newsletter has no order to look at"},
		{order + "from 0.00 EUR", "is not an amount"},
		{order + "from 0 items", "not a whole number above zero"},
		{order + "from basket of many", "is not an amount"},
		{order + "of attributes brand", "an attribute is written name=value"},
		{order + "of brand=Acme MUG", "an attribute is written name=value"},
		{order + "where gold", "an attribute is written name=value"},
		{order + "where", "expected at least one attribute"},
		{order + "in channel", "expected at least one channel"},
		{order + "at site", "expected at least one site"},
		{order + "for group , last", "expected at least one group"},
		{order + "for segment", "expected at least one segment"},
		{order + "with code", "expected at least one code"},
		{order + "between 2026-03-02 and 2026-03-01", "the time ends before it begins"},
		{order + "between 2026-03-02", `expected "and"`},
		{order + "weekdays monday", "weekdays are mon tue"},
		{order + "weekdays mon mon", "each once"},
		{order + "hours 9 to 17", "is not a time of day"},
		{order + "hours 09:00 to 09:00", "begin and end at the same time"},
		{order + "hours 09:00", `expected "to"`},
		{order + "within a month", "not a whole number above zero"},
		{order + "round off", "rounded down, nearest or up"},
		{order + "round up to 0", "not a whole number above zero"},
		{order + "priority 0", "not a whole number above zero"},
		{order + "priority 1000001", "a priority is at most"},
		{order + "exclusive in", "an exclusive group has a name"},
		{order + `exclusive in "*"`, "an exclusive group has a name"},
		{order + "worth 5 points", "the shop's currency is EUR"},
		{order + "budget 5.00 EUR", "add worth 0.01 EUR"},
		{"earn gift Mug, budget 5.00 EUR", "add worth 0.01 EUR"},
		{order + "budget 5 uses, budget 6 uses", "there is one budget in uses"},
		{order + "budget 5 uses, budget 6.00 EUR per day, worth 1.00 EUR", "have the same period"},
		{"refer friend 5 points, referrer 5 points, at most 5 points ever", "a cap in units wants"},
		{order + "at most 5 points", "a cap holds per order"},
		{order + "on first order, once", "the rule says twice: once"},
		{order + "once, on order 3", "the rule says twice: on order 3"},
		{order + "on sign-up, on newsletter", "the rule says twice: on newsletter"},
		{order + "from 5.00 EUR, from 6.00 EUR", "the rule says twice: from 6.00 EUR"},
		{order + "in channel web, in channel app", "the rule says twice: in channel app"},
		{order + "valid 3 days, valid until 2026-12-31", "the rule says twice: valid"},
		{"discount", "is not an amount"},
		{"discount 10 points", "the shop's currency is EUR"},
		{"discount 0 %", "not a number between 0.01 and 100.00"},
		{"discount 101 %", "not a number between 0.01 and 100.00"},
		{"discount 5.00 USD", "the shop's currency is EUR"},
		{"discount 1 free", "free units are so many of one article"},
		{"discount 1 free , when chosen", "free units are so many of one article"},
		{"discount 2000000000 free MUG", "free units are so many of one article"},
		{"discount 0 free MUG", "not a whole number above zero"},
		{"discount 50 % on the cheapest of 1", "the cheapest is one of two or more"},
		{"discount 50 % on the dearest", "is nothing that a rule answers to"},
		{"discount 5.00 EUR on the cheapest", "is nothing that a rule answers to"},
		{"discount 5.00 EUR per unit on delivery", "is nothing that a rule answers to"},
		{"discount 10 %, on sign-up", "discount looks at the cart at hand"},
		{"discount 10 %, on first order", "discount looks at the cart at hand"},
		{"discount 10 %, once", "discount looks at the cart at hand"},
		{"discount 10 %, when asked", "only an exchange is made when asked"},
		{"pay with EUR, every 3 times", "pay looks at the cart at hand"},
		{"discount 10 %, after 3 days", "discount takes effect at once"},
		{"discount 10 %, valid 3 days", "discount takes effect at once"},
		{"discount 10 %, returns owed", "discount takes effect at once"},
		{"discount 10 %, returns absorbed", "discount takes effect at once"},
		{"discount 10 %, round down", "discount takes effect at once"},
		{"discount 10 %, before tax", "discount takes effect at once"},
		{"discount 10 %, where plan=gold", "a cart has no attributes to look at"},
		{"discount 10 %, by a buyer", "only refer asks"},
		{"discount 10 %, after discounts", "add from 20.00 EUR"},
		{"discount 10 %, worth 1.00 EUR", "only units that are added on top"},
		{"discount 10 %, as payment", "only pay with is a means of payment"},
		{"discount 10 %, at most 50 %", "only pay with is limited to a part"},
		{"discount 10 %, at most 5 points per day", "discount is limited in EUR"},
		{"discount 10 %, at most 5 rewards per order", "a cap per order is in units"},
		{"discount 1 free MUG on top, at most 5.00 EUR per day", "are limited in rewards"},
		{"discount 1 free MUG on top, budget 5.00 EUR", "add worth 0.01 EUR"},
		{"pay EUR", `expected "with"`},
		{"pay with gold", "points or EUR may pay"},
		{"pay with points", "pay with points, 100 points for 1.00 EUR"},
		{"pay with points, 1 for 0.01 EUR", "pay with points, 100 points for 1.00 EUR"},
		{"pay with points, 5 stamps for 0.01 EUR", "pay with points, 100 points for 1.00 EUR"},
		{"pay with points, 1.00 EUR for 1.00 EUR", "expected what points are worth"},
		{"pay with points, 100 points", `expected "for"`},
		{"pay with points, 100 points for 3 stamps", "the shop's currency is EUR"},
		{"pay with EUR, at most 101 %", "not a number between"},
		{"pay with EUR, at most 50 %, at most 60 %", "the rule says twice: at most 60 %"},
		{"pay with EUR, at most 5.00 EUR ever, at most 6.00 EUR ever", "the rule says twice"},
		{"pay with EUR, exclusive", "it is not exclusive, last or chosen"},
		{"pay with EUR, last", "it is not exclusive, last or chosen"},
		{"pay with EUR, when chosen", "it is not exclusive, last or chosen"},
		{order + "when chosen", "only a discount is chosen"},
		{order + "from 5.00 EUR, after discounts", "only a discount is chosen"},
		{"multiply points by 2, when chosen", "only a discount is chosen"},
		{order + "tomorrow", "cannot read"},
		{order + "at once", "cannot read"},
	} {
		_, err := ParseFile("program\n  starts 2026-01-01\n  "+tt.rule, setting(t))
		p, ok := errors.AsType[*ParseError](err)
		if !ok || p.Line != 3 || !strings.Contains(p.Why, tt.why) {
			t.Errorf("%q\n gave %v\n want line 3: … %s …", tt.rule, err, tt.why)
		}
	}
	decimals := Setting{Currency: "EUR", Decimals: 2, PointDecimals: 2, Zone: setting(t).Zone}
	if _, err := ParseFile("program earn 0.123 points", decimals); err == nil || !strings.Contains(err.Error(), "at most 2 decimals") {
		t.Errorf("a third decimal of points gave %v", err)
	}
	long := "program\n" + strings.Repeat("  earn 1 point\n", MaxRules+1)
	if _, err := ParseFile(long, setting(t)); err == nil || !strings.Contains(err.Error(), "at most 1000 rules") {
		t.Errorf("%d rules gave %v", MaxRules+1, err)
	}
}

// FuzzParseFile holds that no text makes the parser panic, and that what it accepts can be
// written and read again.
func FuzzParseFile(f *testing.F) {
	f.Add("program \"A\" earn 1 point per 1.00 EUR, valid until 2026-01-01\n  refer friend 1 point, referrer 2.00 EUR")
	f.Add("program\n  stamp 1 per item of MUG\n  exchange 3 stamps for product voucher of 1 MUG, valid 10 days")
	f.Add("program \"B\"\n  budget 3 uses\n  earn 5 % in EUR, of brand=Acme, on every 2 orders, hours 22:00 to 02:00\n  multiply points by 1.5, weekdays sat\n  refer referrer 1 referral")
	f.Add("program\n  discount 50 % on the cheapest of 3, of MUG, at most 5.00 EUR per order, from 20.00 EUR, after discounts, when chosen\n  pay with points, 100 points for 1.00 EUR, at most 50 %, as payment")
	f.Add("program\n  earn choice of gift \"Mug\" by hand or 5 points, on orders of 3 items together, on each placed order, exclusive in a, last")
	f.Fuzz(func(t *testing.T, text string) {
		s := setting(t)
		once, err := ParseFile(text, s)
		if err != nil {
			return
		}
		for _, d := range once {
			twice, err := ParseFile(d.Text(s), s)
			if err != nil {
				t.Fatalf("%q is written as\n%s: %v", text, d.Text(s), err)
			}
			if !reflect.DeepEqual(d, twice[0]) {
				t.Fatalf("%q is written as\n%s\nwhich is another program:\n%+v\n%+v", text, d.Text(s), d, twice[0])
			}
		}
	})
}
