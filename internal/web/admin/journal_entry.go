package admin

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/outreach"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
)

// entryPage is a fact with its explanation.
type entryPage struct {
	crowd
	*people.Event
	payload  string
	programs []judged
	messages []*outreach.Kept
	repeats  bool // it can be tried anew
	again    []judged
	tried    bool
	form     *form
	units    []option
	refuses  bool
	undoable bool
}

// judged are the decisions of one version of a program, or of none.
type judged struct {
	id      id.Program
	version int
	name    string
	lines   []worded
}

// worded is one decision in words, with its conditions.
type worded struct {
	loyalty.ReceiptLine
	text   string
	checks []checked
}

type checked struct {
	holds bool
	text  string
}

// journalEntry shows a fact and why it led to what it did; or a message.
func (v *visit) journalEntry() error {
	if m, err := id.Parse[id.MessageKind](v.r.PathValue("id")); err == nil {
		return v.journalMessage(m)
	}
	p, err := v.entry()
	if err != nil {
		return err
	}
	if v.asked("replay") != "" && p.repeats {
		if err := v.replay(p); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, entryView(v, p))
}

// entry reads a fact of the path.
func (v *visit) entry() (*entryPage, error) {
	e, err := id.Parse[id.EventKind](v.r.PathValue("id"))
	if err != nil {
		return nil, loyalty.NotFound("event", "event_unknown")
	}
	p := &entryPage{form: v.blank()}
	if p.Event, err = v.People.Event(v.ctx, v.shop.ID, e); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, p.Canonical(), "", "  "); err != nil {
		return nil, err
	}
	p.payload = text.String()
	receipts, err := v.People.Receipts(v.ctx, v.shop.ID, e)
	if err != nil {
		return nil, err
	}
	var lines []loyalty.ReceiptLine
	who := []id.Member{p.MemberID}
	for _, r := range receipts {
		lines = append(lines, r.Lines...)
		who = append(who, r.Member)
	}
	for _, l := range lines {
		who = append(who, l.Member)
		p.refuses = p.refuses || people.Refuses(l)
	}
	if p.crowd, err = v.crowd(who); err != nil {
		return nil, err
	}
	if p.programs, err = v.judged(lines); err != nil {
		return nil, err
	}
	if p.messages, err = v.Outreach.Following(v.ctx, v.shop.ID, p.Fact); err != nil {
		return nil, err
	}
	_, p.repeats, err = v.People.Repeat(v.ctx, v.shop.ID, p.Event, "x")
	if err != nil {
		return nil, err
	}
	p.repeats = p.repeats && v.can(staff.Draft)
	p.undoable = overrides(p.Fact) && v.can(staff.Value)
	return p, v.fillOverride(p, lines)
}

// judged puts decisions in words, those of one program together, in the order of the receipt.
func (v *visit) judged(lines []loyalty.ReceiptLine) (out []judged, err error) {
	names := map[id.Program]string{}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		names[x.ID] = x.Name
	}
	for _, l := range lines {
		text := v.say.Receipt(l, locale.View{Staff: true})
		if text == "" {
			continue
		}
		i := slices.IndexFunc(out, func(j judged) bool { return j.id == l.Program && j.version == l.Version })
		if i < 0 {
			i = len(out)
			out = append(out, judged{id: l.Program, version: l.Version, name: names[l.Program]})
		}
		w := worded{ReceiptLine: l, text: text}
		for n, words := range v.say.Conditions(l) {
			w.checks = append(w.checks, checked{l.Checks[n].Holds, words})
		}
		out[i].lines = append(out[i].lines, w)
	}
	return out, nil
}

// replay decides the fact anew, as if it were reported now, and keeps nothing of that.
func (v *visit) replay(p *entryPage) error {
	f, ok, err := v.People.Repeat(v.ctx, v.shop.ID, p.Event, "replay-"+rand.Text())
	if err != nil || !ok {
		return err
	}
	a, err := v.deskTry(f)
	if err != nil {
		return err
	}
	p.tried = true
	p.again, err = v.judged(a.Lines)
	return err
}

// fillOverride readies the form that gives by hand what was refused.
func (v *visit) fillOverride(p *entryPage, lines []loyalty.ReceiptLine) error {
	if !v.can(staff.Value) || !p.refuses || p.MemberID.IsZero() {
		p.refuses = p.refuses && v.can(staff.Value) && !p.MemberID.IsZero()
		return nil
	}
	w, err := v.People.Wallet(v.ctx, v.shop.ID, p.MemberID, v.now())
	if err != nil {
		return err
	}
	units := []string{v.shop.Currency, "points"}
	for _, b := range w.Units {
		units = append(units, string(b.Unit))
	}
	for _, l := range lines {
		if people.Refuses(l) && l.Unit != "" {
			units = append([]string{string(l.Unit)}, units...)
			if l.Amount > 0 && p.form.get("amount") == "" {
				p.form.values["unit"], p.form.values["amount"] = string(l.Unit), v.plainUnits(l.Unit, l.Amount)
			}
		}
	}
	slices.Sort(units)
	for _, u := range slices.Compact(units) {
		if !strings.Contains(u, ":") {
			p.units = append(p.units, option{u, v.unitName(u)})
		}
	}
	p.form.values["member"] = p.MemberID.String()
	return nil
}

