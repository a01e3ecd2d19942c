package decide

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/cart"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Checkout is what a cart comes to for somebody, or for nobody who is named: what programs,
// vouchers and units that pay would take, and what was asked for in vain.
type Checkout struct {
	Input   cart.Input
	Result  cart.Result
	Taken   []loyalty.Taken
	Refused []CartRefusal
}

// CartRefusal is a code, a chosen rule or a payment that a cart asks for and that gives
// nothing. Field is where the cart asks for it.
type CartRefusal struct {
	Field   string
	Name    string // the code, the rule or the unit
	Code    loyalty.Reason
	Figures map[string]string
}

// till gathers what a cart may have.
type till struct {
	*call
	m       *File // nil: nobody is named
	cart    *loyalty.Cart
	row     *loyalty.OrderRow
	asks    id.Cart // the cart's own hold, which does not stand in its way
	in      cart.Input
	rules   map[string]*rules.Compiled // by the key of the offer or the means
	taken   map[string]*loyalty.Voucher
	out     *Checkout
	known   []bool            // codes that some rule or voucher knows
	chose   []bool            // likewise of chosen rules
	told    []bool            // payments of which is said already why they pay nothing
	misfits map[string]misfit // by unit, of the rule that would have been asked first
}

// misfit is why a rule that lets a unit pay does not fit the cart.
type misfit struct {
	means   cart.Means
	why     loyalty.Reason
	figures map[string]string
}

// checkout evaluates a cart. It changes nothing.
func (c *call) checkout(m *File, k *loyalty.Cart, asks id.Cart) *Checkout {
	t := &till{
		call: c, m: m, cart: k, row: k.Row(), asks: asks, in: cart.Input{Cart: k}, out: &Checkout{},
		rules: map[string]*rules.Compiled{}, taken: map[string]*loyalty.Voucher{},
		known: make([]bool, len(k.Codes)), chose: make([]bool, len(k.Chosen)),
		told: make([]bool, len(k.Pay)), misfits: map[string]misfit{},
	}
	if m != nil && m.Member.State == loyalty.Blocked {
		t.nothing(loyalty.MemberIsBlocked)
	} else {
		t.programs()
		t.vouchers()
		t.means()
	}
	t.out.Input, t.out.Result = t.in, cart.Evaluate(t.in)
	t.takes()
	t.refusals()
	return t.out
}

// nothing refuses all that the cart asks for.
func (t *till) nothing(why loyalty.Reason) {
	for i, code := range t.cart.Codes {
		t.known[i] = true
		t.refuse("codes", i, code, why, nil)
	}
	for i, name := range t.cart.Chosen {
		t.chose[i] = true
		t.refuse("chosen", i, name, why, nil)
	}
	for i, p := range t.cart.Pay {
		t.told[i] = true
		t.refuse("pay", i, p.Unit, why, nil)
	}
}

func (t *till) refuse(list string, i int, name string, why loyalty.Reason, figures map[string]string) {
	t.out.Refused = append(t.out.Refused, CartRefusal{fmt.Sprintf("%s[%d]", list, i), name, why, figures})
}

// programs offers what the rules in force give in a cart. What a rule asks of the member,
// the place and the time is judged here; what it asks of the lines, by the evaluation.
func (t *till) programs() {
	k := t.judged()
	for _, p := range t.book.Programs {
		v := p.InForce(t.f.OccurredAt, t.now)
		if v == nil || p.PausedAt(t.f.OccurredAt, t.now) {
			continue
		}
		for _, r := range v.On(rules.OnCheckout) {
			asked := t.asked(r)
			if r.Pay != nil {
				t.payer(r, k)
				continue
			}
			why, figures := t.unfit(r, k)
			if why == "" {
				o := cart.OfferOfRule(r)
				o.Caps, o.Budgets = t.caps(r), t.budgets(r)
				t.rules[o.Key] = r
				t.in.Offers = append(t.in.Offers, o)
				continue
			}
			for _, a := range asked {
				t.refuse(a.list, a.i, a.name, why, figures)
			}
		}
	}
}

