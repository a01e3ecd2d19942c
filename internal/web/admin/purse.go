package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// What a wallet is for: what its units are worth in a cart, how long they last, what they are
// exchanged for. All of it is said by programs; this page reads them together, and publishes
// their next versions.

// Ways in which a unit pays in a cart.
const (
	paysNot     = "off"
	paysPrice   = "price"   // lowers what is to pay, with its tax
	paysPayment = "payment" // like cash
)

// purse is the page.
type purse struct {
	pays  []pursePay
	lasts []purseLast
	swaps []purseSwap
	gifts []purseGifts
	names *form // what points are called
	langs []string
}

// pursePay is how a unit pays in a cart.
type pursePay struct {
	Unit    string
	Program *programs.Program // nil: none says so
	Rule    *rules.Rule
	More    []*programs.Program // that say so, too
	Later   moment.Time         // another version begins then: it is changed there
	form    *form
}

// purseLast is how long what a program gives lasts.
type purseLast struct {
	*programs.Program
	Units []string // that it gives
	Valid []string // in words; several where its rules differ
	Later moment.Time
	form  *form
}

// purseSwap is something that units are exchanged for.
type purseSwap struct {
	*programs.Program
	Text string
}

// purseGifts is what the catalogue has for a unit.
type purseGifts struct {
	Unit  string
	N     int64
	Least int64 // the lowest price
}

// standing is the version of a program that holds, or does in a moment; false where none does.
func (v *visit) standing(p *programs.Program) (x programs.Version, later moment.Time, ok bool) {
	x = p.Newest()
	if x.State == programs.Scheduled && x.StartsAt > v.now()+2*programs.Ahead {
		later = x.StartsAt
		x = p.Present()
	}
	ok = x.Document != nil && x.State != programs.Withdrawn && x.State != programs.Ended && (x.EndsAt == 0 || x.EndsAt > v.now()+2*programs.Ahead)
	return x, later, ok
}

// purseUnits are what a wallet holds that can pay.
func (v *visit) purseUnits() []string { return []string{inPoints, v.shop.Currency} }

// payRule finds the rule of a document by which a unit pays; -1 where none does.
func payRule(d *rules.Document, unit string) int {
	return slices.IndexFunc(d.Rules, func(r rules.Rule) bool { return r.Pay != nil && r.Pay.Unit == unit })
}

func (v *visit) payOf(list []programs.Program, unit string) pursePay {
	out := pursePay{Unit: unit}
	for i := range list {
		x, later, ok := v.standing(&list[i])
		if !ok {
			continue
		}
		at := payRule(x.Document, unit)
		switch {
		case at < 0:
		case out.Program == nil:
			out.Program, out.Rule, out.Later = &list[i], &x.Document.Rules[at], later
		default:
			out.More = append(out.More, &list[i])
		}
	}
	return out
}

// payForm fills the form with how a unit pays now.
func (v *visit) payForm(x *pursePay) *form {
	f := v.blank("mode", paysNot)
	if x.Unit != inPoints { // money of the wallet pays one to one where nothing is said
		f.values["mode"] = paysPrice
	}
	if x.Rule == nil {
		return f
	}
	p := x.Rule.Pay
	if f.values["mode"] = paysPrice; p.AsPayment {
		f.values["mode"] = paysPayment
	}
	f.values["amount"], f.values["worth"] = v.figureText(p.Amount, v.shop.PointDecimals), v.figureText(p.Worth, v.shop.Decimals)
	f.values["share"], f.values["minimum"] = v.figureText(p.Share, 2), v.figureText(x.Rule.When.Minimum, v.shop.Decimals)
	return f
}

// lastingRule tells whether a rule gives units of a wallet, which may end.
func (v *visit) lastingRule(r *rules.Rule) (units []string) {
	if r.Trigger == rules.OnCheckout {
		return nil
	}
	for _, g := range r.Gives {
		if slices.Contains(v.purseUnits(), g.Unit) && !slices.Contains(units, g.Unit) {
			units = append(units, g.Unit)
		}
	}
	return units
}

func (v *visit) lastOf(p *programs.Program) (out purseLast, ok bool) {
	x, later, ok := v.standing(p)
	if !ok {
		return out, false
	}
	out = purseLast{Program: p, Later: later, form: v.blank()}
	var kept []rules.Expiry
	for i := range x.Document.Rules {
		r := &x.Document.Rules[i]
		for _, u := range v.lastingRule(r) {
			if !slices.Contains(out.Units, u) {
				out.Units = append(out.Units, u)
			}
			if !slices.Contains(kept, r.Expiry) {
				kept = append(kept, r.Expiry)
				out.Valid = append(out.Valid, v.validSaid(r.Expiry))
			}
		}
	}
	if len(kept) == 1 {
		fillValid(out.form, kept[0])
	}
	return out, len(out.Units) > 0
}

