package api

import (
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// Wallet is what a member has at an instant.
type Wallet struct {
	Member   id.Member   `json:"member"`
	At       moment.Time `json:"at" format:"date-time"`
	Units    []Balance   `json:"units"`
	Vouchers []Voucher   `json:"vouchers" doc:"That can be used; of an instant that is past, none are told"`
}

// Balance is one unit of a wallet.
type Balance struct {
	Unit      ledger.Unit `json:"unit" example:"points"`
	Balance   int64       `json:"balance" doc:"Open and pending, less what is owed"`
	Available int64       `json:"available" doc:"That can be spent"`
	Pending   int64       `json:"pending" doc:"Given, but not open yet"`
	Held      int64       `json:"held" doc:"Reserved for a cart"`
	Debt      int64       `json:"debt" doc:"Taken back after it was spent"`
	NextLapse *Lapse      `json:"next_lapse,omitempty"`
	Lots      []Lot       `json:"lots" doc:"In the order in which they are spent"`
}

// Lapse is value that ends.
type Lapse struct {
	At     moment.Time `json:"at" format:"date-time"`
	Amount int64       `json:"amount"`
}

// Lot is value earned at once, with its own dates.
type Lot struct {
	ID        id.Lot      `json:"id"`
	Reward    id.Reward   `json:"reward,omitzero"`
	Amount    int64       `json:"amount" doc:"As it was earned"`
	Remaining int64       `json:"remaining" doc:"What is left of it"`
	Since     moment.Time `json:"since" format:"date-time" doc:"When it was earned"`
	OpensAt   moment.Time `json:"opens_at,omitzero" format:"date-time" doc:"Missing: a decision opens it"`
	ExpiresAt moment.Time `json:"expires_at,omitzero" format:"date-time" doc:"Exclusive; missing: never"`
	FirstDay  string      `json:"first_day,omitempty" example:"2026-03-15" doc:"The first day on which it can be used, by the shop's calendar"`
	LastDay   string      `json:"last_day,omitempty" example:"2027-03-15" doc:"The last day, included"`
}

// Voucher is a code with value.
type Voucher struct {
	ID        id.Voucher  `json:"id"`
	Code      string      `json:"code"`
	Kind      string      `json:"kind" enum:"product,category,cash,special"`
	Article   string      `json:"article,omitempty"`
	Amount    int64       `json:"amount" doc:"Units of the article, or minor units of money"`
	Percent   int64       `json:"percent,omitempty" doc:"Hundredths of a per cent, where the amount does not say it"`
	UsesLeft  int64       `json:"uses_left"`
	StartsAt  moment.Time `json:"starts_at" format:"date-time"`
	ExpiresAt moment.Time `json:"expires_at,omitzero" format:"date-time" doc:"Exclusive; missing: never"`
}

type walletQuery struct {
	ID id.Member   `path:"id" unknown:"member_unknown"`
	At moment.Time `query:"at" doc:"Now when missing. To come: what will have opened and ended by then. Past: what the book says of then"`
}

func (a *API) wallet(c *call, p *walletQuery, _ *none) (*Wallet, error) {
	w, err := a.people.Wallet(c.ctx, c.shop(), p.ID, p.At)
	if err != nil {
		return nil, err
	}
	out := &Wallet{Member: w.Member, At: w.At, Units: make([]Balance, len(w.Units)), Vouchers: make([]Voucher, len(w.Vouchers))}
	for i := range w.Units {
		out.Units[i] = shownBalance(&w.Units[i], w.Zone)
	}
	for i, v := range w.Vouchers {
		out.Vouchers[i] = shownVoucher(v)
	}
	return out, nil
}

func shownVoucher(v *loyalty.Voucher) Voucher {
	return Voucher{v.ID, v.Code, v.Kind, v.Article, v.Amount, v.Percent, v.UsesMax - v.Used, v.StartsAt, v.ExpiresAt}
}

func shownBalance(b *people.Balance, zone *time.Location) Balance {
	out := Balance{
		Unit: b.Unit, Balance: b.Balance, Available: b.Available, Pending: b.Pending, Held: b.Held, Debt: b.Debt,
		Lots: make([]Lot, len(b.Lots)),
	}
	if b.LapseAt != 0 {
		out.NextLapse = &Lapse{b.LapseAt, b.Lapses}
	}
	for i, l := range b.Lots {
		out.Lots[i] = Lot{ID: l.ID, Reward: l.Reward, Amount: l.Amount, Remaining: l.Remaining, Since: l.Since, OpensAt: l.OpensAt, ExpiresAt: l.ExpiresAt}
		if l.OpensAt != 0 {
			out.Lots[i].FirstDay = l.OpensAt.Date(zone)
		}
		if l.ExpiresAt != 0 {
			out.Lots[i].LastDay = (l.ExpiresAt - 1).Date(zone)
		}
	}
	return out
}

// Transaction is what one entry of the ledger changed in one unit of the member.
type Transaction struct {
	ID          id.Transaction `json:"id"`
	Kind        string         `json:"kind" enum:"earn,take_back,exchange,withdraw,redeem,give_back,adjust,lapse,transfer,merge,correction"`
	Event       id.Event       `json:"event"`
	Reward      id.Reward      `json:"reward,omitzero"`
	Unit        ledger.Unit    `json:"unit"`
	Amount      int64          `json:"amount"`
	EffectiveAt moment.Time    `json:"effective_at" format:"date-time"`
	RecordedAt  moment.Time    `json:"recorded_at" format:"date-time"`
}

type memberPage struct {
	ID            id.Member `path:"id" unknown:"member_unknown"`
	Limit         int       `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string    `query:"starting_after" doc:"The next_cursor of the page before"`
}

func (a *API) transactions(c *call, p *memberPage, _ *none) (*Page[Transaction], error) {
	from, err := after[id.TransactionKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.people.Movements(c.ctx, c.shop(), p.ID, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(m people.Movement) id.Transaction { return m.ID }, func(m people.Movement) Transaction {
		return Transaction{m.ID, m.Kind, m.Event, m.Reward, m.Unit, m.Amount, m.EffectiveAt, m.RecordedAt}
	}), nil
}
