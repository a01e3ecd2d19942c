package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/loyalty"
)

const goalsSetting = "goals"

// Goals is what a shop has set itself; nothing when it has not said so.
func (s *Store) Goals(ctx context.Context, shop loyalty.ShopID) (g loyalty.Goals, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error { return scanGoals(r, &g) }, int64(shop), goalsSetting)
	return g, err
}

func scanGoals(r Scanner, into *loyalty.Goals) error {
	var text string
	if err := r.Scan(&text); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("goals: %w", err)
	}
	return nil
}

// ChangeGoals changes what a shop has set itself.
func (s *Store) ChangeGoals(ctx context.Context, shop loyalty.ShopID, change func(*loyalty.Goals)) error {
	return s.Write(ctx, func(t *Tx) error {
		var g loyalty.Goals
		t.Query(qSetting, 1, func(r Scanner) error { return scanGoals(r, &g) }, int64(shop), goalsSetting)
		if err := t.Flush(ctx); err != nil {
			return err
		}
		change(&g)
		b, err := json.Marshal(g)
		if err != nil {
			return err
		}
		return t.Exec(ctx, qPutSetting, int64(shop), goalsSetting, string(b))
	})
}
