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
var (
	// Every transaction: two postings or more that sum to zero for each unit, an event
	// behind it, an actor; every posting: a transaction around it.
	qSweepTransactions = New("verify.transactions", `
		SELECT COALESCE(t.id, g.txn_id), '',
		  CASE WHEN t.id IS NULL THEN 'L12:posting_without_transaction '
		  ELSE
		    CASE WHEN COALESCE(g.n, 0) < 2 THEN 'L1:fewer_than_two_postings ' ELSE '' END ||
		    CASE WHEN g.zeros > 0 THEN 'L1:posting_of_zero ' ELSE '' END ||
		    CASE WHEN g.lowest = g.highest AND g.total <> 0 OR g.lowest <> g.highest AND EXISTS (
		        SELECT 1 FROM postings q WHERE q.shop_id = $1 AND q.txn_id = t.id GROUP BY q.unit HAVING SUM(q.amount) <> 0)
		      THEN 'L1:sum_not_zero ' ELSE '' END ||
		    CASE WHEN NOT t.caused THEN 'L5:no_event ' ELSE '' END ||
		    CASE WHEN t.actor = '' THEN 'L5:no_actor ' ELSE '' END
		  END
		FROM (
		  SELECT t.id, t.actor, e.id IS NOT NULL AS caused FROM transactions t
		  LEFT JOIN events e ON e.shop_id = $1 AND e.id = t.event_id WHERE t.shop_id = $1
		) AS t
		FULL JOIN (
		  SELECT p.txn_id, COUNT(*) AS n, SUM(p.amount) AS total, MIN(p.unit) AS lowest, MAX(p.unit) AS highest,
		    SUM(CASE WHEN p.amount = 0 THEN 1 ELSE 0 END) AS zeros
		  FROM postings p WHERE p.shop_id = $1 GROUP BY p.txn_id
		) AS g ON g.txn_id = t.id
		WHERE t.id IS NULL OR g.txn_id IS NULL OR g.n < 2 OR g.zeros > 0 OR g.total <> 0 OR g.lowest <> g.highest
		  OR NOT t.caused OR t.actor = ''`)

	// Every account: what is cached equals its postings.
	qSweepAccounts = New("verify.accounts", `
		SELECT COALESCE(a.member_id, g.member_id), COALESCE(a.unit, g.unit),
		  CASE WHEN a.member_id IS NULL THEN 'L2:postings_without_account '
		    WHEN a.balance <> COALESCE(g.total, 0) THEN 'L2:balance ' ELSE '' END
		FROM (SELECT a.member_id, a.unit, a.balance FROM accounts a WHERE a.shop_id = $1) AS a
		FULL JOIN (
		  SELECT p.member_id, p.unit, SUM(p.amount) AS total FROM postings p
		  WHERE p.shop_id = $1 AND p.member_id IS NOT NULL GROUP BY p.member_id, p.unit
		) AS g ON g.member_id = a.member_id AND g.unit = a.unit
		WHERE a.member_id IS NULL OR a.balance <> COALESCE(g.total, 0)`)
	qSweepFloors = New("verify.floors", `
		SELECT a.member_id, a.unit,
		  CASE WHEN a.debt <> CASE WHEN a.balance < 0 THEN -a.balance ELSE 0 END THEN 'L3:debt ' ELSE '' END ||
		  CASE WHEN a.available < 0 OR a.held < 0 THEN 'L3:below_floor ' ELSE '' END
		FROM accounts a WHERE a.shop_id = $1
		  AND (a.debt <> CASE WHEN a.balance < 0 THEN -a.balance ELSE 0 END OR a.available < 0 OR a.held < 0)`)

	// Every account against its lots: what is left less the debt, and what is open now.
	qSweepWallets = New("verify.wallets", `
		SELECT COALESCE(a.member_id, g.member_id), COALESCE(a.unit, g.unit),
		  CASE WHEN COALESCE(g.remain, 0) <> CASE WHEN a.balance > 0 THEN a.balance ELSE 0 END OR a.member_id IS NULL
		    THEN 'L8:lots_are_not_the_balance ' ELSE '' END ||
		  CASE WHEN (a.available_until IS NULL OR a.available_until > $2) AND a.available <> COALESCE(g.usable, 0) - a.held
		    THEN 'L2:available ' ELSE '' END
		FROM (
		  SELECT a.member_id, a.unit, a.balance, a.held, a.available, a.available_until FROM accounts a WHERE a.shop_id = $1
		) AS a
		FULL JOIN (
		  SELECT l.member_id, l.unit, SUM(l.remaining) AS remain,
		    SUM(l.remaining) FILTER (WHERE l.opens_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2)) AS usable
		  FROM lots l WHERE l.shop_id = $1 AND l.remaining > 0 GROUP BY l.member_id, l.unit
		) AS g ON g.member_id = a.member_id AND g.unit = a.unit
		WHERE a.member_id IS NULL OR COALESCE(g.remain, 0) <> CASE WHEN a.balance > 0 THEN a.balance ELSE 0 END
		  OR (a.available_until IS NULL OR a.available_until > $2) AND a.available <> COALESCE(g.usable, 0) - a.held`)

	// Every lot against its postings: same owner and unit, and they sum to what is left.
	qSweepLots = New("verify.lots", `
		SELECT COALESCE(l.id, g.lot_id), '',
		  CASE WHEN l.id IS NULL THEN 'L4:no_lot '
		  ELSE
		    CASE WHEN g.unit <> l.unit THEN 'L4:unit ' ELSE '' END ||
		    CASE WHEN g.member_id <> l.member_id OR g.lot_id IS NOT NULL AND g.member_id IS NULL THEN 'L4:member ' ELSE '' END ||
		    CASE WHEN COALESCE(g.total, 0) <> l.remaining THEN 'L8:postings_are_not_what_is_left ' ELSE '' END ||
		    CASE WHEN l.remaining < 0 OR l.remaining > l.amount THEN 'L8:more_left_than_given ' ELSE '' END ||
		    CASE WHEN l.remaining > 0 AND l.expires_at < $2 - 86400000000 THEN 'L8:ended_and_not_posted ' ELSE '' END
		  END
		FROM (SELECT l.id, l.unit, l.member_id, l.amount, l.remaining, l.expires_at FROM lots l WHERE l.shop_id = $1) AS l
		FULL JOIN (
		  SELECT p.lot_id, p.unit, p.member_id, SUM(SUM(p.amount)) OVER (PARTITION BY p.lot_id) AS total
		  FROM postings p WHERE p.shop_id = $1 AND p.lot_id IS NOT NULL GROUP BY p.lot_id, p.unit, p.member_id
		) AS g ON g.lot_id = l.id
		WHERE l.id IS NULL OR g.unit <> l.unit OR g.member_id <> l.member_id OR g.lot_id IS NOT NULL AND g.member_id IS NULL
		  OR COALESCE(g.total, 0) <> l.remaining OR l.remaining < 0 OR l.remaining > l.amount
		  OR l.remaining > 0 AND l.expires_at < $2 - 86400000000`)

	// Every reward: the version that gave it, and its postings.
	qSweepRewards = New("verify.rewards", `
		SELECT w.id, w.rule,
		  CASE WHEN v.version IS NULL THEN 'L5:no_version ' ELSE '' END ||
		  CASE WHEN w.unit <> '' AND COALESCE(g.total, 0) <> w.amount - w.taken THEN 'L5:postings_are_not_the_reward ' ELSE '' END ||
		  CASE WHEN w.unit <> '' AND g.total < 0 THEN 'L7:took_more_than_given ' ELSE '' END
		FROM rewards w
		LEFT JOIN program_versions v ON v.shop_id = $1 AND v.program_id = w.program_id AND v.version = w.version
		LEFT JOIN (
		  SELECT t.reward_id, SUM(p.amount) AS total FROM transactions t
		  JOIN rewards x ON x.shop_id = $1 AND x.id = t.reward_id
		  JOIN postings p ON p.shop_id = $1 AND p.txn_id = t.id AND p.member_id = x.member_id AND p.unit = x.unit
		  WHERE t.shop_id = $1 AND t.reward_id IS NOT NULL GROUP BY t.reward_id
		) AS g ON g.reward_id = w.id
		WHERE w.shop_id = $1 AND (v.version IS NULL OR w.unit <> '' AND COALESCE(g.total, 0) <> w.amount - w.taken
		  OR w.unit <> '' AND g.total < 0)`)

	// Every reversal: it undoes one other transaction, and all of them no more than it moved.
	qSweepReversals = New("verify.reversals", `
		SELECT t.id, '', CASE WHEN o.id IS NULL OR o.id = t.id THEN 'L7:reverses_nothing ' ELSE 'L7:reversed_more_than_moved ' END
		FROM transactions t
		LEFT JOIN transactions o ON o.shop_id = $1 AND o.id = t.reverses
		WHERE t.shop_id = $1 AND t.reverses IS NOT NULL AND (o.id IS NULL OR o.id = t.id OR EXISTS (
		  SELECT 1 FROM postings p
		  LEFT JOIN (
		    SELECT q.unit, SUM(ABS(q.amount)) AS moved FROM postings q
		    WHERE q.shop_id = $1 AND q.txn_id = o.id AND q.member_id IS NOT NULL GROUP BY q.unit
		  ) AS m ON m.unit = p.unit
		  WHERE p.shop_id = $1 AND p.member_id IS NOT NULL AND p.txn_id IN (
		    SELECT r.id FROM transactions r WHERE r.shop_id = $1 AND r.reverses = o.id)
		  GROUP BY p.unit, m.moved HAVING SUM(ABS(p.amount)) > COALESCE(m.moved, 0)))`)

	// Every identity once.
	qSweepIdentities = New("verify.identities", `
		SELECT NULL, e.feed || ' ' || e.external_id, 'L6:twice ' FROM events e WHERE e.shop_id = $1
		GROUP BY e.feed, e.external_id HAVING COUNT(*) > 1`)

	// Every voucher: used no more than it may be, in a state that there is, with a reward
	// that is worth what the state says.
	qSweepVouchers = New("verify.vouchers", `
		SELECT v.id, '',
		  CASE WHEN v.used < 0 OR v.used > v.uses_max THEN 'L9:used_too_often ' ELSE '' END ||
		  CASE WHEN v.state NOT IN ('active', 'withdrawn') THEN 'L9:unknown_state ' ELSE '' END ||
		  CASE WHEN w.id IS NULL THEN 'L9:no_reward ' ELSE '' END ||
		  CASE WHEN v.state = 'withdrawn' AND v.used > 0 THEN 'L9:withdrawn_after_use ' ELSE '' END ||
		  CASE WHEN v.state = 'withdrawn' AND w.taken < w.amount THEN 'L9:withdrawn_with_value ' ELSE '' END ||
		  CASE WHEN v.state = 'active' AND v.used = 0 AND w.state <> 'given' THEN 'L9:active_without_value ' ELSE '' END
		FROM vouchers v LEFT JOIN rewards w ON w.shop_id = $1 AND w.id = v.reward_id
		WHERE v.shop_id = $1 AND (v.used < 0 OR v.used > v.uses_max OR v.state NOT IN ('active', 'withdrawn') OR w.id IS NULL
		  OR v.state = 'withdrawn' AND (v.used > 0 OR w.taken < w.amount)
		  OR v.state = 'active' AND v.used = 0 AND w.state <> 'given')`)

	// Every unit: nothing was made and nothing was lost, the issuers' side included.
	qSweepUnits = New("verify.units", `
		SELECT NULL, p.unit, 'L12:sum_of_all_accounts_not_zero ' FROM postings p WHERE p.shop_id = $1
		GROUP BY p.unit HAVING SUM(p.amount) <> 0`)

	qVerifyCounts = New("verify.counts", `
		SELECT (SELECT COUNT(*) FROM transactions t WHERE t.shop_id = $1), (SELECT COUNT(*) FROM postings p WHERE p.shop_id = $1),
		  (SELECT COUNT(*) FROM accounts a WHERE a.shop_id = $1), (SELECT COUNT(*) FROM lots l WHERE l.shop_id = $1),
		  (SELECT COUNT(*) FROM rewards w WHERE w.shop_id = $1), (SELECT COUNT(*) FROM vouchers v WHERE v.shop_id = $1),
		  (SELECT COUNT(*) FROM events e WHERE e.shop_id = $1), (SELECT COUNT(DISTINCT q.unit) FROM postings q WHERE q.shop_id = $1)`)
)

