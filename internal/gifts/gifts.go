// Package gifts is the catalogue as the shop's people and its members use it: entries with
// their stock, what a member may ask for, claims with where they go, and pools of partners'
// codes. Entries, stock and claims are facts through intake; codes are put into their pools
// here, as versions of programs are published.
package gifts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// What the store tells, under the names that callers use.
type (
	Pool    = store.Pool
	Reached = store.Reached
)

// Gifts is the running service; it is safe for many goroutines.
type Gifts struct {
	st  *store.Store
	in  *intake.Intake
	box *seal.Box
}

// New makes it.
func New(st *store.Store, in *intake.Intake, box *seal.Box) *Gifts { return &Gifts{st, in, box} }

// Gift is an entry of the catalogue; loyalty.ErrNotFound when there is none.
func (g *Gifts) Gift(ctx context.Context, shop loyalty.ShopID, code string) (*loyalty.GiftRow, error) {
	return g.st.Gift(ctx, shop, code)
}

// List is a page of the catalogue in the order of codes, behind one of them.
func (g *Gifts) List(ctx context.Context, shop loyalty.ShopID, after string, limit int) ([]*loyalty.GiftRow, error) {
	return g.st.Gifts(ctx, shop, after, limit)
}

// Offer is an entry as a member sees it: what he may ask for, and what is lacking.
type Offer struct {
	*loyalty.GiftRow
	Why     loyalty.Reason    // empty: he may have it now
	Figures map[string]string // "need", "got" of what is lacking
	Missing int64             // of the unit of its first price
	Unit    string
}

// mostOffers bounds the catalogue that a member is shown at once.
const mostOffers = 1_000

