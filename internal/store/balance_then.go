package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// The rows come in the order of the index of postings by member, so that one account is in
// memory at a time.
var qBalancesThen = New("postings.balances", `
	SELECT p.member_id, p.unit, p.lot_id, p.amount, COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0)
	FROM postings p LEFT JOIN lots l ON l.shop_id = $1 AND l.id = p.lot_id
	WHERE p.shop_id = $1 AND p.member_id IS NOT NULL AND p.effective_at <= $2
	ORDER BY p.member_id, p.unit`)

// AccountsThen gives every account of a shop as the book stood at an instant, sorted by
// member and unit: what WalletThen reads of one member. An account is good until the next.
func (s *Store) AccountsThen(ctx context.Context, shop loyalty.ShopID, at moment.Time, each func(*ledger.Account) error) error {
	var (
		account *ledger.Account
		lots    = map[id.Lot]*ledger.Lot{}
	)
	end := func() error {
		if account == nil {
			return nil
		}
		for _, l := range lots {
			if l.Remaining > 0 {
				account.Lots = append(account.Lots, l)
			}
		}
		clear(lots)
		return each(account)
	}
	err := s.Read(ctx, qBalancesThen, func(r Scanner) error {
		l := &ledger.Lot{}
		var amount int64
		if err := r.Scan(&l.Member, &l.Unit, &l.ID, &amount, &l.OpensAt, &l.ExpiresAt); err != nil {
			return err
		}
		if account == nil || account.Member != l.Member || account.Unit != l.Unit {
			if err := end(); err != nil {
				return err
			}
			account = &ledger.Account{Member: l.Member, Unit: l.Unit, LotsLoaded: true}
		}
		account.Balance += amount
		switch {
		case l.ID.IsZero(): // the debt
		case lots[l.ID] == nil:
			l.Remaining = amount
			lots[l.ID] = l
		default:
			lots[l.ID].Remaining += amount
		}
		return nil
	}, int64(shop), int64(at))
	if err != nil {
		return err
	}
	return end()
}