// judged is the cart as conditions look at it.
func (t *till) judged() *rules.Case {
	k := &rules.Case{
		At: t.f.OccurredAt, Zone: t.d.Shop.Zone, Order: t.row, Channel: t.cart.Channel, Site: t.cart.Site, Codes: t.cart.Codes,
		Chosen: t.cart.Chosen, Currency: t.d.Shop.Currency, Decimals: t.d.Shop.Decimals,
	}
	if t.m == nil {
		return k
	}
	k.Group, k.Since = t.m.Member.Group, t.m.Member.RegisteredAt
	k.Tags = make(map[string]bool, len(t.m.Tags))
	for tag, x := range t.m.Tags {
		k.Tags[tag] = x.On
	}
	return k
}

// unfit tells why a rule gives this cart nothing, whatever its lines.
func (t *till) unfit(r *rules.Compiled, k *rules.Case) (loyalty.Reason, map[string]string) {
	if i := r.JudgeCart(k); i >= 0 {
		return r.Refusal(i, k)
	}
	if t.m == nil && len(r.Caps) > 0 {
		return loyalty.ConditionNotMet, wants("member")
	}
	return "", nil
}

func wants(what string) map[string]string { return map[string]string{"which": what} }

// asking is where a cart asks for a rule: by a code of its, or by its name.
type asking struct {
	list, name string
	i          int
}

// asked lists where the cart asks for a rule, and notes that what it asks for exists.
func (t *till) asked(r *rules.Compiled) (out []asking) {
	for i, code := range t.cart.Codes {
		if slices.ContainsFunc(r.When.Codes, func(s string) bool { return loyalty.SameCode(s, code) }) {
			t.known[i] = true
			out = append(out, asking{"codes", code, i})
		}
	}
	for i, name := range t.cart.Chosen {
		if r.ChosenBy(name) {
			t.chose[i] = true
			out = append(out, asking{"chosen", name, i})
		}
	}
	return out
}

// caps are what is left of a rule's caps to the member.
func (t *till) caps(r *rules.Compiled) (out []cart.Limit) {
	for _, l := range r.Caps {
		name := t.capName(l, t.f.OccurredAt)
		used := t.d.HeldOf(capRef(r.Version.Program.ID, name), t.m.Member.ID, t.asks, t.now)
		if n := t.m.Counters[name]; n != nil {
			used += n.Used
		}
		out = append(out, cart.Limit{Name: capRef(r.Version.Program.ID, name), Left: max(0, l.Size-used), Uses: l.What == rules.Rewards})
	}
	return out
}

// budgets are what is left of a rule's budgets to everybody.
func (t *till) budgets(r *rules.Compiled) (out []cart.Limit) {
	for _, l := range r.Budgets {
		name := budgetName(r, l, t.f.OccurredAt, t.d.Shop)
		used := t.d.HeldOf(BudgetRef(name), id.Member{}, t.asks, t.now)
		if n := t.d.Budgets[name]; n != nil {
			used += n.Used
		}
		out = append(out, cart.Limit{Name: BudgetRef(name), Left: max(0, l.Size-used), Uses: l.What == rules.Uses})
	}
	return out
}

// vouchers offers what the typed codes stand for.
func (t *till) vouchers() {
	for i, code := range t.cart.Codes {
		v := t.d.Codes[code]
		if v == nil {
			continue
		}
		t.known[i] = true
		if t.taken[code] != nil {
			continue // the same code twice is one use
		}
		if why, figures := t.unusable(v, t.m, t.asks); why != "" {
			t.refuse("codes", i, code, why, figures)
			continue
		}
		t.taken[code] = v
		t.in.Offers = append(t.in.Offers, cart.OfferOf(v))
	}
}

