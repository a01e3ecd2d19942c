package store

import (
	"context"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// The sweeps behind `verify`. Each reads a shop's rows once and returns only what is
// broken: the row's id, what else names it, and tags such as "L1:sum_not_zero ". $1 is the
// shop, $2 its now. One sweep may serve several invariants, since reading is what costs.
//
// Two tables are compared by putting their rows one below the other and grouping: an outer
// join of both sides is a loop in a loop on SQLite. `length(member_id) = 16` says "a
// member's side" without offering the index of members' postings: a whole book is read
// faster in its own order.
var (
	// Every posting: a transaction around it. Every transaction: two postings or more that
	// sum to zero for each unit, an event behind it, an actor.
	qSweepTransactions = New("verify.transactions", `
		SELECT g.txn_id, '',
		  CASE WHEN t.id IS NULL THEN 'L12:posting_without_transaction '
		  ELSE
		    CASE WHEN g.n < 2 THEN 'L1:fewer_than_two_postings ' ELSE '' END ||
		    CASE WHEN g.zeros > 0 THEN 'L1:posting_of_zero ' ELSE '' END ||
		    CASE WHEN g.lowest = g.highest AND g.total <> 0 OR g.lowest <> g.highest AND EXISTS (
		        SELECT 1 FROM postings q WHERE q.shop_id = $1 AND q.txn_id = t.id GROUP BY q.unit HAVING SUM(q.amount) <> 0)
		      THEN 'L1:sum_not_zero ' ELSE '' END ||
		    CASE WHEN e.id IS NULL THEN 'L5:no_event ' ELSE '' END ||
		    CASE WHEN t.actor = '' THEN 'L5:no_actor ' ELSE '' END
		  END
		FROM (
		  SELECT p.txn_id, COUNT(*) AS n, SUM(p.amount) AS total, MIN(p.unit) AS lowest, MAX(p.unit) AS highest,
		    SUM(CASE WHEN p.amount = 0 THEN 1 ELSE 0 END) AS zeros
		  FROM postings p WHERE p.shop_id = $1 GROUP BY p.txn_id
		) AS g
		LEFT JOIN transactions t ON t.shop_id = $1 AND t.id = g.txn_id
		LEFT JOIN events e ON e.shop_id = $1 AND e.id = t.event_id
		WHERE e.id IS NULL OR t.actor = '' OR g.n < 2 OR g.zeros > 0 OR g.total <> 0 OR g.lowest <> g.highest`)
	qSweepEmpty = New("verify.transactions.empty", `
		SELECT t.id, '', 'L1:fewer_than_two_postings ' FROM transactions t WHERE t.shop_id = $1
		  AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.shop_id = $1 AND p.txn_id = t.id)`)

	// Every account: what is cached equals its postings.
	qSweepAccounts = New("verify.accounts", `
		SELECT x.member_id, x.unit, CASE WHEN SUM(x.accounts) = 0 THEN 'L2:postings_without_account ' ELSE 'L2:balance ' END
		FROM (
		  SELECT a.member_id, a.unit, 1 AS accounts, a.balance AS cached, 0 AS posted FROM accounts a WHERE a.shop_id = $1
		  UNION ALL
		  SELECT p.member_id, p.unit, 0, 0, p.amount FROM postings p WHERE p.shop_id = $1 AND length(p.member_id) = 16
		) AS x
		GROUP BY x.member_id, x.unit HAVING SUM(x.accounts) = 0 OR SUM(x.cached) <> SUM(x.posted)`)
	qSweepFloors = New("verify.floors", `
		SELECT a.member_id, a.unit,
		  CASE WHEN a.debt <> CASE WHEN a.balance < 0 THEN -a.balance ELSE 0 END THEN 'L3:debt ' ELSE '' END ||
		  CASE WHEN a.available < 0 OR a.held < 0 THEN 'L3:below_floor ' ELSE '' END
		FROM accounts a WHERE a.shop_id = $1
		  AND (a.debt <> CASE WHEN a.balance < 0 THEN -a.balance ELSE 0 END OR a.available < 0 OR a.held < 0)`)

	// Every account against its lots: what is left less the debt, and what is open now, where
	// the account does not say that this has changed since.
	qSweepWallets = New("verify.wallets", `
		SELECT x.member_id, x.unit,
		  CASE WHEN SUM(x.accounts) = 0 OR SUM(x.remaining) <> SUM(x.cached) THEN 'L8:lots_are_not_the_balance ' ELSE '' END ||
		  CASE WHEN MAX(x.fresh) = 1 AND SUM(x.available) <> SUM(x.usable) THEN 'L2:available ' ELSE '' END
		FROM (
		  SELECT a.member_id, a.unit, 1 AS accounts, CASE WHEN a.balance > 0 THEN a.balance ELSE 0 END AS cached, 0 AS remaining,
		    a.available + a.held AS available, 0 AS usable,
		    CASE WHEN a.available_until IS NULL OR a.available_until > $2 THEN 1 ELSE 0 END AS fresh
		  FROM accounts a WHERE a.shop_id = $1
		  UNION ALL
		  SELECT l.member_id, l.unit, 0, 0, l.remaining, 0,
		    CASE WHEN l.opens_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2) THEN l.remaining ELSE 0 END, 0
		  FROM lots l WHERE l.shop_id = $1 AND l.remaining > 0
		) AS x
		GROUP BY x.member_id, x.unit
		HAVING SUM(x.accounts) = 0 OR SUM(x.remaining) <> SUM(x.cached) OR MAX(x.fresh) = 1 AND SUM(x.available) <> SUM(x.usable)`)

	// Every lot against its postings: same owner and unit, and they sum to what is left.
	qSweepLots = New("verify.lots", `
		SELECT x.id, x.unit, CASE WHEN SUM(x.lots) = 0 THEN 'L4:posting_of_another_member_or_unit ' ELSE 'L8:postings_are_not_what_is_left ' END
		FROM (
		  SELECT l.id, l.unit, l.member_id, 1 AS lots, l.remaining, 0 AS posted FROM lots l WHERE l.shop_id = $1
		  UNION ALL
		  SELECT p.lot_id, p.unit, p.member_id, 0, 0, p.amount FROM postings p WHERE p.shop_id = $1 AND p.lot_id IS NOT NULL
		) AS x
		GROUP BY x.id, x.unit, x.member_id HAVING SUM(x.lots) = 0 OR SUM(x.remaining) <> SUM(x.posted)`)
	qSweepEnds = New("verify.lots.ends", `
		SELECT l.id, l.unit,
		  CASE WHEN l.remaining < 0 OR l.remaining > l.amount THEN 'L8:more_left_than_given ' ELSE '' END ||
		  CASE WHEN l.remaining > 0 AND l.expires_at < $2 - 86400000000 THEN 'L8:ended_and_not_posted ' ELSE '' END
		FROM lots l WHERE l.shop_id = $1
		  AND (l.remaining < 0 OR l.remaining > l.amount OR l.remaining > 0 AND l.expires_at < $2 - 86400000000)`)

	// Every reward: its postings, and the version that gave it. A reward may have moved with
	// its owner to another member. What one member gave to another ($2: no program) stands in
	// the postings of both.
	qSweepRewards = New("verify.rewards", `
		SELECT x.id, x.unit,
		  CASE WHEN SUM(x.rewards) = 0 THEN 'L5:no_reward '
		  ELSE
		    CASE WHEN SUM(x.posted) <> SUM(x.worth) THEN 'L5:postings_are_not_the_reward ' ELSE '' END ||
		    CASE WHEN SUM(x.posted) < 0 THEN 'L7:took_more_than_given ' ELSE '' END
		  END
		FROM (
		  SELECT w.id, w.unit, 1 AS rewards, w.amount - w.taken AS worth, 0 AS posted
		  FROM rewards w WHERE w.shop_id = $1 AND w.unit <> '' AND w.program_id <> $2
		  UNION ALL
		  SELECT t.reward_id, p.unit, 0, 0, p.amount FROM transactions t CROSS JOIN postings p
		  WHERE t.shop_id = $1 AND t.reward_id IS NOT NULL AND p.shop_id = $1 AND p.txn_id = t.id AND length(p.member_id) = 16
		) AS x
		GROUP BY x.id, x.unit HAVING SUM(x.rewards) > 0 AND (SUM(x.posted) <> SUM(x.worth) OR SUM(x.posted) < 0)
		  OR SUM(x.rewards) = 0 AND NOT EXISTS (SELECT 1 FROM rewards y WHERE y.shop_id = $1 AND y.id = x.id)`)
	qSweepVersions = New("verify.rewards.versions", `
		SELECT w.id, w.rule, 'L5:no_version ' FROM rewards w
		LEFT JOIN program_versions v ON v.shop_id = $1 AND v.program_id = w.program_id AND v.version = w.version
		WHERE w.shop_id = $1 AND v.version IS NULL AND w.program_id <> $2`)

	// Every reversal: it undoes one other transaction, and all of them no more than it moved.
	qSweepReversals = New("verify.reversals", `
		SELECT b.id, b.unit, CASE WHEN o.id IS NULL OR b.itself > 0 THEN 'L7:reverses_nothing ' ELSE 'L7:reversed_more_than_moved ' END
		FROM (
		  SELECT t.reverses AS id, p.unit, SUM(ABS(p.amount)) AS back, SUM(CASE WHEN t.id = t.reverses THEN 1 ELSE 0 END) AS itself
		  FROM transactions t CROSS JOIN postings p
		  WHERE t.shop_id = $1 AND t.reverses IS NOT NULL AND p.shop_id = $1 AND p.txn_id = t.id AND length(p.member_id) = 16
		  GROUP BY t.reverses, p.unit
		) AS b
		LEFT JOIN transactions o ON o.shop_id = $1 AND o.id = b.id
		WHERE o.id IS NULL OR b.itself > 0 OR b.back > (
		  SELECT COALESCE(SUM(ABS(q.amount)), 0) FROM postings q
		  WHERE q.shop_id = $1 AND q.txn_id = b.id AND q.unit = b.unit AND length(q.member_id) = 16)`)

	// Every identity once.
	qSweepIdentities = New("verify.identities", `
		SELECT NULL, e.feed || ' ' || e.external_id, 'L6:twice ' FROM events e WHERE e.shop_id = $1
		GROUP BY e.external_id, e.feed HAVING COUNT(*) > 1`)

	// Every voucher: used no more than it may be, in a state that there is, with a reward
	// that is worth what the state says.
	qSweepVouchers = New("verify.vouchers", `
		SELECT v.id, '',
		  CASE WHEN v.used < 0 OR v.used > v.uses_max THEN 'L9:used_too_often ' ELSE '' END ||
		  CASE WHEN v.state NOT IN ('waiting', 'active', 'withdrawn') THEN 'L9:unknown_state ' ELSE '' END ||
		  CASE WHEN v.reward_id IS NOT NULL AND w.id IS NULL THEN 'L9:no_reward ' ELSE '' END ||
		  CASE WHEN v.state = 'withdrawn' AND v.used > 0 AND v.batch_id IS NULL THEN 'L9:withdrawn_after_use ' ELSE '' END ||
		  CASE WHEN v.state = 'withdrawn' AND w.taken < w.amount THEN 'L9:withdrawn_with_value ' ELSE '' END ||
		  CASE WHEN v.state <> 'withdrawn' AND v.used = 0 AND w.state NOT IN ('given', 'waiting') THEN 'L9:active_without_value ' ELSE '' END
		FROM vouchers v LEFT JOIN rewards w ON w.shop_id = $1 AND w.id = v.reward_id
		WHERE v.shop_id = $1 AND (v.used < 0 OR v.used > v.uses_max OR v.state NOT IN ('waiting', 'active', 'withdrawn') OR v.reward_id IS NOT NULL AND w.id IS NULL
		  OR v.state = 'withdrawn' AND (v.used > 0 AND v.batch_id IS NULL OR w.taken < w.amount)
		  OR v.state <> 'withdrawn' AND v.used = 0 AND w.state NOT IN ('given', 'waiting'))`)

	// Every bond: one referrer for each friend, and never the friend himself.
	qSweepReferrals = New("verify.referrals", `
		SELECT f.friend_id, '',
		  CASE WHEN COUNT(*) > 1 THEN 'L10:two_referrers ' ELSE '' END ||
		  CASE WHEN MAX(CASE WHEN f.referrer_id = f.friend_id THEN 1 ELSE 0 END) = 1 THEN 'L10:himself ' ELSE '' END ||
		  CASE WHEN MAX(CASE WHEN f.referrer_id IS NULL THEN 1 ELSE 0 END) = 1 THEN 'L10:bond_without_referrer ' ELSE '' END
		FROM referrals f WHERE f.shop_id = $1 AND f.bond
		GROUP BY f.friend_id HAVING COUNT(*) > 1
		  OR MAX(CASE WHEN f.referrer_id = f.friend_id OR f.referrer_id IS NULL THEN 1 ELSE 0 END) = 1`)
	// Every reward of a referral that waits: none of its value may be spent before its day.
	qSweepOpened = New("verify.rewards.opened", `
		SELECT w.id, w.unit, 'L10:open_before_it_is_due ' FROM rewards w
		JOIN lots l ON l.shop_id = $1 AND l.member_id = w.member_id AND l.unit = w.unit AND l.reward_id = w.id
		WHERE w.shop_id = $1 AND w.due_at > $2 AND w.state = 'waiting' AND w.part IN ('referrer', 'friend')
		  AND l.remaining > 0 AND l.opens_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2)`)

	// Every unit: nothing was made and nothing was lost, the issuers' side included. Where each
	// transaction sums to zero and no posting stands outside of one, this cannot be broken; it
	// is a sum over the whole book, so it is only asked when one of these is.
	qSweepUnits = New("verify.units", `
		SELECT NULL, p.unit, 'L12:sum_of_all_accounts_not_zero ' FROM postings p WHERE p.shop_id = $1
		GROUP BY p.unit HAVING SUM(p.amount) <> 0`)

	// Every voucher: used as often as the uses that stand say, at least. Shops that lived
	// before uses were kept have vouchers with more.
	qSweepUses = New("verify.vouchers.uses", `
		SELECT v.id, '', 'L9:used_more_often_than_it_says ' FROM (
		  SELECT x.id, COUNT(*) AS n FROM (
		    SELECT r.voucher_id AS id FROM redemptions r WHERE r.shop_id = $1 AND r.voucher_id IS NOT NULL AND r.back < r.amount
		    UNION ALL
		    SELECT u.voucher_id AS id FROM voucher_uses u WHERE u.shop_id = $1 AND NOT u.undone) x
		  GROUP BY x.id) y JOIN vouchers v ON v.shop_id = $1 AND v.id = y.id
		WHERE v.used < y.n`)

	// What carts keep from others and used up, and the codes of gifts, each have what took them.
	qSweepHeld = New("verify.hold_items", `
		SELECT h.cart_id, h.ref, 'L15:held_by_no_cart ' FROM hold_items h LEFT JOIN carts t ON t.shop_id = $1 AND t.id = h.cart_id
		WHERE h.shop_id = $1 AND (t.id IS NULL OR t.state <> 'held')`)
	qSweepRedeemed = New("verify.redemptions", `
		SELECT r.id, r.kind, 'L15:used_by_no_cart ' FROM redemptions r LEFT JOIN carts t ON t.shop_id = $1 AND t.id = r.cart_id
		WHERE r.shop_id = $1 AND t.id IS NULL`)
	qSweepCodes = New("verify.codes", `
		SELECT c.claim_id, c.pool, 'L15:code_of_no_claim ' FROM codes c LEFT JOIN claims k ON k.shop_id = $1 AND k.reward_id = c.claim_id
		WHERE c.shop_id = $1 AND c.claim_id IS NOT NULL AND (k.reward_id IS NULL OR k.pool <> c.pool)`)

	qVerifyCounts = New("verify.counts", `
		SELECT (SELECT COUNT(*) FROM accounts a WHERE a.shop_id = $1), (SELECT COUNT(*) FROM lots l WHERE l.shop_id = $1),
		  (SELECT COUNT(*) FROM rewards w WHERE w.shop_id = $1), (SELECT COUNT(*) FROM vouchers v WHERE v.shop_id = $1),
		  (SELECT COUNT(*) FROM referrals f WHERE f.shop_id = $1),
		  (SELECT COUNT(*) FROM hold_items h WHERE h.shop_id = $1) + (SELECT COUNT(*) FROM redemptions r WHERE r.shop_id = $1) +
		  (SELECT COUNT(*) FROM codes c WHERE c.shop_id = $1 AND c.claim_id IS NOT NULL)`)
)

// Counted is how many rows a shop has of what verify looks at.
type Counted struct {
	Transactions, Postings, Accounts, Lots, Rewards, Vouchers, Events, Referrals, Notices, Taken int
}

// counted counts what is summed in memory; what is walked is counted on the way.
func (v *View) counted(ctx context.Context, shop loyalty.ShopID) (Counted, error) {
	var c Counted
	err := v.Read(ctx, qVerifyCounts, func(r Scanner) error {
		return r.Scan(&c.Accounts, &c.Lots, &c.Rewards, &c.Vouchers, &c.Referrals, &c.Taken)
	}, int64(shop))
	return c, err
}

// Fault is a row that breaks an invariant: which, how, and the row.
type Fault struct{ Invariant, How, Row string }

// Sweep is one statement that finds what is broken, and how its rows are named.
type Sweep struct {
	q      *Q
	now    bool // takes the shop's now
	none   bool // takes the id of no program
	always bool // costs little: a glance does not do it
	text   func([16]byte) string
}

func named[K id.Kind](b [16]byte) string { return id.ID[K](b).String() }

var sweeps = []Sweep{
	{qSweepTransactions, false, false, false, named[id.TransactionKind]},
	{qSweepEmpty, false, false, false, named[id.TransactionKind]},
	{qSweepAccounts, false, false, false, named[id.MemberKind]},
	{qSweepFloors, false, false, true, named[id.MemberKind]},
	{qSweepWallets, true, false, false, named[id.MemberKind]},
	{qSweepLots, false, false, false, named[id.LotKind]},
	{qSweepEnds, true, false, false, named[id.LotKind]},
	{qSweepRewards, false, true, false, named[id.RewardKind]},
	{qSweepVersions, false, true, false, named[id.RewardKind]},
	{qSweepReversals, false, false, false, named[id.TransactionKind]},
	{qSweepIdentities, false, false, true, named[id.EventKind]},
	{qSweepVouchers, false, false, false, named[id.VoucherKind]},
	{qSweepUses, false, false, true, named[id.VoucherKind]},
	{qSweepHeld, false, false, true, named[id.CartKind]},
	{qSweepRedeemed, false, false, true, named[id.RedemptionKind]},
	{qSweepCodes, false, false, true, named[id.RewardKind]},
	{qSweepReferrals, false, false, true, named[id.MemberKind]},
	{qSweepOpened, true, false, false, named[id.RewardKind]},
}

// Sweeps lists every sweep. They are independent of each other and may run side by side.
func Sweeps() []Sweep { return sweeps }

// Name tells the sweep's statement.
func (w Sweep) Name() string { return w.q.Name }

// Sweep runs one sweep over a shop and reports what is broken.
func (v *View) Sweep(ctx context.Context, w Sweep, shop loyalty.ShopID, now moment.Time, broken func(Fault)) error {
	conserved := true
	err := v.sweep(ctx, w, shop, now, func(f Fault) {
		conserved = conserved && f.Invariant != "L1" && f.Invariant != "L12"
		broken(f)
	})
	if err != nil || conserved {
		return err
	}
	return v.sweep(ctx, Sweep{qSweepUnits, false, false, true, named[id.TransactionKind]}, shop, now, broken)
}

func (v *View) sweep(ctx context.Context, w Sweep, shop loyalty.ShopID, now moment.Time, broken func(Fault)) error {
	args := []any{int64(shop)}
	switch {
	case w.now:
		args = append(args, int64(now))
	case w.none:
		args = append(args, make([]byte, 16))
	}
	return v.Read(ctx, w.q, func(r Scanner) error {
		var row id.Event // of any kind: 16 bytes
		var note, tags string
		if err := r.Scan(&row, &note, &tags); err != nil {
			return err
		}
		for tag := range strings.FieldsSeq(tags) {
			invariant, how, _ := strings.Cut(tag, ":")
			name := note
			if !row.IsZero() {
				name = strings.TrimSpace(w.text(row) + " " + note)
			}
			broken(Fault{invariant, how, name})
		}
		return nil
	}, args...)
}
