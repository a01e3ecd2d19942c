package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/loyalty"
)

const portalSetting = "portal"

// qPortals crosses shops: whose pages an address is has to be found before there is a shop.
var qPortals = New("settings.portals", `SELECT s.shop_id, s.value FROM settings s WHERE s.shop_id {{in shop:bigint}} AND s.name = $1`)

// Portal is how a shop shows itself; one that is off when nobody has set it up.
func (s *Store) Portal(ctx context.Context, shop loyalty.ShopID) (*loyalty.Portal, error) {
	out := loyalty.NewPortal()
	err := s.Read(ctx, qSetting, func(r Scanner) error { return scanPortal(r, out) }, int64(shop), portalSetting)
	return out, err
}

// Portals gives the portal of every shop that has set one up.
func (s *Store) Portals(ctx context.Context) (map[loyalty.ShopID]*loyalty.Portal, error) {
	shops, err := s.Shops(ctx)
	if err != nil {
		return nil, err
	}
	return s.PortalsOf(ctx, shops)
}

// PortalsOf gives the portals of those shops that have set one up.
func (s *Store) PortalsOf(ctx context.Context, shops []*loyalty.Shop) (map[loyalty.ShopID]*loyalty.Portal, error) {
	out := map[loyalty.ShopID]*loyalty.Portal{}
	numbers := make([]int64, len(shops))
	for i, x := range shops {
		numbers[i] = int64(x.ID)
	}
	err := s.ReadRows(ctx, qPortals, len(numbers), func(r Scanner) error {
		var (
			shop int64
			text string
		)
		if err := r.Scan(&shop, &text); err != nil {
			return err
		}
		p := loyalty.NewPortal()
		out[loyalty.ShopID(shop)] = p
		return readPortal(text, p)
	}, portalSetting, numbers)
	return out, err
}

func scanPortal(r Scanner, into *loyalty.Portal) error {
	var text string
	if err := r.Scan(&text); err != nil {
		return err
	}
	return readPortal(text, into)
}

func readPortal(text string, into *loyalty.Portal) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("portal settings: %w", err)
	}
	return nil
}

// PutPortal stores how a shop shows itself.
func (t *Tx) PutPortal(ctx context.Context, shop loyalty.ShopID, p *loyalty.Portal) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qPutSetting, int64(shop), portalSetting, string(b))
}
