package api

import (
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// fitting says which kinds of facts have a part that not all have.
var fitting = map[string][]string{
	"order":     {loyalty.CartUpdated, loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled, loyalty.OrderCancelled},
	"refund":    {loyalty.Refunded},
	"adjust":    {loyalty.StaffAdjust},
	"gift":      {loyalty.StaffGift},
	"stock":     {loyalty.StaffStock},
	"claim":     {loyalty.GiftClaimed},
	"pool":      {loyalty.PoolFilled},
	"staff":     {loyalty.StaffGift, loyalty.StaffStock, loyalty.StaffBond, loyalty.StaffGroup, loyalty.StaffTag, loyalty.StaffBlock, loyalty.StaffHousehold, loyalty.StaffReview, loyalty.StaffMerge, loyalty.StaffVoucher, loyalty.ClaimUpdated, loyalty.ConsentGiven, loyalty.ConsentWithdrawn},
	"transfer":  {loyalty.Transferred},
	"other":     {loyalty.Transferred, loyalty.StaffMerge},
	"use":       {loyalty.ExchangeAsked, loyalty.ChoiceMade, loyalty.ClaimUpdated, loyalty.VoucherRedeemed, loyalty.VoucherReleased, loyalty.StaffVoucher},
	"cart":      {loyalty.CartHeld, loyalty.CartRedeemed, loyalty.CartReleased},
	"consent":   {loyalty.ConsentGiven, loyalty.ConsentWithdrawn},
	"happening": {loyalty.MemberJoined, loyalty.PortalActivated, loyalty.NewsletterJoined, loyalty.VoucherRedeemed, loyalty.ScenarioStep, loyalty.CustomEvent},
}

// fits refuses what a fact of that kind does not have: it would be kept for ever and mean
// nothing.
func (e *Event) fits() error {
	for _, x := range []struct {
		part  string
		given bool
	}{
		{"order", e.Order != nil}, {"refund", e.Refund != nil}, {"adjust", e.Adjust != nil}, {"staff", e.Staff != nil},
		{"transfer", e.Transfer != nil}, {"other", e.Other != nil}, {"use", e.Use != nil}, {"happening", e.Happening != nil}, {"cart", e.Cart != nil},
		{"consent", e.Consent != nil},
		{"gift", e.Gift != nil}, {"stock", e.Stock != nil}, {"claim", e.Claim != nil}, {"pool", e.Pool != ""},
	} {
		if x.given && !slices.Contains(fitting[x.part], e.Type) {
			return loyalty.Invalid(x.part, "not_of_this_type", "type", e.Type)
		}
	}
	if e.HoldSeconds != 0 && e.Type != loyalty.CartHeld {
		return loyalty.Invalid("hold_seconds", "not_of_this_type", "type", e.Type)
	}
	if s := e.Staff; s != nil {
		for _, x := range []struct{ field, v string }{{"staff.reason", s.Reason}, {"staff.group", s.Group}} {
			if err := short(x.field, x.v); err != nil {
				return err
			}
		}
		if e.Type == loyalty.ClaimUpdated {
			if s.Actor == "" {
				return loyalty.Invalid("staff.actor", "required")
			}
			return short("staff.actor", s.Actor)
		}
	}
	if e.Use != nil {
		for _, x := range []struct{ field, v string }{
			{"use.rule", e.Use.Rule}, {"use.carrier", e.Use.Carrier}, {"use.tracking", e.Use.Tracking},
		} {
			if err := short(x.field, x.v); err != nil {
				return err
			}
		}
	}
	return nil
}

// short refuses a text that is too long to be a name or a reason; none is fine.
func short(field, v string) error {
	switch {
	case len(v) > loyalty.MaxRefBytes:
		return loyalty.Invalid(field, "too_long", "max", fmt.Sprint(loyalty.MaxRefBytes))
	case strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return loyalty.Invalid(field, "control_character")
	}
	return nil
}
