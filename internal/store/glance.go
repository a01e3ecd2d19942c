package store

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"slices"
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
	fact func(e id.Event, digest, text []byte)

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
		  CASE WHEN w.state = 'given' OR w.state = 'waiting' AND w.unit = '' THEN 1 WHEN w.state = 'waiting' AND w.due_at > $2 AND w.part IN ('referrer', 'friend') THEN 2 ELSE 0 END
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
func (v *View) Glance(ctx context.Context, shop loyalty.ShopID, now moment.Time, fact func(e id.Event, digest, text []byte)) (Counted, []Sweep, error) {
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
	return g.v.look(ctx, qSeeAccounts, func(c cells) error {
		if k, ok := g.key(nil, c.bytes(0), c.text(1)); ok {
			balance := c.int(2)
			g.wallets[k] = wallet{account: true, balance: balance, left: max(balance, 0), usable: c.int(3), fresh: c.int(4) == 1}
		}
		return nil
	}, g.shop, int64(g.now))
}

func (g *glance) seeLots(ctx context.Context) error {
	return g.v.look(ctx, qSeeLots, func(c cells) error {
		member, unit, left, usable := c.bytes(1), c.text(2), c.int(3), c.int(4)
		if c.int(5) == 1 {
			g.doubts(qSweepEnds)
		}
		if k, ok := g.key(c.bytes(0), member, unit); ok {
			g.lots[k] = left
		}
		if k, ok := g.key(nil, member, unit); ok && left > 0 {
			w := g.wallets[k]
			w.left, w.usable = w.left-left, w.usable-usable
			g.wallets[k] = w
		}
		if k, ok := g.key(c.bytes(6), nil, ""); ok && usable > 0 {
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
	of := func(program []byte, n int64) version {
		v := version{n: n}
		copy(v.program[:], program)
		return v
	}
	err := g.v.look(ctx, qSeeVersions, func(c cells) error {
		known[of(c.bytes(0), c.int(1))] = true
		return nil
	}, g.shop)
	if err != nil {
		return err
	}
	return g.v.look(ctx, qSeeRewards, func(c cells) error {
		reward, unit, left, state := c.bytes(0), c.text(2), c.int(3), c.int(6)
		if !slices.ContainsFunc(c.bytes(4), func(b byte) bool { return b != 0 }) {
			return nil // what one member gave to another: no program, no postings of its own
		}
		if !known[of(c.bytes(4), c.int(5))] {
			g.doubts(qSweepVersions)
		}
		alone, ok := g.key(reward, nil, "")
		switch {
		case !ok:
		case unit == "":
			g.vouchers[alone] = worth{taken: left <= 0, given: state == rewardStands}
		default:
			k, _ := g.key(reward, c.bytes(1), unit)
			g.rewards[k] = left
			if state == rewardWaits {
				g.waiting[alone] = true
			}
		}
		return nil
	}, g.shop, int64(g.now))
}

// What qSeeRewards says of a reward's state.
const (
	rewardStands = 1
	rewardWaits  = 2
)

func (g *glance) seeVouchers(ctx context.Context) error {
	return g.v.look(ctx, qSeeVouchers, func(c cells) error {
		used, state := c.int(1), c.text(2)
		if c.int(3) == 1 {
			g.doubts(qSweepVouchers)
		}
		k, ok := g.key(c.bytes(0), nil, "")
		if !ok {
			return nil
		}
		w, known := g.vouchers[k]
		switch {
		case !known:
			g.doubts(qSweepVouchers)
		case state == loyalty.VoucherActive, state == loyalty.VoucherWaiting:
			if used == 0 && !w.given {
				g.doubts(qSweepVouchers)
			}
		case state != loyalty.VoucherWithdrawn, used > 0, !w.taken:
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
		id, event, reward [16]byte
		rewarded          bool // reward names one
		nobody            bool // no actor
		reverses          bool
	}
	seenEvent struct{ id [16]byte }
)

// seeBook walks postings, transactions and events side by side.
func (g *glance) seeBook(ctx context.Context) error {
	postings := open(ctx, g.v, qSeePostings, seePosting, g.shop)
	transactions := open(ctx, g.v, qSeeTransactions, seeTransaction, g.shop)
	events := open(ctx, g.v, qSeeEvents, g.seeEvent, g.shop)
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
			g.post(p, t)
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
func (g *glance) post(p *seenPosting, t *seenTransaction) {
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
	if t == nil || !t.rewarded {
		return
	}
	if k, ok := g.key(t.reward[:], p.member[:], p.unit); ok {
		if left, known := g.rewards[k]; known {
			g.rewards[k] = left - p.amount
		} else if v, ok := g.key(t.reward[:], nil, ""); ok {
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

func seePosting(c cells, p *seenPosting) {
	copy(p.txn[:], c.bytes(0))
	p.ours, p.ofLot = copy(p.member[:], c.bytes(1)) > 0, copy(p.lot[:], c.bytes(3)) > 0
	p.unit, p.amount = c.text(2), c.int(4)
}

func seeTransaction(c cells, t *seenTransaction) {
	copy(t.id[:], c.bytes(0))
	copy(t.event[:], c.bytes(1))
	t.rewarded = copy(t.reward[:], c.bytes(2)) > 0
	t.nobody, t.reverses = c.int(3) == 1, c.int(4) == 1
}

func (g *glance) seeEvent(c cells, e *seenEvent) {
	copy(e.id[:], c.bytes(0))
	if g.part == 0 {
		g.fact(e.id, c.bytes(1), c.bytes(2))
	}
}
