package loyalty

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Deliveries of a gift.
const (
	GiftByVoucher = "voucher" // a voucher, at once
	GiftByCode    = "code"    // a partner's code, drawn from a pool, to be e-mailed
	GiftByParcel  = "parcel"  // to be posted
	GiftByHand    = "by_hand" // handed over by staff at a site
)

// Gift is an entry of the catalogue. Its fact says all of it; a change is a new fact, and
// claims that were made stand.
type Gift struct {
	Code        string            `json:"code"` // its permanent name
	Name        string            `json:"name"` // in receipts
	Names       map[string]string `json:"names,omitempty"`
	Description map[string]string `json:"description,omitempty"`
	Category    string            `json:"category,omitempty"`
	Pictures    []string          `json:"pictures,omitempty"` // addresses
	Prices      []GiftPrice       `json:"prices,omitempty"`   // one of them pays
	Cost        int64             `json:"cost,omitempty"`     // what the shop pays for a piece, minor units
	Limited     bool              `json:"limited,omitempty"`  // there are as many as were put in stock
	Variants    []GiftVariant     `json:"variants,omitempty"`
	Limits      []GiftLimit       `json:"limits,omitempty"`
	Groups      []string          `json:"groups,omitempty"`   // of members who may have it; none: all
	Segments    []string          `json:"segments,omitempty"` // tags: one of them is enough
	From        moment.Time       `json:"from,omitzero"`
	Until       moment.Time       `json:"until,omitzero"` // exclusive
	Delivery    string            `json:"delivery"`
	Pool        string            `json:"pool,omitempty"` // of GiftByCode
	Voucher     *GiftVoucher      `json:"voucher,omitempty"`
	Archived    bool              `json:"archived,omitempty"`
}

// GiftPrice is so much of a unit, in its minor units.
type GiftPrice struct {
	Unit   string `json:"unit"`
	Amount int64  `json:"amount"`
}

// GiftVariant is a size or a colour, with a stock of its own.
type GiftVariant struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// GiftLimit is how many pieces a member may have within a period, of a group or of all
// that have no limit of their own.
type GiftLimit struct {
	Group     string `json:"group,omitempty"`
	PerMember int64  `json:"per_member"`
	Period    string `json:"period"` // day, month, year, ever
}

// GiftVoucher is the voucher that a gift is.
type GiftVoucher struct {
	Kind      string `json:"kind"`
	Article   string `json:"article,omitempty"`
	Amount    int64  `json:"amount,omitempty"`
	Percent   int64  `json:"percent,omitempty"`
	ValidDays int    `json:"valid_days,omitempty"`
}

// GiftStock puts pieces in stock, or (below zero) takes them out.
type GiftStock struct {
	Gift    string `json:"gift"`
	Variant string `json:"variant,omitempty"`
	Add     int64  `json:"add"`
}

// GiftClaim is what a member asks for of the catalogue: all of it or nothing.
type GiftClaim struct {
	Items     []GiftItem `json:"items"`
	Site      string     `json:"site,omitempty"`      // where it is handed over
	Addressed bool       `json:"addressed,omitempty"` // an address is sealed beside the claim
}

// GiftItem is so many pieces of one gift. Unit says which of several prices pays.
type GiftItem struct {
	Gift     string `json:"gift"`
	Variant  string `json:"variant,omitempty"`
	Quantity int64  `json:"quantity"`
	Unit     string `json:"unit,omitempty"`
}

// Address is where a parcel goes. It never enters a fact.
type Address struct {
	Name    string `json:"name"`
	Street  string `json:"street"`
	More    string `json:"more,omitempty"`
	Postal  string `json:"postal_code"`
	City    string `json:"city"`
	Country string `json:"country,omitempty"`
}

// GiftRow is an entry of the catalogue as it is kept. Stock is counted by variant; "" where
// there is none.
type GiftRow struct {
	Gift      Gift
	In, Out   map[string]int64
	Event     id.Event
	ChangedAt moment.Time

	New, Dirty bool
}

// Left is how many pieces of a variant there are; ok is false where there is no limit.
func (g *GiftRow) Left(variant string) (n int64, ok bool) {
	return max(0, g.In[variant]-g.Out[variant]), g.Gift.Limited
}

// Price finds what a piece costs in a unit; in the only one where none is named.
func (g *Gift) Price(unit string) (GiftPrice, bool) {
	if unit == "" && len(g.Prices) == 1 {
		return g.Prices[0], true
	}
	i := slices.IndexFunc(g.Prices, func(p GiftPrice) bool { return p.Unit == unit })
	if i < 0 {
		return GiftPrice{}, false
	}
	return g.Prices[i], true
}

// Limit is what holds for a member of a group.
func (g *Gift) Limit(group string) (l GiftLimit, ok bool) {
	for _, x := range g.Limits {
		if x.Group == group && group != "" {
			return x, true
		}
		if x.Group == "" {
			l, ok = x, true
		}
	}
	return l, ok
}

// ClaimDetail is what a claim of the catalogue keeps beside its gift. The price was fixed
// when it was made.
type ClaimDetail struct {
	Variant  string      `json:"variant,omitempty"`
	Unit     ledger.Unit `json:"unit,omitempty"`
	Price    int64       `json:"price,omitempty"` // of all pieces
	Cost     int64       `json:"cost,omitempty"`  // of all pieces, minor units of money
	Codes    []int64     `json:"codes,omitempty"` // their numbers in the pool
	Period   string      `json:"period,omitempty"`
	Carrier  string      `json:"carrier,omitempty"`
	Tracking string      `json:"tracking,omitempty"`
}

// PoolCode is a code of a pool that is not given away yet.
type PoolCode struct {
	Pool  string
	N     int64
	Claim id.Reward // set when it is drawn

	Dirty bool
}

