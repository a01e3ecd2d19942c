package people

import (
	"context"
	"slices"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Wallet is what a member has at an instant, by the dates of its lots: no job has to have
// run for it to be right.
type Wallet struct {
	Member   id.Member
	At       moment.Time
	Zone     *time.Location // whose days the lots' dates are
	Units    []Balance
	Vouchers []*loyalty.Voucher // that can be used at that instant
}

// Balance is one unit of a wallet. What waits and what is open make the balance, less
// what is owed.
type Balance struct {
	Unit      ledger.Unit
	Balance   int64
	Available int64
	Pending   int64 // given, but not open yet
	Held      int64 // reserved for a cart
	Debt      int64 // taken back after it was spent
	LapseAt   moment.Time
	Lapses    int64         // how much ends at LapseAt
	Lots      []*ledger.Lot // in the order in which they are spent
}

// Wallet reads a member's wallet as of an instant. Zero is now; a later one shows what will
// have opened and ended by then if nothing else happens; an earlier one shows what the book
// says of then, by the dates on which its postings took effect. Of an earlier one there are
// no vouchers: their uses are counted, not dated.
func (p *People) Wallet(ctx context.Context, shop loyalty.ShopID, m id.Member, at moment.Time) (*Wallet, error) {
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	now := p.in.Now(s)
	if at != 0 && at < now {
		return p.walletThen(ctx, s, m, at)
	}
	at = max(at, now)
	accounts, err := p.st.WalletAt(ctx, shop, m, at)
	if err != nil {
		return nil, err
	}
	vouchers, err := p.st.Vouchers(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	w := wallet(s, m, accounts, at)
	for _, v := range vouchers {
		if v.State == loyalty.VoucherActive && !v.Gone(at) && v.Used < v.UsesMax && v.StartsAt <= at && (v.EndsAt(at) == 0 || v.EndsAt(at) > at) {
			w.Vouchers = append(w.Vouchers, v)
		}
	}
	return w, nil
}

func (p *People) walletThen(ctx context.Context, s *loyalty.Shop, m id.Member, at moment.Time) (*Wallet, error) {
	accounts, err := p.st.WalletThen(ctx, s.ID, m, at)
	if err == nil && len(accounts) == 0 {
		_, err = p.st.Member(ctx, s.ID, m)
	}
	if err != nil {
		return nil, err
	}
	return wallet(s, m, accounts, at), nil
}

func wallet(s *loyalty.Shop, m id.Member, accounts []*ledger.Account, at moment.Time) *Wallet {
	w := &Wallet{Member: m, At: at, Zone: s.Zone, Units: make([]Balance, len(accounts))}
	for i, a := range accounts {
		w.Units[i] = balance(a, at)
	}
	return w
}

func balance(a *ledger.Account, at moment.Time) Balance {
	b := Balance{Unit: a.Unit, Balance: a.Balance, Available: a.AvailableAt(at), Held: a.Held, Debt: a.Debt()}
	for _, l := range a.Lots {
		switch {
		case l.EndedAt(at):
			b.Balance -= l.Remaining // gone by its date, whether or not that is booked yet
			continue
		case !l.OpenAt(at):
			b.Pending += l.Remaining
		}
		b.Lots = append(b.Lots, l)
		switch {
		case l.ExpiresAt == 0:
		case b.LapseAt == 0 || l.ExpiresAt < b.LapseAt:
			b.LapseAt, b.Lapses = l.ExpiresAt, l.Remaining
		case l.ExpiresAt == b.LapseAt:
			b.Lapses += l.Remaining
		}
	}
	slices.SortFunc(b.Lots, ledger.SpendOrder)
	return b
}

// DueDates gives when a decision on each of a member's waiting rewards is due.
func (p *People) DueDates(ctx context.Context, shop loyalty.ShopID, m id.Member) (map[id.Reward]moment.Time, error) {
	return p.st.DueDates(ctx, shop, m)
}
