package people

import (
	"context"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// erased is the reason that the facts of an erasure give.
const erased = "erased"

// ErasedAt tells when a member was erased; zero: he was not.
func (p *People) ErasedAt(ctx context.Context, shop loyalty.ShopID, m id.Member) (moment.Time, error) {
	return p.st.ErasedAt(ctx, shop, m)
}

func (p *People) notErased(ctx context.Context, shop loyalty.ShopID, m id.Member) error {
	at, err := p.st.ErasedAt(ctx, shop, m)
	if err == nil && at != 0 {
		err = loyalty.Conflict("member", "person_erased")
	}
	return err
}

// Erase forgets a person (Article 17 of the GDPR): he is blocked and what he could spend is
// taken back, as facts, so that the ledger says it; then everything that speaks of him is
// destroyed, with his key. What is recorded of him again later is kept without a person, and
// nobody writes to his addresses. Figures and history stay, and name nobody. It can be done
// again after it stopped half-way; the problem `person_erased` when it was done.
func (p *People) Erase(ctx context.Context, shop loyalty.ShopID, m id.Member, feed, actor string) error {
	if err := p.notErased(ctx, shop, m); err != nil {
		return err
	}
	w, err := p.Wallet(ctx, shop, m, 0)
	if err != nil {
		return err
	}
	fact := func(kind, name string) *loyalty.Fact {
		return &loyalty.Fact{
			Kind: kind, Feed: feed, ExternalID: "erase-" + m.String() + "-" + name, Via: feed, Origin: loyalty.FromStaff,
			Member: loyalty.Who{ID: m},
		}
	}
	var facts []*loyalty.Fact
	for _, b := range w.Units {
		if b.Available <= 0 || strings.HasPrefix(string(b.Unit), rules.Tally+":") {
			continue
		}
		f := fact(loyalty.StaffAdjust, fmt.Sprintf("%s-%d", b.Unit, b.Available))
		f.Adjust = &loyalty.Adjust{Unit: string(b.Unit), Amount: -b.Available, Reason: erased, Actor: actor}
		facts = append(facts, f)
	}
	block := fact(loyalty.StaffBlock, "block")
	block.Staff = &loyalty.Staff{Actor: actor, Reason: erased}
	answers, err := p.Record(ctx, shop, append(facts, block)...)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.Err != nil {
			return a.Err
		}
	}
	return p.st.Write(ctx, func(tx *store.Tx) error { return tx.Erase(ctx, shop, m) })
}
