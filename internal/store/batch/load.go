package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
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
		SELECT k.reward_id, k.member_id, k.gift, k.by_hand, k.quantity, k.state, k.since, COALESCE(k.done_at, 0), k.chosen
		FROM claims k WHERE k.shop_id = $1 AND k.member_id {{in id:bytea}}`)
	qBudgets = store.New("batch.budgets", `
		SELECT c.owner, c.name, c.period, c.used FROM counters c WHERE c.shop_id = $1 AND c.owner {{in owner:text}} AND c.name {{in name:text}} AND c.period {{in period:text}}`)
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
		FROM vouchers v WHERE v.shop_id = $1 AND v.member_id {{in id:bytea}}`)
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
	wide, full := l.need()
	if len(wide)+len(full) == 0 {
		return nil
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

	budgetOwners, budgetNames, budgetPeriods []string
}

// first queues what every fact needs.
func (l *loader) first() {
	l.members, l.seen = set[id.MemberKind]{}, map[id.Reward]bool{}
	var (
		series, refs, causes, onces, owners, names, periods []string
		recorded                                            [][]byte
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
			for _, c := range l.caps(f) {
				k := who.String() + c.Name + c.Period
				if !seen["c"+k] {
					seen["c"+k] = true
					owners, names, periods = append(owners, who.String()), append(names, c.Name), append(periods, c.Period)
				}
			}
		}
		l.budgets(f, seen)
		tagged = tagged || f.Kind == loyalty.StaffTag
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
	l.tx.Query(qBudgets, len(l.budgetOwners), l.budget, l.tenant, l.budgetOwners, l.budgetNames, l.budgetPeriods)
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
	for _, x := range it.Others {
		add(x)
	}
	return out
}

