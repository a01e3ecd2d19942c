package rewards

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// MaxCodes is how many codes one call issues at most.
const MaxCodes = 100_000

// MaxBound is how many codes one batch binds to a member: his wallet shows all of them.
const MaxBound = 1_000

// portion is how many vouchers are written in one statement.
const portion = 5_000

// Issue says which vouchers to issue. All come into one batch, with the same terms.
type Issue struct {
	Name   string
	Origin string // loyalty.CodesGenerated, CodesChosen, CodesImported
	Terms  loyalty.VoucherTerms
	Member loyalty.Who // whom the codes are bound to; nobody named: whoever has one may use it
	Count  int         // of generated codes
	Codes  []string    // the chosen one, or those that are imported

	// Once names the wish itself: said again with the name that it had, it is the batch that is
	// there, and nothing is issued. Empty: a second wish for a name is refused.
	Once string

	// LeaveOut leaves out imported codes that cannot be issued and tells which. Otherwise one
	// of them refuses the whole batch.
	LeaveOut bool
}

// Refused is a code of a list that was not issued.
type Refused struct {
	Place int // in the list, from 0
	Code  string
	Why   string // unusable_code, code_twice, code_taken
}

// Issued is what became of an Issue.
type Issued struct {
	Batch   *store.VoucherBatch
	Refused []Refused
	Again   bool // it was issued before, by the same wish
}

// Issue issues vouchers, all or none: one transaction holds the batch and every code. With
// dry it checks everything and stores nothing.
func (r *Rewards) Issue(ctx context.Context, shop loyalty.ShopID, what Issue, dry bool) (*Issued, error) {
	s, err := r.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	now := r.in.Now(s)
	if err := what.check(now); err != nil {
		return nil, err
	}
	owner, err := r.owner(ctx, shop, what.Member)
	if err != nil {
		return nil, err
	}
	if what.Terms.StartsAt == 0 {
		what.Terms.StartsAt = now
	}
	var out *Issued
	err = r.st.Write(ctx, func(t *store.Tx) (err error) {
		out = &Issued{}
		i := &issuing{tx: t, shop: shop, what: &what, owner: owner, now: now, out: out}
		if err = i.run(ctx); err == nil && dry {
			err = errDry
		}
		return err
	})
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && p.Code == "batch_exists" && what.Once != "" {
		b, missing := r.st.VoucherBatchNamed(ctx, shop, what.Name)
		if missing == nil && b.ID == what.id(b.CreatedAt) {
			return &Issued{Batch: b, Again: true}, nil
		}
	}
	if dry && err == errDry {
		err = nil
		out.Batch.ID = id.Vouchers{}
	}
	if err != nil {
		return nil, err
	}
	if out.Batch.Unchecked && !dry {
		r.note(shop, true, r.st.Clock())
	}
	return out, nil
}

// owner finds whom the codes of a batch are bound to; the zero id when nobody is named.
func (r *Rewards) owner(ctx context.Context, shop loyalty.ShopID, w loyalty.Who) (m id.Member, err error) {
	if !w.Named() {
		return m, nil
	}
	m = w.ID
	for _, k := range w.Keys {
		if m.IsZero() {
			if m, err = r.st.MemberByKey(ctx, shop, k); err != nil {
				return m, err
			}
		}
	}
	if m.IsZero() {
		return m, loyalty.NotFound("member", "member_unknown")
	}
	row, err := r.st.Member(ctx, shop, m)
	if err != nil {
		return m, err
	}
	if row.State == loyalty.Merged {
		return m, loyalty.Conflict("member", "member_merged")
	}
	return m, nil
}

// errDry ends the transaction of a dry run.
var errDry = fmt.Errorf("a dry run stores nothing")

// issuing is one batch under way.
type issuing struct {
	tx    *store.Tx
	shop  loyalty.ShopID
	what  *Issue
	owner id.Member
	now   moment.Time
	out   *Issued
	ids   int // vouchers named so far
	head  id.Vouchers
}

func (i *issuing) run(ctx context.Context) error {
	b := &store.VoucherBatch{
		ID: i.what.id(i.now), Name: i.what.Name, Origin: i.what.Origin, Terms: i.what.Terms,
		Member: i.owner, CreatedAt: i.now,
	}
	i.out.Batch = b
	var codes []store.IssuedCode
	var places []int
	if i.what.Origin != loyalty.CodesGenerated {
		codes, places = i.given()
		b.Unchecked = slices.ContainsFunc(codes, func(c store.IssuedCode) bool { return loyalty.Mistyped(c.Code) })
		if err := i.refusal(); err != nil {
			return err
		}
	}
	if err := i.tx.InsertVoucherBatch(ctx, i.shop, b); err != nil {
		return err
	}
	if i.what.Origin == loyalty.CodesGenerated {
		return i.generate(ctx, b)
	}
	for part := range slices.Chunk(codes, portion) {
		if err := i.tx.IssueVouchers(ctx, i.shop, b, part); err != nil {
			return err
		}
	}
	n, err := i.tx.CountIssued(ctx, i.shop, b.ID)
	if err != nil {
		return err
	}
	if int(n) < len(codes) { // the shop had some of them
		there, err := i.tx.IssuedIDs(ctx, i.shop, b.ID)
		if err != nil {
			return err
		}
		for k, c := range codes {
			if !there[c.ID] {
				i.refuse(places[k], "code_taken")
			}
		}
		slices.SortFunc(i.out.Refused, func(a, b Refused) int { return a.Place - b.Place })
		if err := i.refusal(); err != nil {
			return err
		}
	}
	return i.sized(ctx, b, n)
}

