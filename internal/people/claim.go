package people

import (
	"bytes"
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Claim is a gift on its way to a member, or a choice that he has, with the rule that gave
// it.
type Claim = store.ClaimRow

// Claim finds one by its reward; the problem `reward_unknown` when there is none.
func (p *People) Claim(ctx context.Context, shop loyalty.ShopID, x id.Reward) (*Claim, error) {
	return p.st.Claim(ctx, shop, x)
}

// Claims is a page of a shop's claims in one state, by one delivery and at one site where they are named, in the order of their rewards, after a
// cursor: the open ones are the list to hand over.
func (p *People) Claims(ctx context.Context, shop loyalty.ShopID, state, delivery, site string, after id.Reward, limit int) ([]Claim, error) {
	return p.st.Claims(ctx, shop, state, delivery, site, after, limit)
}

// Options are the rewards among which a claim is a choice, in the order by which they are
// chosen; none for a gift.
func (p *People) Options(ctx context.Context, shop loyalty.ShopID, k *Claim) ([]rules.Give, error) {
	if k.Gift != "" {
		return nil, nil
	}
	_, book, err := p.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	program := book.Program(k.Program)
	if program == nil {
		return nil, nil
	}
	version := program.Version(k.Version)
	if version == nil {
		return nil, nil
	}
	for _, r := range version.Rules {
		for _, g := range r.Gives {
			if r.Name == k.Rule && g.Part == k.Part && len(g.Choice) > 0 {
				return g.Choice, nil
			}
		}
	}
	return nil, nil
}

// ClaimsOf is a page of a member's claims, in the order of their rewards, after a cursor.
func (p *People) ClaimsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, after id.Reward, limit int) ([]Claim, error) {
	list, err := p.st.ClaimsOf(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		_, err = p.st.Member(ctx, shop, m)
		return nil, err
	}
	list = slices.DeleteFunc(list, func(k Claim) bool { return bytes.Compare(k.Reward[:], after[:]) <= 0 })
	slices.SortFunc(list, func(a, b Claim) int { return bytes.Compare(a.Reward[:], b.Reward[:]) })
	return list[:min(limit, len(list))], nil
}