// unitName is a unit as a choice.
func (v *visit) unitName(unit string) string {
	if key := "admin.journal.unit." + unit; v.say.Has(key) {
		return v.t(key)
	}
	return unit
}

// decimals of a unit as people type it.
func (v *visit) decimals(unit ledger.Unit) int {
	if n, ok := money.Decimals(string(unit)); ok {
		return n
	}
	if unit == "points" {
		return v.shop.PointDecimals
	}
	return 0
}

func (v *visit) plainUnits(unit ledger.Unit, n int64) string { return money.Text(n, v.decimals(unit)) }

// overrideFeed names the facts that override a decision, so that they are known again.
const overridePrefix = "override:"

// overrides tells whether a fact was given by hand instead of what was refused.
func overrides(f *loyalty.Fact) bool {
	return f.Kind == loyalty.StaffAdjust && f.Feed == officeFeed && strings.HasPrefix(f.ExternalID, overridePrefix) && f.Adjust.Amount > 0
}

// override gives a member by hand what a decision refused, with the reason and a reference to
// the fact.
func (v *visit) override() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	p, err := v.entry()
	if err != nil {
		return err
	}
	if p.MemberID.IsZero() {
		return loyalty.Conflict("", "nothing_refused")
	}
	unit := ledger.Unit(f.get("unit"))
	typed := strings.NewReplacer(",", ".", " ", "", "\u00a0", "", "\u202f", "").Replace(f.get("amount"))
	amount, err := money.Parse(typed, v.decimals(unit))
	if err != nil || amount <= 0 {
		f.problem("amount", "amount_typed")
	}
	if !slices.ContainsFunc(p.units, func(o option) bool { return o.Value == string(unit) }) {
		f.problem("unit", "required")
	}
	if f.get("note") == "" {
		f.problem("note", "required")
	}
	p.form = f
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, entryView(v, p))
	}
	x := v.deskFact(loyalty.StaffAdjust, overridePrefix+p.ID.String()+":"+f.once())
	x.Member = loyalty.Who{ID: p.MemberID}
	x.Adjust = &loyalty.Adjust{Unit: string(unit), Amount: amount, Reason: f.get("note") + " [" + p.ID.String() + "]", Actor: v.me.ID.String()}
	a, err := v.deskRecord(x)
	if f.blame(err, "adjust.reason=note", "adjust.amount=amount", "adjust.unit=unit") {
		return v.show(http.StatusUnprocessableEntity, entryView(v, p))
	}
	if err != nil {
		return err
	}
	v.note(p.MemberID.String(), "event", p.ID.String(), "unit", string(unit), "amount", typed)
	v.tell("admin.journal.said.override", "/journal/"+a.Event.String()+"/undo", "Units", v.say.Units(unit, amount))
	return v.redirect("/journal/" + a.Event.String())
}

// undoOverride takes back what an override gave, by the reverse fact.
func (v *visit) undoOverride() error {
	e, err := id.Parse[id.EventKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("event", "event_unknown")
	}
	was, err := v.People.Event(v.ctx, v.shop.ID, e)
	if err != nil {
		return err
	}
	if !overrides(was.Fact) {
		return loyalty.Conflict("", "not_an_override")
	}
	x := v.deskFact(loyalty.StaffAdjust, "undo:"+e.String())
	x.Member = loyalty.Who{ID: was.MemberID}
	x.Adjust = &loyalty.Adjust{
		Unit: was.Adjust.Unit, Amount: -was.Adjust.Amount, Reason: v.t("admin.undo") + " [" + e.String() + "]", Actor: v.me.ID.String(),
	}
	a, err := v.undone(x)
	if err != nil {
		return err
	}
	v.note(was.MemberID.String(), "event", e.String())
	v.tell("admin.journal.said.undone", "", "Units", v.say.Units(ledger.Unit(was.Adjust.Unit), was.Adjust.Amount))
	return v.redirect("/journal/" + a.Event.String())
}

// undone records a reverse fact; where the member has spent it meanwhile, it says so and
// nothing is taken.
func (v *visit) undone(x *loyalty.Fact) (intake.Answer, error) {
	trial := *x
	a, err := v.deskTry(&trial)
	if err == nil && a.Status != intake.Duplicate {
		for _, l := range a.Lines {
			if l.Outcome == loyalty.Refused {
				return a, loyalty.Conflict("", "spent_meanwhile")
			}
		}
	}
	return v.deskRecord(x)
}

// journalMessage shows what is known of a message, without its text.
func (v *visit) journalMessage(which id.Message) error {
	m, err := v.Outreach.Message(v.ctx, v.shop.ID, which)
	if err != nil {
		return err
	}
	c, err := v.crowd([]id.Member{m.Member})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, messageView(v, c, m))
}

// mark is the sign before a condition or a decision, whose words say the same.
func mark(holds bool) string {
	if holds {
		return "check"
	}
	return "cross"
}

// programName is the program of a group of decisions.
func (v *visit) programName(j judged) string {
	if j.id.IsZero() {
		return v.t("admin.journal.no_program")
	}
	return v.t("admin.journal.program", "Name", cmp.Or(j.name, j.id.String()), "Version", v.say.Number(int64(j.version)))
}