// unusable tells why a voucher cannot be used once more; nobody may be named.
func (c *call) unusable(v *loyalty.Voucher, m *File, asks id.Cart) (loyalty.Reason, map[string]string) {
	at := c.f.OccurredAt
	switch {
	case v.Gone(c.now):
		return loyalty.CodeUnknown, nil
	case !v.Bearer() && (m == nil || m.Member.ID != v.Member):
		return loyalty.CodeNotYours, nil
	case v.Used >= v.UsesMax:
		return loyalty.CodeUsed, nil
	case v.Used+c.d.HeldOf(CodeRef(v.Code), v.Member, asks, c.now) >= v.UsesMax:
		return loyalty.CodeHeld, nil
	case v.State == loyalty.VoucherWaiting, at < v.StartsAt:
		return loyalty.CodeNotYetValid, nil
	case v.EndsAt(c.now) != 0 && at >= v.EndsAt(c.now):
		return loyalty.CodeExpired, nil
	}
	if v.Terms == nil || v.Terms.PerMember == 0 {
		return "", nil
	}
	if m == nil {
		return loyalty.ConditionNotMet, wants("member")
	}
	used := c.d.HeldOf(ownRef(v.Code), m.Member.ID, asks, c.now)
	if n := m.Counters[UsesName(v.Code)]; n != nil {
		used += n.Used
	}
	if used >= v.Terms.PerMember {
		return loyalty.CapReached, map[string]string{
			"what": rules.Uses, "cap": strconv.FormatInt(v.Terms.PerMember, 10), "used": strconv.FormatInt(used, 10), "period": "ever",
		}
	}
	return "", nil
}

// payer lets a unit pay by a program's rule, where the cart asks for it.
func (t *till) payer(r *rules.Compiled, k *rules.Case) {
	unit := ledger.Unit(r.Pay.Unit)
	if t.m == nil || !t.pays(unit) {
		return
	}
	x := cart.MeansOfRule(r)
	if why, figures := t.unfit(r, k); why != "" {
		first, known := t.misfits[r.Pay.Unit]
		if !known || cmp.Or(cmp.Compare(first.means.Priority, x.Priority), strings.Compare(x.Key, first.means.Key)) < 0 {
			t.misfits[r.Pay.Unit] = misfit{x, why, figures}
		}
		return
	}
	x.Available = max(0, t.spendable(t.m, t.m.Account(unit), t.asks, orderKey(t.cart.Name())))
	x.Caps, x.Budgets = t.caps(r), t.budgets(r)
	t.rules[x.Key] = r
	t.in.Means = append(t.in.Means, x)
}

func (t *till) pays(u ledger.Unit) bool {
	return slices.ContainsFunc(t.cart.Pay, func(p loyalty.Payment) bool { return ledger.Unit(p.Unit) == u })
}

// means lets money of the wallet pay one to one where no program in force says how.
func (t *till) means() {
	for i, p := range t.cart.Pay {
		if t.m == nil {
			t.told[i] = true
			t.refuse("pay", i, p.Unit, loyalty.ConditionNotMet, wants("member"))
			continue
		}
		if p.Unit != t.d.Shop.Currency || t.says(p.Unit) {
			continue
		}
		a := t.m.Account(ledger.Unit(p.Unit))
		x := cart.OwnMoney(p.Unit)
		x.Available = max(0, t.spendable(t.m, a, t.asks, orderKey(t.cart.Name())))
		t.in.Means = append(t.in.Means, x)
	}
}

// says tells whether some rule in force says how a unit pays.
func (t *till) says(unit string) bool {
	for _, p := range t.book.Programs {
		if v := p.InForce(t.f.OccurredAt, t.now); v != nil {
			if slices.ContainsFunc(v.On(rules.OnCheckout), func(r *rules.Compiled) bool { return r.Pay != nil && r.Pay.Unit == unit }) {
				return true
			}
		}
	}
	return false
}

