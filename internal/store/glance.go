package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"hash/maphash"
	"sync"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// A glance reads each table of a shop once, in its own order and without a join, and keeps
// what must come out as sums in memory. It names nothing: it only tells which sweeps
// cannot be spared. A sweep that joins a whole book takes seconds, and almost always finds
// nothing.
//
// What must agree is found by a hash of 64 bits with a seed of its own each time: two rows
// that share one would have to break an invariant in the same run to hide it.
type glance struct {
	v    *View
	shop int64
	now  moment.Time
	fact func(e id.Event, digest, text []byte) error

	part, parts uint64 // only what belongs to this part of all hashes is summed
	seed        maphash.Seed

	mu    sync.Mutex
	doubt map[*Q]bool

	wallets  map[uint64]wallet // by member and unit
	lots     map[uint64]int64  // by lot, member and unit: what is left less its postings
	rewards  map[uint64]int64  // by reward, member and unit: what it is worth less its postings
	vouchers map[uint64]worth  // by reward, of those that gave one
	waiting  map[uint64]bool   // rewards of referrals whose day has not come
	open     []uint64          // the rewards of lots that may be spent
	seen     Counted           // how many were walked
}

// wallet is an account less what postings and lots say about it.
type wallet struct {
	balance, left, usable int64
	account, fresh        bool
}

// worth is what a voucher's reward says about it.
type worth struct{ taken, given bool }

// partRows is how many accounts, lots and rewards are kept in memory at a time: some
// 300 MB. A book that has more is read several times.
const partRows = 8 << 20

var (
	qSeeAccounts = New("verify.see.accounts", `
		SELECT a.member_id, a.unit, a.balance, a.available + a.held, CASE WHEN a.available_until IS NULL OR a.available_until > $2 THEN 1 ELSE 0 END
		FROM accounts a WHERE a.shop_id = $1`)
	qSeeLots = New("verify.see.lots", `
		SELECT l.id, l.member_id, l.unit, l.remaining,
		  CASE WHEN l.opens_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2) THEN l.remaining ELSE 0 END,
		  CASE WHEN l.remaining < 0 OR l.remaining > l.amount OR l.remaining > 0 AND l.expires_at < $2 - 86400000000 THEN 1 ELSE 0 END,
		  l.reward_id
		FROM lots l WHERE l.shop_id = $1`)
	qSeeRewards = New("verify.see.rewards", `
		SELECT w.id, w.member_id, w.unit, w.amount - w.taken, w.program_id, w.version,
		  CASE WHEN w.state = 'given' THEN 1 WHEN w.state = 'waiting' AND w.due_at > $2 AND w.part IN ('referrer', 'friend') THEN 2 ELSE 0 END
		FROM rewards w WHERE w.shop_id = $1`)
	qSeeVersions = New("verify.see.versions", `
		SELECT v.program_id, v.version FROM program_versions v WHERE v.shop_id = $1`)
	qSeeVouchers = New("verify.see.vouchers", `
		SELECT v.reward_id, v.used, v.state, CASE WHEN v.used < 0 OR v.used > v.uses_max THEN 1 ELSE 0 END
		FROM vouchers v WHERE v.shop_id = $1`)
	qSeePostings = New("verify.see.postings", `
		SELECT p.txn_id, p.member_id, p.unit, p.lot_id, p.amount FROM postings p WHERE p.shop_id = $1 ORDER BY p.txn_id`)
	qSeeTransactions = New("verify.see.transactions", `
		SELECT t.id, t.event_id, t.reward_id, CASE WHEN t.actor = '' THEN 1 ELSE 0 END,
		  CASE WHEN t.reverses IS NULL THEN 0 ELSE 1 END
		FROM transactions t WHERE t.shop_id = $1 ORDER BY t.id`)
	qSeeEvents = New("verify.see.events", `SELECT e.id, e.digest, e.fact FROM events e WHERE e.shop_id = $1 ORDER BY e.id`)
)

