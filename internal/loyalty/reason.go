package loyalty

// Reason is a refusal that is an answer: a closed list, worded in every language, with the
// numbers that led to it (requirements.md, D).
type Reason string

// The reasons that decisions reach so far.
const (
	SelfReferral       Reason = "SELF_REFERRAL"
	AlreadyMember      Reason = "ALREADY_MEMBER"
	AlreadyBuyer       Reason = "ALREADY_BUYER"
	AlreadyReferred    Reason = "ALREADY_REFERRED"
	MutualReferral     Reason = "MUTUAL_REFERRAL"
	BelowMinimum       Reason = "BELOW_MINIMUM"
	NotFirstOrder      Reason = "NOT_FIRST_ORDER"
	CapReached         Reason = "CAP_REACHED"
	WrongCurrency      Reason = "WRONG_CURRENCY"
	ExcludedItems      Reason = "EXCLUDED_ITEMS"
	OrderReturnedAll   Reason = "ORDER_RETURNED"
	OrderWasCancelled  Reason = "ORDER_CANCELLED"
	InsufficientUnits  Reason = "INSUFFICIENT_BALANCE"
	MemberIsBlocked    Reason = "MEMBER_BLOCKED"
	ProgramNotRunning  Reason = "PROGRAM_NOT_RUNNING"
	ConditionNotMet    Reason = "CONDITION_NOT_MET"
	NothingLeftToTake  Reason = "NOT_REVERSIBLE"
	BlockedByStaff     Reason = "STAFF_DECISION"
	JudgedTooLate      Reason = "OUT_OF_WINDOW"
	ReferrerIsUnknown  Reason = "CODE_UNKNOWN"
	BetterOfferApplies Reason = "BETTER_OFFER_APPLIES"
)

// Notes: what a receipt says about a fact that is not a refusal.
const (
	NoteHistory  Reason = "imported_history" // counts as history, gives no reward
	NoteNobody   Reason = "nobody_named"     // a guest's order
	NoteKnown    Reason = "order_known"      // reported before, by another messenger or feed
	NoteUnknown  Reason = "order_unknown"    // a return that came before its order
	NoteAccepted Reason = "accepted"         // a long history is judged again in the slow queue
	NoteLate     Reason = "late"             // judged on arrival: too old to judge the rest again
)

// Outcomes of a line of a receipt.
const (
	Given     = "given"
	Waiting   = "waiting"    // given, but closed until its waiting time ends
	Opened    = "opened"     // the waiting time has ended
	TakenBack = "taken_back" // after a return
	Refused   = "refused"
	Exchanged = "exchanged" // units became a voucher
	Undone    = "undone"    // an exchange or a wrong decision was undone
	Expired   = "expired"
	Noted     = "noted" // a fact that changed no value: a bond, an order
)
