package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// officeFact begins a fact that staff reports about the member in the path. Its name is the form's
// own text, so that a form that is sent twice is one fact.
func (v *visit) officeFact(kind string, m id.Member, once string) *loyalty.Fact {
	return &loyalty.Fact{
		Kind: kind, Feed: officeFeed, ExternalID: once, Via: officeFeed, Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m},
	}
}

// staffWord is who decides, and why.
func (v *visit) staffWord(reason string) *loyalty.Staff {
	return &loyalty.Staff{Actor: v.me.ID.String(), Reason: reason}
}

// recordOne records one fact, and gives what it led to.
func (v *visit) recordOne(f *loyalty.Fact) ([]loyalty.ReceiptLine, id.Event, error) {
	answers, err := v.People.Record(v.ctx, v.shop.ID, f)
	if err != nil {
		return nil, id.Event{}, err
	}
	v.same = answers[0].Status == intake.Duplicate // no second record of one deed
	return answers[0].Lines, answers[0].Event, answers[0].Err
}

// units are what can be given to the member by hand, with their names.
func (c *card) units() []option {
	programs, err := c.programNames(true)
	if err != nil {
		programs = nil // the units are there all the same
	}
	list := []ledger.Unit{ledger.Unit(c.v.shop.Currency), rules.Points}
	for _, b := range c.Wallet.Units {
		if !slices.Contains(list, b.Unit) && !strings.HasPrefix(string(b.Unit), rules.Tally+":") {
			list = append(list, b.Unit)
		}
	}
	var out []option
	for _, u := range list {
		out = append(out, option{string(u), c.unitName(u, programs)})
	}
	return out
}

// typedAmount reads a number of a unit as people write it: with a comma or a dot, and spaces.
func (v *visit) typedAmount(f *form, name, unit string) int64 {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == ',':
			return '.'
		case r == ' ' || r == '\u00a0' || r == '\u202f':
			return -1
		}
		return r
	}, f.get(name))
	decimals := 0
	if n, ok := money.Decimals(unit); ok {
		decimals = n
	} else if unit == rules.Points {
		decimals = v.shop.PointDecimals
	}
	n, err := money.Parse(text, decimals)
	switch {
	case text == "":
		f.problem(name, "required")
	case errors.Is(err, money.ErrDecimals):
		f.problem(name, "too_many_decimals")
	case err != nil:
		f.problem(name, "not_a_number")
	case n <= 0:
		f.problem(name, "above_zero")
	}
	return n
}

// typedLastDay reads the last day of something, and gives the instant that ends it; zero: it has
// none.
func (v *visit) typedLastDay(f *form, name string) moment.Time {
	if f.get(name) == "" {
		return 0
	}
	day, err := time.ParseInLocation(time.DateOnly, f.get(name), v.shop.Zone)
	if err != nil {
		f.problem(name, "not_a_day")
		return 0
	}
	return moment.Of(day).NextDay(v.shop.Zone)
}

// todayText is the shop's day, as date fields write it.
func (v *visit) todayText() string { return v.now().Date(v.shop.Zone) }

// cardCredit gives the member something by hand, or takes it.
func (v *visit) cardCredit() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	m, err := v.cardMember()
	if err != nil {
		return err
	}
	unit := f.get("unit")
	fact := v.officeFact(loyalty.StaffAdjust, m.ID, f.once())
	fact.Adjust = &loyalty.Adjust{Unit: unit, Amount: v.typedAmount(f, "amount", unit), Reason: f.get("reason"), Actor: v.me.ID.String(), ExpiresAt: v.typedLastDay(f, "until")}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	if f.get("way") == "take" {
		fact.Adjust.Amount = -fact.Adjust.Amount
	}
	if !f.ok() {
		return v.showCard(http.StatusUnprocessableEntity, f, "wallet", "credit")
	}
	_, event, err := v.recordOne(fact)
	if f.blame(err, "adjust.unit=unit", "adjust.amount=amount", "adjust.reason=reason", "adjust.expires_at=until") {
		return v.showCard(http.StatusUnprocessableEntity, f, "wallet", "credit")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "unit", unit, "amount", money.Text(fact.Adjust.Amount, 0), "reason", f.get("reason"), "event", event.String())
	key := "admin.card.said.credited"
	if fact.Adjust.Amount < 0 {
		key = "admin.card.said.debited"
	}
	v.tell(key, "/members/"+m.ID.String()+"/undo/"+event.String(), "Units", v.say.Units(ledger.Unit(unit), positive(fact.Adjust.Amount)))
	return v.redirect("/members/" + m.ID.String() + "?tab=wallet")
}

func positive(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// undoName is the name of the fact that takes a correction by hand back: there is one at most.
func undoName(e id.Event) string { return "undo-" + e.String() }

func undoNames[T any](facts map[id.Event]T) (out []string) {
	for e := range facts {
		out = append(out, undoName(e))
	}
	return out
}

// cardUndo writes the reverse entry of a correction by hand.
func (v *visit) cardUndo() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	m, err := v.cardMember()
	if err != nil {
		return err
	}
	which, err := id.Parse[id.EventKind](v.r.PathValue("event"))
	if err != nil {
		return loyalty.NotFound("event", "event_unknown")
	}
	e, err := v.People.Event(v.ctx, v.shop.ID, which)
	if err != nil {
		return err
	}
	if e.Kind != loyalty.StaffAdjust || e.MemberID != m.ID || strings.HasPrefix(e.ExternalID, "undo-") {
		return loyalty.NotFound("event", "event_unknown")
	}
	fact := v.officeFact(loyalty.StaffAdjust, m.ID, undoName(which))
	fact.Adjust = &loyalty.Adjust{Unit: e.Adjust.Unit, Amount: -e.Adjust.Amount, Reason: v.t("admin.card.undo_reason"), Actor: v.me.ID.String()}
	_, _, err = v.recordOne(fact)
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && p.Code == "event_conflict" {
		err = nil // somebody else has undone it, in his own words
	}
	if f.blame(err, "adjust.unit=", "adjust.amount=") {
		return v.showCard(http.StatusUnprocessableEntity, f, "wallet", "")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "undone", which.String())
	v.tell("admin.card.said.undone", "", "Units", v.say.Units(ledger.Unit(e.Adjust.Unit), positive(e.Adjust.Amount)))
	return v.redirect("/members/" + m.ID.String() + "?tab=wallet")
}
