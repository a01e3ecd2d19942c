// Package rulestest draws programs at random, as people may write them: every head, every
// trigger and every clause of the language, in combinations that the parser accepts. It is
// for the properties that tests of other packages hold.
//
// It draws texts in euros for a shop whose points are whole, and knows nothing of what they
// mean.
package rulestest

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// Program draws the text of one program.
func Program(t *rapid.T) string {
	d := drawing{t}
	lines := []string{`program "` + d.one("Spring", "Spring, & # 1 more", "Carte de fidélité") + `"`}
	maybe := func(line string) {
		if d.yes() {
			lines = append(lines, line)
		}
	}
	maybe("starts " + d.one("2026-03-01", "2026-03-01T09:00"))
	maybe("ends " + d.one("2026-05-31", "2026-05-31T18:30"))
	maybe("referral window " + d.days())
	maybe("referral last touch")
	maybe("referral expires after " + d.days())
	maybe("referral of buyers too")
	maybe("referral of members too")
	maybe(fmt.Sprintf("referral held from score %d", d.n(1, 200)))
	maybe(fmt.Sprintf("at most %d rewards %s", d.n(1, 50), d.one("per day", "per month", "per year", "ever")))
	maybe("budget " + d.one("1 use", "1000 uses per month", "500.00 EUR per year"))
	for n := range d.n(1, 4) {
		lines = append(lines, fmt.Sprintf("rule%d: %s", n, strings.Join(d.rule(), ", ")))
	}
	return strings.Join(lines, "\n  ") + "\n"
}

type drawing struct{ t *rapid.T }

func (d drawing) yes() bool             { return rapid.IntRange(0, 2).Draw(d.t, "yes") == 0 }
func (d drawing) n(least, most int) int { return rapid.IntRange(least, most).Draw(d.t, "n") }
func (d drawing) one(of ...string) string {
	return rapid.SampledFrom(of).Draw(d.t, "one")
}

func (d drawing) days() string { return fmt.Sprintf("%d days", d.n(1, 400)) }

func (d drawing) money() string {
	c := d.n(1, 99_999)
	return fmt.Sprintf("%d.%02d EUR", c/100, c%100)
}

func (d drawing) quantity() string {
	if d.yes() {
		return d.money()
	}
	return fmt.Sprintf("%d points", d.n(1, 9_999))
}

// thing is a fixed reward.
func (d drawing) thing() string {
	switch d.n(0, 3) {
	case 0:
		return d.one(
			"product voucher of MUG", "product voucher of 3 MUG", `category voucher of 2 "hot drinks"`, "category voucher of 1 teas at 50 %",
			"cash voucher of 5.00 EUR", "cash voucher of 12.5 %", "special voucher of 5.00 EUR", "special voucher of 10 %",
		)
	case 1:
		return d.one("gift Mug", "gift Mug by hand", `gift "Tea cup" by hand`)
	}
	return d.quantity()
}

func (d drawing) reward() string {
	if d.yes() {
		return "choice of " + d.thing() + " or " + d.thing()
	}
	return d.thing()
}

// rule draws a head with clauses in any order.
func (d drawing) rule() []string {
	switch d.n(0, 8) {
	case 7:
		return d.discount()
	case 8:
		return d.pay()
	case 0, 1:
		return d.order("earn "+d.one(
			d.quantity()+d.one("", " per item", " per 3 items", " per 1.00 EUR", " per 12.34 EUR"), "1 point per 1.00 EUR", "2.5 % in EUR", d.reward(),
		), false)
	case 2:
		return d.order(fmt.Sprintf("stamp %d%s", d.n(1, 9), d.one("", " per item", " per 2 items")), false)
	case 3:
		return d.order("refer "+d.both(), true)
	case 4:
		return d.event()
	case 5:
		return d.exchange()
	}
	out := []string{"multiply " + d.one("points", "stamps", "EUR") + " by " + d.one("2", "1.5", "0.25")}
	d.maybe(&out, d.one("on each placed order", "on each fulfilled order", "on cart update"))
	d.lines(&out)
	d.whoMay(&out, true)
	return d.shuffled(out)
}

