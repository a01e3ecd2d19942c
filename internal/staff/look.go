package staff

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// looksKept is for how long it is known who opened whose card.
const looksKept = 365 * moment.Day

// Look is that somebody of the staff opened the card of a member, on one day.
type Look struct {
	Member id.Member
	Who    id.Staff
	Name   string // empty: somebody who is gone
	Times  int64
	First  moment.Time // of that day
	Last   moment.Time
}

// Looked notes that somebody opened the card of a member: one row for each of them and day.
func (s *Staff) Looked(ctx context.Context, shop *loyalty.Shop, who id.Staff, m id.Member) error {
	return s.st.Write(ctx, func(tx *store.Tx) error {
		return tx.PutStaffLook(ctx, shop.ID, &store.StaffLook{Member: m, Staff: who, Day: tx.Now.Date(shop.Zone), LastAt: tx.Now})
	})
}

// LooksAt lists who opened the card of a member, the last first. Names are those of the live
// shop's staff.
func (s *Staff) LooksAt(ctx context.Context, live, shop loyalty.ShopID, m id.Member, limit int) ([]Look, error) {
	rows, err := s.st.StaffLooksAt(ctx, shop, m, limit)
	if err != nil {
		return nil, err
	}
	return s.looks(ctx, live, rows)
}

// Looks lists whose cards were opened before a time (zero: until now) and from another on, by
// one person or (zero) by anybody, the last first. It looks through a bounded number of rows; next
// is where the following page begins, zero: there is none.
func (s *Staff) Looks(ctx context.Context, live, shop loyalty.ShopID, who id.Staff, before, from moment.Time, limit int) (list []Look, next moment.Time, err error) {
	if before == 0 {
		before = s.st.Clock() + moment.Day
	}
	var found []*store.StaffLook
	for read := 0; read < mostRead; {
		rows, err := s.st.StaffLooks(ctx, shop, before, from, readEach)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range rows {
			if before = l.LastAt; who.IsZero() || l.Staff == who {
				found = append(found, l)
			}
			if len(found) == limit {
				list, err := s.looks(ctx, live, found)
				return list, before, err
			}
		}
		if read += len(rows); len(rows) < readEach {
			list, err := s.looks(ctx, live, found)
			return list, 0, err
		}
	}
	list, err = s.looks(ctx, live, found)
	return list, before, err
}

func (s *Staff) looks(ctx context.Context, live loyalty.ShopID, rows []*store.StaffLook) ([]Look, error) {
	all, err := s.List(ctx, live)
	if err != nil {
		return nil, err
	}
	names := map[id.Staff]string{}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	out := make([]Look, len(rows))
	for i, l := range rows {
		out[i] = Look{Member: l.Member, Who: l.Staff, Name: names[l.Staff], Times: l.Times, First: l.First, Last: l.LastAt}
	}
	return out, nil
}
