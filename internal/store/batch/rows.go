package batch

import (
	"bytes"
	"maps"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// dossiers queues every row that a decision changed. Members go first: others refer to
// them.
func (w *writer) dossiers() {
	files := make([]*decide.File, 0, len(w.Dossiers.Files))
	for _, f := range w.Dossiers.Files {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b *decide.File) int { return bytes.Compare(a.Member.ID[:], b.Member.ID[:]) })
	w.putMembers(files)
	w.merges()
	w.putKeys()
	w.putOrders()
	w.putRewards(files)
	w.putAccounts(files)
	w.putLots(files)
	w.putClaims(files)
	w.putCarts()
	w.putGifts()
	w.putUses()
	w.putTags(files)
	w.putCounters(files)
	w.putTerms(files)
	w.putTimers(files)
	w.putReferrals(files)
}

func (w *writer) putMembers(files []*decide.File) {
	var (
		ids, merged                [][]byte
		states, jkeys, turns       []string
		birthdays, groups, signals []string
		registered, first, judged  []int64
		settled                    []bool
	)
	for _, f := range files {
		m := f.Member
		if !m.New && !m.Dirty {
			continue
		}
		ids, states, jkeys = append(ids, m.ID.Bytes()), append(states, m.State), append(jkeys, m.JudgedTo.Key)
		if m.New {
			turns = append(turns, "m:"+m.ID.String())
		}
		registered, first = append(registered, int64(m.RegisteredAt)), append(first, int64(m.FirstOrderAt))
		judged = append(judged, int64(m.JudgedTo.At))
		birthdays, groups, merged = append(birthdays, m.Birthday), append(groups, m.Group), append(merged, m.MergedInto.Bytes())
		settled = append(settled, m.Settled)
		signs := ""
		if len(m.Signals) > 0 {
			signs = text(m.Signals)
		}
		signals = append(signals, signs)
	}
	w.tx.Rows(qPutMember, len(ids), w.tenant, int64(w.Now), ids, states, registered, first, judged, jkeys, birthdays, groups, merged,
		settled, signals)
	w.tx.Rows(qPutTurn, len(turns), w.tenant, int64(w.Now), turns)
}

func (w *writer) putKeys() {
	var (
		kinds, keys []string
		members     [][]byte
	)
	for _, k := range w.newKeys {
		if w.Dossiers.Files[k.member] != nil {
			kinds, keys, members = append(kinds, k.key.Kind), append(keys, k.key.Key), append(members, k.member.Bytes())
		}
	}
	w.tx.Rows(qPutKey, len(keys), w.tenant, kinds, keys, members)
	kinds, keys, members = nil, nil, nil // that are nobody's any more
	for _, it := range w.Items {
		if f := it.Fact; f.Kind == loyalty.MemberUpdated && it.decided() {
			for _, k := range f.Forgets {
				kinds, keys, members = append(kinds, k.Kind), append(keys, k.Key), append(members, f.MemberID.Bytes())
			}
		}
	}
	w.tx.Rows(qDropKey, len(keys), w.tenant, kinds, keys, members)
}

func (w *writer) putOrders() {
	var (
		ids, members                                              [][]byte
		series, refs, states, currencies, lines, returns, details []string
		paid, net                                                 []int64
		imported                                                  []bool
	)
	for _, name := range slices.Sorted(maps.Keys(w.Dossiers.Orders)) {
		o := w.Dossiers.Orders[name]
		if !o.New && !o.Dirty {
			continue
		}
		back := store.OrderReturns{Ahead: o.Ahead}
		if slices.ContainsFunc(o.Back, func(b loyalty.Back) bool { return b != loyalty.Back{} }) {
			back.Lines = o.Back
		}
		if o.Lines == nil {
			o.Lines = []loyalty.Line{}
		}
		ids, members = append(ids, o.ID.Bytes()), append(members, o.Member.Bytes())
		series, refs, states = append(series, o.Series), append(refs, o.Ref), append(states, o.State)
		currencies, lines, returns = append(currencies, o.Currency), append(lines, text(o.Lines)), append(returns, text(back))
		paid, net, imported = append(paid, int64(o.PaidAt)), append(net, o.Net()), append(imported, o.Imported)
		detail := ""
		if d := text(store.OrderDetails{Circumstances: o.Circumstances, FulfilledAt: o.FulfilledAt}); d != "{}" {
			detail = d
		}
		details = append(details, detail)
	}
	w.tx.Rows(qPutOrder, len(ids), w.tenant, ids, series, refs, members, states, currencies, paid, net, imported, lines, returns, details)
}

