package intake

import (
	"context"
	"crypto/rand"
	"errors"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// attempted remembers uses of vouchers that were refused: of what is refused no fact is left, and
// whoever stands at a counter asks why. What cannot be noted is only logged: the answer stands.
func (in *Intake) attempted(ctx context.Context, shop loyalty.ShopID, now moment.Time, facts []*loyalty.Fact, answers []Answer) {
	for i, f := range facts {
		if f.Kind != loyalty.VoucherRedeemed || f.Use == nil {
			continue
		}
		p, ok := errors.AsType[*loyalty.Problem](answers[i].Err)
		if !ok || p.Field != "use.code" || !errors.Is(p, loyalty.ErrConflict) {
			continue
		}
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails (crypto/rand)
		x := store.Attempt{ID: id.Mint[id.EventKind](int64(now), random), At: now, Reason: p.Code, Feed: f.Feed}
		if err := in.st.Write(ctx, func(tx *store.Tx) error { return tx.NoteAttempt(ctx, shop, f.Use.Code, x) }); err != nil {
			in.log.Warn("a refused use of a voucher was not noted", "error", err)
		}
	}
}
