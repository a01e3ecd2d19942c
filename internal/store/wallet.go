package store

import (
	"bytes"
	"context"
	"math"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// The lots of a member are read through his row, so that a member without value is told
// apart from nobody at all.
var (
	qWallet = New("wallet", `
		SELECT a.unit, a.balance, a.held, a.earned, l.id, l.reward_id, l.origin, l.amount, l.remaining, l.since,
		  COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0)
		FROM members m
		LEFT JOIN accounts a ON a.shop_id = $1 AND a.member_id = m.id
		LEFT JOIN lots l ON l.shop_id = $1 AND l.member_id = m.id AND l.unit = a.unit AND l.remaining > 0
		WHERE m.shop_id = $1 AND m.id = $2
		ORDER BY a.unit, l.id`)
	qWalletThen = New("wallet.then", `
		SELECT p.unit, p.lot_id, l.reward_id, l.origin, COALESCE(l.amount, 0), COALESCE(l.since, 0), COALESCE(l.opens_at, 0),
		  COALESCE(l.expires_at, 0), CAST(SUM(p.amount) AS BIGINT)
		FROM postings p LEFT JOIN lots l ON l.shop_id = $1 AND l.id = p.lot_id
		WHERE p.shop_id = $1 AND p.member_id = $2 AND p.effective_at <= $3
		GROUP BY p.unit, p.lot_id, l.reward_id, l.origin, l.amount, l.since, l.opens_at, l.expires_at
		ORDER BY p.unit, p.lot_id`)
	qVouchers = New("vouchers.of", `
		SELECT v.id, COALESCE(v.written, v.code), v.member_id, v.reward_id, v.kind, v.article, v.amount, v.percent, v.uses_max, v.used,
		  v.starts_at, COALESCE(v.expires_at, 0), v.state, v.batch_id, COALESCE(b.withdrawn_at, 0), COALESCE(b.changes, '')
		FROM vouchers v LEFT JOIN voucher_batches b ON b.shop_id = $1 AND b.id = v.batch_id
		WHERE v.shop_id = $1 AND v.member_id = $2 AND v.state = 'active' AND v.used < v.uses_max`)
	qVouchersEver = New("vouchers.ever", `
		SELECT v.id, v.code, v.member_id, v.reward_id, v.kind, v.article, v.amount, v.percent, v.uses_max, v.used, v.starts_at,
		  COALESCE(v.expires_at, 0), v.state, v.batch_id, COALESCE(b.withdrawn_at, 0), COALESCE(b.changes, '')
		FROM vouchers v LEFT JOIN voucher_batches b ON b.shop_id = $1 AND b.id = v.batch_id
		WHERE v.shop_id = $1 AND v.member_id = $2`)
	qUnitsHeld = New("hold_items.units", `
		SELECT h.ref, CAST(SUM(h.amount) AS BIGINT) FROM hold_items h
		WHERE h.shop_id = $1 AND h.member_id = $2 AND h.ends_at > $3 GROUP BY h.ref`)
	qTransactions = New("transactions.of", `
		SELECT t.id, t.kind, t.event_id, t.reward_id, t.effective_at, t.recorded_at, p.unit, SUM(p.amount)
		FROM postings p JOIN transactions t ON t.shop_id = $1 AND t.id = p.txn_id
		WHERE p.shop_id = $1 AND p.member_id = $2 AND p.txn_id < $3
		GROUP BY t.id, t.kind, t.event_id, t.reward_id, t.effective_at, t.recorded_at, p.unit
		ORDER BY t.id DESC, p.unit LIMIT $4`)
)

// Wallet reads a member's accounts with the lots that still hold something;
// loyalty.ErrNotFound when there is no such member.
func (s *Store) Wallet(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]*ledger.Account, error) {
	var (
		out   []*ledger.Account
		found bool
	)
	err := s.Read(ctx, qWallet, func(r Scanner) error {
		found = true
		var (
			unit, origin                            *string
			balance, held, earned, amount, left, at *int64
			opens, expires                          moment.Time
			l                                       ledger.Lot
		)
		if err := r.Scan(&unit, &balance, &held, &earned, &l.ID, &l.Reward, &origin, &amount, &left, &at, &opens, &expires); err != nil {
			return err
		}
		if unit == nil {
			return nil
		}
		u := ledger.Unit(*unit)
		if len(out) == 0 || out[len(out)-1].Unit != u {
			out = append(out, &ledger.Account{Member: m, Unit: u, Balance: *balance, Held: *held, Earned: *earned, LotsLoaded: true})
		}
		if left != nil {
			l.Member, l.Unit, l.Origin, l.Amount, l.Remaining = m, u, *origin, *amount, *left
			l.Since, l.OpensAt, l.ExpiresAt = moment.Time(*at), opens, expires
			a := out[len(out)-1]
			a.Lots = append(a.Lots, &l)
		}
		return nil
	}, int64(shop), m.Bytes())
	if err == nil && !found {
		err = loyalty.NotFound("member", "member_unknown")
	}
	return out, err
}

