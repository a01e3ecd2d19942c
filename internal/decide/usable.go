package decide

import (
	"errors"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Usable tells whether a fact of kind VoucherRedeemed would be taken now, and of which
// voucher it speaks; nil for a code that is not known. It changes nothing.
func Usable(b *rules.Book, d *Dossiers, f *loyalty.Fact, now moment.Time) (*loyalty.Voucher, *loyalty.Problem) {
	c := &call{book: b, d: d, f: f, now: now}
	problem, _ := errors.AsType[*loyalty.Problem](c.refuseRedemption(d.Files[f.MemberID]))
	return d.Codes[f.Use.Code], problem
}
