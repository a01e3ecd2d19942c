package loyalty

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Limits of a fact. A body beyond them is refused before it is queued.
const (
	MaxLines    = 2_000
	MaxText     = 200
	MaxQuantity = 1_000_000_000
	MaxRefBytes = 120
	maxSkew     = 5 * moment.Minute
)

// Check refuses what a fact cannot mean, naming field and code. It reads nothing: what
// needs the database is checked by the decision.
func (f *Fact) Check(s *Shop, now moment.Time) error {
	if f.ExternalID == "" {
		return Invalid("id", "required")
	}
	for field, v := range map[string]string{"id": f.ExternalID, "feed": f.Feed} {
		if err := text(field, v); err != nil {
			return err
		}
	}
	if f.OccurredAt <= 0 {
		return Invalid("occurred_at", "required")
	}
	if f.OccurredAt > now+maxSkew {
		return Invalid("occurred_at", "in_the_future", "now", now.String())
	}
	for _, k := range append(f.Member.Keys, f.Referrer.Keys...) {
		if err := text("member."+k.Kind, k.Key); err != nil {
			return err
		}
	}
	switch f.Kind {
	case MemberJoined, MemberUpdated:
		if !f.Member.Named() {
			return Invalid("member", "required")
		}
	case OrderPlaced, OrderPaid, OrderCancelled:
		return f.checkOrder(s)
	case Refunded:
		return f.checkRefund()
	case StaffAdjust:
		return f.checkAdjust()
	case ClockDue:
	default:
		return Invalid("type", "unknown_type", "known", strings.Join(Kinds, " "))
	}
	return nil
}

func text(field, v string) error {
	switch {
	case v == "":
		return Invalid(field, "required")
	case len(v) > MaxRefBytes:
		return Invalid(field, "too_long", "max", fmt.Sprint(MaxRefBytes))
	case !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Invalid(field, "control_character")
	}
	return nil
}

// series names who numbers the orders; the slash stands between it and the number.
func series(field, v string) error {
	if strings.Contains(v, "/") {
		return Invalid(field, "no_slash")
	}
	return text(field, v)
}

func (f *Fact) checkOrder(s *Shop) error {
	o := f.Order
	if o == nil {
		return Invalid("order", "required")
	}
	if err := text("order.ref", o.Ref); err != nil {
		return err
	}
	if err := series("order.series", o.Series); err != nil {
		return err
	}
	if f.Kind == OrderCancelled {
		return nil
	}
	if o.Currency == "" {
		return Invalid("order.currency", "required")
	}
	if o.Currency != s.Currency {
		return Invalid("order.currency", string(WrongCurrency), "want", s.Currency)
	}
	if len(o.Lines) == 0 && f.Kind == OrderPlaced {
		return Invalid("order.lines", "required")
	}
	if len(o.Lines) > MaxLines {
		return Invalid("order.lines", "too_many", "max", fmt.Sprint(MaxLines))
	}
	var sum int64
	for i, l := range o.Lines {
		at := fmt.Sprintf("order.lines[%d].", i)
		if err := text(at+"sku", l.SKU); err != nil {
			return err
		}
		if l.Category != "" {
			if err := text(at+"category", l.Category); err != nil {
				return err
			}
		}
		if l.Quantity < 0 || l.Quantity > MaxQuantity {
			return Invalid(at+"quantity", "out_of_range", "max", fmt.Sprint(MaxQuantity))
		}
		if l.Amount < 0 || l.Amount > money.Max {
			return Invalid(at+"amount", "out_of_range", "max", fmt.Sprint(money.Max))
		}
		if sum += l.Amount; sum > money.Max {
			return Invalid("order.lines", "out_of_range", "max", fmt.Sprint(money.Max))
		}
	}
	return nil
}

func (f *Fact) checkRefund() error {
	r := f.Refund
	if r == nil {
		return Invalid("refund", "required")
	}
	if r.Ref == "" && !f.Member.Named() {
		return Invalid("refund.ref", "required")
	}
	if r.Ref == "" && len(r.Lines) == 0 {
		return Invalid("refund.lines", "required")
	}
	if r.Ref != "" {
		if err := text("refund.ref", r.Ref); err != nil {
			return err
		}
		if err := series("refund.series", r.Series); err != nil {
			return err
		}
	}
	if r.Amount < 0 || r.Amount > money.Max {
		return Invalid("refund.amount", "out_of_range", "max", fmt.Sprint(money.Max))
	}
	if r.Amount > 0 && len(r.Lines) > 0 {
		return Invalid("refund.amount", "lines_or_amount")
	}
	if len(r.Lines) > MaxLines {
		return Invalid("refund.lines", "too_many", "max", fmt.Sprint(MaxLines))
	}
	for i, l := range r.Lines {
		at := fmt.Sprintf("refund.lines[%d].", i)
		if l.Line == 0 {
			if err := text(at+"sku", l.SKU); err != nil {
				return err
			}
		}
		if l.Line < 0 || l.Line > MaxLines {
			return Invalid(at+"line", "out_of_range", "max", fmt.Sprint(MaxLines))
		}
		if l.Quantity < 0 || l.Quantity > MaxQuantity || l.Quantity == 0 && l.Amount == 0 {
			return Invalid(at+"quantity", "out_of_range", "max", fmt.Sprint(MaxQuantity))
		}
		if l.Amount < 0 || l.Amount > money.Max {
			return Invalid(at+"amount", "out_of_range", "max", fmt.Sprint(money.Max))
		}
	}
	return nil
}

func (f *Fact) checkAdjust() error {
	a := f.Adjust
	switch {
	case a == nil:
		return Invalid("adjust", "required")
	case !f.Member.Named():
		return Invalid("member", "required")
	case a.Amount == 0 || a.Amount > money.Max || a.Amount < -money.Max || a.Amount == math.MinInt64:
		return Invalid("adjust.amount", "out_of_range", "max", fmt.Sprint(money.Max))
	case a.Amount < 0 && (a.OpensAt != 0 || a.ExpiresAt != 0):
		return Invalid("adjust.expires_at", "only_when_given")
	case a.ExpiresAt != 0 && a.ExpiresAt <= max(a.OpensAt, f.OccurredAt):
		return Invalid("adjust.expires_at", "ends_before_it_begins")
	}
	for field, v := range map[string]string{"adjust.unit": a.Unit, "adjust.reason": a.Reason, "adjust.actor": a.Actor} {
		if err := text(field, v); err != nil {
			return err
		}
	}
	return nil
}
