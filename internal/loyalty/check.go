package loyalty

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
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
	for _, w := range []struct {
		field string
		keys  []Key
	}{{"member", f.Member.Keys}, {"referrer", f.Referrer.Keys}, {"other", f.Other.Keys}, {"forgets", f.Forgets}} {
		for _, k := range w.keys {
			if err := text(w.field+"."+k.Kind, k.Key); err != nil {
				return err
			}
		}
	}
	if f.Birthday != "" && !birthday(f.Birthday) {
		return Invalid("birthday", "invalid_birthday")
	}
	for kind, v := range f.Signals {
		if err := text("signals."+kind, v); err != nil {
			return err
		}
	}
	if err := f.checkHappening(); err != nil {
		return err
	}
	return f.checkKind(s)
}

// checkKind checks what only one kind of fact has.
func (f *Fact) checkKind(s *Shop) error {
	switch f.Kind {
	case MemberJoined, MemberUpdated, PortalActivated, NewsletterJoined:
		return f.needMember()
	case ConsentGiven, ConsentWithdrawn:
		return f.checkConsent()
	case LinkClicked, InvitationSent:
		if !f.Referrer.Named() {
			return Invalid("referrer", "required")
		}
		if f.Kind == InvitationSent {
			return f.needMember()
		}
	case OrderPlaced, OrderPaid, OrderFulfilled, OrderCancelled, CartUpdated:
		return f.checkOrder(s)
	case Refunded:
		return f.checkRefund()
	case StaffAdjust:
		return f.checkAdjust()
	case StaffBond, StaffGroup, StaffTag, StaffBlock, StaffReview, StaffMerge, StaffHousehold:
		return f.checkStaff()
	case StaffVoucher:
		return f.checkWithdrawal()
	case Transferred:
		return f.checkTransfer()
	case ExchangeAsked, ChoiceMade, ClaimUpdated, VoucherRedeemed, VoucherReleased:
		return f.checkUse()
	case CartHeld, CartRedeemed, CartReleased:
		return f.checkCart(s)
	case StaffGift, StaffStock, GiftClaimed, PoolFilled:
		return f.checkGift(s)
	case ScenarioStep, CustomEvent:
		if f.Happening == nil || f.Happening.Name == "" {
			return Invalid("happening.name", "required")
		}
		return f.needMember()
	case ClockDue:
	default:
		return Invalid("type", "unknown_type", "known", strings.Join(Kinds, " "))
	}
	return nil
}

func (f *Fact) needMember() error {
	if !f.Member.Named() {
		return Invalid("member", "required")
	}
	return nil
}

// birthday tells whether a text is a day of a year that may be leap: 02-29.
func birthday(s string) bool {
	_, err := time.Parse("2006-01-02", "2000-"+s)
	return err == nil
}

func (f *Fact) checkHappening() error {
	h := f.Happening
	if h == nil {
		return nil
	}
	for field, v := range map[string]string{"name": h.Name, "channel": h.Channel, "site": h.Site, "source": h.Source} {
		if v != "" {
			if err := text("happening."+field, v); err != nil {
				return err
			}
		}
	}
	if h.Amount < 0 || h.Amount > money.Max {
		return outside("happening.amount", 0, money.Max)
	}
	if h.Items < 0 || h.Items > MaxQuantity {
		return outside("happening.items", 0, MaxQuantity)
	}
	return attributes("happening.attributes", h.Attributes)
}

// maxAttributes bounds what a line or an event says of itself.
const maxAttributes = 20

