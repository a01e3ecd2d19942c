package people

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Member is a member with his person, as the shop's own people may read him.
type Member struct {
	ID           id.Member
	State        string
	RegisteredAt moment.Time
	FirstOrderAt moment.Time
	Birthday     string    // MM-DD; empty: unknown
	Group        string    // a code; empty: none
	Tags         []string  // sorted
	ReferredBy   id.Member // who sent him, as far as it counts; zero: nobody
	MergedInto   id.Member // who he is by now; zero: himself
	Numbers      []string
	ExternalIDs  []string
	loyalty.Person
}

// Member finds a member; the problem `member_unknown` when there is none.
func (p *People) Member(ctx context.Context, shop loyalty.ShopID, m id.Member) (*Member, error) {
	row, err := p.st.Member(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	return p.open(row)
}

// Crowd says which members a list has: those of a group, with a tag, with a value in a field
// (loyalty.FieldTerm), or all.
type Crowd = store.Crowd

// Members is a page of members in the order of their making, after a cursor.
func (p *People) Members(ctx context.Context, shop loyalty.ShopID, of Crowd, after id.Member, limit int) ([]*Member, error) {
	rows, err := p.st.Members(ctx, shop, of, after, limit)
	out := make([]*Member, len(rows))
	for i, row := range rows {
		if out[i], err = p.open(row); err != nil {
			return nil, err
		}
	}
	return out, err
}

func (p *People) open(row *store.MemberRow) (*Member, error) {
	m := &Member{
		ID: row.ID, State: row.State, RegisteredAt: row.RegisteredAt, FirstOrderAt: row.FirstOrderAt, Birthday: row.Birthday,
		Group: row.Group, Tags: row.Tags, ReferredBy: row.ReferredBy, MergedInto: row.MergedInto,
	}
	for _, k := range row.Keys {
		switch k.Kind {
		case loyalty.ByNumber:
			m.Numbers = append(m.Numbers, k.Key)
		case loyalty.ByExternal:
			m.ExternalIDs = append(m.ExternalIDs, k.Key)
		}
	}
	var err error
	m.Person, err = p.person(row)
	return m, err
}

// Codes lists the personal codes that lead to a member: his own, and those of whoever was
// merged into him. Who has not joined has none: the problem `code_missing`.
func (p *People) Codes(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]string, error) {
	codes, err := p.st.Codes(ctx, shop, m)
	if err != nil || len(codes) > 0 {
		return codes, err
	}
	if _, err := p.st.Member(ctx, shop, m); err != nil {
		return nil, err
	}
	return nil, loyalty.NotFound("id", "code_missing")
}

// Find gives the member whom one key names; the problem `member_unknown` when nobody has
// it.
func (p *People) Find(ctx context.Context, shop loyalty.ShopID, w loyalty.Who) (*Member, error) {
	for _, k := range w.Keys {
		m, err := p.st.MemberByKey(ctx, shop, k)
		if err != nil {
			return nil, err
		}
		if !m.IsZero() {
			return p.Member(ctx, shop, m)
		}
	}
	return nil, loyalty.NotFound("member", "member_unknown")
}
