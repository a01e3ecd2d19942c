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
	AlreadyInvited     Reason = "ALREADY_INVITED"
	MutualReferral     Reason = "MUTUAL_REFERRAL" // also a longer circle
	SimilarEmail       Reason = "SIMILAR_EMAIL"
	SameDevice         Reason = "SAME_DEVICE"
	SameIP             Reason = "SAME_IP_UA"
	SameAddress        Reason = "SAME_ADDRESS"
	SamePayment        Reason = "SAME_PAYMENT"
	DisposableEmail    Reason = "DISPOSABLE_EMAIL"
	Velocity           Reason = "VELOCITY"
	BelowMinimum       Reason = "BELOW_MINIMUM"
	NotFirstOrder      Reason = "NOT_FIRST_ORDER"
	OutOfWindow        Reason = "OUT_OF_WINDOW"
	CapReached         Reason = "CAP_REACHED"
	BudgetExhausted    Reason = "BUDGET_EXHAUSTED"
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
	CodeUnknown        Reason = "CODE_UNKNOWN"
	CodeNotYetValid    Reason = "CODE_NOT_YET_VALID"
	CodeExpired        Reason = "CODE_EXPIRED"
	CodeUsed           Reason = "CODE_USED"
	CodeNotYours       Reason = "CODE_NOT_YOURS"
	CodeHeld           Reason = "CODE_HELD" // another cart holds its last use
	OutOfStock         Reason = "OUT_OF_STOCK"
	HoldExpired        Reason = "HOLD_EXPIRED" // what a cart held was taken since it ended
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
	NoteTyped    Reason = "code_typed_late"  // a code typed with the order gave way to an earlier link
	NoteMerged   Reason = "merged"           // what the other one had came over
	NoteCartHeld Reason = "cart_held"        // what a cart takes is kept from others
	NoteCartUsed Reason = "cart_redeemed"    // it is used up for the order
	NoteCartGone Reason = "cart_released"    // it was given up or rolled back
	NoteUseBack  Reason = "use_given_back"   // a use of a voucher came back with its order
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
	Held      = "held"  // staff looks first: nothing opens until then

	Discounted = "discounted" // a voucher or a program took money off a cart: Amount is of the shop's currency
	Paid       = "paid"       // units paid in a cart
	PaidBack   = "paid_back"  // they came back
)
