package people

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Consent is one time that a member agreed to something, or took it back, with its proof.
type Consent = store.Consent

// Consents lists what a member agreed to and took back, latest first: the first one for a
// purpose and a way holds. Of somebody who was erased nothing is kept.
func (p *People) Consents(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]*Consent, error) {
	return p.st.Consents(ctx, shop, m)
}

// MayReach tells whether a member agrees now to be reached in a way for a purpose. Whoever
// sends something that he did not ask for himself asks this right before, not when he makes his list.
// Nothing said is no.
func (p *People) MayReach(ctx context.Context, shop loyalty.ShopID, m id.Member, purpose, way string) (bool, error) {
	return p.st.Consented(ctx, shop, m, purpose, way)
}
