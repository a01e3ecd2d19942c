package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

var qOutbox = New("outbox.page", `
	SELECT x.id, x.kind, x.member_id, x.rev, x.event_id, x.body FROM outbox x
	WHERE x.shop_id = $1 AND x.id > $2 ORDER BY x.id LIMIT $3`)

// Notice is a row of the outbox: something happened to a member. Rev is his sequence
// number: of two notices about him, the greater one is the later.
type Notice struct {
	ID     id.Outbox
	Kind   string
	Member id.Member
	Rev    int64
	Event  id.Event
	Line   loyalty.ReceiptLine
}

// Outbox is a page of notices, oldest first, after a cursor (zero: from the start).
func (s *Store) Outbox(ctx context.Context, shop loyalty.ShopID, after id.Outbox, limit int) ([]Notice, error) {
	var out []Notice
	err := s.Read(ctx, qOutbox, func(r Scanner) error {
		var n Notice
		var body string
		if err := r.Scan(&n.ID, &n.Kind, &n.Member, &n.Rev, &n.Event, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &n.Line); err != nil {
			return fmt.Errorf("outbox %s: %w", n.ID, err)
		}
		out = append(out, n)
		return nil
	}, int64(shop), after[:], int64(limit))
	return out, err
}

// Listen says which outbox rows somebody reads. The book's revision rises with it, so that
// every process looks at the shop again before its next batch.
func (t *Tx) Listen(ctx context.Context, shop loyalty.ShopID, kinds []string) error {
	if err := t.SetListens(ctx, shop, kinds); err != nil {
		return err
	}
	return t.Exec(ctx, qBumpBook, int64(shop))
}
