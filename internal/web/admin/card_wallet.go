package admin

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/rules"
)

// rewardID keeps signatures short.
type rewardID = id.Reward

const (
	movesPerPage = 25
	// lookedBack is how many of a member's last receipts are read for what was refused, and
	// mostRefused how much of it is told.
	lookedBack  = 60
	mostRefused = 8
)

// ledgerLine is one line of the ledger.
type ledgerLine struct {
	people.Movement
	Event   *people.Event
	Kind    string
	Amount  string
	After   string
	State   string // its key; empty: what it moved has no state
	Note    string // about the state: a date
	Who     string
	Reason  string // what staff wrote
	Receipt []string
	Undo    bool
	Undone  bool
}

// refusedLine is something that was not given, and why.
type refusedLine struct {
	At    moment.Time
	Text  string
	Event id.Event
}

// heldUnit is what the member has of a unit, with its name.
type heldUnit struct {
	people.Balance
	Name string
}

// walletTab shows what the member has, what is on its way, what was refused, and every entry.
func (c *card) walletTab() (templ.Component, error) {
	waits, err := c.waits()
	if err != nil {
		return nil, err
	}
	refused, err := c.refusals()
	if err != nil {
		return nil, err
	}
	at, before := placeInBook(c.v.r.URL.Query().Get("before"))
	moves, next, err := c.moves(at, before)
	if err != nil {
		return nil, err
	}
	programs, err := c.programNames(true)
	if err != nil {
		return nil, err
	}
	var units []heldUnit
	for _, b := range c.Wallet.Units {
		if shownUnit(b.Unit) {
			units = append(units, heldUnit{b, c.unitName(b.Unit, programs)})
		}
	}
	return walletTab(c, units, waits, refused, moves, next, !before.IsZero()), nil
}

// moves is a page of the ledger, each line worded, and the place of the next page; empty: there
// is none.
func (c *card) moves(at moment.Time, before id.Transaction) ([]ledgerLine, string, error) {
	v, shop := c.v, c.v.shop.ID
	rows, err := v.People.BookOf(v.ctx, shop, c.ID, at, before, movesPerPage+1)
	if err != nil || len(rows) == 0 {
		return nil, "", err
	}
	next := ""
	if len(rows) > movesPerPage { // all lines of one entry stand on one page
		last := rows[movesPerPage].ID
		if rows = rows[:movesPerPage]; rows[len(rows)-1].ID == last && rows[0].ID != last {
			rows = slices.DeleteFunc(rows, func(m people.Movement) bool { return m.ID == last })
		}
		end := rows[len(rows)-1]
		next = strconv.FormatInt(int64(end.EffectiveAt), 10) + "." + end.ID.String()
	}
	balances, err := v.People.BalancesAfter(v.ctx, shop, c.ID, rows[0])
	if err != nil {
		return nil, "", err
	}
	var events []id.Event
	var txns []id.Transaction
	for _, m := range rows {
		events, txns = append(events, m.Event), append(txns, m.ID)
	}
	events, txns = unique(events), unique(txns)
	facts, err := v.People.EventsByID(v.ctx, shop, events)
	if err != nil {
		return nil, "", err
	}
	receipts, err := v.People.ReceiptsFor(v.ctx, shop, c.ID, events)
	if err != nil {
		return nil, "", err
	}
	lots, err := v.People.MovedLots(v.ctx, shop, c.ID, txns)
	if err != nil {
		return nil, "", err
	}
	undone, err := v.People.NamesRecorded(v.ctx, shop, officeFeed, undoNames(facts))
	if err != nil {
		return nil, "", err
	}
	var out []ledgerLine
	for _, m := range rows {
		x := ledgerLine{Movement: m, Event: facts[m.Event], Kind: v.t("admin.card.move." + m.Kind), Amount: v.signedUnits(m.Unit, m.Amount), After: v.say.Units(m.Unit, balances[m.Unit])}
		balances[m.Unit] -= m.Amount
		if strings.HasPrefix(string(m.Unit), rules.Tally+":") {
			continue
		}
		x.Receipt = v.receiptLines(receipts[m.Event])
		x.State, x.Note = c.stateOf(m, lots)
		c.author(&x)
		if e := x.Event; e != nil && e.Kind == loyalty.StaffAdjust {
			x.Undone = undone[undoName(e.ID)]
			x.Undo = !x.Undone && c.living() && v.can("value") && !strings.HasPrefix(e.ExternalID, "undo-") && e.Origin != loyalty.FromImport
			if x.Undone {
				x.State, x.Note = "reversed", ""
			}
		}
		out = append(out, x)
	}
	return out, next, nil
}