// Limits of an entry.
const (
	maxGiftText  = 2_000
	maxPictures  = 20
	maxVariants  = 200
	maxGiftItems = 50
)

// Check refuses what an entry of the catalogue cannot be, naming field and code.
func (g *Gift) Check(s *Shop) error {
	if err := text("gift.code", g.Code); err != nil {
		return err
	}
	if strings.ContainsAny(g.Code, "/#") {
		return Invalid("gift.code", "no_slash")
	}
	if err := text("gift.name", g.Name); err != nil {
		return err
	}
	for field, list := range map[string]map[string]string{"names": g.Names, "description": g.Description} {
		for lang, v := range list {
			if !slices.Contains([]string{"fr", "pl", "en"}, lang) {
				return Invalid("gift."+field, "unknown_language")
			}
			if len(v) > maxGiftText {
				return Invalid("gift."+field+"."+lang, "too_long", "max", strconv.Itoa(maxGiftText))
			}
		}
	}
	if g.Category != "" {
		if err := text("gift.category", g.Category); err != nil {
			return err
		}
	}
	if len(g.Pictures) > maxPictures {
		return Invalid("gift.pictures", "too_many", "max", strconv.Itoa(maxPictures))
	}
	for i, p := range g.Pictures {
		if len(p) > maxGiftText || !strings.HasPrefix(p, "https://") && !strings.HasPrefix(p, "/") {
			return Invalid(fmt.Sprintf("gift.pictures[%d]", i), "invalid_address")
		}
	}
	if g.Cost < 0 || g.Cost > money.Max {
		return outside("gift.cost", 0, money.Max)
	}
	if g.Until != 0 && g.Until <= g.From {
		return Invalid("gift.until", "ends_before_it_begins")
	}
	for _, check := range []func(*Shop) error{g.checkPrices, g.checkVariants, g.checkLimits, g.checkDelivery} {
		if err := check(s); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gift) checkPrices(*Shop) error {
	seen := map[string]bool{}
	for i, p := range g.Prices {
		at := fmt.Sprintf("gift.prices[%d].", i)
		if err := text(at+"unit", p.Unit); err != nil {
			return err
		}
		if seen[p.Unit] {
			return Invalid(at+"unit", "named_twice")
		}
		seen[p.Unit] = true
		if p.Amount < 1 || p.Amount > money.Max {
			return outside(at+"amount", 1, money.Max)
		}
	}
	if len(g.Prices) > maxAttributes {
		return Invalid("gift.prices", "too_many", "max", strconv.Itoa(maxAttributes))
	}
	return nil
}

func (g *Gift) checkVariants(*Shop) error {
	if len(g.Variants) > maxVariants {
		return Invalid("gift.variants", "too_many", "max", strconv.Itoa(maxVariants))
	}
	seen := map[string]bool{}
	for i, v := range g.Variants {
		at := fmt.Sprintf("gift.variants[%d].code", i)
		if err := text(at, v.Code); err != nil {
			return err
		}
		if seen[v.Code] {
			return Invalid(at, "named_twice")
		}
		seen[v.Code] = true
	}
	return nil
}

func (g *Gift) checkLimits(*Shop) error {
	for i, l := range g.Limits {
		at := fmt.Sprintf("gift.limits[%d].", i)
		if l.PerMember < 1 || l.PerMember > MaxQuantity {
			return outside(at+"per_member", 1, MaxQuantity)
		}
		if !slices.Contains([]string{"day", "month", "year", "ever"}, l.Period) {
			return Invalid(at+"period", "unknown_period")
		}
	}
	if len(g.Limits) > maxAttributes || len(g.Groups) > maxAttributes || len(g.Segments) > maxAttributes {
		return Invalid("gift.limits", "too_many", "max", strconv.Itoa(maxAttributes))
	}
	return nil
}

func (g *Gift) checkDelivery(*Shop) error {
	switch g.Delivery {
	case GiftByParcel, GiftByHand:
	case GiftByCode:
		return text("gift.pool", g.Pool)
	case GiftByVoucher:
		v := g.Voucher
		switch {
		case v == nil:
			return Invalid("gift.voucher", "required")
		case !slices.Contains([]string{"product", "category", "cash", "special"}, v.Kind):
			return Invalid("gift.voucher.kind", "unknown_kind")
		case (v.Kind == "product" || v.Kind == "category") && v.Article == "":
			return Invalid("gift.voucher.article", "required")
		case v.Amount < 0 || v.Amount > money.Max || v.Amount == 0 && v.Percent == 0:
			return outside("gift.voucher.amount", 1, money.Max)
		case v.Percent < 0 || v.Percent > 100*100:
			return outside("gift.voucher.percent", 0, 100*100)
		case v.ValidDays < 0 || v.ValidDays > 36_500:
			return outside("gift.voucher.valid_days", 0, 36_500)
		}
	default:
		return Invalid("gift.delivery", "unknown_delivery")
	}
	return nil
}

// check refuses what a claim of the catalogue cannot mean.
func (c *GiftClaim) check() error {
	if len(c.Items) == 0 {
		return Invalid("claim.items", "required")
	}
	if len(c.Items) > maxGiftItems {
		return Invalid("claim.items", "too_many", "max", strconv.Itoa(maxGiftItems))
	}
	for i, x := range c.Items {
		at := fmt.Sprintf("claim.items[%d].", i)
		if err := text(at+"gift", x.Gift); err != nil {
			return err
		}
		if x.Quantity < 1 || x.Quantity > 1_000 {
			return outside(at+"quantity", 1, 1_000)
		}
	}
	if c.Site != "" {
		return text("claim.site", c.Site)
	}
	return nil
}