// Glance counts what a shop has, and tells which sweeps have to be run over it. Every
// stored fact is given to fact, with the digest of what was first sent.
func (v *View) Glance(ctx context.Context, shop loyalty.ShopID, now moment.Time, fact func(e id.Event, digest, text []byte) error) (Counted, []Sweep, error) {
	size, err := v.counted(ctx, shop)
	if err != nil {
		return size, nil, err
	}
	g := &glance{v: v, shop: int64(shop), now: now, fact: fact, seed: maphash.MakeSeed(), doubt: map[*Q]bool{}}
	g.parts = max(v.Parts, 1+uint64(size.Accounts+size.Lots+size.Rewards)/partRows)
	for ; g.part < g.parts; g.part++ {
		g.wallets, g.lots = make(map[uint64]wallet, size.Accounts), make(map[uint64]int64, size.Lots)
		g.rewards, g.vouchers = make(map[uint64]int64, size.Rewards), make(map[uint64]worth, size.Vouchers)
		g.waiting, g.open, g.seen = map[uint64]bool{}, nil, size
		if err := g.once(ctx); err != nil {
			return size, nil, err
		}
	}
	var out []Sweep
	for _, w := range sweeps {
		if w.always || g.doubt[w.q] {
			out = append(out, w)
		}
	}
	return g.seen, out, nil
}

// once sums one part of the book: first what should be, then what was posted.
func (g *glance) once(ctx context.Context) error {
	var wait sync.WaitGroup
	var first, second error
	wait.Go(func() { first = errors.Join(g.seeAccounts(ctx), g.seeLots(ctx)) })
	wait.Go(func() { second = errors.Join(g.seeRewards(ctx), g.seeVouchers(ctx)) })
	wait.Wait()
	if err := errors.Join(first, second); err != nil {
		return err
	}
	if err := g.seeBook(ctx); err != nil {
		return err
	}
	g.conclude()
	return nil
}

func (g *glance) doubts(q *Q) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.doubt[q] = true
}

// key hashes what names a sum; ok is false where it belongs to another part. All that is
// summed of one lot, of one reward, of one member's wallet, belongs to one part.
func (g *glance) key(of, member []byte, unit string) (key uint64, ok bool) {
	var buf [64]byte
	b := append(buf[:0], of...)
	b = append(b, member...)
	b = append(b, unit...)
	key = maphash.Bytes(g.seed, b)
	if g.parts == 1 {
		return key, true
	}
	if of == nil {
		of = member
	}
	return key, maphash.Bytes(g.seed, of)%g.parts == g.part
}

func (g *glance) seeAccounts(ctx context.Context) error {
	var member, unit sql.RawBytes
	return g.v.Read(ctx, qSeeAccounts, func(r Scanner) error {
		var w wallet
		if err := r.Scan(&member, &unit, &w.balance, &w.usable, &w.fresh); err != nil {
			return err
		}
		if k, ok := g.key(nil, member, string(unit)); ok {
			w.account, w.left = true, max(w.balance, 0)
			g.wallets[k] = w
		}
		return nil
	}, g.shop, int64(g.now))
}

func (g *glance) seeLots(ctx context.Context) error {
	var lot, member, unit, reward sql.RawBytes
	return g.v.Read(ctx, qSeeLots, func(r Scanner) error {
		var left, usable int64
		var odd bool
		if err := r.Scan(&lot, &member, &unit, &left, &usable, &odd, &reward); err != nil {
			return err
		}
		if odd {
			g.doubts(qSweepEnds)
		}
		if k, ok := g.key(lot, member, string(unit)); ok {
			g.lots[k] = left
		}
		if k, ok := g.key(nil, member, string(unit)); ok && left > 0 {
			w := g.wallets[k]
			w.left, w.usable = w.left-left, w.usable-usable
			g.wallets[k] = w
		}
		if k, ok := g.key(reward, nil, ""); ok && usable > 0 {
			g.open = append(g.open, k)
		}
		return nil
	}, g.shop, int64(g.now))
}