// unique leaves out what stands in a list already.
func unique[T comparable](list []T) (out []T) {
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// placeInBook reads the place behind which a page of the book begins; zero: at its head.
func placeInBook(s string) (at moment.Time, before id.Transaction) {
	when, which, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(when, 10, 64)
	if err != nil {
		return 0, before
	}
	if before, err = id.Parse[id.TransactionKind](which); err != nil {
		return 0, id.Transaction{}
	}
	return moment.Time(n), before
}

// signedUnits is an amount with its sign, plus as well as minus.
func (v *visit) signedUnits(u ledger.Unit, n int64) string {
	if n > 0 {
		return "+" + v.say.Units(u, n)
	}
	return strings.Replace(v.say.Units(u, n), "-", "−", 1)
}

// author says who did what a line tells, and what he wrote.
func (c *card) author(x *ledgerLine) {
	e := x.Event
	switch {
	case e == nil:
	case e.Adjust != nil:
		x.Who, x.Reason = c.doer(e.Adjust.Actor), e.Adjust.Reason
	case e.Fact.Staff != nil:
		x.Who, x.Reason = c.doer(e.Fact.Staff.Actor), e.Fact.Staff.Reason
	case e.Clock():
		x.Who = c.v.t("admin.card.by_clock")
	default:
		x.Who = e.Feed
	}
}

// stateOf tells what became of what a line gave, as far as it is still to be seen.
func (c *card) stateOf(m people.Movement, lots []people.MovedLot) (state, note string) {
	if m.Amount <= 0 {
		return "", ""
	}
	now := c.Wallet.At
	for _, l := range lots {
		if l.Transaction != m.ID || l.Unit != m.Unit {
			continue
		}
		switch {
		case l.Remaining == 0 && (l.Reward == loyalty.RewardReturned || l.Reward == loyalty.RewardRefused || l.Reward == loyalty.RewardVoid):
			return "reversed", ""
		case l.Remaining == 0 && l.ExpiresAt != 0 && l.ExpiresAt <= now:
			return "ended", c.v.say.Date(l.ExpiresAt - 1)
		case l.Remaining == 0:
			return "used", ""
		case l.ExpiresAt != 0 && l.ExpiresAt <= now:
			return "expired", c.v.say.Date(l.ExpiresAt - 1)
		case l.OpensAt == 0 && l.DueAt == 0:
			return "held", ""
		case l.OpensAt == 0:
			return "pending", c.v.say.Date(l.DueAt)
		case l.OpensAt > now:
			return "pending", c.v.say.Date(l.OpensAt)
		case l.Remaining < l.Amount:
			return "partly", c.v.t("admin.card.left", "Units", c.v.say.Units(l.Unit, l.Remaining))
		}
		return "available", ""
	}
	return "", ""
}

// refusals lists what was lately not given to the member, with the reason in words, the last
// first: what answers "why have I not got it?".
func (c *card) refusals() (out []refusedLine, err error) {
	v, shop := c.v, c.v.shop.ID
	list, err := v.People.ReceiptsOf(v.ctx, shop, c.ID, id.Event{}, lookedBack)
	if err != nil {
		return nil, err
	}
	var events []id.Event
	for _, r := range list {
		for _, l := range r.Lines {
			if l.Outcome != loyalty.Refused && l.Outcome != loyalty.Held || strings.HasPrefix(string(l.Unit), rules.Tally+":") {
				continue
			}
			if text := v.say.Receipt(l, staffView); text != "" && len(out) < mostRefused {
				out, events = append(out, refusedLine{Text: text, Event: r.Event}), append(events, r.Event)
			}
		}
	}
	facts, err := v.People.EventsByID(v.ctx, shop, unique(events))
	for i := range out {
		if e := facts[out[i].Event]; e != nil {
			out[i].At = e.OccurredAt
		}
	}
	return out, err
}

// orderOfCause is the order for which a reward was given; empty: it was something else.
func orderOfCause(cause string) string {
	name, is := strings.CutPrefix(cause, "o:")
	if !is {
		return ""
	}
	return name
}

// programNames gives the names of the shop's programs, where they are wanted.
func (c *card) programNames(wanted bool) (map[id.Program]string, error) {
	out := map[id.Program]string{}
	if !wanted {
		return out, nil
	}
	list, err := c.v.Programs.List(c.v.ctx, c.v.shop.ID)
	for _, p := range list {
		out[p.ID] = p.Name
	}
	return out, err
}

// unitName says what a unit is, for lists of them.
func (c *card) unitName(u ledger.Unit, programs map[id.Program]string) string {
	name, of, some := strings.Cut(string(u), ":")
	program := ""
	if which, err := id.Parse[id.ProgramKind](of); some && err == nil {
		program = programs[which]
	}
	switch {
	case name == rules.Points:
		return cmp.Or(c.v.say.Points(), c.v.t("admin.card.unit.points"))
	case name == rules.Stamps:
		return c.v.t("admin.card.unit.stamps", "Program", program)
	case name == rules.Referrals:
		return c.v.t("admin.card.unit.referrals", "Program", program)
	case !some:
		return name // a currency
	}
	return string(u)
}
