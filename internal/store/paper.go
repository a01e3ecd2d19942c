package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/loyalty"
)

const papersSetting = "papers"

// PaperFill is what a shop filled into its papers about data, by name.
func (s *Store) PaperFill(ctx context.Context, shop loyalty.ShopID) (map[string]string, error) {
	out := map[string]string{}
	err := s.Read(ctx, qSetting, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			return fmt.Errorf("papers: %w", err)
		}
		return nil
	}, int64(shop), papersSetting)
	return out, err
}

// PutPaperFill stores it.
func (t *Tx) PutPaperFill(ctx context.Context, shop loyalty.ShopID, fill map[string]string) error {
	b, err := json.Marshal(fill)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qPutSetting, int64(shop), papersSetting, string(b))
}