func (g *glance) seeRewards(ctx context.Context) error {
	type version struct {
		program [16]byte
		n       int64
	}
	known := map[version]bool{}
	var reward, member, unit, program sql.RawBytes
	err := g.v.Read(ctx, qSeeVersions, func(r Scanner) error {
		var v version
		if err := r.Scan(&program, &v.n); err != nil {
			return err
		}
		copy(v.program[:], program)
		known[v] = true
		return nil
	}, g.shop)
	if err != nil {
		return err
	}
	return g.v.Read(ctx, qSeeRewards, func(r Scanner) error {
		var v version
		var left, state int64
		if err := r.Scan(&reward, &member, &unit, &left, &program, &v.n, &state); err != nil {
			return err
		}
		copy(v.program[:], program)
		if !known[v] {
			g.doubts(qSweepVersions)
		}
		if len(unit) > 0 {
			if k, ok := g.key(reward, member, string(unit)); ok {
				g.rewards[k] = left
			}
		} else if k, ok := g.key(reward, nil, ""); ok {
			g.vouchers[k] = worth{taken: left <= 0, given: state == 1}
		}
		if k, ok := g.key(reward, nil, ""); ok && state == 2 {
			g.waiting[k] = true
		}
		return nil
	}, g.shop, int64(g.now))
}

func (g *glance) seeVouchers(ctx context.Context) error {
	var reward, state sql.RawBytes
	return g.v.Read(ctx, qSeeVouchers, func(r Scanner) error {
		var used int64
		var odd bool
		if err := r.Scan(&reward, &used, &state, &odd); err != nil {
			return err
		}
		if odd {
			g.doubts(qSweepVouchers)
		}
		k, ok := g.key(reward, nil, "")
		if !ok {
			return nil
		}
		w, known := g.vouchers[k]
		switch {
		case !known:
			g.doubts(qSweepVouchers)
		case string(state) == loyalty.VoucherActive:
			if used == 0 && !w.given {
				g.doubts(qSweepVouchers)
			}
		case string(state) != loyalty.VoucherWithdrawn, used > 0, !w.taken:
			g.doubts(qSweepVouchers)
		}
		return nil
	}, g.shop)
}

// seen are the rows of the book as the walk needs them.
type (
	seenPosting struct {
		txn, member, lot [16]byte
		ours, ofLot      bool // a member's side; from a lot
		unit             string
		amount           int64
	}
	seenTransaction struct {
		id, event [16]byte
		reward    []byte
		nobody    bool // no actor
		reverses  bool
	}
	seenEvent struct{ id [16]byte }
)

// seeBook walks postings, transactions and events side by side.
func (g *glance) seeBook(ctx context.Context) error {
	postings := open(ctx, g.v, qSeePostings, scanPosting(), g.shop)
	transactions := open(ctx, g.v, qSeeTransactions, scanTransaction(), g.shop)
	events := open(ctx, g.v, qSeeEvents, g.scanEvent(), g.shop)
	var sums []sum
	for t := transactions.next(); t != nil; t = transactions.next() {
		for p := postings.next(); p != nil && bytes.Compare(p.txn[:], t.id[:]) < 0; p = postings.next() {
			g.doubts(qSweepTransactions) // nobody's
			g.post(p, nil)
			postings.take()
		}
		g.seen.Transactions++
		if t.reverses {
			g.doubts(qSweepReversals)
		}
		n, zero := 0, false
		sums = sums[:0]
		for p := postings.next(); p != nil && p.txn == t.id; p = postings.next() {
			n, zero = n+1, zero || p.amount == 0
			sums = add(sums, p.unit, p.amount)
			g.post(p, t.reward)
			postings.take()
		}
		for e := events.next(); e != nil && bytes.Compare(e.id[:], t.event[:]) < 0; e = events.next() {
			g.seen.Events++
			events.take()
		}
		e := events.next()
		if n < 2 || zero || t.nobody || e == nil || e.id != t.event || unbalanced(sums) {
			g.doubts(qSweepTransactions)
		}
		if n == 0 {
			g.doubts(qSweepEmpty)
		}
		transactions.take()
	}
	for p := postings.next(); p != nil; p = postings.next() {
		g.doubts(qSweepTransactions)
		g.post(p, nil)
		postings.take()
	}
	for e := events.next(); e != nil; e = events.next() {
		g.seen.Events++
		events.take()
	}
	return errors.Join(postings.rest(), transactions.rest(), events.rest())
}