// discount is a rule about the cart at hand.
func (d drawing) discount() []string {
	out := []string{"discount " + d.one(
		"10 %", "12.5 % on the cheapest", "100 % on the cheapest of 3", "50 % on delivery", d.money(), d.money()+" per unit", d.money()+" per line",
		d.money()+" on delivery", "1 free MUG", `2 free "TEA CUP"`,
	)}
	if d.yes() {
		out[0] = "discount 1 free MUG on top"
		d.maybe(&out, "worth 2.50 EUR")
	} else {
		d.maybe(&out, "at most 10.00 EUR "+d.one("per order", "per day", "per month", "ever"))
		d.maybe(&out, "budget "+d.one("500.00 EUR", "500.00 EUR per month"))
	}
	if d.yes() {
		out = append(out, "from "+d.money())
		d.maybe(&out, "after discounts")
	}
	d.maybe(&out, "exclusive"+d.one("", " in sale"))
	d.maybe(&out, "last")
	d.maybe(&out, "when chosen")
	d.cart(&out)
	return d.shuffled(out)
}

// pay is a rule about what may pay in a cart.
func (d drawing) pay() []string {
	out := []string{"pay with " + d.one("EUR", "points, 100 points for 1.00 EUR", "points, 1 point for 0.05 EUR")}
	d.maybe(&out, "as payment")
	d.maybe(&out, "at most "+d.one("50 %", "12.5 %"))
	d.maybe(&out, "at most 20.00 EUR "+d.one("per order", "per year"))
	d.maybe(&out, "from "+d.money())
	d.cart(&out)
	return d.shuffled(out)
}

// cart are the clauses of every rule about the cart at hand.
func (d drawing) cart(out *[]string) {
	articles := func() string { return d.one("MUG", "category sale", "brand=Acme") }
	d.maybe(out, "of "+articles())
	d.maybe(out, "except "+articles())
	d.maybe(out, d.one("from 3 items", "from basket of 20.00 EUR", "from basket of 4 items"))
	d.maybe(out, "with code "+d.one("SPRING5", "SPRING5 SUN"))
	d.whoMay(out, true)
	if !slices.ContainsFunc(*out, func(c string) bool { return strings.HasPrefix(c, "at most") && !strings.HasSuffix(c, "%") }) {
		d.maybe(out, "at most "+d.one("1 reward per day", "2 rewards ever"))
	}
	d.maybe(out, fmt.Sprintf("priority %d", d.n(1, 9)))
	if !slices.ContainsFunc(*out, func(c string) bool { return strings.HasPrefix(c, "budget") }) {
		d.maybe(out, "budget "+d.one("1 use", "25 uses per day"))
	}
}

func (d drawing) both() string {
	friend, referrer := "friend "+d.reward(), "referrer "+d.one(d.reward(), "1 referral")
	return d.one(friend+", "+referrer, friend, referrer)
}

func (d drawing) maybe(out *[]string, clause string) {
	if d.yes() {
		*out = append(*out, clause)
	}
}

// shuffled keeps the head and draws an order of the clauses.
func (d drawing) shuffled(clauses []string) []string {
	rest := slices.Clone(clauses[1:])
	if len(rest) > 1 {
		rest = rapid.Permutation(rest).Draw(d.t, "order")
	}
	return append(clauses[:1:1], rest...)
}

// order is a rule that answers to orders.
func (d drawing) order(head string, refer bool) []string {
	out := []string{head}
	switch d.n(0, 3) {
	case 0:
		out = append(out, "on "+d.one("", "very ")+"first"+d.one("", " placed", " fulfilled")+" order")
	case 1:
		out = append(out, d.one("on order 3", "on placed order 2", "on every 5 orders", "on every 1 orders", "on every 2 fulfilled orders"))
	case 2:
		out = append(out, d.one("on orders of 100.00 EUR together", "on orders of 12 items together", "on each placed order"))
	default:
		d.maybe(&out, "once")
	}
	d.lines(&out)
	d.maybe(&out, "from "+d.money())
	d.maybe(&out, d.one("from 3 items", "from 1 item"))
	d.maybe(&out, "from basket of "+d.money())
	d.maybe(&out, "from basket of 4 items")
	d.maybe(&out, "with code "+d.one("SPRING5", "SPRING5 SUN"))
	d.terms(&out, true)
	if strings.HasPrefix(head, "stamp") && d.yes() {
		inStamps(out)
	}
	d.maybe(&out, "round "+d.one("down", "nearest", "up", "nearest to 5", "down to 10"))
	if refer {
		d.maybe(&out, "by a buyer")
	}
	return d.shuffled(out)
}

// inStamps makes a cap in rewards one in stamps.
func inStamps(clauses []string) {
	for i, c := range clauses {
		if strings.HasPrefix(c, "at most") {
			clauses[i] = strings.Replace(c, "rewards", "stamps", 1)
		}
	}
}