// validSaid says how long something lasts.
func (v *visit) validSaid(e rules.Expiry) string {
	switch e.Kind {
	case rules.ExpiryDays, rules.ExpiryMonths:
		return v.say.Count("admin.purse.valid.for."+e.Kind, int64(e.N))
	case rules.ExpiryPeriod:
		return v.t("admin.purse.valid.end-" + strconv.Itoa(e.N))
	case rules.ExpiryDate:
		return v.t("admin.gifts.season.until", "Until", v.say.Date(e.Date-1))
	}
	return v.t("admin.purse.valid.never")
}

// purseEnds are the ways in which a value ends.
var purseEnds = append([]string{"never"}, wizardEnds...)

func (v *visit) purseEndOptions() (out []option) {
	for _, x := range purseEnds {
		out = append(out, option{x, v.t("admin.purse.valid." + x)})
	}
	return out
}

func fillValid(f *form, e rules.Expiry) {
	f.values["kind"] = "never"
	switch e.Kind {
	case rules.ExpiryDays, rules.ExpiryMonths:
		f.values["kind"], f.values["n"] = e.Kind, strconv.Itoa(e.N)
	case rules.ExpiryPeriod:
		f.values["kind"] = "end-" + strconv.Itoa(e.N)
	}
}

// takeValid reads how long something is to last.
func (v *visit) takeValid(f *form) (e rules.Expiry) {
	kind := f.get("kind")
	switch {
	case !slices.Contains(purseEnds, kind):
		f.problem("kind", "unknown_value", "known", strings.Join(purseEnds, " "))
	case strings.HasPrefix(kind, "end-"):
		n, _ := strconv.Atoi(strings.TrimPrefix(kind, "end-"))
		e = rules.Expiry{Kind: rules.ExpiryPeriod, N: n}
	case kind != "never":
		n := v.counted(f, "n")
		if n == 0 && f.ok() {
			f.problem("n", "required")
		} else if n > longestValid {
			f.problem("n", "out_of_range", "min", "1", "max", strconv.Itoa(longestValid))
		}
		e = rules.Expiry{Kind: kind, N: int(min(n, longestValid))}
	}
	return e
}

// longestValid is for how many days or months something lasts at most.
const longestValid = 3_650

// pursePage shows what wallets are for.
func (v *visit) pursePage() error { return v.showPurse(http.StatusOK, nil) }

// showPurse shows the page; again (nil: none) is a form that was not taken.
func (v *visit) showPurse(status int, again *form) error {
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	page := &purse{}
	for _, unit := range v.purseUnits() {
		x := v.payOf(list, unit)
		if x.form = v.payForm(&x); again != nil && again.get("unit") == unit {
			x.form = again
		}
		page.pays = append(page.pays, x)
	}
	for i := range list {
		p := &list[i]
		if x, ok := v.lastOf(p); ok {
			if again != nil && again.get("program") == p.ID.String() {
				x.form = again
			}
			page.lasts = append(page.lasts, x)
		}
		page.swaps = append(page.swaps, v.swapsOf(p)...)
	}
	if page.gifts, err = v.giftsFor(); err != nil {
		return err
	}
	if page.langs, err = v.purseLanguages(); err != nil {
		return err
	}
	if page.names = v.namesForm(); again != nil && again.get("names") != "" {
		page.names = again
	}
	return v.show(status, purseView(v, page))
}

// swapsOf is what a program exchanges units of wallets for.
func (v *visit) swapsOf(p *programs.Program) (out []purseSwap) {
	x, _, ok := v.standing(p)
	if !ok {
		return nil
	}
	set := rules.SettingOf(v.shop)
	for i := range x.Document.Rules {
		r := &x.Document.Rules[i]
		if r.Trigger == rules.OnThreshold && slices.Contains(v.purseUnits(), cmp.Or(r.Unit, inPoints)) {
			one := *x.Document
			one.Rules = []rules.Rule{*r}
			for _, s := range stepsSaid(&one, set, v.say) {
				text := s.When
				for _, g := range s.Gets {
					text += " → " + g.What
				}
				out = append(out, purseSwap{p, text})
			}
		}
	}
	return out
}

