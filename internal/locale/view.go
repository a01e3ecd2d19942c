package locale

import (
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// View says who reads a decision. Staff reads everything. A member reads what happened to
// himself, as referrer, as friend, or on his own; lines about somebody else are empty for
// him. The zero View reads nothing.
type View struct {
	Staff  bool
	Member id.Member
}

// mayRead tells whether a line is a member's business: it is about him, and neither counts
// something within a rule nor labels him for the staff.
func (v View) mayRead(l loyalty.ReceiptLine) bool {
	return !v.Member.IsZero() && l.Member == v.Member && !isTally(l.Unit) &&
		l.Rule != loyalty.StaffTag && l.Rule != loyalty.StaffGroup && l.Rule != loyalty.StaffHousehold
}

// Line is what the reader may have of a line beside its words: a member gets no code and
// no figure that its words keep from him. It is the zero line where the words are empty.
func (v View) Line(l loyalty.ReceiptLine) loyalty.ReceiptLine {
	switch {
	case v.Staff:
		return l
	case !v.mayRead(l):
		return loyalty.ReceiptLine{}
	}
	l.Checks = nil
	secret := l.Outcome == loyalty.Held || l.Outcome == loyalty.Undone || looksFirst(l)
	if l.Code != loyalty.NoteLate && (secret || !told(l)) {
		l.Code = ""
	}
	if l.Code == "" || !openFigures(l) {
		l.Figures = nil
	}
	return l
}

// told lists the reasons that a member may read about himself. What is not listed, such
// as every sign of fraud and every reason to come, stays with the staff. A referrer only
// reads the reasons that lie with him or the shop, never those that lie with his friend.
func told(l loyalty.ReceiptLine) bool {
	switch l.Code {
	case loyalty.CapReached, loyalty.BudgetExhausted, loyalty.MemberIsBlocked, loyalty.ProgramNotRunning, loyalty.BlockedByStaff:
		return true
	case loyalty.SelfReferral, loyalty.AlreadyMember, loyalty.AlreadyBuyer, loyalty.AlreadyReferred, loyalty.AlreadyInvited,
		loyalty.BelowMinimum, loyalty.NotFirstOrder, loyalty.WrongCurrency, loyalty.ExcludedItems,
		loyalty.OrderReturnedAll, loyalty.OrderWasCancelled, loyalty.InsufficientUnits, loyalty.ConditionNotMet,
		loyalty.NothingLeftToTake, loyalty.OutOfWindow, loyalty.BetterOfferApplies,
		loyalty.CodeUnknown, loyalty.CodeNotYetValid, loyalty.CodeExpired, loyalty.CodeUsed, loyalty.CodeNotYours,
		loyalty.NoteHistory, loyalty.NoteKnown, loyalty.NoteUnknown, loyalty.NoteAccepted, loyalty.NoteLate,
		loyalty.NoteTyped, loyalty.NoteMerged, loyalty.CodeHeld, loyalty.HoldExpired,
		loyalty.NoteCartHeld, loyalty.NoteCartUsed, loyalty.NoteCartGone, loyalty.NoteUseBack:
		return l.Part != loyalty.AsReferrer
	}
	return strings.HasPrefix(string(l.Code), "claim_")
}

// openConditions are those whose figures a member may read: they lie in when he bought and
// how often. His group and labels, the codes that would have helped, and what lies with
// whoever recommended him stay with the staff.
var openConditions = []string{"weekday", "hours", "nth"}

// openFigures tells whether a member may read the figures of a reason that he may read.
// What all members together have used of a budget is the shop's own.
func openFigures(l loyalty.ReceiptLine) bool {
	switch l.Code {
	case loyalty.BudgetExhausted, loyalty.BetterOfferApplies:
		return false
	case loyalty.ConditionNotMet:
		return slices.Contains(openConditions, l.Figures["which"])
	}
	return true
}