// post takes a member's side off what it should add up to.
func (g *glance) post(p *seenPosting, reward []byte) {
	g.seen.Postings++
	if p.ofLot {
		if k, ok := g.key(p.lot[:], p.member[:], p.unit); ok {
			if left, known := g.lots[k]; known {
				g.lots[k] = left - p.amount
			} else {
				g.doubts(qSweepLots)
			}
		}
	}
	if !p.ours {
		return
	}
	if k, ok := g.key(nil, p.member[:], p.unit); ok {
		w, known := g.wallets[k]
		if !known {
			g.doubts(qSweepAccounts)
		}
		w.balance -= p.amount
		g.wallets[k] = w
	}
	if reward == nil {
		return
	}
	if k, ok := g.key(reward, p.member[:], p.unit); ok {
		if left, known := g.rewards[k]; known {
			g.rewards[k] = left - p.amount
		} else if v, ok := g.key(reward, nil, ""); ok {
			if _, known := g.vouchers[v]; !known { // it paid for no voucher either
				g.doubts(qSweepRewards)
			}
		}
	}
}

// conclude looks at what did not come out.
func (g *glance) conclude() {
	for _, w := range g.wallets {
		if !w.account || w.balance != 0 {
			g.doubts(qSweepAccounts)
		}
		if !w.account || w.left != 0 || w.fresh && w.usable != 0 {
			g.doubts(qSweepWallets)
		}
	}
	for _, left := range g.lots {
		if left != 0 {
			g.doubts(qSweepLots)
		}
	}
	for _, left := range g.rewards {
		if left != 0 {
			g.doubts(qSweepRewards)
		}
	}
	for _, reward := range g.open {
		if g.waiting[reward] {
			g.doubts(qSweepOpened)
		}
	}
}

// sum is what one transaction moves of one unit.
type sum struct {
	unit   string
	amount int64
}

func add(sums []sum, unit string, amount int64) []sum {
	for i := range sums {
		if sums[i].unit == unit {
			sums[i].amount += amount
			return sums
		}
	}
	return append(sums, sum{unit, amount})
}

func unbalanced(sums []sum) bool {
	for _, s := range sums {
		if s.amount != 0 {
			return true
		}
	}
	return false
}

func scanPosting() func(Scanner, *seenPosting) error {
	var txn, member, unit, lot sql.RawBytes
	units := map[string]string{} // there are few: one text for each
	return func(r Scanner, p *seenPosting) error {
		if err := r.Scan(&txn, &member, &unit, &lot, &p.amount); err != nil {
			return err
		}
		var known bool
		if p.unit, known = units[string(unit)]; !known {
			p.unit = string(unit)
			units[p.unit] = p.unit
		}
		copy(p.txn[:], txn)
		p.ours, p.ofLot = copy(p.member[:], member) > 0, copy(p.lot[:], lot) > 0
		return nil
	}
}

func scanTransaction() func(Scanner, *seenTransaction) error {
	var txn, event, reward sql.RawBytes
	return func(r Scanner, t *seenTransaction) error {
		if err := r.Scan(&txn, &event, &reward, &t.nobody, &t.reverses); err != nil {
			return err
		}
		copy(t.id[:], txn)
		copy(t.event[:], event)
		t.reward = bytes.Clone(reward)
		return nil
	}
}

func (g *glance) scanEvent() func(Scanner, *seenEvent) error {
	var event, digest, text sql.RawBytes
	return func(r Scanner, e *seenEvent) error {
		if err := r.Scan(&event, &digest, &text); err != nil {
			return err
		}
		copy(e.id[:], event)
		if g.part > 0 {
			return nil
		}
		return g.fact(e.id, digest, text)
	}
}
