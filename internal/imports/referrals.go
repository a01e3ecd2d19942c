package imports

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// origins are how a referrer may have become known, by what a file says.
var origins = []string{loyalty.OriginStaff, loyalty.OriginCode, loyalty.OriginLink, loyalty.OriginEmail}

// Referrals imports who recommended whom. Both must be known. The bonds are history: they
// stand as they were, give nothing by themselves, and displace no referrer who is there.
func (d *Desk) Referrals(ctx context.Context, shop *loyalty.Shop, src io.Reader, m Mapping, o Options) (Totals, error) {
	o.Reward = false
	t, err := begin(&m, ReadsReferrals, shop, o)
	if err != nil {
		return t, err
	}
	var list []single
	names := map[string]once{}
	err = t.rows(src, func(tab *table) func() {
		referrer, friend := tab.peopleColumns("referrer"), tab.peopleColumns("friend")
		date, origin := tab.at("date"), tab.at("origin")
		figures := newFigures(&m, shop.Zone)
		return func() {
			f := m.fact(loyalty.StaffBond, "", 0)
			var err error
			if f.Member, err = d.somebody(tab, friend, "member"); err == nil {
				f.Referrer, err = d.somebody(tab, referrer, "referrer")
			}
			if err != nil {
				t.refused(tab.line, "member", err)
				return
			}
			ok := false
			if f.OccurredAt, _, ok = figures.when(tab.cell(date)); !ok {
				t.fail(tab.line, "date", NotATime)
				return
			}
			f.Touch = strings.ToLower(tab.cell(origin))
			if f.Touch != "" && !slices.Contains(origins, f.Touch) {
				t.fail(tab.line, "origin", OriginUnknown, "known", strings.Join(origins, ", "))
				return
			}
			f.ExternalID = d.name("referral", keyText(f.Member.Keys[0]))
			f.Staff = &loyalty.Staff{Actor: m.actor(), Reason: m.Reason}
			if t.once(names, f.ExternalID, string(f.Canonical()), tab.line) {
				list = append(list, single{f, tab.line, func(t *Totals) { t.Bonds++ }})
			}
		}
	})
	if err == nil {
		err = d.singles(ctx, shop, &t, o, list)
	}
	if err != nil {
		return t, fmt.Errorf("import referrals: %w", err)
	}
	return t, nil
}
