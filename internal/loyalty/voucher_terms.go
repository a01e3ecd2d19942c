package loyalty

import "cagnotte/internal/moment"

// Origins of the codes of a batch.
const (
	CodesGenerated = "generated" // random, made here
	CodesChosen    = "chosen"    // one code that the merchant chose, such as SPRING
	CodesImported  = "imported"  // from another system: no check character is asked for
)

// Unlimited is the UsesMax of a voucher that may be used any number of times.
const Unlimited = MaxQuantity

// VoucherTerms is what the vouchers of a batch are for, and what limits them. It is written
// once, when they are issued, and never changed. Amounts are minor units.
type VoucherTerms struct {
	Kind      string      `json:"kind"` // product, category, cash, special
	Article   string      `json:"article,omitempty"`
	Amount    int64       `json:"amount,omitempty"`
	Percent   int64       `json:"percent,omitempty"`    // hundredths of a per cent
	Uses      int64       `json:"uses,omitempty"`       // of each code; 0: any number
	PerMember int64       `json:"per_member,omitempty"` // of each code by one member, who must then be named; 0: any number
	Minimum   int64       `json:"minimum,omitempty"`    // of the lines that it may discount
	Priority  int         `json:"priority,omitempty"`
	Exclusive string      `json:"exclusive,omitempty"` // a group of which one gives; AloneGroup of rules: no other beside it
	StartsAt  moment.Time `json:"starts_at,omitzero"`
	ExpiresAt moment.Time `json:"expires_at,omitzero"` // exclusive
}
