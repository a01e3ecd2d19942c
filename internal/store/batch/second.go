package batch

import (
	"context"
	"maps"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// need tells of whom more must be read: all lots (wide), or everything there is (full).
func (l *loader) need() (wide, full set[id.MemberKind]) {
	wide, full = set[id.MemberKind]{}, set[id.MemberKind]{}
	judged := map[id.Member]loyalty.Position{}
	for _, it := range l.Items {
		f := it.Fact
		m := l.Dossiers.Files[f.MemberID]
		if it.Stored != nil || it.Again || it.Err != nil || m == nil {
			continue
		}
		if _, ok := judged[f.MemberID]; !ok {
			judged[f.MemberID] = m.Member.JudgedTo
		}
		late := it.History || decide.Late(l.Dossiers, m, f)
		for _, x := range f.Absorb {
			full.add(f.MemberID)
			full.add(x)
		}
		if l.Dossiers.Files[f.Other.ID] != nil {
			wide.add(f.Other.ID)
		}
		switch {
		case f.Kind == loyalty.StaffMerge:
			full.add(f.MemberID)
			full.add(f.Other.ID)
		case late:
			full.add(f.MemberID)
		case m.Member.New:
		case f.Birthday != "" && m.Member.Birthday != "" && f.Birthday != m.Member.Birthday: // the other day's timer goes
			full.add(f.MemberID)
		case f.Refund != nil && f.Refund.Ref == "", f.Kind == loyalty.StaffBond, f.Kind == loyalty.StaffReview,
			f.Kind == loyalty.ChoiceMade, f.Kind == loyalty.ClaimUpdated:
			full.add(f.MemberID)
		case f.Kind == loyalty.Transferred, f.Kind == loyalty.ExchangeAsked, f.Kind == loyalty.VoucherRedeemed, f.Takes(), f.Kind == loyalty.GiftClaimed:
			wide.add(f.MemberID)
		case f.Kind == loyalty.VoucherReleased:
			wide.add(f.MemberID)
			if u, ok := l.use(f); ok {
				for _, x := range l.Dossiers.Causes[u.cause] {
					if l.Dossiers.Files[x.Key.Member] != nil {
						wide.add(x.Key.Member)
					}
				}
			}
		case f.Kind == loyalty.Refunded, f.Kind == loyalty.OrderCancelled, f.Kind == loyalty.StaffAdjust:
			wide.add(f.MemberID)
			if s, r := orderOf(f); r != "" {
				for _, x := range l.Dossiers.Causes[decide.OrderCause(loyalty.OrderName(s, r))] {
					if l.Dossiers.Files[x.Key.Member] != nil {
						wide.add(x.Key.Member)
					}
				}
			}
		}
	}
	for _, t := range l.Dossiers.Carts {
		if f := l.Dossiers.Files[t.Member]; f != nil { // what it took may be given back
			wide.add(t.Member)
		}
	}
	for _, list := range l.Batch.stock.waiting {
		for _, x := range list {
			if l.Dossiers.Files[x] != nil {
				wide.add(x)
			}
		}
	}
	for _, v := range l.Dossiers.Codes {
		if l.Dossiers.Files[v.Member] != nil { // a voucher is one, by its code and by its reward
			wide.add(v.Member)
		}
	}
	for _, f := range l.Dossiers.Files {
		if f.Member.New {
			continue
		}
		for _, x := range f.Rewards { // its voucher or gift is there, and may be given again
			if x.Unit == "" && (x.State == loyalty.RewardVoid || x.State == loyalty.RewardReturned || x.State == loyalty.RewardRefused) {
				wide.add(f.Member.ID)
			}
		}
		for _, t := range f.Timers {
			wide.add(f.Member.ID)
			if t.Kind == loyalty.TimerRefold {
				full.add(f.Member.ID)
			}
		}
		for _, a := range f.Accounts {
			if a.LapseAt != 0 && a.LapseAt <= l.Now || a.AvailableUntil != 0 && a.AvailableUntil <= l.Now+moment.Second {
				wide.add(f.Member.ID)
			}
		}
	}
	return wide, full
}

// second reads more of some: all lots and exchanges of the wide ones and of everybody
// whose rewards they may move; everything of the full ones.
func (l *loader) second(ctx context.Context, wide, full set[id.MemberKind]) error {
	var causes, series, refs []string
	for m := range full {
		wide.add(m)
	}
	for m := range wide {
		f := l.Dossiers.Files[m]
		if f == nil {
			continue
		}
		causes = append(causes, decide.ExchangeCause(m))
		for name, t := range l.Dossiers.Carts {
			if t.Member == m {
				causes = append(causes, decide.PayCause(name))
			}
		}
		for _, t := range f.Timers {
			if s, r, ok := decide.CauseOrder(t.Cause); ok {
				series, refs = append(series, s), append(refs, r)
			}
			causes = append(causes, t.Cause)
			if t.Kind == loyalty.TimerBirthday {
				causes = append(causes, decide.BirthdayCause(t, m))
			}
		}
	}
	if len(full) > 0 {
		ids, owners := full.column(), make([]string, 0, len(full))
		var orphaned [][]byte
		for m := range full {
			owners = append(owners, m.String())
			if f := l.Dossiers.Files[m]; f != nil {
				f.Full = true
			}
		}
		l.tx.Query(qOrdersOf, len(ids), l.order, l.tenant, ids)
		l.tx.Query(qRewardsOf, len(ids), l.reward, l.tenant, ids)
		l.tx.Query(qRewardsFrom, len(ids), l.reward, l.tenant, ids)
		l.tx.Query(qCountersOf, len(ids), l.counter, l.tenant, owners)
		l.tx.Query(qTimersOf, len(ids), l.timer, l.tenant, ids)
		l.tx.Query(qTags, len(ids), l.tag, l.tenant, ids)
		l.tx.Query(qCartsOf, len(ids), l.cartRow, l.tenant, ids)
		l.tx.Query(qPast, len(ids), l.past, l.tenant, ids)
		if err := l.tx.Flush(ctx); err != nil {
			return err
		}
		for _, o := range l.Dossiers.Orders {
			if full[o.Member] || o.Member.IsZero() {
				orphaned = append(orphaned, o.ID.Bytes())
			}
		}
		l.tx.Query(qOrphans, len(orphaned), l.orphan, l.tenant, orphaned)
	}
	slices.Sort(causes)
	causes = slices.Compact(causes)
	l.tx.Query(qOrders, len(refs), l.order, l.tenant, series, refs)
	l.tx.Query(qRewardsByCause, len(causes), l.reward, l.tenant, causes)
	if err := l.tx.Flush(ctx); err != nil {
		return err
	}
	l.strangers()
	first := maps.Clone(wide)
	for m := range first { // whoever has a reward from them may lose it
		for _, list := range l.Dossiers.Causes {
			for _, x := range list {
				if x.From == m && l.Dossiers.Files[x.Key.Member] != nil {
					wide.add(x.Key.Member)
				}
			}
		}
		if f := l.Dossiers.Files[m]; f != nil {
			for _, b := range f.Bonds {
				if l.Dossiers.Files[b.Referrer] != nil {
					wide.add(b.Referrer)
				}
			}
		}
	}
	causes = nil
	for m := range wide {
		if _, there := first[m]; !there {
			causes = append(causes, decide.ExchangeCause(m))
		}
	}
	if len(causes) > 0 { // and what it was exchanged for
		slices.Sort(causes)
		l.tx.Query(qRewardsByCause, len(causes), l.reward, l.tenant, causes)
		if err := l.tx.Flush(ctx); err != nil {
			return err
		}
	}
	l.limits(full)
	ids := wide.column()
	for m := range wide {
		if f := l.Dossiers.Files[m]; f != nil {
			for _, a := range f.Accounts {
				a.LotsLoaded = true
			}
		}
	}
	l.tx.Query(qLotsOf, len(ids), l.lot, l.tenant, ids)
	l.tx.Query(qVouchersOf, len(ids), l.voucher, l.tenant, ids)
	l.tx.Query(qHeldOf, len(ids), l.heldItem, l.tenant, int64(l.Now), ids)
	l.tx.Query(qClaimsOf, len(ids), l.claim, l.tenant, ids)
	return l.tx.Flush(ctx)
}

// limits queues the counters that the loaded rewards count against: a return moves those of
// the month in which something was given, a refold those of the whole history.
func (l *loader) limits(full set[id.MemberKind]) {
	var owners, names, periods []string
	l.budgetOwners, l.budgetNames, l.budgetPeriods = nil, nil, nil
	known, spent := map[string]bool{}, map[string]bool{}
	for m, file := range l.Dossiers.Files {
		for _, x := range file.Rewards {
			caps, budgets := decide.LimitNames(l.book, x, l.shop)
			for _, n := range caps {
				if k := m.String() + n.Name + "\x1f" + n.Period; !full[m] && file.Counters[n] == nil && !known[k] {
					known[k] = true
					owners, names, periods = append(owners, m.String()), append(names, n.Name), append(periods, n.Period)
				}
			}
			for _, n := range budgets {
				if k := "b" + n.Program.String() + n.Name + "\x1f" + n.Period; l.Dossiers.Budgets[n] == nil && !spent[k] {
					spent[k] = true
					l.budgetOwners, l.budgetNames = append(l.budgetOwners, n.Program.String()), append(l.budgetNames, n.Name)
					l.budgetPeriods = append(l.budgetPeriods, n.Period)
				}
			}
		}
		for _, f := range file.Past {
			if full[m] {
				l.budgets(f, spent)
			}
		}
	}
	for _, t := range l.Dossiers.Carts { // what it took may be given back
		caps, budgets := decide.CartLimits(l.book, t, l.shop)
		for _, n := range caps {
			f := l.Dossiers.Files[t.Member]
			if k := t.Member.String() + n.Name + "\x1f" + n.Period; f != nil && !full[t.Member] && f.Counters[n] == nil && !known[k] {
				known[k] = true
				owners, names, periods = append(owners, t.Member.String()), append(names, n.Name), append(periods, n.Period)
			}
		}
		for _, n := range budgets {
			if k := "b" + n.Program.String() + n.Name + "\x1f" + n.Period; l.Dossiers.Budgets[n] == nil && !spent[k] {
				spent[k] = true
				l.budgetOwners, l.budgetNames = append(l.budgetOwners, n.Program.String()), append(l.budgetNames, n.Name)
				l.budgetPeriods = append(l.budgetPeriods, n.Period)
			}
		}
	}
	l.tx.Query(qCounters, len(owners), l.counter, l.tenant, owners, names, periods)
	l.tx.Query(qCounters, len(l.budgetOwners), l.budget, l.tenant, l.budgetOwners, l.budgetNames, l.budgetPeriods)
}
