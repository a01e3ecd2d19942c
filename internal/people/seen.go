package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/store"
)

// A server that reports an order rarely knows in which browser it was made. The tracker saw
// the browser on the page that thanks for the order, with the order's number and amount. So
// before such a report goes to intake, it is told the browser: the decision itself knows
// nothing of sightings, and a replay has them in the fact.

// seen are the sightings of the orders that some facts report, by their number.
type seen map[string][]*loyalty.Sighting

// bought are the reports of an order to which a browser may be added.
var bought = []string{loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled}

// browsers looks at the browsers that reports name, adds to reports of orders the one that saw
// the order, and gives the sightings
// that were taken over, each at the place of its fact.
func (p *People) browsers(ctx context.Context, shop loyalty.ShopID, facts []*loyalty.Fact) (map[int]*loyalty.Sighting, error) {
	var refs []string
	unnamed := map[*loyalty.Fact]bool{} // reports whose browser is still to be found
	for _, f := range facts {
		unnamed[f] = reports(f)
		if err := p.shared(ctx, shop, f); err != nil {
			return nil, err
		}
		if unnamed[f] && !slices.Contains(refs, f.Order.Ref) {
			refs = append(refs, f.Order.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	list, err := p.st.SightingsOf(ctx, shop, loyalty.SawOrder, refs)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	by, taken := seen{}, map[int]*loyalty.Sighting{}
	for _, s := range list {
		by[s.Ref] = append(by[s.Ref], s)
	}
	for i, f := range facts {
		if !unnamed[f] || len(by[f.Order.Ref]) == 0 {
			continue
		}
		s, err := p.browser(ctx, shop, f, by[f.Order.Ref])
		if err != nil {
			return nil, err
		}
		if s != nil {
			taken[i] = s
		}
	}
	return taken, nil
}

// reports tells whether a fact is a report of an order of somebody, in a browser that the
// reporter did not name.
func reports(f *loyalty.Fact) bool {
	return f.Order != nil && f.Order.Ref != "" && f.Origin == loyalty.FromLive && slices.Contains(bought, f.Kind) && f.Member.Named() &&
		!slices.ContainsFunc(f.Member.Keys, isVisitor)
}

func isVisitor(k loyalty.Key) bool { return k.Kind == loyalty.ByVisitor }

// browser adds to one report what the sighting of its order says, and gives the sighting.
// A report that is recorded already gets what was added then, so that it stays the same one.
func (p *People) browser(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact, among []*loyalty.Sighting) (*loyalty.Sighting, error) {
	was, err := p.st.EventByName(ctx, shop, f.Feed, f.ExternalID)
	if err == nil {
		addAgain(f, was.Fact)
		return nil, nil
	}
	if !errors.Is(err, loyalty.ErrNotFound) {
		return nil, err
	}
	amounts, err := p.amounts(ctx, shop, f.Order)
	if err != nil {
		return nil, err
	}
	s := agreed(among, f.Order.Currency, amounts)
	if s == nil {
		return nil, nil
	}
	if s.Visitor != "" {
		free, err := p.unclaimed(ctx, shop, s.Visitor)
		if err != nil {
			return nil, err
		}
		if free {
			f.Member.Keys = append(f.Member.Keys, loyalty.Key{Kind: loyalty.ByVisitor, Key: s.Visitor})
		}
		p.sign(f, s.Visitor)
	}
	if s.Code != "" && !f.Referrer.Named() {
		f.Referrer.Keys = []loyalty.Key{{Kind: loyalty.ByCode, Key: s.Code}}
		f.Touch = loyalty.OriginLink
	}
	return s, nil
}

// shared looks at the browser that a report names beside a person. It is a sign of its device;
// and one that is a member's already makes nobody that member, as his family's may be the
// same. A report that is recorded already names it as it did then.
func (p *People) shared(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact) error {
	at := slices.IndexFunc(f.Member.Keys, isVisitor)
	if at < 0 || f.Origin != loyalty.FromLive || len(f.Member.Keys) == 1 && f.Member.ID.IsZero() {
		return nil
	}
	browser := f.Member.Keys[at]
	without := slices.DeleteFunc(slices.Clone(f.Member.Keys), isVisitor)
	was, err := p.st.EventByName(ctx, shop, f.Feed, f.ExternalID)
	if err == nil {
		if f.Member.Keys = without; slices.Contains(was.Fact.Member.Keys, browser) {
			f.Member.Keys = append(f.Member.Keys, browser)
		}
		signAgain(f, was.Fact)
		return nil
	}
	if !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	free, err := p.unclaimed(ctx, shop, browser.Key)
	if err != nil {
		return err
	}
	if !free {
		f.Member.Keys = without
	}
	p.sign(f, browser.Key)
	return nil
}

// signAgain gives a report the sign of a device that it had when it was recorded.
func signAgain(f, was *loyalty.Fact) {
	if sign := was.Signals[loyalty.SignDevice]; sign != "" && f.Signals[loyalty.SignDevice] == "" {
		if f.Signals == nil {
			f.Signals = loyalty.Signals{}
		}
		f.Signals[loyalty.SignDevice] = sign
	}
}

// addAgain gives a report what was added to it when it was recorded.
func addAgain(f, was *loyalty.Fact) {
	for _, k := range was.Member.Keys {
		if isVisitor(k) && !slices.Contains(f.Member.Keys, k) {
			f.Member.Keys = append(f.Member.Keys, k)
		}
	}
	signAgain(f, was)
	if !f.Referrer.Named() && len(was.Referrer.Keys) > 0 {
		f.Referrer.Keys, f.Touch = was.Referrer.Keys, was.Touch
	}
}

// agreed is the sighting that names the order's amount, if all of those agree on browser and
// code. Numbers of orders can be guessed; who guesses the amount as well only brings it
// about that nobody is believed.
func agreed(among []*loyalty.Sighting, currency string, amounts []int64) *loyalty.Sighting {
	var out *loyalty.Sighting
	for _, s := range among {
		if s.Visitor == "" && s.Code == "" || !s.Priced || !slices.Contains(amounts, s.Amount) || s.Currency != "" && currency != "" && s.Currency != currency {
			continue
		}
		if out != nil && (out.Visitor != s.Visitor || out.Code != s.Code) {
			return nil
		}
		out = s
	}
	return out
}

// amounts are what a page may call the amount of an order: with and without tax, delivery,
// and what was paid by rewards and gift cards.
func (p *People) amounts(ctx context.Context, shop loyalty.ShopID, o *loyalty.Order) ([]int64, error) {
	lines, parts := o.Lines, o.Circumstances
	if len(lines) == 0 {
		row, err := p.st.OrderByName(ctx, shop, o.Series, o.Ref)
		if errors.Is(err, loyalty.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		lines, parts = row.Lines, row.Circumstances
	}
	var total, tax int64
	for _, l := range lines {
		if l.Amount > money.Max-total || l.Tax > money.Max-tax {
			return nil, nil // refused by whoever judges it
		}
		total, tax = total+l.Amount, tax+l.Tax
	}
	out := []int64{total}
	for _, part := range []int64{-tax, parts.Delivery, -parts.RewardsPaid, -parts.GiftCards} {
		if part == 0 {
			continue
		}
		for _, v := range out[:len(out):len(out)] {
			out = append(out, v+part)
		}
	}
	return out, nil
}

// unclaimed tells whether a browser is nobody's yet. One that is a member's already may be
// his family's: it makes nobody that member.
func (p *People) unclaimed(ctx context.Context, shop loyalty.ShopID, visitor string) (bool, error) {
	m, err := p.st.MemberByKey(ctx, shop, loyalty.Key{Kind: loyalty.ByVisitor, Key: visitor})
	if err != nil || m.IsZero() {
		return err == nil, err
	}
	row, err := p.st.Member(ctx, shop, m)
	if err != nil {
		return false, err
	}
	return row.State == loyalty.Prospect, nil
}

// sign makes the browser a sign of its device, unless the report has a better one.
func (p *People) sign(f *loyalty.Fact, visitor string) {
	if f.Signals[loyalty.SignDevice] != "" {
		return
	}
	if f.Signals == nil {
		f.Signals = loyalty.Signals{}
	}
	f.Signals[loyalty.SignDevice] = p.box.Match(loyalty.SignDevice, strings.ToLower(visitor))
}

// took notes which reports took a sighting over.
func (p *People) took(ctx context.Context, shop loyalty.ShopID, taken map[int]*loyalty.Sighting, answers []intake.Answer) error {
	return p.st.Write(ctx, func(tx *store.Tx) error {
		for i, s := range taken {
			if answers[i].Err != nil || answers[i].Event.IsZero() {
				continue
			}
			if err := tx.TakeSighting(ctx, shop, s.ID, answers[i].Event); err != nil {
				return err
			}
		}
		return nil
	})
}

// Uses notes that a member is signed in in a browser, so that a friend in the same browser
// is seen to be in it. It gives nobody anything.
func (p *People) Uses(ctx context.Context, shop loyalty.ShopID, m id.Member, visitor string) error {
	row, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(m.String() + " " + visitor))
	f := &loyalty.Fact{
		Kind: loyalty.MemberUpdated, Feed: "tracker", ExternalID: "browser:" + hex.EncodeToString(sum[:16]), Via: "tracker",
		Origin: loyalty.FromLive, OccurredAt: p.in.Now(row), Member: loyalty.Who{ID: m},
	}
	p.sign(f, visitor)
	_, err = p.st.EventByName(ctx, shop, f.Feed, f.ExternalID)
	if !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	answers, err := p.in.Record(ctx, shop, f)
	if err == nil {
		err = answers[0].Err
	}
	return err
}
