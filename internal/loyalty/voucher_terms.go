package loyalty

import (
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

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

// Kinds of vouchers.
const (
	VoucherProduct  = "product"  // free units of one article
	VoucherCategory = "category" // free or reduced units of any article of a category
	VoucherCash     = "cash"     // money off the basket
	VoucherSpecial  = "special"  // likewise, whatever is in it
)

// maxPriority bounds the priority of terms on both sides of zero.
const maxPriority = 1_000

// Check refuses terms that mean nothing, naming field and code. Fields are those of an issue.
func (t *VoucherTerms) Check(now moment.Time) error {
	switch t.Kind {
	case VoucherProduct, VoucherCategory:
		if err := text("terms.article", t.Article); err != nil {
			return err
		}
		if t.Amount < 1 || t.Amount > MaxQuantity {
			return outside("terms.amount", 1, MaxQuantity)
		}
	case VoucherCash, VoucherSpecial:
		switch {
		case t.Article != "":
			return Invalid("terms.article", "not_of_this_kind", "kind", t.Kind)
		case t.Amount != 0 && t.Percent != 0:
			return Invalid("terms.percent", "amount_or_percent")
		case t.Percent == 0 && (t.Amount < 1 || t.Amount > money.Max):
			return outside("terms.amount", 1, money.Max)
		}
	case "":
		return Invalid("terms.kind", "required")
	default:
		return Invalid("terms.kind", "unknown_value", "known", "cash category product special")
	}
	for _, x := range []struct {
		field       string
		n, min, max int64
	}{
		{"terms.percent", t.Percent, 0, 10_000}, {"terms.uses", t.Uses, 0, Unlimited}, {"terms.per_member", t.PerMember, 0, Unlimited},
		{"terms.minimum", t.Minimum, 0, money.Max}, {"terms.priority", int64(t.Priority), -maxPriority, maxPriority},
	} {
		if x.n < x.min || x.n > x.max {
			return outside(x.field, x.min, x.max)
		}
	}
	if t.Exclusive != "" {
		if err := text("terms.exclusive", t.Exclusive); err != nil {
			return err
		}
	}
	if t.ExpiresAt != 0 && t.ExpiresAt <= max(now, t.StartsAt) {
		return Invalid("terms.expires_at", "ends_before_it_begins")
	}
	return nil
}

// CheckText refuses a name or a reason that is missing, too long or not text.
func CheckText(field, v string) error { return text(field, v) }
