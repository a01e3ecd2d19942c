package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

var (
	qReceipt  = New("receipts.of.event", `SELECT p.event_id, p.member_id, p.body FROM receipts p WHERE p.shop_id = $1 AND p.event_id = $2`)
	qReceipts = New("receipts.of.member", `
		SELECT p.event_id, p.member_id, p.body FROM receipts p
		WHERE p.shop_id = $1 AND p.member_id = $2 AND p.event_id < $3 ORDER BY p.event_id DESC LIMIT $4`)
	qReceiptsFor = New("receipts.for", `
		SELECT p.event_id, p.member_id, p.body FROM receipts p WHERE p.shop_id = $1 AND p.member_id = $2 AND p.event_id {{in id:bytea}}`)
)

// Receipts gives what an event led to, for everybody whom it concerned. An event that led
// to nothing has none.
func (s *Store) Receipts(ctx context.Context, shop loyalty.ShopID, e id.Event) ([]loyalty.Receipt, error) {
	return s.receipts(ctx, qReceipt, int64(shop), e.Bytes())
}

// ReceiptsOf is a page of a member's receipts, newest first, before a cursor (zero: from
// the newest).
func (s *Store) ReceiptsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, before id.Event, limit int) ([]loyalty.Receipt, error) {
	return s.receipts(ctx, qReceipts, int64(shop), m.Bytes(), newest(before), int64(limit))
}

// ReceiptsFor gives a member's receipts of some events; an event that led to nothing for him
// has none.
func (s *Store) ReceiptsFor(ctx context.Context, shop loyalty.ShopID, m id.Member, events []id.Event) (map[id.Event]loyalty.Receipt, error) {
	list := make([][]byte, len(events))
	for i, e := range events {
		list[i] = e.Bytes()
	}
	out := make(map[id.Event]loyalty.Receipt, len(events))
	err := s.ReadRows(ctx, qReceiptsFor, len(list), func(r Scanner) error {
		p, err := scanReceipt(r)
		out[p.Event] = p
		return err
	}, int64(shop), m.Bytes(), list)
	return out, err
}

func scanReceipt(r Scanner) (p loyalty.Receipt, err error) {
	var body string
	if err := r.Scan(&p.Event, &p.Member, &body); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(body), &p.Lines); err != nil {
		return p, fmt.Errorf("receipt of %s: %w", p.Event, err)
	}
	return p, nil
}

func (s *Store) receipts(ctx context.Context, q *Q, args ...any) ([]loyalty.Receipt, error) {
	var out []loyalty.Receipt
	err := s.Read(ctx, q, func(r Scanner) error {
		p, err := scanReceipt(r)
		out = append(out, p)
		return err
	}, args...)
	return out, err
}
