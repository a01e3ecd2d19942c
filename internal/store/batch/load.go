package batch

import (
	"context"
	"errors"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

const (
	rewardColumns = `w.id, w.program_id, w.version, w.rule, w.member_id, w.once, w.part, w.cause, w.from_member, w.event_id,
		w.unit, w.amount, w.taken, w.absorbed, w.granted, w.basis, w.returned, w.state, w.given_at, COALESCE(w.due_at, 0), w.spent, w.choice, w.weights`
	lotColumns = `l.id, l.member_id, l.unit, l.reward_id, l.origin, l.amount, l.remaining, l.since,
		COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0)`
	timerColumns = `t.id, t.due_at, t.kind, t.member_id, t.program_id, t.rule, t.cause, t.state`
)

var (
	qMembers = store.New("batch.members", `
		SELECT m.id, m.state, COALESCE(m.registered_at, 0), COALESCE(m.first_order_at, 0), m.judged_to, m.judged_key,
		  m.birthday, m.grp, m.merged_into, m.settled, m.signals
		FROM members m WHERE m.shop_id = $1 AND m.id {{in id:bytea}}`)
	qAccounts = store.New("batch.accounts", `
		SELECT a.member_id, a.unit, a.balance, a.held, a.earned, a.available, COALESCE(a.available_until, 0), COALESCE(a.lapse_at, 0)
		FROM accounts a WHERE a.shop_id = $1 AND a.member_id {{in id:bytea}}`)
	qTerms = store.New("batch.terms", `
		SELECT t.member_id, t.program_id, t.version, t.since, t.gone
		FROM terms t WHERE t.shop_id = $1 AND t.member_id {{in id:bytea}}`)
	qReferrals = store.New("batch.referrals", `
		SELECT f.id, f.referrer_id, f.friend_id, f.origin, f.state, f.reason, f.bond, f.touched_at, f.last_at,
		  f.joined_at, f.order_name, f.score
		FROM referrals f WHERE f.shop_id = $1 AND f.friend_id {{in id:bytea}}`)
	qReferred = store.New("batch.referrals.by", `
		SELECT f.id, f.referrer_id, f.friend_id, f.origin, f.state, f.reason, f.bond, f.touched_at, f.last_at,
		  f.joined_at, f.order_name, f.score
		FROM referrals f WHERE f.shop_id = $1 AND f.referrer_id {{in id:bytea}}`)
	qTags = store.New("batch.tags", `
		SELECT t.member_id, t.tag FROM tags t WHERE t.shop_id = $1 AND t.member_id {{in id:bytea}}`)
	qClaimsOf = store.New("batch.claims.of", `
		SELECT k.reward_id, k.member_id, k.gift, k.by_hand, k.quantity, k.state, k.since, COALESCE(k.done_at, 0), k.chosen,
		  k.code, k.delivery, k.site, k.pool, k.detail
		FROM claims k WHERE k.shop_id = $1 AND k.member_id {{in id:bytea}}`)
	qOrders = store.New("batch.orders", `
		SELECT `+store.OrderColumns+` FROM orders o WHERE o.shop_id = $1 AND o.series {{in series:text}} AND o.ref {{in ref:text}}`)
	qOrdersOf = store.New("batch.orders.of", `
		SELECT `+store.OrderColumns+` FROM orders o WHERE o.shop_id = $1 AND o.member_id {{in id:bytea}}`)
	qRewardsByCause = store.New("batch.rewards.cause", `
		SELECT `+rewardColumns+` FROM rewards w WHERE w.shop_id = $1 AND w.cause {{in cause:text}}`)
	qRewardsLost = store.New("batch.rewards.lost", `
		SELECT `+rewardColumns+` FROM rewards w WHERE w.shop_id = $1 AND w.cause {{in cause:text}} AND w.state = 'void'`)
	qRewardsEver = store.New("batch.rewards.ever", `
		SELECT `+rewardColumns+` FROM rewards w WHERE w.shop_id = $1 AND w.once = '`+decide.OnceEver+`' AND w.member_id {{in id:bytea}}`)
	qRewardsOnce = store.New("batch.rewards.once", `
		SELECT `+rewardColumns+` FROM rewards w WHERE w.shop_id = $1 AND w.once {{in once:text}}`)
	qRewardsOf = store.New("batch.rewards.of", `
		SELECT `+rewardColumns+` FROM rewards w WHERE w.shop_id = $1 AND w.member_id {{in id:bytea}}`)
	// What somebody gave to another one by hand is not judged again: no program stands behind it.
	qRewardsFrom = store.New("batch.rewards.from", `
		SELECT `+rewardColumns+` FROM rewards w WHERE w.shop_id = $1 AND w.from_member {{in id:bytea}} AND w.from_member <> w.member_id
		  AND w.rule <> 'transfer'`)
	qCounters = store.New("batch.counters", `
		SELECT c.owner, c.name, c.period, c.used FROM counters c WHERE c.shop_id = $1 AND c.owner {{in owner:text}} AND c.name {{in name:text}} AND c.period {{in period:text}}`)
	qCountersOf = store.New("batch.counters.of", `
		SELECT c.owner, c.name, c.period, c.used FROM counters c WHERE c.shop_id = $1 AND c.owner {{in owner:text}}`)
	qTimersDue = store.New("batch.timers.due", `
		SELECT `+timerColumns+` FROM timers t WHERE t.shop_id = $1 AND t.member_id {{in id:bytea}} AND t.state = 'waiting' AND t.due_at <= $2`)
	qTimersOf = store.New("batch.timers.of", `
		SELECT `+timerColumns+` FROM timers t WHERE t.shop_id = $1 AND t.member_id {{in id:bytea}}`)
	qLots = store.New("batch.lots", `
		SELECT `+lotColumns+` FROM lots l WHERE l.shop_id = $1 AND l.member_id {{in id:bytea}} AND l.unit {{in unit:text}} AND l.remaining > 0`)
	qLotsOf = store.New("batch.lots.of", `
		SELECT `+lotColumns+` FROM lots l WHERE l.shop_id = $1 AND l.member_id {{in id:bytea}}`)
	qVouchersOf = store.New("batch.vouchers.of", `
		SELECT v.id, v.code, v.member_id, v.reward_id, v.kind, v.article, v.amount, v.percent, v.uses_max, v.used, v.starts_at,
		  COALESCE(v.expires_at, 0), v.state
		FROM vouchers v WHERE v.shop_id = $1 AND v.member_id {{in id:bytea}} AND v.batch_id IS NULL`)
	qPast = store.New("batch.events.past", `
		SELECT e.id, e.feed, e.external_id, e.via, e.origin, e.recorded_at, e.fold_at, e.member_id, e.fact
		FROM events e WHERE e.shop_id = $1 AND e.member_id {{in id:bytea}}
		  AND e.kind <> 'clock_due'`)
	qOrphans = store.New("batch.events.orphans", `
		SELECT e.id, e.feed, e.external_id, e.via, e.origin, e.recorded_at, e.fold_at, e.member_id, e.fact
		FROM events e WHERE e.shop_id = $1 AND e.order_id {{in id:bytea}} AND e.member_id IS NULL`)
	qBookRev  = store.New("batch.shops.rev", `SELECT book_rev FROM shops WHERE shop_id = $1`)
	qReceipts = store.New("batch.receipts", `
		SELECT p.event_id, p.body FROM receipts p WHERE p.shop_id = $1 AND p.event_id {{in id:bytea}}`)
)

var noProgram id.Program

// ErrStaleBook is returned when programs changed since the book was loaded.
var ErrStaleBook = errors.New("the programs have changed")

// load reads the dossiers in two steps: what every fact needs, and what only some do
// (returns, late facts, what is due).
func (b *Batch) load(ctx context.Context) error {
	l := &loader{Batch: b, tenant: int64(b.shop.ID), lots: map[id.Lot]bool{}}
	l.first()
	if err := b.tx.Flush(ctx); err != nil {
		return err
	}
	if l.stale && !staleAccepted {
		return ErrStaleBook
	}
	l.missing()
	l.strangers()
	l.giftLimits()
	wide, full := l.need()
	if len(wide)+len(full) == 0 {
		if len(l.Dossiers.Carts) > 0 {
			l.limits(nil)
		}
		return l.tx.Flush(ctx)
	}
	return l.second(ctx, wide, full)
}

type loader struct {
	*Batch
	tenant  int64
	members set[id.MemberKind]
	seen    map[id.Reward]bool
	lots    map[id.Lot]bool
	stale   bool
	asked   cartsAsked

	budgetOwners, budgetNames, budgetPeriods []string
}

// first queues what every fact needs.
func (l *loader) first() {
	l.members, l.seen = set[id.MemberKind]{}, map[id.Reward]bool{}
	var (
		series, refs, causes, onces, owners, names, periods []string
		recorded, released                                  [][]byte
		ever                                                = set[id.MemberKind]{}
		seen                                                = map[string]bool{}
	)
	reaches, tagged := len(l.book.ReachedUnits()) > 0, l.book.Tags()
	made := func(m id.Member) bool { return l.Dossiers.Files[m] != nil } // by this batch: nothing to load
	for _, it := range l.Items {
		if it.Stored != nil {
			if !seen["s"+it.Stored.ID.String()] {
				seen["s"+it.Stored.ID.String()] = true
				recorded = append(recorded, it.Stored.ID.Bytes())
			}
			continue
		}
		if it.Again || it.Err != nil {
			continue
		}
		f := it.Fact
		m := f.MemberID
		others := l.others(it)
		l.members.add(m)
		for _, x := range others {
			l.members.add(x)
			if up := l.upline(x); len(up) > 0 {
				l.Dossiers.Uplines[x] = up
			}
		}
		s, r := orderOf(f)
		name := loyalty.OrderName(s, r)
		if _, there := l.heads[name]; there && !seen["o"+name] { // a new order has no row, and gave nothing yet
			seen["o"+name] = true
			series, refs = append(series, s), append(refs, r)
			causes = append(causes, decide.OrderCause(name))
		}
		if s, r := cartOf(f); r != "" { // an order does not spend what it earns itself
			causes = append(causes, decide.OrderCause(loyalty.OrderName(s, r)))
		}
		l.asked.add(l.Batch, f)
		if u, ok := l.use(f); ok { // what rules gave for a use that is given back
			causes = append(causes, u.cause)
			released = append(released, u.event.Bytes())
		}
		if f.Kind == loyalty.CartUpdated { // a cart has no row; what it gave is found by its name
			causes = append(causes, decide.CartCause(f.Order.Name()))
		}
		if !m.IsZero() && !made(m) {
			ever.add(m)
			if key := decide.ReferralKey(m); len(others) > 0 && !seen["r"+key] {
				seen["r"+key] = true
				onces = append(onces, key)
			}
		}
		for _, who := range append(others, m) {
			if who.IsZero() || made(who) {
				continue
			}
			if reaches {
				ever.add(who)
			}
			for _, c := range append(l.caps(f), l.uses(f)...) {
				k := who.String() + c.Name + c.Period
				if !seen["c"+k] {
					seen["c"+k] = true
					owners, names, periods = append(owners, who.String()), append(names, c.Name), append(periods, c.Period)
				}
			}
		}
		l.budgets(f, seen)
		tagged = tagged || f.Kind == loyalty.StaffTag || f.Kind == loyalty.GiftClaimed
	}
	for m := range l.Dossiers.Files {
		delete(l.members, m)
	}
	members := l.members.column()
	l.tx.Query(qMembers, len(members), l.member, l.tenant, members)
	l.tx.Query(qAccounts, len(members), l.account, l.tenant, members)
	l.tx.Query(qTerms, len(members), l.terms, l.tenant, members)
	l.tx.Query(qReferrals, len(members), l.referral, l.tenant, members)
	if tagged {
		l.tx.Query(qTags, len(members), l.tag, l.tenant, members)
	}
	l.tx.Query(qCounters, len(l.budgetOwners), l.budget, l.tenant, l.budgetOwners, l.budgetNames, l.budgetPeriods)
	l.tx.Query(qTimersDue, len(members), l.timer, l.tenant, int64(l.Now), members)
	l.tx.Query(qOrders, len(refs), l.order, l.tenant, series, refs)
	l.tx.Query(qRewardsByCause, len(causes), l.reward, l.tenant, causes)
	if len(l.book.LotUnits()) > 0 { // an exchange that a late fact undid is made again under the same number
		lost := make([]string, 0, len(l.members))
		for m := range l.members {
			lost = append(lost, decide.ExchangeCause(m))
		}
		slices.Sort(lost)
		l.tx.Query(qRewardsLost, len(lost), l.reward, l.tenant, lost)
	}
	if l.book.Once() {
		l.tx.Query(qRewardsEver, len(ever), l.reward, l.tenant, ever.column())
		l.tx.Query(qRewardsOnce, len(onces), l.reward, l.tenant, onces)
	}
	l.tx.Query(qCounters, len(owners), l.counter, l.tenant, owners, names, periods)
	l.takes(seen)
	l.stocked()
	l.tx.Query(qUses, len(released), l.voucherUse, l.tenant, released)
	l.tx.Query(qBookRev, 1, func(r store.Scanner) error {
		var rev int64
		if err := r.Scan(&rev); err != nil {
			return err
		}
		l.stale = rev != l.book.Rev
		return nil
	}, l.tenant)
	l.tx.Query(qReceipts, len(recorded), l.receipt, l.tenant, recorded)
	var lotIDs [][]byte
	var lotUnits []string
	for _, u := range l.book.LotUnits() {
		for _, m := range members {
			lotIDs, lotUnits = append(lotIDs, m), append(lotUnits, string(u))
		}
	}
	l.tx.Query(qLots, len(lotIDs), l.lot, l.tenant, lotIDs, lotUnits)
}

// others are whom a fact concerns beside its member: who sent him or may have, the other
// one whom it names, prospects who are he.
func (l *loader) others(it *Item) []id.Member {
	f := it.Fact
	var out []id.Member
	add := func(x id.Member) {
		if !x.IsZero() && x != f.MemberID && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	for _, who := range append([]id.Member{f.MemberID, f.Other.ID}, f.Absorb...) {
		if who != f.MemberID {
			add(who)
		}
		for _, t := range l.bonds[who] {
			add(t.referrer)
		}
	}
	add(f.Referrer.ID)
	if h, ok := l.cart(f); ok { // what its cart took may be his
		add(h.member)
	}
	for _, x := range l.Batch.stock.waiting[f.Pool] {
		add(x)
	}
	for _, x := range it.Others {
		add(x)
	}
	return out
}

// budgets notes the counters that all members compete for.
func (l *loader) budgets(f *loyalty.Fact, seen map[string]bool) {
	for _, p := range l.book.Limited() {
		for _, n := range decide.BudgetNames(p, f.FoldAt, l.shop) {
			if k := "budget " + decide.BudgetRef(n); !seen[k] {
				seen[k] = true
				l.budgetOwners, l.budgetNames = append(l.budgetOwners, p.ID.String()), append(l.budgetNames, n.Name)
				l.budgetPeriods = append(l.budgetPeriods, n.Period)
			}
		}
	}
}

// caps lists the counters that the rules of a fact's day may read.
func (l *loader) caps(f *loyalty.Fact) []decide.CounterName {
	out := []decide.CounterName{decide.FriendsName(f.FoldAt, l.shop)}
	for _, r := range l.book.Counting() {
		for _, n := range decide.CapNames(r, f.FoldAt, l.shop) {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

func (l *loader) file(m id.Member) *decide.File {
	f := l.Dossiers.Files[m]
	if f == nil {
		f = decide.NewFile(&loyalty.Member{ID: m})
		l.Dossiers.Files[m] = f
	}
	return f
}

// missing refuses facts that name a member who does not exist here.
func (l *loader) missing() {
	for _, it := range l.Items {
		m := it.Fact.MemberID
		if it.Stored != nil || it.Again || it.Err != nil || m.IsZero() {
			continue
		}
		if f := l.Dossiers.Files[m]; f == nil || f.Member.State == "" {
			it.Err = loyalty.NotFound("member", "member_unknown")
		}
	}
}

// strangers sends back facts whose rewards belong to somebody who was not thought of: they
// come again with his turn taken. What was read of him is forgotten.
func (l *loader) strangers() {
	for cause, list := range l.Dossiers.Causes {
		var known []*loyalty.Reward
		for _, x := range list {
			if l.Dossiers.Files[x.Key.Member].Member.State != "" {
				known = append(known, x)
				continue
			}
			for _, it := range l.Items {
				if it.Fact.MemberID == x.From && !slices.Contains(it.Others, x.Key.Member) {
					it.Again, it.Others = true, append(it.Others, x.Key.Member)
				}
			}
		}
		l.Dossiers.Causes[cause] = known
	}
	for m, f := range l.Dossiers.Files {
		if f.Member.State == "" {
			delete(l.Dossiers.Files, m)
		}
	}
}
