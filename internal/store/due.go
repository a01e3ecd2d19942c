package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qDueTimers = New("timers.due", `
		SELECT t.member_id, t.due_at FROM timers t WHERE t.shop_id = $1 AND t.state = 'waiting' AND t.due_at <= $2
		ORDER BY t.due_at LIMIT $3`)
	qDueLapses = New("accounts.lapse", `
		SELECT a.member_id, a.lapse_at FROM accounts a WHERE a.shop_id = $1 AND a.lapse_at <= $2
		ORDER BY a.lapse_at LIMIT $3`)
	qNextTimer = New("timers.next", `
		SELECT COALESCE(MIN(t.due_at), 0) FROM timers t WHERE t.shop_id = $1 AND t.state = 'waiting'`)
	qNextLapse = New("accounts.lapse.next", `
		SELECT COALESCE(MIN(a.lapse_at), 0) FROM accounts a WHERE a.shop_id = $1 AND a.lapse_at IS NOT NULL`)
	qSweepTurns = New("turns.sweep", `
		DELETE FROM turns WHERE shop_id = $1 AND clock < $2 AND subject NOT LIKE 'm:%'`)
)

// DueMember is a member of whom something is due, with its first instant.
type DueMember struct {
	Member id.Member
	At     moment.Time
}

// Due lists members of whom something is due by upTo, soonest first, at most n of each
// kind of due work.
func (s *Store) Due(ctx context.Context, shop loyalty.ShopID, upTo moment.Time, n int) ([]DueMember, error) {
	var out []DueMember
	seen := map[id.Member]bool{}
	scan := func(r Scanner) error {
		var d DueMember
		if err := r.Scan(&d.Member, &d.At); err != nil {
			return err
		}
		if !seen[d.Member] {
			seen[d.Member] = true
			out = append(out, d)
		}
		return nil
	}
	if err := s.Read(ctx, qDueTimers, scan, int64(shop), int64(upTo), int64(n)); err != nil {
		return nil, err
	}
	err := s.Read(ctx, qDueLapses, scan, int64(shop), int64(upTo), int64(n))
	return out, err
}

// NextDue is the next instant at which something of a shop is due; zero when nothing
// waits.
func (s *Store) NextDue(ctx context.Context, shop loyalty.ShopID) (moment.Time, error) {
	var next moment.Time
	scan := func(r Scanner) error {
		var t moment.Time
		if err := r.Scan(&t); err != nil {
			return err
		}
		if t != 0 && (next == 0 || t < next) {
			next = t
		}
		return nil
	}
	if err := s.Read(ctx, qNextTimer, scan, int64(shop)); err != nil {
		return 0, err
	}
	err := s.Read(ctx, qNextLapse, scan, int64(shop))
	return next, err
}

// SweepTurns deletes the turns of orders and keys that nobody took since before; those of
// members stay, they number what is sent.
func (s *Store) SweepTurns(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qSweepTurns, int64(shop), int64(before)) })
}
