package imports

import (
	"context"
	"fmt"
	"io"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Balances imports what members had elsewhere: each row is an entry of the ledger with the
// import as its actor. An amount below zero takes, and what is not there is owed.
func (d *Desk) Balances(ctx context.Context, shop *loyalty.Shop, src io.Reader, m Mapping, o Options) (Totals, error) {
	o.Reward = false
	t, err := begin(&m, ReadsBalances, shop, o)
	if err != nil {
		return t, err
	}
	_, book, err := d.Intake.Book(ctx, shop.ID)
	if err != nil {
		return t, err
	}
	var list []single
	names := map[string]once{}
	err = t.rows(src, func(tab *table) func() {
		b := &balances{
			desk: d, shop: shop, book: book, mapping: &m, table: tab, figures: newFigures(&m, shop.Zone), people: tab.peopleColumns("member"),
			unit: tab.at("unit"), amount: tab.at("amount"), date: tab.at("date"), opens: tab.at("opens"), expires: tab.at("expires"), entry: tab.at("entry"),
		}
		return func() {
			f, err := b.row()
			if err != nil {
				t.refused(tab.line, "row", err)
				return
			}
			if f.Adjust.Amount == 0 {
				t.Skipped[SkippedEmpty]++
				return
			}
			// The same amount in two rows may be meant twice or not: only an entry of its own
			// tells, so nothing is repeated here.
			if t.once(names, f.ExternalID, fmt.Sprint(tab.line), tab.line) {
				list = append(list, single{f, tab.line, func(t *Totals) { t.opened(f.Adjust) }})
			}
		}
	})
	if err == nil {
		err = d.singles(ctx, shop, &t, o, list)
	}
	if err != nil {
		return t, fmt.Errorf("import balances: %w", err)
	}
	return t, nil
}

// opened counts an opening balance.
func (t *Totals) opened(a *loyalty.Adjust) {
	m := t.Units[ledger.Unit(a.Unit)]
	m.Given += max(0, a.Amount)
	m.Taken += max(0, -a.Amount)
	t.Units[ledger.Unit(a.Unit)] = m
}

// balances is a file of balances under way.
type balances struct {
	desk    *Desk
	shop    *loyalty.Shop
	book    *rules.Book
	mapping *Mapping
	table   *table
	figures figures
	people  []personColumn

	unit, amount, date, opens, expires, entry int
}

// row makes the fact of a row.
func (b *balances) row() (*loyalty.Fact, error) {
	f := b.mapping.fact(loyalty.StaffAdjust, "", 0)
	var err error
	if f.Member, err = b.desk.somebody(b.table, b.people, "member"); err != nil {
		return nil, err
	}
	named := b.table.cell(b.unit)
	if named == "" {
		named = b.mapping.fixed["unit"]
	}
	unit, err := b.unitOf(named)
	if err != nil {
		return nil, err
	}
	n, code := b.figures.amount(b.table.cell(b.amount), b.decimals(unit))
	if code != "" {
		return nil, &loyalty.Problem{Kind: loyalty.ErrInvalid, Field: "amount", Code: code}
	}
	f.Adjust = &loyalty.Adjust{Unit: string(unit), Amount: n, Reason: b.mapping.Reason, Actor: b.mapping.actor()}
	if err := b.dates(f); err != nil {
		return nil, err
	}
	parts := []string{keyText(f.Member.Keys[0]), string(unit)}
	for _, at := range []int{b.date, b.opens, b.expires} {
		if c := b.table.cell(at); c != "" {
			parts = append(parts, c)
		}
	}
	if e := b.table.cell(b.entry); e != "" {
		parts = []string{e}
	}
	f.ExternalID = b.desk.name("balance", parts...)
	return f, nil
}

// dates reads when a balance was so, and from when to when it can be used. A day is whole:
// it opens in its first instant, and ends with its last.
func (b *balances) dates(f *loyalty.Fact) error {
	ok, day := false, false
	if f.OccurredAt, _, ok = b.figures.when(b.table.cell(b.date)); !ok {
		return loyalty.Invalid("date", "not_a_time")
	}
	if f.Adjust.OpensAt, _, ok = b.figures.when(b.table.cell(b.opens)); !ok {
		return loyalty.Invalid("opens", "not_a_time")
	}
	if f.Adjust.ExpiresAt, day, ok = b.figures.when(b.table.cell(b.expires)); !ok {
		return loyalty.Invalid("expires", "not_a_time")
	}
	if day && f.Adjust.ExpiresAt != 0 {
		f.Adjust.ExpiresAt = f.Adjust.ExpiresAt.NextDay(b.figures.zone)
	}
	return nil
}

// unitOf finds the unit that a file names: points, the currency, or a program's own stamps
// and referrals, with the program's name or id where several have them.
func (b *balances) unitOf(named string) (ledger.Unit, error) {
	kind, program, _ := strings.Cut(named, ":")
	kind, program = strings.ToLower(strings.TrimSpace(kind)), strings.TrimSpace(program)
	switch {
	case named == "":
		return "", loyalty.Invalid("unit", "required")
	case strings.EqualFold(named, b.shop.Currency):
		return ledger.Unit(b.shop.Currency), nil
	case kind == rules.Points && program == "":
		return ledger.Unit(rules.Points), nil
	case kind != rules.Stamps && kind != rules.Referrals:
		return "", loyalty.Invalid("unit", "unknown_unit", "unit", named)
	}
	var found []ledger.Unit
	var names []string
	for _, p := range b.book.Programs {
		unit := p.UnitOf(kind)
		if program != "" && (strings.EqualFold(program, p.Name) || program == p.ID.String()) {
			return unit, nil
		}
		if gives(p, unit) {
			found, names = append(found, unit), append(names, kind+":"+p.Name)
		}
	}
	switch {
	case program != "":
		return "", loyalty.NotFound("unit", "program_unknown")
	case len(found) == 0:
		return "", loyalty.Invalid("unit", "unknown_unit", "unit", named)
	case len(found) > 1:
		return "", loyalty.Invalid("unit", "which_program", "known", strings.Join(names, ", "))
	}
	return found[0], nil
}

// gives tells whether a program gives a unit.
func gives(p *rules.Program, unit ledger.Unit) bool {
	for _, v := range p.Versions {
		for _, r := range v.Rules {
			for i := range r.Gives {
				if r.Unit(i) == unit {
					return true
				}
			}
		}
	}
	return false
}

func (b *balances) decimals(u ledger.Unit) int {
	switch string(u) {
	case b.shop.Currency:
		return b.shop.Decimals
	case rules.Points:
		return b.shop.PointDecimals
	}
	return 0
}