// lines says which lines count, and what of them.
func (d drawing) lines(out *[]string) {
	articles := func() string {
		return d.one("MUG", "TEA CUP", "articles MUG", "category sale", `categories "hot drinks" teas`, "brand=Acme", "attributes brand=Acme size=L")
	}
	d.maybe(out, "of "+articles())
	d.maybe(out, "except "+articles())
	d.maybe(out, d.one("before tax", "before discounts", "with delivery", "with rewards", "without gift cards"))
}

// terms are the clauses of every rule that gives something.
func (d drawing) terms(out *[]string, placed bool) {
	d.whoMay(out, placed)
	d.maybe(out, "after "+d.days())
	d.valid(out)
	d.maybe(out, fmt.Sprintf("at most %d rewards %s", d.n(1, 9), d.one("per day", "per month", "per year", "ever")))
	uses, worth := []string{"1 use", "25 uses per day"}, d.yes()
	if worth { // what is worth something may have a budget in money
		*out = append(*out, "worth "+d.one("0.01 EUR", "0.05 EUR"))
		uses = append(uses, "20.00 EUR per day", "500.00 EUR per day")
	}
	d.maybe(out, "budget "+d.one(uses...))
	d.maybe(out, d.one("returns absorbed", "returns owed"))
	d.maybe(out, fmt.Sprintf("priority %d", d.n(1, 9)))
	d.maybe(out, d.one("exclusive", "exclusive in sale", "last"))
}

func (d drawing) valid(out *[]string) {
	d.maybe(out, "valid "+d.one(
		"30 days", "1 day", "1 month", "12 months", "until the end of the month", "until the end of the quarter",
		"until the end of the half-year", "until the end of the year", "until 2026-12-31", "until 2026-12-31T18:30",
	))
}

// whoMay says where, when and for whom a rule holds; not all that happens has a place.
func (d drawing) whoMay(out *[]string, placed bool) {
	if placed {
		d.maybe(out, "in channel "+d.one("web", "web app"))
		d.maybe(out, "at site "+d.one("lyon", "lyon paris"))
	}
	d.maybe(out, "for group "+d.one("gold", "gold staff"))
	d.maybe(out, "for segment "+d.one("vip", "vip new"))
	d.maybe(out, "between 2026-03-01 and "+d.one("2026-03-31", "2026-03-31T12:00"))
	d.maybe(out, "weekdays "+d.one("mon", "sat sun", "sun mon tue"))
	d.maybe(out, "hours "+d.one("17:00 to 19:00", "22:00 to 06:00"))
	d.maybe(out, "within "+d.days())
}

// event is a rule that answers to something else than an order.
func (d drawing) event() []string {
	if d.yes() {
		on := d.one(
			"sign-up", "invitation", "link click", "validated referral", "portal activation", "newsletter", `event "signed up"`, "step welcome",
		)
		out := []string{"refer " + d.both(), "on " + on}
		d.terms(&out, placed(on))
		d.maybe(&out, "by a buyer")
		return d.shuffled(out)
	}
	on := d.one(
		"sign-up", "link click", "gift claim", "gift shipping", "voucher use", "portal activation", "newsletter", "birthday",
		`event "filled in"`, "step survey", "reaching 5 referrals", "reaching 1 referral", "reaching 1000 points", "reaching 10 stamps",
		"reaching 250.00 EUR",
	)
	out := []string{"earn " + d.reward(), "on " + on}
	switch {
	case !slices.Contains([]string{"sign-up", "birthday"}, on) && !strings.HasPrefix(on, "reaching"):
		d.maybe(&out, d.one("every 3 times", "every 1 times", "time 2", "once"))
	default:
		d.maybe(&out, "once")
	}
	if strings.HasPrefix(on, "event") {
		d.maybe(&out, "where "+d.one("plan=gold", "plan=gold size=L"))
	}
	d.terms(&out, placed(on))
	return d.shuffled(out)
}

// placed tells whether what happened has a channel and a site.
func placed(on string) bool {
	word, _, _ := strings.Cut(on, " ")
	return slices.Contains([]string{"sign-up", "portal", "newsletter", "voucher", "step", "event"}, word)
}

func (d drawing) exchange() []string {
	out := []string{"exchange " + d.one("10 stamps", "1 stamp", "100 points", "20.00 EUR", "3 referrals") + " for " + d.reward()}
	d.whoMay(&out, false)
	d.valid(&out)
	d.maybe(&out, "when asked")
	d.maybe(&out, "at most 2 rewards per month")
	d.maybe(&out, "budget 25 uses per day")
	return d.shuffled(out)
}