// giftsFor counts what members may ask for in the catalogue now, by the unit that pays.
func (v *visit) giftsFor() (out []purseGifts, err error) {
	list, err := v.catalogue()
	if err != nil {
		return nil, err
	}
	now := v.now()
	for _, unit := range v.purseUnits() {
		x := purseGifts{Unit: unit}
		for _, g := range list {
			p, ok := g.Gift.Price(unit)
			if state := giftState(g, now); !ok || state != giftOn && state != giftOut {
				continue
			}
			if x.N++; x.Least == 0 || p.Amount < x.Least {
				x.Least = p.Amount
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// setPays says how a unit pays in carts: by the next version of the program that says so, or
// by a program of its own.
func (v *visit) setPays() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	unit := f.get("unit")
	if !slices.Contains(v.purseUnits(), unit) {
		return loyalty.NotFound("", "screen_unknown")
	}
	pay, least := v.takePay(f, unit)
	again := func() error { return v.showPurse(http.StatusUnprocessableEntity, f) }
	if !f.ok() {
		return again()
	}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	now := v.payOf(list, unit)
	if now.Later != 0 {
		f.problem("", "program_begins_later", "program", now.Program.Name)
		return again()
	}
	var d rules.Document
	switch {
	case now.Program == nil && pay == nil: // it does not pay, and is not to
		v.same = true
		return v.pursed()
	case now.Program == nil:
		d = v.payProgram(list, rules.Rule{Name: "pay", Trigger: rules.OnCheckout, Pay: pay, When: rules.Conditions{Minimum: least}})
	default:
		x, _, _ := v.standing(now.Program)
		d = *x.Document
		d.Rules = slices.Clone(d.Rules)
		if at := payRule(&d, unit); pay == nil {
			d.Rules = slices.Delete(d.Rules, at, at+1)
		} else {
			d.Rules[at].Pay, d.Rules[at].When.Minimum = pay, least
		}
		if len(d.Rules) == 0 { // nothing is left: the program ends
			d.Rules, d.Ends = x.Document.Rules, v.now()+programs.Ahead+moment.Second
		}
	}
	return v.publishPurse(f, &d, again)
}

// payProgram is a program of this page's own with a rule; one that ended is taken up again.
func (v *visit) payProgram(list []programs.Program, r rules.Rule) rules.Document {
	unit := v.t("admin.card.unit.points") // whatever they are called now
	if r.Pay.Unit != inPoints {
		unit = v.purseUnit(r.Pay.Unit)
	}
	d := rules.Document{Name: v.t("admin.purse.program", "Unit", unit)}
	for i := range list {
		if x, _, ok := v.standing(&list[i]); ok && list[i].Name == d.Name { // somebody made more of it
			d = *x.Document
		}
	}
	d.Rules = append(slices.Clone(d.Rules), r)
	return d
}

// takePay reads how a unit is to pay; nil: it is not to.
func (v *visit) takePay(f *form, unit string) (pay *rules.Pay, least int64) {
	mode := f.get("mode")
	if mode != paysPrice && mode != paysPayment && (mode != paysNot || unit != inPoints) {
		f.problem("mode", "unknown_value", "known", strings.Join([]string{paysPrice, paysPayment}, " "))
	}
	if mode == paysNot {
		return nil, 0
	}
	pay = &rules.Pay{Unit: unit, Amount: 1, Worth: 1, AsPayment: mode == paysPayment}
	if unit == inPoints {
		pay.Amount, pay.Worth = v.figure(f, "amount", v.shop.PointDecimals), v.figure(f, "worth", v.shop.Decimals)
		for name, n := range map[string]int64{"amount": pay.Amount, "worth": pay.Worth} {
			if n == 0 && f.wrong[name] == "" {
				f.problem(name, "required")
			}
		}
	}
	if pay.Share = v.figure(f, "share", 2); pay.Share > 100*100 {
		f.problem("share", "out_of_range", "min", "0", "max", "100")
	}
	if pay.Share == 100*100 {
		pay.Share = 0 // all of it
	}
	return pay, v.figure(f, "minimum", v.shop.Decimals)
}

// setLasts says how long what a program gives lasts: by its next version.
func (v *visit) setLasts() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	e := v.takeValid(f)
	again := func() error { return v.showPurse(http.StatusUnprocessableEntity, f) }
	if !f.ok() {
		return again()
	}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(p programs.Program) bool { return p.ID.String() == f.get("program") })
	if at < 0 {
		return loyalty.NotFound("program", "program_unknown")
	}
	x, later, ok := v.standing(&list[at])
	if !ok || later != 0 {
		f.problem("", "program_begins_later", "program", list[at].Name)
		return again()
	}
	d := *x.Document
	d.Rules = slices.Clone(d.Rules)
	for i := range d.Rules {
		if len(v.lastingRule(&d.Rules[i])) > 0 {
			d.Rules[i].Expiry = e
		}
	}
	return v.publishPurse(f, &d, again)
}

// publishPurse publishes what a form makes of a program. A form that was filled in before
// somebody else published is not taken.
func (v *visit) publishPurse(f *form, d *rules.Document, again func() error) error {
	d.Starts = 0
	said := programs.Said{Documents: []*rules.Document{d}, Field: "program"}
	try, err := v.Programs.Publish(v.ctx, v.shop.ID, said, true)
	if f.blame(err, "program=") {
		return again()
	}
	if err != nil {
		return err
	}
	if v.same = try[0].Outcome == programs.Unchanged; v.same {
		return v.pursed()
	}
	if base := f.get("base"); base != "" && base != strconv.Itoa(try[0].Version-1) {
		f.problem("", "program_changed_meanwhile", "program", d.Name)
		f.values["base"] = ""
		return again()
	}
	made, err := v.Programs.Publish(v.ctx, v.shop.ID, said, false)
	if f.blame(err, "program=") {
		return again()
	}
	if err != nil {
		return err
	}
	v.note("", "program", d.Name, "version", strconv.Itoa(made[0].Version))
	return v.pursed()
}

func (v *visit) pursed() error {
	v.tell("admin.purse.said", "")
	return v.redirect("/gifts/wallet")
}

// purseUnit is what a unit is called by itself.
func (v *visit) purseUnit(unit string) string {
	if unit == inPoints {
		return cmp.Or(v.say.Points(), v.t("admin.card.unit.points"))
	}
	return v.t("admin.purse.money", "Currency", v.say.Currency(unit))
}

// paySaid says how a unit pays, for who may not change it.
func (v *visit) paySaid(x *pursePay) (out []string) {
	switch {
	case x.Rule == nil && x.Unit == inPoints:
		return []string{v.t("admin.purse.pays.not")}
	case x.Rule == nil:
		return []string{v.t("admin.purse.pays.even")}
	}
	p := x.Rule.Pay
	if x.Unit == inPoints {
		out = append(out, v.t("admin.purse.worth_said", "Points", v.say.Units(ledger.Unit(x.Unit), p.Amount), "Money", v.money(p.Worth)))
	} else {
		out = append(out, v.t("admin.purse.pays.even"))
	}
	mode := paysPrice
	if p.AsPayment {
		mode = paysPayment
	}
	out = append(out, v.t("admin.purse.mode."+mode))
	if p.Share > 0 {
		out = append(out, v.t("admin.purse.share_said", "Share", v.figureText(p.Share, 2)))
	}
	if n := x.Rule.When.Minimum; n > 0 {
		out = append(out, v.t("admin.purse.minimum_said", "Amount", v.money(n)))
	}
	return out
}

// payOptions are the ways in which a unit may pay.
func (v *visit) payOptions(unit string) (out []option) {
	for _, m := range []string{paysNot, paysPrice, paysPayment} {
		if m != paysNot || unit == inPoints {
			out = append(out, option{m, v.t("admin.purse.mode." + m)})
		}
	}
	return out
}

// base is the version that a form is filled in from.
func (v *visit) base(p *programs.Program) string {
	if p == nil {
		return ""
	}
	x, _, _ := v.standing(p)
	return strconv.Itoa(x.N)
}

// said are the mistakes of a form in words, in the order in which they were found.
func (f *form) said() (out []string) {
	for _, name := range f.order {
		out = append(out, f.wrong[name])
	}
	return out
}

// purseLanguages are those of the members' pages.
func (v *visit) purseLanguages() ([]string, error) {
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	return p.Languages, nil
}

// namesForm fills the form with what points are called now.
func (v *visit) namesForm() *form {
	f := v.blank()
	for tag, forms := range v.shop.PointNames {
		for form, name := range forms {
			f.values["names."+tag+"."+form] = name
		}
	}
	return f
}

// setNames says what points are called. A language without a name calls them points.
func (v *visit) setNames() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	names := loyalty.UnitNames{}
	for tag, forms := range loyalty.UnitForms {
		for _, form := range forms {
			if s := f.get("names." + tag + "." + form); s != "" {
				if names[tag] == nil {
					names[tag] = map[string]string{}
				}
				names[tag][form] = s
			}
		}
	}
	err = v.Office.NamePoints(v.ctx, v.shop.ID, names)
	if f.blame(err) {
		return v.showPurse(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	v.note("", "names", strconv.Itoa(len(names)))
	v.tell("admin.purse.said.names", "")
	return v.redirect("/gifts/wallet")
}
