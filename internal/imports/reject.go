package imports

import (
	"fmt"

	"cagnotte/internal/loyalty"
)

// Why a row cannot be read. Whoever brought the file finds these with the line and the
// field; internal/locale words them.
const (
	Required         = "required"
	UnreadableCSV    = "unreadable_csv"
	WrongFields      = "wrong_number_of_fields"
	NotATime         = "not_a_time"
	NotANumber       = "not_a_number"
	NotWhole         = "not_whole"
	NotAnAmount      = "not_an_amount"
	TooManyDecimals  = "too_many_decimals"
	OutOfRange       = "out_of_range"
	ReturnAboveZero  = "return_above_zero"
	OrderBelowZero   = "order_below_zero"
	AnotherMember    = "another_member" // two customers on one order
	AnotherOrder     = "another_order"  // a return of two orders
	RepeatedOrder    = "repeated_order" // a second row with the number of an order that is one row
	DiscountTooLarge = "discount_too_large"
	RepeatedRow      = "repeated_row"      // says otherwise what a row before has said
	SharedKey        = "shared_key"        // an e-mail, phone or number that another row has
	OtherMembersKey  = "other_members_key" // a key that another member has, or two of them
	OriginUnknown    = "unknown_origin"
	WhichProgram     = "which_program" // several programs have that unit
)

// RowCodes lists the codes above.
var RowCodes = []string{
	Required, UnreadableCSV, WrongFields, NotATime, NotANumber, NotWhole, NotAnAmount, TooManyDecimals, OutOfRange, ReturnAboveZero,
	OrderBelowZero, AnotherMember, AnotherOrder, RepeatedOrder, DiscountTooLarge, RepeatedRow, SharedKey, OtherMembersKey, OriginUnknown,
	WhichProgram, SkippedIncomplete,
}

// MaxErrors is how many row errors a report lists; further ones are only counted.
const MaxErrors = 1_000

// RowError is one row that could not be read, or the first row of an order that was
// refused.
type RowError struct {
	Line  int64 // in the file, the header being 1
	Field string
	Code  string
	Args  map[string]string // figures for the wording
}

// String is the error for people: "line 7: quantity: not_a_number".
func (e RowError) String() string { return fmt.Sprintf("line %d: %s: %s", e.Line, e.Field, e.Code) }

// Problem is the error as internal/locale words it.
func (e RowError) Problem() *loyalty.Problem {
	code := e.Code
	if code == OutOfRange && e.Args == nil {
		code = "number_out_of_range" // no figures are known that would say the range
	}
	return &loyalty.Problem{Kind: loyalty.ErrInvalid, Code: code, Field: e.Field, Args: e.Args}
}

// fail notes a row that leads to nothing.
func (t *Totals) fail(line int64, field, code string, args ...string) {
	t.ErrorRows++
	e := RowError{Line: line, Field: field, Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]string{}
		}
		e.Args[args[i]] = args[i+1]
	}
	t.rejected = append(t.rejected, e)
	if len(t.Errors) < MaxErrors {
		t.Errors = append(t.Errors, e)
	}
}

// refused notes a row whose fact was refused, and why.
func (t *Totals) refused(line int64, field string, err error) {
	e := RowError{Line: line, Field: field, Code: "internal"}
	if p, ok := problemOf(err); ok {
		e.Field, e.Code, e.Args = p.Field, p.Code, p.Args
	}
	t.fail(e.Line, e.Field, e.Code)
	t.rejected[len(t.rejected)-1].Args = e.Args
	if n := len(t.Errors); n > 0 && t.ErrorRows == int64(n) {
		t.Errors[n-1].Args = e.Args
	}
}
