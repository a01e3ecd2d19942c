package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// OrderColumns are what ScanOrder reads, of orders o.
const OrderColumns = `o.id, o.series, o.ref, o.member_id, o.state, o.currency, COALESCE(o.paid_at, 0), o.imported, o.lines, o.returns, o.details`

var (
	qOrder       = New("orders.one", `SELECT `+OrderColumns+` FROM orders o WHERE o.shop_id = $1 AND o.id = $2`)
	qOrderByName = New("orders.name", `SELECT `+OrderColumns+` FROM orders o WHERE o.shop_id = $1 AND o.series = $2 AND o.ref = $3`)
)

// Order finds an order by its id; loyalty.ErrNotFound when there is none.
func (s *Store) Order(ctx context.Context, shop loyalty.ShopID, o id.Order) (*loyalty.OrderRow, error) {
	return s.order(ctx, qOrder, int64(shop), o.Bytes())
}

// OrderByName finds an order by its permanent name; loyalty.ErrNotFound when there is
// none.
func (s *Store) OrderByName(ctx context.Context, shop loyalty.ShopID, series, ref string) (*loyalty.OrderRow, error) {
	return s.order(ctx, qOrderByName, int64(shop), series, ref)
}

func (s *Store) order(ctx context.Context, q *Q, args ...any) (*loyalty.OrderRow, error) {
	var found *loyalty.OrderRow
	err := s.Read(ctx, q, func(r Scanner) error {
		o, err := ScanOrder(r)
		found = o
		return err
	}, args...)
	if err == nil && found == nil {
		err = loyalty.NotFound("order", "order_unknown")
	}
	return found, err
}

// OrderReturns is the stored form of what has come back of an order; nothing is "{}".
type OrderReturns struct {
	Lines []loyalty.Back    `json:"lines,omitempty"`
	Ahead []*loyalty.Refund `json:"ahead,omitempty"`
}

// OrderDetails is the stored form of what is known of an order beside its lines; nothing is
// the empty text.
type OrderDetails struct {
	loyalty.Circumstances
	FulfilledAt moment.Time `json:"fulfilled_at,omitzero"`
}

// ScanOrder reads one row of OrderColumns.
func ScanOrder(r Scanner) (*loyalty.OrderRow, error) {
	o := &loyalty.OrderRow{}
	var lines, returns, details string
	err := r.Scan(&o.ID, &o.Series, &o.Ref, &o.Member, &o.State, &o.Currency, &o.PaidAt, &o.Imported, &lines, &returns, &details)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(lines), &o.Lines); err != nil {
		return nil, fmt.Errorf("lines of order %s: %w", o.ID, err)
	}
	var back OrderReturns
	if err := json.Unmarshal([]byte(returns), &back); err != nil {
		return nil, fmt.Errorf("returns of order %s: %w", o.ID, err)
	}
	o.Back, o.Ahead = back.Lines, back.Ahead
	if len(o.Back) != len(o.Lines) { // nothing has come back
		o.Back = make([]loyalty.Back, len(o.Lines))
	}
	if details != "" {
		var d OrderDetails
		if err := json.Unmarshal([]byte(details), &d); err != nil {
			return nil, fmt.Errorf("details of order %s: %w", o.ID, err)
		}
		o.Circumstances, o.FulfilledAt = d.Circumstances, d.FulfilledAt
	}
	return o, nil
}

// Sorted by what no index has, so that a member's orders are found by him and not among all.
var qOrdersOf = New("orders.of", `SELECT `+OrderColumns+` FROM orders o
	WHERE o.shop_id = $1 AND o.member_id = $2 ORDER BY COALESCE(o.paid_at, 0) DESC, o.ref DESC, o.series LIMIT $3 OFFSET $4`)

// OrdersOf is a page of a member's orders, the last paid first, behind the first so many.
func (s *Store) OrdersOf(ctx context.Context, shop loyalty.ShopID, m id.Member, behind, limit int) ([]*loyalty.OrderRow, error) {
	var out []*loyalty.OrderRow
	err := s.Read(ctx, qOrdersOf, func(r Scanner) error {
		o, err := ScanOrder(r)
		out = append(out, o)
		return err
	}, int64(shop), m.Bytes(), int64(limit), int64(behind))
	return out, err
}
