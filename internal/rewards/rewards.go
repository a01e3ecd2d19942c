// Package rewards issues vouchers beyond those that rules give: batches of codes that are made
// here, chosen by the merchant, or brought from another system. Like a version of a program a
// batch is published, not decided: its terms never change, and a replay copies it. Uses,
// releases and the withdrawal of one code are facts through intake; this package decides
// nothing about value.
package rewards

import (
	"context"
	"sync"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Rewards is the running service; it is safe for many goroutines.
type Rewards struct {
	st *store.Store
	in *intake.Intake

	mu        sync.Mutex
	unchecked map[loyalty.ShopID]asked
}

// asked is what the database said about a shop, and when.
type asked struct {
	found bool
	at    moment.Time
}

// Fresh is how long a process believes that a shop has no codes with check characters of
// another system. A code that another process imports may be used after that.
const Fresh = 10 * moment.Second

// Ahead is how long before it holds a batch is withdrawn: whatever was recorded until then
// was judged without it, on every machine.
const Ahead = 10 * moment.Second

// What the store tells, under the names that callers use.
type (
	VoucherBatch  = store.VoucherBatch
	IssuedVoucher = store.IssuedVoucher
)

// New makes it.
func New(st *store.Store, in *intake.Intake) *Rewards {
	return &Rewards{st: st, in: in, unchecked: map[loyalty.ShopID]asked{}}
}

// Code brings a typed code into its form. False when it cannot be a code of the shop: then
// nothing was read, unless the shop has codes from elsewhere that look like our own.
func (r *Rewards) Code(ctx context.Context, shop loyalty.ShopID, typed string) (code string, ok bool, err error) {
	if len(typed) > maxTyped {
		return "", false, nil
	}
	code = loyalty.TypedCode(typed)
	if !loyalty.UsableCode(code) {
		return code, false, nil
	}
	if !loyalty.Mistyped(code) {
		return code, true, nil
	}
	ok, err = r.foreign(ctx, shop)
	return code, ok, err
}

// maxTyped bounds what is looked at: no code is longer, however many spaces it has.
const maxTyped = 200

// foreign tells whether the shop has codes with check characters of another system.
func (r *Rewards) foreign(ctx context.Context, shop loyalty.ShopID) (bool, error) {
	now := r.st.Clock()
	r.mu.Lock()
	a, known := r.unchecked[shop]
	r.mu.Unlock()
	if known && (a.found || now-a.at < Fresh) {
		return a.found, nil
	}
	found, err := r.st.UncheckedCodes(ctx, shop)
	if err == nil {
		r.note(shop, found, now)
	}
	return found, err
}

func (r *Rewards) note(shop loyalty.ShopID, found bool, now moment.Time) {
	r.mu.Lock()
	r.unchecked[shop] = asked{found, now}
	r.mu.Unlock()
}

// Now is what time it is in a shop.
func (r *Rewards) Now(ctx context.Context, shop loyalty.ShopID) (moment.Time, error) {
	s, _, err := r.in.Book(ctx, shop)
	if err != nil {
		return 0, err
	}
	return r.in.Now(s), nil
}

// Batch is a batch with how far it is used.
type Batch struct {
	*store.VoucherBatch
	store.VoucherFigures
}

// Batches is a page of a shop's batches, newest first, before a cursor (zero: from the
// newest).
func (r *Rewards) Batches(ctx context.Context, shop loyalty.ShopID, before id.Vouchers, limit int) ([]*store.VoucherBatch, error) {
	return r.st.VoucherBatches(ctx, shop, before, limit)
}

// Batch reads one batch and counts it; loyalty.ErrNotFound when there is none.
func (r *Rewards) Batch(ctx context.Context, shop loyalty.ShopID, which id.Vouchers) (*Batch, error) {
	b, err := r.st.VoucherBatch(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	f, err := r.st.VoucherFigures(ctx, shop, which)
	return &Batch{b, f}, err
}

// Named finds a batch by its name.
func (r *Rewards) Named(ctx context.Context, shop loyalty.ShopID, name string) (*store.VoucherBatch, error) {
	return r.st.VoucherBatchNamed(ctx, shop, name)
}

// Codes is a page of a batch's vouchers, behind a cursor; loyalty.ErrNotFound when there is
// no such batch.
func (r *Rewards) Codes(ctx context.Context, shop loyalty.ShopID, which id.Vouchers, behind id.Voucher, limit int) ([]*store.IssuedVoucher, error) {
	list, err := r.st.Issued(ctx, shop, which, behind, limit)
	if err == nil && len(list) == 0 {
		_, err = r.st.VoucherBatch(ctx, shop, which)
	}
	return list, err
}

// Voucher is a voucher with its latest uses, and why it cannot be used now:
// nil when it can.
type Voucher struct {
	*store.IssuedVoucher
	Uses   []loyalty.VoucherUse
	Carts  []store.CartUse // its latest uses in carts
	Failed []store.Attempt // its latest uses that were refused
	Why    *loyalty.Problem
	Member id.Member // who asks, where he is named
}

// shownUses is how many of a voucher's latest uses are shown.
const shownUses = 20

// Voucher reads one voucher by a typed code; loyalty.ErrNotFound when there is none.
func (r *Rewards) Voucher(ctx context.Context, shop loyalty.ShopID, typed string) (*Voucher, error) {
	code, ok, err := r.Code(ctx, shop, typed)
	if err == nil && !ok {
		err = loyalty.NotFound("code", "voucher_unknown")
	}
	if err != nil {
		return nil, err
	}
	v, err := r.st.VoucherByCode(ctx, shop, code)
	if err != nil {
		return nil, err
	}
	uses, err := r.st.VoucherUses(ctx, shop, v.ID, shownUses)
	if err != nil {
		return nil, err
	}
	carts, err := r.st.CartUses(ctx, shop, v.ID, shownUses)
	if err != nil {
		return nil, err
	}
	failed, err := r.st.Attempts(ctx, shop, v.ID)
	return &Voucher{IssuedVoucher: v, Uses: uses, Carts: carts, Failed: failed}, err
}

// Validate tells whether a fact of kind VoucherRedeemed would be taken now, and of which
// voucher it speaks: nil for a code that is not known. Nothing is stored and nobody waits.
func (r *Rewards) Validate(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact) (*Voucher, error) {
	v, why, err := r.in.Usable(ctx, shop, f)
	if err != nil || v == nil {
		return nil, err
	}
	return &Voucher{IssuedVoucher: &store.IssuedVoucher{Voucher: *v}, Why: why, Member: f.MemberID}, nil
}