// WalletAt reads a member's accounts as Wallet does, less what his carts hold at that instant.
func (s *Store) WalletAt(ctx context.Context, shop loyalty.ShopID, m id.Member, at moment.Time) ([]*ledger.Account, error) {
	out, err := s.Wallet(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	held := map[string]int64{}
	err = s.Read(ctx, qUnitsHeld, func(r Scanner) error {
		var ref string
		var n int64
		err := r.Scan(&ref, &n)
		held[ref] = n
		return err
	}, int64(shop), m.Bytes(), int64(at))
	for _, a := range out {
		a.Held += held[loyalty.UnitRef(a.Unit)]
	}
	return out, err
}

// WalletThen reads a member's accounts as the book stood at an instant, by the dates on
// which its postings took effect: every unit that had moved by then, with the lots that
// held something. Nobody's is empty.
func (s *Store) WalletThen(ctx context.Context, shop loyalty.ShopID, m id.Member, at moment.Time) ([]*ledger.Account, error) {
	var out []*ledger.Account
	err := s.Read(ctx, qWalletThen, func(r Scanner) error {
		l := &ledger.Lot{Member: m}
		var origin *string
		var sum int64
		if err := r.Scan(&l.Unit, &l.ID, &l.Reward, &origin, &l.Amount, &l.Since, &l.OpensAt, &l.ExpiresAt, &sum); err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].Unit != l.Unit {
			out = append(out, &ledger.Account{Member: m, Unit: l.Unit, LotsLoaded: true})
		}
		a := out[len(out)-1]
		a.Balance += sum
		if origin != nil && sum > 0 {
			l.Origin, l.Remaining = *origin, sum
			a.Lots = append(a.Lots, l)
		}
		return nil
	}, int64(shop), m.Bytes(), int64(at))
	return out, err
}

// Vouchers lists a member's vouchers that are not used up, oldest first, with their codes as
// they were written. They are
// sorted here: asked for an order, SQLite would read the whole shop by its key.
func (s *Store) Vouchers(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]*loyalty.Voucher, error) {
	return s.vouchers(ctx, qVouchers, shop, m)
}

// VouchersEver lists all vouchers that a member ever had, in any order.
func (s *Store) VouchersEver(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]*loyalty.Voucher, error) {
	return s.vouchers(ctx, qVouchersEver, shop, m)
}

