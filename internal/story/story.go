// Package story is the readable test of programs: a text that a shop owner can read, with
// a program, members, dated facts, and what must follow from each of them. The same files
// prove the engine, the merchant's own programs, and the store: a story runs on any
// Engine, on decide alone (NewDecider) or on a real database.
//
// It decides nothing: it turns text into facts, hands them over with their times, and
// compares. docs/stories.md has the grammar.
//
// The one invariant: a story passes only if every movement of value was expected, and
// every expected one happened.
package story

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Story is one parsed file.
type Story struct {
	Name     string
	Shop     *loyalty.Shop
	Members  []string // everybody who is named, in the order of the text
	Browsers []string // those of them who are only a browser so far
	Steps    []*Step
}

// Step is one line of a story that happens, with what must follow from it. Exactly one of
// Fact, Program, Pause and Issue is set, none for the clock.
type Step struct {
	Line    int
	Text    string
	Now     moment.Time     // when it is recorded, or until when the clock runs
	Fact    *loyalty.Fact   // members are named by keys of kind number
	Named   Named           // what the fact names that has its id only when the story runs
	Program *rules.Document // a version to publish; Starts is always set
	Pause   *Pause          // a program that gives nothing for a while, or again
	Codes   *Codes          // that are put into a pool
	Issue   *Issue          // a code with value that the shop hands out
	Again   bool            // the fact was recorded before: nothing new may follow
	Expect  []Expectation
}

// Pause is announced ten seconds before it begins or ends, as everywhere.
type Pause struct {
	Program string
	Resumes bool
}

// Issue is one code that the merchant chose, in a batch of its own. Member is the number of
// whom it is bound to; empty: whoever has it may use it.
type Issue struct {
	Code   string // in its form
	Member string
	Terms  loyalty.VoucherTerms
}

// Named is what a fact of a story names by words: a program, a reward by its rule, a
// voucher by what it is for.
type Named struct {
	Program string
	Rule    string
	Voucher *voucherText
	Owner   string // of the voucher, where somebody else uses it

	Vouchers []*voucherText // that a cart asks for
	Gift     string         // whose claim is given up
	Use      string         // the code whose last use is given back
}

// Engine is what a story runs on. Every call comes with a time that is not before the
// last one.
type Engine interface {
	// Publish makes a document the next version of the program of that name.
	Publish(ctx context.Context, d *rules.Document, now moment.Time) (id.Program, error)
	// Pause stops a program from a time on, or lets it go on from then.
	Pause(ctx context.Context, program id.Program, from moment.Time, resumes bool, now moment.Time) error
	// AddCodes puts codes into a pool, and lets those who wait for one have it.
	AddCodes(ctx context.Context, c Codes, now moment.Time) ([]loyalty.ReceiptLine, error)
	// Issue hands out a code.
	Issue(ctx context.Context, x *Issue, now moment.Time) error
	// Code reads a voucher by its code; nil when there is none.
	Code(ctx context.Context, code string) (*loyalty.Voucher, error)
	// Record decides a fact and gives the lines of its receipt. A refusal is a
	// *loyalty.Problem; any other error ends the story. The engine resolves members by
	// their number and gives the fact its id.
	Record(ctx context.Context, f *loyalty.Fact, now moment.Time) ([]loyalty.ReceiptLine, error)
	// Clock lets everything happen that is due up to and with that instant, earliest
	// first, each at its own due time.
	Clock(ctx context.Context, until moment.Time) ([]loyalty.ReceiptLine, error)
	// Wallet reads what a member has; the zero Wallet when nobody of that number is
	// known yet.
	Wallet(ctx context.Context, number string) (Wallet, error)
}

// Wallet is everything a member has, as of the last fact.
type Wallet struct {
	Member   id.Member
	Accounts []*ledger.Account  // with their lots
	Vouchers []*loyalty.Voucher // withdrawn ones too
	Claims   []Claim
	Bonds    []*loyalty.Referral // as friend
}

// Claim is a gift or a choice, with the rule that gave it.
type Claim struct {
	loyalty.Claim
	Rule string
}

// Expectation is one indented line below a fact.
type Expectation struct {
	Line int
	Text string
	kind expectKind

	member  string
	unit    string // points, a currency, stamps
	program string // of the unit or the rule; empty: any
	amount  int64  // signed for a movement

	rule, part string        // label of a movement or refusal; empty: any
	until      *when         // of pending value or a voucher; nil: not said
	pending    int64         // of a balance
	lots       []expectedLot // of a list of lots
	voucher    voucherText
	code       loyalty.Reason
	figures    map[string]string
	other      string // of a bond: the referrer
	text       string // a gift's name, the state of a bond, what a receipt says
	language   string // of a receipt
}

type expectKind int

const (
	expectMovement  expectKind = iota
	expectVoucher              // bela voucher product 1 MUG
	expectWithdrawn            // bela voucher withdrawn
	expectRefused              // refused refer: BELOW_MINIMUM
	expectOpened               // bela 500 points opened
	expectBalance              // bela has 45 points
	expectVouchers             // bela has 2 vouchers
	expectDebt                 // bela owes 3 points
	expectLots                 // bela lots 45 points until 2027-03-02
	expectGift                 // bela gift "Mug", bela choice
	expectGiftGone             // bela gift withdrawn "Mug"
	expectBond                 // bela bond anna rewarded
	expectFriends              // anna friends 2
	expectSaid                 // says fr "…"
	expectDiscount             // discount 1.00 EUR happy
	expectToPay                // to pay 7.50
	expectUsed                 // bela used cash 5.00 1 times
	expectClaim                // bela claim MUG delivered
	expectCode                 // code SPRING used 2 times, code SPRING withdrawn
	expectNothing
)

// voucherText is how a story names a voucher; the zero value fits any.
type voucherText struct {
	kind, article string
	amount        int64
	percent       int64
	times         int64
}

type expectedLot struct {
	amount  int64
	from    *when // opens later
	pending bool  // opened by a decision
	until   *when
}

// when is a date as written: a whole day, or an instant.
type when struct {
	t   moment.Time
	day bool
}