func (w *writer) putRewards(files []*decide.File) {
	var list []*loyalty.Reward
	for _, f := range files {
		for _, x := range f.Rewards {
			if x.New || x.Dirty {
				list = append(list, x)
			}
		}
	}
	slices.SortFunc(list, func(a, b *loyalty.Reward) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	n := len(list)
	ids, programs, members, sources, events := blobs(n), blobs(n), blobs(n), blobs(n), blobs(n)
	rule, once, part, cause, unit, state, spent := texts(n), texts(n), texts(n), texts(n), texts(n), texts(n), texts(n)
	choice, weights := ints(n), texts(n)
	version, amount, taken, absorbed, granted := ints(n), ints(n), ints(n), ints(n), ints(n)
	basis, returned, given, due := ints(n), ints(n), ints(n), ints(n)
	for i, x := range list {
		ids[i], programs[i], members[i] = x.ID.Bytes(), x.Key.Program[:], x.Key.Member.Bytes()
		sources[i], events[i] = x.From.Bytes(), x.Event.Bytes()
		rule[i], once[i], part[i], cause[i], unit[i], state[i] = x.Key.Rule, x.Key.Once, string(x.Part), x.Cause, string(x.Unit), x.State
		if len(x.Spent) > 0 {
			spent[i] = text(x.Spent)
		}
		if choice[i] = int64(x.Option); len(x.Weights) > 0 {
			weights[i] = text(x.Weights)
		}
		version[i], amount[i], taken[i], absorbed[i], granted[i] = int64(x.Version), x.Amount, x.Taken, x.Absorbed, x.Granted
		basis[i], returned[i], given[i], due[i] = x.Basis, x.Returned, int64(x.GivenAt), int64(x.DueAt)
	}
	w.tx.Rows(qPutReward, n, w.tenant, ids, programs, version, rule, members, once, part, cause, sources, events, unit, amount,
		taken, absorbed, granted, basis, returned, state, given, due, spent, choice, weights)
}

func blobs(n int) [][]byte { return make([][]byte, n) }
func texts(n int) []string { return make([]string, n) }
func ints(n int) []int64   { return make([]int64, n) }

func (w *writer) putAccounts(files []*decide.File) {
	var (
		members                                              [][]byte
		units                                                []string
		balance, held, debt, earned, available, until, lapse []int64
	)
	for _, f := range files {
		for _, u := range slices.Sorted(maps.Keys(f.Accounts)) {
			a := f.Accounts[u]
			if !a.Dirty {
				continue
			}
			members, units = append(members, a.Member.Bytes()), append(units, string(u))
			balance, held, debt = append(balance, a.Balance), append(held, a.Held), append(debt, a.Debt())
			earned, available = append(earned, a.Earned), append(available, a.Available)
			until, lapse = append(until, int64(a.AvailableUntil)), append(lapse, int64(a.LapseAt))
		}
	}
	w.tx.Rows(qPutAccount, len(members), w.tenant, members, units, balance, held, debt, earned, available, until, lapse)
}

func (w *writer) putLots(files []*decide.File) {
	var list []*ledger.Lot
	for _, f := range files {
		for _, a := range f.Accounts {
			for _, l := range a.Lots {
				if l.New || l.Dirty {
					list = append(list, l)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b *ledger.Lot) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	n := len(list)
	ids, members, rewards := blobs(n), blobs(n), blobs(n)
	unit, origin := texts(n), texts(n)
	amount, remaining, since, opens, expires := ints(n), ints(n), ints(n), ints(n), ints(n)
	for i, l := range list {
		ids[i], members[i], rewards[i], unit[i], origin[i] = l.ID.Bytes(), l.Member.Bytes(), l.Reward.Bytes(), string(l.Unit), l.Origin
		amount[i], remaining[i], since[i] = l.Amount, l.Remaining, int64(l.Since)
		opens[i], expires[i] = int64(l.OpensAt), int64(l.ExpiresAt)
	}
	w.tx.Rows(qPutLot, n, w.tenant, ids, members, unit, rewards, origin, amount, remaining, since, opens, expires)
}

func (w *writer) putCounters(files []*decide.File) {
	var (
		owners, names, periods []string
		used                   []int64
	)
	put := func(c *loyalty.Counter) {
		if c.New || c.Dirty {
			owners, names = append(owners, c.Owner), append(names, c.Name)
			periods, used = append(periods, c.Period), append(used, c.Used)
		}
	}
	for _, f := range files {
		for _, c := range f.Counters {
			put(c)
		}
	}
	for _, c := range w.Dossiers.Budgets {
		put(c)
	}
	w.tx.Rows(qPutCounter, len(owners), w.tenant, owners, names, periods, used)
}

func (w *writer) putTerms(files []*decide.File) {
	var (
		members, programs [][]byte
		versions, since   []int64
		gone              []bool
	)
	for _, f := range files {
		for _, t := range f.Terms {
			if t.New || t.Dirty {
				members, programs = append(members, t.Member.Bytes()), append(programs, t.Program.Bytes())
				versions, since, gone = append(versions, int64(t.Version)), append(since, int64(t.Since)), append(gone, t.Gone)
			}
		}
	}
	w.tx.Rows(qPutTerms, len(members), w.tenant, members, programs, versions, since, gone)
}

func (w *writer) putTimers(files []*decide.File) {
	var (
		ids, members, programs      [][]byte
		due                         []int64
		kinds, rules, causes, state []string
	)
	for _, f := range files {
		for _, t := range f.Timers {
			if t.New || t.Dirty {
				ids, members, programs = append(ids, t.ID.Bytes()), append(members, t.Member.Bytes()), append(programs, t.Program.Bytes())
				due, kinds, rules = append(due, int64(t.DueAt)), append(kinds, t.Kind), append(rules, t.Rule)
				causes, state = append(causes, t.Cause), append(state, t.State)
			}
		}
	}
	w.tx.Rows(qPutTimer, len(ids), w.tenant, ids, due, kinds, members, programs, rules, causes, state)
}

func (w *writer) putReferrals(files []*decide.File) {
	var list []*loyalty.Referral
	for _, f := range files {
		for _, b := range f.Bonds {
			if b.New || b.Dirty {
				list = append(list, b)
			}
		}
	}
	// What ends goes first: a friend has one bond at a time.
	slices.SortStableFunc(list, func(a, b *loyalty.Referral) int {
		switch {
		case a.Bond == b.Bond:
			return bytes.Compare(a.ID[:], b.ID[:])
		case b.Bond:
			return -1
		}
		return 1
	})
	ended := slices.IndexFunc(list, func(b *loyalty.Referral) bool { return b.Bond })
	if ended < 0 {
		ended = len(list)
	}
	w.referrals(list[:ended])
	w.referrals(list[ended:])
}

func (w *writer) referrals(list []*loyalty.Referral) {
	n := len(list)
	ids, referrers, friends := blobs(n), blobs(n), blobs(n)
	origin, state, reason, order := texts(n), texts(n), texts(n), texts(n)
	touched, last, joined, score, bond := ints(n), ints(n), ints(n), ints(n), make([]bool, n)
	for i, b := range list {
		ids[i], referrers[i], friends[i] = b.ID.Bytes(), b.Referrer.Bytes(), b.Friend.Bytes()
		origin[i], state[i], reason[i], order[i] = b.Origin, b.State, b.Reason, b.Order
		touched[i], last[i], joined[i], bond[i] = int64(b.TouchedAt), int64(b.LastAt), int64(b.JoinedAt), b.Bond
		score[i] = b.Score
	}
	w.tx.Rows(qPutReferral, n, w.tenant, ids, referrers, friends, origin, state, reason, bond, touched, last, joined, order, score)
}

func (w *writer) putClaims(files []*decide.File) {
	var (
		rewards, members              [][]byte
		gifts, states                 []string
		hand                          []bool
		quantity, since, done, chosen []int64
		codes, deliveries, sites      []string
		pools, details                []string
	)
	for _, f := range files {
		for _, k := range f.Claims {
			if !k.New && !k.Dirty {
				continue
			}
			rewards, members = append(rewards, k.Reward.Bytes()), append(members, k.Member.Bytes())
			gifts, states, hand = append(gifts, k.Gift), append(states, k.State), append(hand, k.ByHand)
			quantity, since = append(quantity, k.Quantity), append(since, int64(k.Since))
			done, chosen = append(done, int64(k.DoneAt)), append(chosen, int64(k.Chosen))
			codes, deliveries, sites = append(codes, k.Code), append(deliveries, k.Delivery), append(sites, k.Site)
			detail := ""
			if k.Code != "" {
				detail = text(k.Detail)
			}
			pools, details = append(pools, k.Pool), append(details, detail)
		}
	}
	w.tx.Rows(qPutClaim, len(rewards), w.tenant, rewards, members, gifts, hand, quantity, states, since, done, chosen,
		codes, deliveries, sites, pools, details)
}

func (w *writer) putTags(files []*decide.File) {
	var (
		members [][]byte
		tags    []string
	)
	for _, f := range files {
		for t, x := range f.Tags {
			switch {
			case x.Dirty && x.On:
				members, tags = append(members, f.Member.ID.Bytes()), append(tags, t)
			case x.Dirty:
				w.tx.Rows(qDropTag, 1, w.tenant, f.Member.ID.Bytes(), t)
			}
		}
	}
	w.tx.Rows(qPutTag, len(members), w.tenant, members, tags)
}

func (w *writer) putVouchers() {
	n := len(w.vouchers)
	ids, members, rewards := blobs(n), blobs(n), blobs(n)
	code, kind, article, state := texts(n), texts(n), texts(n), texts(n)
	amount, uses, starts, expires, percent, used := ints(n), ints(n), ints(n), ints(n), ints(n), ints(n)
	for i, v := range w.vouchers {
		ids[i], members[i], rewards[i] = v.ID.Bytes(), v.Member.Bytes(), v.Reward.Bytes()
		code[i], kind[i], article[i], state[i] = v.Code, v.Kind, v.Article, v.State
		amount[i], uses[i], starts[i], expires[i] = v.Amount, v.UsesMax, int64(v.StartsAt), int64(v.ExpiresAt)
		percent[i], used[i] = v.Percent, v.Used
	}
	w.tx.Rows(qPutVoucher, n, w.tenant, ids, code, members, rewards, kind, article, amount, percent, uses, used, starts, expires, state)
}