// Offers lists what the catalogue has for a member, in the order that the shop gave it; where
// it gave none, what he may have first. spent is what
// he is about to spend elsewhere, by unit.
func (g *Gifts) Offers(ctx context.Context, shop loyalty.ShopID, m id.Member, spent map[string]int64) ([]Offer, error) {
	row, err := g.st.Member(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	s, _, err := g.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	now := g.in.Now(s)
	accounts, err := g.st.WalletAt(ctx, shop, m, now)
	if err != nil {
		return nil, err
	}
	has := func(unit string) int64 {
		i := slices.IndexFunc(accounts, func(a *ledger.Account) bool { return string(a.Unit) == unit })
		if i < 0 {
			return 0
		}
		return accounts[i].AvailableAt(now) - spent[unit]
	}
	list, arranged, err := g.Catalogue(ctx, shop)
	if err != nil {
		return nil, err
	}
	var out []Offer
	for _, x := range list {
		t := &x.Gift
		if !Shown(t, now, row.Group, row.Tags) {
			continue
		}
		o := Offer{GiftRow: x}
		switch {
		case row.State == loyalty.Blocked:
			o.Why = loyalty.MemberIsBlocked
		case t.Limited && gone(x):
			o.Why = loyalty.OutOfStock
		default:
			o.price(has)
		}
		out = append(out, o)
	}
	if !arranged {
		WithinReach(out)
	}
	return out, nil
}

// Shown tells whether a member of a group, with some tags, sees an entry of the catalogue at an
// instant; whether he may have it is another question.
func Shown(g *loyalty.Gift, at moment.Time, group string, tags []string) bool {
	switch {
	case g.Archived, len(g.Prices) == 0, at < g.From, g.Until != 0 && at >= g.Until:
		return false
	case len(g.Groups) > 0 && !slices.Contains(g.Groups, group):
		return false
	}
	return len(g.Segments) == 0 || slices.ContainsFunc(g.Segments, func(s string) bool { return slices.Contains(tags, s) })
}

// WithinReach puts first what the member may have now, and leaves the order as it is otherwise.
func WithinReach(list []Offer) {
	slices.SortStableFunc(list, func(a, b Offer) int {
		if (a.Why == "") != (b.Why == "") {
			return map[bool]int{true: -1, false: 1}[a.Why == ""]
		}
		return 0
	})
}

// gone tells whether nothing of an entry is left, of any variant.
func gone(x *loyalty.GiftRow) bool {
	for v := range x.In {
		if n, _ := x.Left(v); n > 0 {
			return false
		}
	}
	return true
}

// price finds a price that the member can pay, or else what is lacking of the first.
func (o *Offer) price(has func(string) int64) {
	for _, p := range o.Gift.Prices {
		if has(p.Unit) >= p.Amount {
			return
		}
	}
	p := o.Gift.Prices[0]
	got := has(p.Unit)
	o.Why, o.Unit, o.Missing = loyalty.InsufficientUnits, p.Unit, p.Amount-got
	o.Figures = map[string]string{"need": strconv.FormatInt(p.Amount, 10), "got": strconv.FormatInt(got, 10)}
}

// Delivery is what a claim needs beside its row: where its parcel goes, and its codes.
type Delivery struct {
	Address *loyalty.Address
	Codes   []string
}

// Delivery opens the address and the codes of a claim.
func (g *Gifts) Delivery(ctx context.Context, shop loyalty.ShopID, k *loyalty.Claim) (*Delivery, error) {
	out := &Delivery{}
	sealed, wrapped, err := g.st.ClaimAddress(ctx, shop, k.Reward)
	if err != nil {
		return nil, err
	}
	if sealed != nil {
		body, err := g.box.Open(wrapped, sealed)
		if err != nil {
			return nil, fmt.Errorf("address of claim %s: %w", k.Reward, err)
		}
		out.Address = &loyalty.Address{}
		if err := json.Unmarshal(body, out.Address); err != nil {
			return nil, fmt.Errorf("address of claim %s: %w", k.Reward, err)
		}
	}
	if len(k.Detail.Codes) == 0 {
		return out, nil
	}
	pools, err := g.st.Pools(ctx, shop)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(pools, func(p *store.Pool) bool { return p.Name == k.Pool })
	if i < 0 {
		return out, nil
	}
	for _, n := range k.Detail.Codes {
		sealed, err := g.st.PoolCode(ctx, shop, k.Pool, n)
		if err != nil {
			return nil, err
		}
		code, err := g.box.Open(pools[i].Wrapped, sealed)
		if err != nil {
			return nil, fmt.Errorf("code of claim %s: %w", k.Reward, err)
		}
		out.Codes = append(out.Codes, string(code))
	}
	return out, nil
}

// Due is a page of members who have earned so much of a unit in all and have no gift yet.
func (g *Gifts) Due(ctx context.Context, shop loyalty.ShopID, unit string, earned int64, after id.Member, limit int) ([]store.Reached, error) {
	return g.st.DueForGift(ctx, shop, unit, earned, after, limit)
}

// Pools lists a shop's pools by name.
func (g *Gifts) Pools(ctx context.Context, shop loyalty.ShopID) ([]*store.Pool, error) {
	return g.st.Pools(ctx, shop)
}

// Added tells what became of codes that were put into a pool.
type Added struct {
	Added int
	Twice []int // their places: they were there already, or stand twice in the list
}

// MaxCodes is how many codes one call takes, maxCode how long each may be.
const (
	MaxCodes = 100_000
	maxCode  = 200
)

// AddCodes puts partners' codes into a pool, which is made when it is new, and lets whoever
// waits for one have it. The same codes again change nothing.
func (g *Gifts) AddCodes(ctx context.Context, shop loyalty.ShopID, pool string, codes []string) (*Added, error) {
	if err := checkCodes(pool, codes); err != nil {
		return nil, err
	}
	out := &Added{}
	seen := make(map[string]bool, len(codes))
	var hashes []string
	var places []int
	for i, c := range codes {
		h := g.box.Match("pool", pool+"\x1f"+c)
		if seen[h] {
			out.Twice = append(out.Twice, i)
			continue
		}
		seen[h] = true
		hashes, places = append(hashes, h), append(places, i)
	}
	err := g.st.Write(ctx, func(tx *store.Tx) error {
		twice, _, err := tx.AddCodes(ctx, shop, pool, g.box.NewPerson(), hashes, func(wrapped []byte, i int) ([]byte, error) {
			return g.box.Seal(wrapped, []byte(codes[places[i]]))
		})
		out.Added = len(hashes) - len(twice)
		for i, h := range hashes {
			if twice[h] {
				out.Twice = append(out.Twice, places[i])
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(out.Twice)
	if out.Added == 0 {
		return out, nil
	}
	return out, g.fill(ctx, shop, pool)
}

// fill lets those who wait for codes have them, as often as that helps somebody.
func (g *Gifts) fill(ctx context.Context, shop loyalty.ShopID, pool string) error {
	s, _, err := g.in.Book(ctx, shop)
	if err != nil {
		return err
	}
	now := g.in.Now(s)
	f := &loyalty.Fact{
		Kind: loyalty.PoolFilled, Feed: "pool:" + pool, ExternalID: id.Mint[id.EventKind](int64(now), random()).String(), Via: "office",
		Origin: loyalty.FromStaff, OccurredAt: now, Pool: pool,
	}
	got, err := g.in.Record(ctx, shop, f)
	if err == nil {
		err = got[0].Err
	}
	return err
}

func checkCodes(pool string, codes []string) error {
	switch {
	case pool == "" || len(pool) > loyalty.MaxRefBytes:
		return loyalty.Invalid("pool", "required")
	case len(codes) == 0:
		return loyalty.Invalid("codes", "required")
	case len(codes) > MaxCodes:
		return loyalty.Invalid("codes", "too_many", "max", strconv.Itoa(MaxCodes))
	}
	for i, c := range codes {
		if c == "" || len(c) > maxCode || bytes.ContainsFunc([]byte(c), func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return loyalty.Invalid(fmt.Sprintf("codes[%d]", i), "control_character")
		}
	}
	return nil
}
