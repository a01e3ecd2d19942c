package admin

import (
	"cagnotte/internal/insight"
	"cmp"
	"slices"
	"strconv"
)

func (d *draftPage) title(v *visit) string { return cmp.Or(d.Name, v.t("admin.programs.nameless")) }

// saysTitle stands above what the stored text says, which is somebody else's where he was
// first.
func (d *draftPage) saysTitle(v *visit) string {
	if d.Rival != nil {
		return v.t("admin.programs.says.theirs")
	}
	return v.t("admin.programs.says")
}

// outdated tells whether another version was published since the draft was begun.
func (d *draftPage) outdated() bool {
	for _, p := range d.Problems {
		if p.Code == "draft_outdated" {
			return d.Of != nil
		}
	}
	return false
}

func (d *draftPage) invalid(f *form) string {
	for _, p := range d.Problems {
		if p.Line > 0 {
			return "true"
		}
	}
	return f.invalid("text")
}

// known is the revision that the writer of the form knows: where somebody else was first, it
// stays the one that he had read.
func (d *draftPage) known(f *form) string {
	if d.Rival != nil {
		return f.get("revision")
	}
	return strconv.FormatInt(d.Revision, 10)
}

// aloud is what a reader of the screen hears after a pause in typing.
func (d *draftPage) aloud(v *visit) string {
	switch {
	case d.Rival != nil:
		return v.t("admin.programs.rival.title")
	case len(d.Problems) > 0:
		return v.say.Count("admin.programs.unready", int64(len(d.Problems)))
	}
	return v.t("admin.programs.readable")
}

// grammar are the lines that most programs are made of; docs/programs.md has all.
var grammar = []struct{ name, says string }{
	{"refer", "refer friend 5.00 EUR, referrer 10.00 EUR"},
	{"earn", "earn 1 point per 1.00 EUR"},
	{"stamp", "stamp 1 per item, of category coffee"},
	{"exchange", "exchange 10 stamps for category voucher of 1 coffee"},
	{"on", "on first order, on sign-up, on birthday"},
	{"from", "from 20.00 EUR, except category giftcards"},
	{"after", "after 14 days, valid 12 months"},
	{"cap", "at most 10 rewards per month"},
	{"budget", "budget 500.00 EUR per month"},
	{"dates", "starts 2026-03-01 / ends 2026-05-31"},
}

// called is how a member of a report is known.
func called(m *insight.BacktestMember) string { return cmp.Or(m.Key, m.Member.String()) }

func (v *visit) periods() (out []option) {
	for _, d := range triedDays {
		out = append(out, option{d, v.t("admin.programs.backtest.days." + d)})
	}
	return out
}

// priceless tells whether nothing that was given has a price, though something was.
func priceless(r *insight.BacktestReport) bool {
	return r.Cost == 0 && slices.ContainsFunc(r.Rules, func(x insight.BacktestRule) bool { return x.Unpriced > 0 })
}
