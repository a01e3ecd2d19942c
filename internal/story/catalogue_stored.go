package story

import (
	"context"
	"crypto/rand"
	"fmt"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// AddCodes puts codes into a pool, and lets whoever waits have them.
func (s *Stored) AddCodes(ctx context.Context, c Codes, now moment.Time) ([]loyalty.ReceiptLine, error) {
	if err := s.clock(ctx, now); err != nil {
		return nil, err
	}
	hashes := make([]string, c.N)
	for i := range hashes {
		hashes[i] = rand.Text()
	}
	err := s.st.Write(ctx, func(tx *store.Tx) error {
		tx.Now = now // the twin's clock, not the wall's
		_, _, err := tx.AddCodes(ctx, s.shop.ID, c.Pool, []byte("key"), hashes, func(_ []byte, i int) ([]byte, error) {
			return fmt.Append(nil, i), nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Record(ctx, filled(c.Pool, now), now)
}