// Counted is how many rows a shop has of what verify looks at.
type Counted struct{ Transactions, Postings, Accounts, Lots, Rewards, Vouchers, Events, Units int }

// Counted counts them.
func (s *Store) Counted(ctx context.Context, shop loyalty.ShopID) (Counted, error) {
	var c Counted
	err := s.Read(ctx, qVerifyCounts, func(r Scanner) error {
		return r.Scan(&c.Transactions, &c.Postings, &c.Accounts, &c.Lots, &c.Rewards, &c.Vouchers, &c.Events, &c.Units)
	}, int64(shop))
	return c, err
}

// Fault is a row that breaks an invariant: which, how, and the row.
type Fault struct{ Invariant, How, Row string }

// sweep is one statement and how its rows are named.
type sweep struct {
	q    *Q
	now  bool // takes the shop's now
	text func([16]byte) string
}

func named[K id.Kind](b [16]byte) string { return id.ID[K](b).String() }

var sweeps = []sweep{
	{qSweepTransactions, false, named[id.TransactionKind]},
	{qSweepAccounts, false, named[id.MemberKind]},
	{qSweepFloors, false, named[id.MemberKind]},
	{qSweepWallets, true, named[id.MemberKind]},
	{qSweepLots, true, named[id.LotKind]},
	{qSweepRewards, false, named[id.RewardKind]},
	{qSweepReversals, false, named[id.TransactionKind]},
	{qSweepIdentities, false, named[id.EventKind]},
	{qSweepVouchers, false, named[id.VoucherKind]},
	{qSweepUnits, false, named[id.TransactionKind]},
}

// Sweeps are how many passes Sweep knows.
func Sweeps() int { return len(sweeps) }

// Sweep runs the n-th pass over a shop and reports what is broken. Passes are independent
// of each other and may run side by side.
func (s *Store) Sweep(ctx context.Context, n int, shop loyalty.ShopID, now moment.Time, broken func(Fault)) error {
	w := sweeps[n]
	args := []any{int64(shop)}
	if w.now {
		args = append(args, int64(now))
	}
	return s.Read(ctx, w.q, func(r Scanner) error {
		var row id.Event // of any kind: 16 bytes
		var note, tags string
		if err := r.Scan(&row, &note, &tags); err != nil {
			return err
		}
		for _, tag := range strings.Fields(tags) {
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