func (s *Store) vouchers(ctx context.Context, q *Q, shop loyalty.ShopID, m id.Member) ([]*loyalty.Voucher, error) {
	var out []*loyalty.Voucher
	err := s.Read(ctx, q, func(r Scanner) error {
		v := &loyalty.Voucher{}
		var changes string
		err := r.Scan(&v.ID, &v.Code, &v.Member, &v.Reward, &v.Kind, &v.Article, &v.Amount, &v.Percent, &v.UsesMax, &v.Used, &v.StartsAt,
			&v.ExpiresAt, &v.State, &v.Batch, &v.GoneAt, &changes)
		if err == nil {
			err = settle(v, changes)
		}
		out = append(out, v)
		return err
	}, int64(shop), m.Bytes())
	slices.SortFunc(out, func(a, b *loyalty.Voucher) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return out, err
}

// Movement is what one transaction changed in one unit of a member.
type Movement struct {
	ID          id.Transaction
	Kind        string
	Event       id.Event
	Reward      id.Reward
	EffectiveAt moment.Time
	RecordedAt  moment.Time
	Unit        ledger.Unit
	Amount      int64
}

// Movements is a page of a member's movements, newest first, before a cursor (zero: from
// the newest).
func (s *Store) Movements(ctx context.Context, shop loyalty.ShopID, m id.Member, before id.Transaction, limit int) ([]Movement, error) {
	var out []Movement
	err := s.Read(ctx, qTransactions, func(r Scanner) error {
		var x Movement
		err := r.Scan(&x.ID, &x.Kind, &x.Event, &x.Reward, &x.EffectiveAt, &x.RecordedAt, &x.Unit, &x.Amount)
		out = append(out, x)
		return err
	}, int64(shop), m.Bytes(), newest(before), int64(limit))
	return out, err
}

// newest is the cursor of a list that is read backwards: no cursor begins behind the last
// id there can be.
func newest[K id.Kind](before id.ID[K]) []byte {
	if before.IsZero() {
		return []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	}
	return before.Bytes()
}

var qDue = New("rewards.due", `
	SELECT r.id, r.due_at FROM rewards r WHERE r.shop_id = $1 AND r.member_id = $2 AND r.due_at IS NOT NULL`)

// DueDates gives when a decision on each of a member's waiting rewards is due.
func (s *Store) DueDates(ctx context.Context, shop loyalty.ShopID, m id.Member) (map[id.Reward]moment.Time, error) {
	out := map[id.Reward]moment.Time{}
	err := s.Read(ctx, qDue, func(r Scanner) error {
		var (
			which id.Reward
			at    moment.Time
		)
		err := r.Scan(&which, &at)
		out[which] = at
		return err
	}, int64(shop), m.Bytes())
	return out, err
}

var (
	qMovedLots = New("lots.of_transactions", `
		SELECT p.txn_id, p.unit, l.amount, l.remaining, COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0), COALESCE(w.state, ''),
		  COALESCE(w.due_at, 0), COALESCE(w.cause, '')
		FROM postings p JOIN lots l ON l.shop_id = $1 AND l.id = p.lot_id
		LEFT JOIN rewards w ON w.shop_id = $1 AND w.id = l.reward_id
		WHERE p.shop_id = $1 AND p.member_id = $2 AND p.amount > 0 AND p.txn_id {{in id:bytea}}`)
	qMovedSince = New("postings.since", `
		SELECT p.unit, CAST(SUM(p.amount) AS BIGINT) FROM postings p
		WHERE p.shop_id = $1 AND p.member_id = $2 AND (p.effective_at, p.txn_id) > ($3, $4) GROUP BY p.unit`)
	qBookOf = New("transactions.book_of", `
		SELECT t.id, t.kind, t.event_id, t.reward_id, t.effective_at, t.recorded_at, p.unit, CAST(SUM(p.amount) AS BIGINT)
		FROM postings p JOIN transactions t ON t.shop_id = $1 AND t.id = p.txn_id
		WHERE p.shop_id = $1 AND p.member_id = $2 AND (p.effective_at, p.txn_id) < ($3, $4)
		GROUP BY t.id, t.kind, t.event_id, t.reward_id, t.effective_at, t.recorded_at, p.unit
		ORDER BY t.effective_at DESC, t.id DESC, p.unit LIMIT $5`)
	qCauses = New("rewards.causes", `
		SELECT r.id, r.cause, r.from_member, r.program_id, r.rule, r.state FROM rewards r WHERE r.shop_id = $1 AND r.member_id = $2 AND r.id {{in id:bytea}}`)
)

// MovedLot is a lot that a transaction filled, as it is now, with the reward behind it.
type MovedLot struct {
	Transaction id.Transaction
	Unit        ledger.Unit
	Amount      int64
	Remaining   int64
	OpensAt     moment.Time // zero: a decision opens it
	ExpiresAt   moment.Time // zero: never
	Reward      string      // its state; empty: no rule gave it
	DueAt       moment.Time // when a decision on it is due; zero: none is
	Cause       string      // of the reward
}

// MovedLots lists the lots that some transactions of a member filled, in any order.
func (s *Store) MovedLots(ctx context.Context, shop loyalty.ShopID, m id.Member, txns []id.Transaction) (out []MovedLot, err error) {
	list := make([][]byte, len(txns))
	for i, t := range txns {
		list[i] = t.Bytes()
	}
	err = s.ReadRows(ctx, qMovedLots, len(list), func(r Scanner) error {
		var l MovedLot
		err := r.Scan(&l.Transaction, &l.Unit, &l.Amount, &l.Remaining, &l.OpensAt, &l.ExpiresAt, &l.Reward, &l.DueAt, &l.Cause)
		out = append(out, l)
		return err
	}, int64(shop), m.Bytes(), list)
	return out, err
}

// MovedSince sums what a member's movements behind one changed, by unit, in the order of the
// days on which they took effect.
func (s *Store) MovedSince(ctx context.Context, shop loyalty.ShopID, m id.Member, at moment.Time, behind id.Transaction) (map[ledger.Unit]int64, error) {
	out := map[ledger.Unit]int64{}
	err := s.Read(ctx, qMovedSince, func(r Scanner) error {
		var u ledger.Unit
		var n int64
		err := r.Scan(&u, &n)
		out[u] = n
		return err
	}, int64(shop), m.Bytes(), int64(at), behind.Bytes())
	return out, err
}

// BookOf is a page of a member's movements in the order of the days on which they took effect,
// the last first, before a place (zero: from the last).
func (s *Store) BookOf(ctx context.Context, shop loyalty.ShopID, m id.Member, at moment.Time, before id.Transaction, limit int) (out []Movement, err error) {
	if before.IsZero() {
		at = math.MaxInt64
	}
	err = s.Read(ctx, qBookOf, func(r Scanner) error {
		var x Movement
		err := r.Scan(&x.ID, &x.Kind, &x.Event, &x.Reward, &x.EffectiveAt, &x.RecordedAt, &x.Unit, &x.Amount)
		out = append(out, x)
		return err
	}, int64(shop), m.Bytes(), int64(at), newest(before), int64(limit))
	return out, err
}

// RewardHead is what a reward was given for: "o:web/1001" is an order, From whose it was.
type RewardHead struct {
	Cause   string
	From    id.Member
	Program id.Program
	Rule    string
	State   string
}

// RewardHeads tells what some rewards of a member were given for.
func (s *Store) RewardHeads(ctx context.Context, shop loyalty.ShopID, m id.Member, rewards []id.Reward) (map[id.Reward]RewardHead, error) {
	list := make([][]byte, len(rewards))
	for i, x := range rewards {
		list[i] = x.Bytes()
	}
	out := map[id.Reward]RewardHead{}
	err := s.ReadRows(ctx, qCauses, len(list), func(r Scanner) error {
		var x id.Reward
		var h RewardHead
		err := r.Scan(&x, &h.Cause, &h.From, &h.Program, &h.Rule, &h.State)
		out[x] = h
		return err
	}, int64(shop), m.Bytes(), list)
	return out, err
}