// budgets notes the counters that all members compete for.
func (l *loader) budgets(f *loyalty.Fact, seen map[string]bool) {
	for _, p := range l.book.Limited() {
		for _, n := range decide.BudgetNames(p, f.FoldAt, l.shop) {
			if k := "b" + p.ID.String() + n.Name + "\x1f" + n.Period; !seen[k] {
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

func (l *loader) member(r store.Scanner) error {
	var m loyalty.Member
	var signals string
	err := r.Scan(&m.ID, &m.State, &m.RegisteredAt, &m.FirstOrderAt, &m.JudgedTo.At, &m.JudgedTo.Key, &m.Birthday, &m.Group,
		&m.MergedInto, &m.Settled, &signals)
	if err != nil {
		return err
	}
	if signals != "" {
		if err := json.Unmarshal([]byte(signals), &m.Signals); err != nil {
			return fmt.Errorf("signals of %s: %w", m.ID, err)
		}
	}
	*l.file(m.ID).Member = m
	return nil
}

func (l *loader) account(r store.Scanner) error {
	a := &ledger.Account{}
	if err := r.Scan(&a.Member, &a.Unit, &a.Balance, &a.Held, &a.Earned, &a.Available, &a.AvailableUntil, &a.LapseAt); err != nil {
		return err
	}
	f := l.file(a.Member)
	a.LotsLoaded = l.book.NeedsLots(a.Unit)
	if was := f.Accounts[a.Unit]; was != nil {
		a.Lots = was.Lots
	}
	f.Accounts[a.Unit] = a
	return nil
}

func (l *loader) lot(r store.Scanner) error {
	x := &ledger.Lot{}
	err := r.Scan(&x.ID, &x.Member, &x.Unit, &x.Reward, &x.Origin, &x.Amount, &x.Remaining, &x.Since, &x.OpensAt, &x.ExpiresAt)
	if err != nil {
		return err
	}
	f := l.file(x.Member)
	a := f.Accounts[x.Unit]
	if a == nil {
		return fmt.Errorf("lot %s has no account", x.ID)
	}
	if !l.lots[x.ID] {
		l.lots[x.ID] = true
		a.Lots = append(a.Lots, x)
	}
	a.LotsLoaded = true
	return nil
}

func (l *loader) terms(r store.Scanner) error {
	t := &loyalty.Terms{}
	if err := r.Scan(&t.Member, &t.Program, &t.Version, &t.Since, &t.Gone); err != nil {
		return err
	}
	l.file(t.Member).Terms[t.Program] = t
	return nil
}

func (l *loader) referral(r store.Scanner) error {
	f := &loyalty.Referral{}
	err := r.Scan(&f.ID, &f.Referrer, &f.Friend, &f.Origin, &f.State, &f.Reason, &f.Bond, &f.TouchedAt, &f.LastAt, &f.JoinedAt,
		&f.Order, &f.Score)
	if err != nil {
		return err
	}
	if file := l.file(f.Friend); file.Touch(f.Referrer) == nil {
		file.Bonds = append(file.Bonds, f)
	}
	return nil
}

func (l *loader) tag(r store.Scanner) error {
	var m id.Member
	var tag string
	if err := r.Scan(&m, &tag); err != nil {
		return err
	}
	l.file(m).Tags[tag] = decide.Tag{On: true}
	return nil
}

func (l *loader) claim(r store.Scanner) error {
	k := &loyalty.Claim{}
	err := r.Scan(&k.Reward, &k.Member, &k.Gift, &k.ByHand, &k.Quantity, &k.State, &k.Since, &k.DoneAt, &k.Chosen)
	if err != nil {
		return err
	}
	l.file(k.Member).Claims[k.Reward] = k
	return nil
}

func (l *loader) budget(r store.Scanner) error {
	c := &loyalty.Counter{}
	if err := r.Scan(&c.Owner, &c.Name, &c.Period, &c.Used); err != nil {
		return err
	}
	p, err := id.Parse[id.ProgramKind](c.Owner)
	if err != nil {
		return err
	}
	l.Dossiers.Budgets[decide.BudgetName{Program: p, CounterName: decide.CounterName{Name: c.Name, Period: c.Period}}] = c
	return nil
}

func (l *loader) order(r store.Scanner) error {
	o, err := store.ScanOrder(r)
	if err == nil && l.Dossiers.Orders[o.Name()] == nil {
		l.Dossiers.Orders[o.Name()] = o
	}
	return err
}

func (l *loader) reward(r store.Scanner) error {
	x := &loyalty.Reward{}
	var spent, weights string
	err := r.Scan(&x.ID, &x.Key.Program, &x.Version, &x.Key.Rule, &x.Key.Member, &x.Key.Once, &x.Part, &x.Cause, &x.From, &x.Event,
		&x.Unit, &x.Amount, &x.Taken, &x.Absorbed, &x.Granted, &x.Basis, &x.Returned, &x.State, &x.GivenAt, &x.DueAt, &spent,
		&x.Option, &weights)
	if err != nil {
		return err
	}
	if l.seen[x.ID] {
		return nil
	}
	l.seen[x.ID] = true
	if spent != "" {
		if err := json.Unmarshal([]byte(spent), &x.Spent); err != nil {
			return fmt.Errorf("price of reward %s: %w", x.ID, err)
		}
	}
	if weights != "" {
		if err := json.Unmarshal([]byte(weights), &x.Weights); err != nil {
			return fmt.Errorf("weights of reward %s: %w", x.ID, err)
		}
	}
	l.Dossiers.AddReward(l.file(x.Key.Member), x)
	return nil
}

func (l *loader) counter(r store.Scanner) error {
	c := &loyalty.Counter{}
	if err := r.Scan(&c.Owner, &c.Name, &c.Period, &c.Used); err != nil {
		return err
	}
	m, err := id.Parse[id.MemberKind](c.Owner)
	if err != nil {
		return err
	}
	l.file(m).Counters[decide.CounterName{Name: c.Name, Period: c.Period}] = c
	return nil
}

func (l *loader) timer(r store.Scanner) error {
	t := &loyalty.Timer{}
	if err := r.Scan(&t.ID, &t.DueAt, &t.Kind, &t.Member, &t.Program, &t.Rule, &t.Cause, &t.State); err != nil {
		return err
	}
	f := l.file(t.Member)
	if !slices.ContainsFunc(f.Timers, func(x *loyalty.Timer) bool { return x.ID == t.ID }) {
		f.Timers = append(f.Timers, t)
	}
	return nil
}

func (l *loader) voucher(r store.Scanner) error {
	v := &loyalty.Voucher{}
	err := r.Scan(&v.ID, &v.Code, &v.Member, &v.Reward, &v.Kind, &v.Article, &v.Amount, &v.Percent, &v.UsesMax, &v.Used, &v.StartsAt, &v.ExpiresAt, &v.State)
	if err != nil {
		return err
	}
	l.file(v.Member).Vouchers[v.Reward] = v
	return nil
}

func (l *loader) receipt(r store.Scanner) error {
	var event id.Event
	var body string
	if err := r.Scan(&event, &body); err != nil {
		return err
	}
	var lines []loyalty.ReceiptLine
	if err := json.Unmarshal([]byte(body), &lines); err != nil {
		return fmt.Errorf("receipt of %s: %w", event, err)
	}
	for _, s := range l.known {
		if s.ID == event {
			s.Lines = append(s.Lines, lines...)
		}
	}
	return nil
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
		case f.Kind == loyalty.Transferred, f.Kind == loyalty.ExchangeAsked, f.Kind == loyalty.VoucherRedeemed:
			wide.add(f.MemberID)
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
	l.tx.Query(qCounters, len(owners), l.counter, l.tenant, owners, names, periods)
	l.tx.Query(qBudgets, len(l.budgetOwners), l.budget, l.tenant, l.budgetOwners, l.budgetNames, l.budgetPeriods)
}

func (l *loader) past(r store.Scanner) error {
	f, err := scanFact(r)
	if err != nil {
		return err
	}
	file := l.file(f.MemberID)
	file.Past = append(file.Past, f)
	return nil
}

// orphan is a fact that named nobody, about an order that has a member by now, or gets
// one from a fact of this batch.
func (l *loader) orphan(r store.Scanner) error {
	f, err := scanFact(r)
	if err != nil {
		return err
	}
	s, ref := orderOf(f)
	name := loyalty.OrderName(s, ref)
	owner := id.Member{}
	if o := l.Dossiers.Orders[name]; o != nil {
		owner = o.Member
	}
	for _, it := range l.Items {
		if s, r := orderOf(it.Fact); owner.IsZero() && r != "" && loyalty.OrderName(s, r) == name {
			owner = it.Fact.MemberID
		}
	}
	if file := l.Dossiers.Files[owner]; file != nil && file.Full {
		f.MemberID = owner
		file.Past = append(file.Past, f)
	}
	return nil
}

func scanFact(r store.Scanner) (*loyalty.Fact, error) {
	f := &loyalty.Fact{}
	var (
		eid  id.Event
		m    id.Member
		fold moment.Time
		body string
	)
	var feed, ext, via, origin string
	var recorded moment.Time
	if err := r.Scan(&eid, &feed, &ext, &via, &origin, &recorded, &fold, &m, &body); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(body), f); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", eid, err)
	}
	f.ID, f.Feed, f.ExternalID, f.Via, f.Origin, f.RecordedAt, f.FoldAt, f.MemberID = eid, feed, ext, via, origin, recorded, fold, m
	return f, nil
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