// takes says what the cart takes, thing by thing.
func (t *till) takes() {
	r := &t.out.Result
	parts := sharesOf(r)
	for _, a := range r.Applied {
		o := &t.in.Offers[a.Offer]
		x := loyalty.Taken{
			Kind: loyalty.TakenProgram, Program: o.Program, Version: o.Version, Rule: o.Rule, Voucher: o.Voucher, Code: o.Code,
			Amount: a.Total, Free: a.Free,
		}
		if o.Code != "" {
			x.Kind = loyalty.TakenVoucher
		}
		x.Article = o.Discount.Article
		if v := t.taken[o.Code]; v != nil {
			x.Article = v.Article
		}
		for _, added := range a.Added {
			x.Added += added.Quantity
		}
		x.Lines, x.Delivery = parts.of[a.Key], parts.delivery[a.Key]
		t.out.Taken = append(t.out.Taken, x)
	}
	for _, p := range r.Payments {
		x := &t.in.Means[p.Means]
		y := loyalty.Taken{
			Kind: loyalty.TakenUnits, Program: x.Program, Version: x.Version, Rule: x.Rule, Unit: ledger.Unit(p.Unit), Units: p.Units,
			Amount: p.Amount, Pays: p.AsPayment,
		}
		y.Lines, y.Delivery = parts.of[p.Key], parts.delivery[p.Key]
		t.out.Taken = append(t.out.Taken, y)
	}
}

// shares are what everything takes of each line and of the delivery, by its key; none for
// what takes nothing of any line.
type shares struct {
	of       map[string][]int64
	delivery map[string]int64
}

func sharesOf(r *cart.Result) shares {
	out := shares{make(map[string][]int64, len(r.Applied)+len(r.Payments)), map[string]int64{}}
	for i := range r.Lines {
		for _, p := range r.Lines[i].Parts {
			list := out.of[p.By]
			if list == nil {
				list = make([]int64, len(r.Lines))
				out.of[p.By] = list
			}
			list[i] += p.Amount
		}
	}
	for _, p := range r.Delivery.Parts {
		out.delivery[p.By] += p.Amount
	}
	return out
}

// refusals adds what the evaluation refused of what the cart asked for, and what nothing
// knows.
func (t *till) refusals() {
	for _, r := range t.out.Result.Refused {
		figures := t.figures(&r)
		if r.Offer < 0 {
			if no, ok := t.misfits[r.Unit]; ok && r.Key == "" { // no rule that fits lets it pay
				r.Code, figures = no.why, no.figures
			}
			for i, p := range t.cart.Pay {
				if p.Unit == r.Unit && !t.told[i] {
					t.refuse("pay", i, p.Unit, r.Code, figures)
				}
			}
			continue
		}
		o := &t.in.Offers[r.Offer]
		if o.Code != "" {
			if i := slices.Index(t.cart.Codes, o.Code); i >= 0 {
				t.refuse("codes", i, o.Code, r.Code, figures)
			}
			continue
		}
		for _, a := range t.asked(t.rules[o.Key]) {
			t.refuse(a.list, a.i, a.name, r.Code, figures)
		}
	}
	for i, code := range t.cart.Codes {
		if !t.known[i] {
			t.refuse("codes", i, code, loyalty.CodeUnknown, nil)
		}
	}
	for i, name := range t.cart.Chosen {
		if !t.chose[i] {
			t.refuse("chosen", i, name, loyalty.ConditionNotMet, wants("chosen"))
		}
	}
	slices.SortStableFunc(t.out.Refused, byField)
}

// byField puts fields in the order of their lists and of the places in them.
func byField(a, b CartRefusal) int {
	x, n, _ := strings.Cut(a.Field, "[")
	y, m, _ := strings.Cut(b.Field, "[")
	return cmp.Or(strings.Compare(x, y), cmp.Compare(len(n), len(m)), strings.Compare(n, m)) // the shorter number is the lower one
}

// figures words the numbers of a refusal: plain decimals of what they measure.
func (t *till) figures(r *cart.Refusal) map[string]string {
	out := map[string]string{}
	if r.Which != "" {
		out["which"] = r.Which
	}
	if r.What == "" {
		return out
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	switch r.What {
	case cart.OfMinimum, cart.OfBasket, cart.OfMoney:
		out["currency"] = t.d.Shop.Currency
		number = func(n int64) string { return t.text(ledger.Unit(t.d.Shop.Currency), n) }
	case cart.OfBalance:
		if r.Unit == t.d.Shop.Currency {
			out["currency"] = r.Unit
		}
		number = func(n int64) string { return t.text(ledger.Unit(r.Unit), n) }
	}
	out["need"], out["got"] = number(r.Need), number(r.Got)
	return out
}
