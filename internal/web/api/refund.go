package api

import (
	"cmp"

	"cagnotte/internal/loyalty"
)

// Refund is what came back: lines, an amount, or (neither) the whole order. Without a ref
// it names no order, and its lines say what was returned.
type Refund struct {
	Series string       `json:"series,omitempty" doc:"Of the order; the feed when missing"`
	Ref    string       `json:"ref,omitempty" doc:"The order's number"`
	Lines  []RefundLine `json:"lines,omitempty" maxItems:"2000"`
	Amount int64        `json:"amount,omitempty" doc:"Minor units, above zero"`
}

// RefundLine is a returned line.
type RefundLine struct {
	Line     int    `json:"line,omitempty" doc:"Which line of the order, from 1"`
	SKU      string `json:"sku,omitempty"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity,omitempty"`
	Amount   int64  `json:"amount,omitempty" doc:"Minor units, above zero; in proportion to the quantity when missing"`
}

func (r *Refund) refund(feed string) *loyalty.Refund {
	if r == nil {
		return nil
	}
	out := &loyalty.Refund{Series: r.Series, Ref: r.Ref, Amount: r.Amount}
	if r.Ref != "" {
		out.Series = cmp.Or(r.Series, feed)
	}
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, loyalty.RefundLine(l))
	}
	return out
}

func shownRefund(r *loyalty.Refund) *Refund {
	if r == nil {
		return nil
	}
	out := &Refund{Series: r.Series, Ref: r.Ref, Amount: r.Amount}
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, RefundLine(l))
	}
	return out
}

// RefundReport is the plain way to report one return.
type RefundReport struct {
	Report
	Member *Who `json:"member,omitempty"`
	Refund
}

func (a *API) recordRefund(c *call, p *trial, b *RefundReport) (*Result, error) {
	e := b.event(loyalty.Refunded)
	e.Member, e.Refund = b.Member, &b.Refund
	return a.act(c, e, p.DryRun, "refund")
}