func (i *issuing) sized(ctx context.Context, b *store.VoucherBatch, n int64) error {
	if b.Size = n; n == 0 {
		return loyalty.Invalid("codes", "nothing_to_issue")
	}
	return i.tx.SizeVoucherBatch(ctx, i.shop, b.ID, n)
}

// given brings the codes of a list into their form, and refuses those that cannot be issued.
func (i *issuing) given() (codes []store.IssuedCode, places []int) {
	seen := make(map[string]bool, len(i.what.Codes))
	for k, written := range i.what.Codes {
		code := ""
		if len(written) <= maxTyped {
			code = loyalty.TypedCode(written)
		}
		switch {
		case !loyalty.UsableCode(code):
			i.refuse(k, "unusable_code")
			continue
		case seen[code]:
			i.refuse(k, "code_twice")
			continue
		}
		seen[code] = true
		c := store.IssuedCode{ID: i.voucher(), Code: code}
		if shown := strings.TrimSpace(strings.ToValidUTF8(written, "")); shown != code {
			c.Written = shown
		}
		codes, places = append(codes, c), append(places, k)
	}
	return codes, places
}

func (i *issuing) refuse(place int, why string) {
	i.out.Refused = append(i.out.Refused, Refused{place, i.what.Codes[place], why})
}

// refusal refuses the whole batch for its first bad code, unless bad ones are left out.
func (i *issuing) refusal() error {
	if len(i.out.Refused) == 0 || i.what.LeaveOut {
		return nil
	}
	first := i.out.Refused[0]
	code := first.Why
	return loyalty.Invalid(fmt.Sprintf("codes[%d]", first.Place), code, "refused", fmt.Sprint(len(i.out.Refused)),
		"min", fmt.Sprint(loyalty.MinCode), "max", fmt.Sprint(loyalty.MaxCode))
}

// generate makes random codes until the batch has as many as were asked for: one that the
// shop has already is made anew.
func (i *issuing) generate(ctx context.Context, b *store.VoucherBatch) error {
	form := loyalty.BoundCode
	if i.what.bearer() {
		form = loyalty.BearerCode
	}
	for left := i.what.Count; left > 0; {
		for left > 0 {
			n := min(left, portion)
			if err := i.tx.IssueVouchers(ctx, i.shop, b, i.draw(n, form)); err != nil {
				return err
			}
			left -= n
		}
		n, err := i.tx.CountIssued(ctx, i.shop, b.ID)
		if err != nil {
			return err
		}
		left = i.what.Count - int(n)
	}
	return i.sized(ctx, b, int64(i.what.Count))
}

// draw makes codes from the system's randomness.
func (i *issuing) draw(n int, form func([32]byte) string) []store.IssuedCode {
	secrets := make([]byte, 32*n)
	_, _ = rand.Read(secrets) // never fails (crypto/rand)
	out := make([]store.IssuedCode, n)
	for k := range out {
		out[k] = store.IssuedCode{ID: i.voucher(), Code: form([32]byte(secrets[32*k : 32*k+32]))}
	}
	return out
}

// idsEach is how many ids derive from one.
const idsEach = 65_535

// voucher names the next voucher: neighbours of a batch lie together in every index.
func (i *issuing) voucher() id.Voucher {
	if i.ids%idsEach == 0 {
		i.head = id.Mint[id.VouchersKind](int64(i.now)+int64(i.ids/idsEach), random())
	}
	i.ids++
	return id.Nth[id.VoucherKind](i.head, (i.ids-1)%idsEach+1)
}

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}

// id names the batch of a wish: that of one which is said again follows from it and the time.
func (w *Issue) id(at moment.Time) id.Vouchers {
	if w.Once == "" {
		return id.Mint[id.VouchersKind](int64(at), random())
	}
	sum := sha256.Sum256([]byte(w.Once))
	return id.Mint[id.VouchersKind](int64(at), [8]byte(sum[:8]))
}

// bearer tells whether whoever has a code has its value: then it must be beyond guessing.
func (w *Issue) bearer() bool {
	return !w.Member.Named() || w.Terms.Kind == "cash" || w.Terms.Kind == "special"
}

// check refuses what cannot be issued, naming field and code.
func (w *Issue) check(now moment.Time) error {
	if err := loyalty.CheckText("name", w.Name); err != nil {
		return err
	}
	if err := w.Terms.Check(now); err != nil {
		return err
	}
	if w.Member.Named() && max(w.Count, len(w.Codes)) > MaxBound {
		return loyalty.Invalid("member", "too_many_bound", "max", fmt.Sprint(MaxBound))
	}
	switch w.Origin {
	case loyalty.CodesGenerated:
		if len(w.Codes) > 0 {
			return loyalty.Invalid("codes", "not_of_this_origin", "origin", w.Origin)
		}
		return between("count", int64(w.Count), 1, MaxCodes)
	case loyalty.CodesChosen:
		if len(w.Codes) != 1 {
			return loyalty.Invalid("codes", "one_chosen_code")
		}
	case loyalty.CodesImported:
		if len(w.Codes) == 0 {
			return loyalty.Invalid("codes", "required")
		}
		if len(w.Codes) > MaxCodes {
			return loyalty.Invalid("codes", "too_many", "max", fmt.Sprint(MaxCodes))
		}
	default:
		return loyalty.Invalid("origin", "unknown_value", "known",
			strings.Join([]string{loyalty.CodesChosen, loyalty.CodesGenerated, loyalty.CodesImported}, " "))
	}
	if w.Count != 0 {
		return loyalty.Invalid("count", "not_of_this_origin", "origin", w.Origin)
	}
	return nil
}

func between(field string, n, least, most int64) error {
	if n < least || n > most {
		return loyalty.Invalid(field, "out_of_range", "min", fmt.Sprint(least), "max", fmt.Sprint(most))
	}
	return nil
}