func attributes(field string, m map[string]string) error {
	if len(m) > maxAttributes {
		return Invalid(field, "too_many", "max", fmt.Sprint(maxAttributes))
	}
	for k, v := range m {
		if err := text(field, k); err != nil {
			return err
		}
		if err := text(field+"."+k, v); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fact) checkStaff() error {
	a := f.Staff
	if a == nil {
		return Invalid("staff", "required")
	}
	if err := f.needMember(); err != nil {
		return err
	}
	if err := text("staff.actor", a.Actor); err != nil {
		return err
	}
	if f.Kind == StaffBond || f.Kind == StaffBlock || f.Kind == StaffReview || f.Kind == StaffMerge || f.Kind == StaffHousehold {
		if err := text("staff.reason", a.Reason); err != nil {
			return err
		}
	}
	switch f.Kind {
	case StaffBond:
		if !a.No && !f.Referrer.Named() {
			return Invalid("referrer", "required")
		}
	case StaffGroup:
		if a.Group != "" {
			return text("staff.group", a.Group)
		}
	case StaffTag:
		if len(a.Add)+len(a.Remove) == 0 {
			return Invalid("staff.add", "required")
		}
		if len(a.Add)+len(a.Remove) > maxAttributes {
			return Invalid("staff.add", "too_many", "max", fmt.Sprint(maxAttributes))
		}
		for _, t := range append(slices.Clone(a.Add), a.Remove...) {
			if err := text("staff.add", t); err != nil {
				return err
			}
		}
	case StaffHousehold:
		if !a.No {
			return text("staff.household", a.Household)
		}
	case StaffMerge:
		if !f.Other.Named() {
			return Invalid("other", "required")
		}
	}
	return nil
}

// checkWithdrawal checks that a withdrawn code is named, with who decided it and why.
func (f *Fact) checkWithdrawal() error {
	switch {
	case f.Use == nil:
		return Invalid("use", "required")
	case f.Staff == nil:
		return Invalid("staff", "required")
	}
	for _, x := range []struct{ field, v string }{
		{"use.code", f.Use.Code}, {"staff.actor", f.Staff.Actor}, {"staff.reason", f.Staff.Reason},
	} {
		if err := text(x.field, x.v); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fact) checkTransfer() error {
	t := f.Transfer
	switch {
	case t == nil:
		return Invalid("transfer", "required")
	case !f.Other.Named():
		return Invalid("other", "required")
	case t.Amount <= 0 || t.Amount > money.Max:
		return outside("transfer.amount", 1, money.Max)
	}
	if err := f.needMember(); err != nil {
		return err
	}
	return text("transfer.unit", t.Unit)
}

func (f *Fact) checkUse() error {
	u := f.Use
	if u == nil {
		return Invalid("use", "required")
	}
	switch {
	case f.Kind == VoucherRedeemed:
		return text("use.code", u.Code)
	case f.Kind == VoucherReleased && u.Redemption.IsZero():
		return Invalid("use.redemption", "required")
	case f.Kind == VoucherReleased:
		return nil
	}
	if err := f.needMember(); err != nil {
		return err
	}
	switch f.Kind {
	case ExchangeAsked:
		if u.Program.IsZero() {
			return Invalid("use.program", "required")
		}
		if u.Times < 0 || u.Times > MaxQuantity {
			return outside("use.times", 0, MaxQuantity)
		}
		return text("use.rule", u.Rule)
	case ChoiceMade:
		if u.Option < 1 || u.Option > MaxLines {
			return outside("use.option", 1, MaxLines)
		}
	case ClaimUpdated:
		if !slices.Contains([]string{"made", ClaimShipped, ClaimHanded, ClaimDelivered, ClaimCancelled}, u.State) {
			return Invalid("use.state", "unknown_state")
		}
	}
	if u.Reward.IsZero() {
		return Invalid("use.reward", "required")
	}
	return nil
}

// checkCart checks a cart that takes value. A hold needs the whole of it; what is used up or
// released may be named alone.
func (f *Fact) checkCart(s *Shop) error {
	switch c := f.Cart; {
	case c == nil:
		return Invalid("cart", "required")
	case f.HoldFor < 0 || f.HoldFor > MaxHoldSeconds:
		return outside("hold_seconds", 0, MaxHoldSeconds)
	case f.Kind == CartHeld || len(c.Lines) > 0:
		return c.Check(s)
	default:
		return c.checkName()
	}
}

// checkGift checks what is said of the catalogue, and asked for of it.
func (f *Fact) checkGift(s *Shop) error {
	switch f.Kind {
	case PoolFilled:
		return text("pool", f.Pool)
	case GiftClaimed:
		if f.Claim == nil {
			return Invalid("claim", "required")
		}
		if err := f.needMember(); err != nil {
			return err
		}
		if err := f.checkGiven(); err != nil {
			return err
		}
		return f.Claim.check()
	}
	if f.Staff == nil {
		return Invalid("staff", "required")
	}
	if err := text("staff.actor", f.Staff.Actor); err != nil {
		return err
	}
	if f.Kind == StaffGift {
		if f.Gift == nil {
			return Invalid("gift", "required")
		}
		return f.Gift.Check(s)
	}
	if f.Stock == nil {
		return Invalid("stock", "required")
	}
	if f.Stock.Add == 0 || f.Stock.Add > MaxQuantity || f.Stock.Add < -MaxQuantity {
		return outside("stock.add", -MaxQuantity, MaxQuantity)
	}
	return text("stock.gift", f.Stock.Gift)
}

// checkGiven checks who gives a gift that the member does not pay for, and why.
func (f *Fact) checkGiven() error {
	if f.Staff == nil {
		return nil
	}
	if err := text("staff.actor", f.Staff.Actor); err != nil {
		return err
	}
	return text("staff.reason", f.Staff.Reason)
}

// outside refuses a number that is less than the least or more than the most.
func outside(field string, least, most int64) error {
	return Invalid(field, "out_of_range", "min", strconv.FormatInt(least, 10), "max", strconv.FormatInt(most, 10))
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
	if err := o.checkCircumstances(); err != nil {
		return err
	}
	if f.Kind == OrderFulfilled && len(o.Lines) == 0 && o.Currency == "" {
		return nil
	}
	if o.Currency == "" {
		return Invalid("order.currency", "required")
	}
	if o.Currency != s.Currency {
		return Invalid("order.currency", string(WrongCurrency), "want", s.Currency)
	}
	if len(o.Lines) == 0 && (f.Kind == OrderPlaced || f.Kind == CartUpdated) {
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
			return outside(at+"quantity", 0, MaxQuantity)
		}
		if l.Amount < 0 || l.Amount > money.Max {
			return outside(at+"amount", 0, money.Max)
		}
		if l.Tax < 0 || l.Tax > l.Amount {
			return outside(at+"tax", 0, l.Amount)
		}
		if l.Discount < 0 || l.Discount > money.Max {
			return outside(at+"discount", 0, money.Max)
		}
		if err := attributes(at+"attributes", l.Attributes); err != nil {
			return err
		}
		if sum += l.Amount; sum > money.Max {
			return outside("order.lines", 0, money.Max)
		}
	}
	return nil
}

func (o *Order) checkCircumstances() error {
	for field, v := range map[string]string{"channel": o.Channel, "site": o.Site, "source": o.Source} {
		if v != "" {
			if err := text("order."+field, v); err != nil {
				return err
			}
		}
	}
	if len(o.Codes) > maxAttributes {
		return Invalid("order.codes", "too_many", "max", fmt.Sprint(maxAttributes))
	}
	for i, c := range o.Codes {
		if err := text(fmt.Sprintf("order.codes[%d]", i), c); err != nil {
			return err
		}
	}
	for field, v := range map[string]int64{
		"delivery": o.Delivery, "paid_with_rewards": o.RewardsPaid, "paid_with_gift_cards": o.GiftCards,
	} {
		if v < 0 || v > money.Max {
			return outside("order."+field, 0, money.Max)
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
		return outside("refund.amount", 0, money.Max)
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
			return outside(at+"line", 0, MaxLines)
		}
		if l.Quantity < 0 || l.Quantity > MaxQuantity || l.Quantity == 0 && l.Amount == 0 {
			return outside(at+"quantity", 1, MaxQuantity)
		}
		if l.Amount < 0 || l.Amount > money.Max {
			return outside(at+"amount", 0, money.Max)
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
		return outside("adjust.amount", -money.Max, money.Max)
	case a.Amount < 0 && (a.OpensAt != 0 || a.ExpiresAt != 0):
		return Invalid("adjust.expires_at", "only_when_given")
	case a.ExpiresAt != 0 && a.ExpiresAt <= max(a.OpensAt, f.OccurredAt):
		return Invalid("adjust.expires_at", "ends_before_it_begins")
	case a.Undoes != "" && a.Amount > 0:
		return Invalid("adjust.undoes", "only_when_taken")
	case len(a.Undoes) > 2*MaxRefBytes+1:
		return Invalid("adjust.undoes", "too_long", "max", fmt.Sprint(2*MaxRefBytes+1))
	}
	for field, v := range map[string]string{"adjust.unit": a.Unit, "adjust.reason": a.Reason, "adjust.actor": a.Actor} {
		if err := text(field, v); err != nil {
			return err
		}
	}
	return nil
}
