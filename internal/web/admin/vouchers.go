package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rewards"
)

// codeOrigins are where the codes of a batch come from.
var codeOrigins = []string{loyalty.CodesGenerated, loyalty.CodesChosen, loyalty.CodesImported}

// vouchersPage lists batches, the newest first, and finds a single code.
func (v *visit) vouchersPage() error { return v.showVouchers(http.StatusOK, v.blank()) }

func (v *visit) showVouchers(status int, f *form, failed ...string) error {
	var before id.Vouchers
	if x, err := id.Parse[id.VouchersKind](v.asked("after")); err == nil {
		before = x
	}
	list, err := v.Rewards.Batches(v.ctx, v.shop.ID, before, perPage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > perPage {
		list = list[:perPage]
		next = list[perPage-1].ID.String()
	}
	return v.show(status, vouchersView(v, list, next, f, failed))
}

// batchState tells what can be done with the codes of a batch now.
func batchState(b *rewards.VoucherBatch, now moment.Time) string {
	switch {
	case b.Gone() != 0:
		return "withdrawn"
	case b.End() != 0 && b.End() <= now:
		return "ended"
	case b.Terms.StartsAt > now:
		return "later"
	}
	return "active"
}

func voucherTone(state string) string {
	return "tag " + map[string]string{"active": "good", "waiting": "info", "later": "info", "withdrawn": "bad"}[state]
}

// asVoucher is a voucher of a batch, for words that speak of one.
func asVoucher(b *rewards.VoucherBatch) *loyalty.Voucher {
	t := &b.Terms
	return &loyalty.Voucher{Kind: t.Kind, Article: t.Article, Amount: t.Amount, Percent: t.Percent, StartsAt: t.StartsAt, ExpiresAt: b.End()}
}

// askBatch shows an empty form.
func (v *visit) askBatch() error {
	return v.show(http.StatusOK, newBatchView(v, v.blank("origin", loyalty.CodesGenerated, "kind", loyalty.VoucherCash, "uses", "1")))
}

var batchFields = []string{
	"terms.kind=kind", "terms.article=article", "terms.amount=amount", "terms.percent=percent", "terms.uses=uses", "terms.per_member=per_member",
	"terms.minimum=minimum", "terms.exclusive=exclusive", "terms.expires_at=until", "member=member",
}

// newBatch issues a batch: a form that is sent twice issues one.
func (v *visit) newBatch() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	what := rewards.Issue{Name: f.get("name"), Origin: f.get("origin"), Terms: v.takeTerms(f), LeaveOut: f.get("leave_out") == "yes", Once: f.once()}
	switch what.Origin {
	case loyalty.CodesGenerated:
		what.Count = int(min(v.counted(f, "count"), rewards.MaxCodes+1))
	case loyalty.CodesChosen:
		what.Codes = []string{f.get("chosen")}
		if f.get("chosen") == "" {
			f.problem("chosen", "required")
		}
	default:
		list, err := rewards.ReadList(strings.NewReader(f.get("codes")))
		if err != nil && !f.blame(inCodes(err)) {
			f.problem("codes", "unreadable_list")
		}
		for _, x := range list {
			what.Codes = append(what.Codes, x.Code)
		}
	}
	if f.get("member") != "" {
		v.boundTo(f, &what)
	}
	again := func() error { return v.show(http.StatusUnprocessableEntity, newBatchView(v, f)) }
	if !f.ok() {
		return again()
	}
	got, err := v.Rewards.Issue(v.ctx, v.shop.ID, what, false)
	fields := batchFields
	if what.Origin == loyalty.CodesChosen {
		fields = append([]string{"codes=chosen"}, batchFields...)
	}
	if f.blame(inCodes(err), fields...) {
		return again()
	}
	if err != nil {
		return err
	}
	v.same = got.Again
	v.note("", "batch", got.Batch.Name, "codes", strconv.FormatInt(got.Batch.Size, 10))
	if n := len(got.Refused); n > 0 {
		v.tell("admin.vouchers.said.some", "", "N", v.say.Number(got.Batch.Size), "Left", v.say.Number(int64(n)))
	} else {
		v.tell("admin.vouchers.said.issued", "", "N", v.say.Number(got.Batch.Size))
	}
	return v.redirect("/vouchers/batch/" + got.Batch.ID.String())
}

// boundTo finds the one whom the codes are bound to.
func (v *visit) boundTo(f *form, what *rewards.Issue) {
	found, err := v.meets(f.get("member"))
	switch {
	case err != nil || len(found) == 0:
		f.problem("member", "member_unknown")
	case len(found) > 1:
		f.problem("member", "several_members")
	default:
		what.Member = loyalty.Who{ID: found[0].ID}
	}
}

// takeTerms reads what the codes are worth, and what limits them.
func (v *visit) takeTerms(f *form) loyalty.VoucherTerms {
	t := loyalty.VoucherTerms{Kind: f.get("kind"), Exclusive: f.get("exclusive")}
	decimals := v.shop.Decimals
	if pieceVoucher(t.Kind) {
		decimals, t.Article = 0, f.get("article")
	}
	t.Amount, t.Percent = v.figure(f, "amount", decimals), v.figure(f, "percent", 2)
	t.Uses, t.PerMember, t.Minimum = v.counted(f, "uses"), v.counted(f, "per_member"), v.figure(f, "minimum", v.shop.Decimals)
	if end := v.typedLastDay(f, "from"); end != 0 {
		t.StartsAt = (end - 1).StartOfDay(v.shop.Zone)
	}
	t.ExpiresAt = v.typedLastDay(f, "until")
	return t
}

// batchOf finds the batch that the address names.
func (v *visit) batchOf() (*rewards.Batch, error) {
	which, err := id.Parse[id.VouchersKind](v.r.PathValue("id"))
	if err != nil {
		return nil, loyalty.NotFound("id", "batch_unknown")
	}
	return v.Rewards.Batch(v.ctx, v.shop.ID, which)
}

// batchPage shows a batch, how far it is used, and its codes.
func (v *visit) batchPage() error {
	b, err := v.batchOf()
	if err != nil {
		return err
	}
	return v.showBatch(http.StatusOK, b, v.blank())
}

func (v *visit) showBatch(status int, b *rewards.Batch, f *form) error {
	var behind id.Voucher
	if x, err := id.Parse[id.VoucherKind](v.asked("after")); err == nil {
		behind = x
	}
	list, err := v.Rewards.Codes(v.ctx, v.shop.ID, b.ID, behind, perPage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > perPage {
		list = list[:perPage]
		next = list[perPage-1].ID.String()
	}
	who, err := v.crowd([]id.Member{b.Member})
	if err != nil {
		return err
	}
	return v.show(status, batchView(v, b, f, list, who, next))
}

// exportBatch sends the codes of a batch as a file.
func (v *visit) exportBatch() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	b, err := v.batchOf()
	if err != nil {
		return err
	}
	var heads []string
	for _, h := range []string{"code", "state", "used", "from", "until"} {
		heads = append(heads, v.t("admin.vouchers.column."+h))
	}
	now := v.now()
	return v.export(sheet{Name: "codes", Heads: heads, Rows: func(row func(...any) error) error {
		for at := (id.Voucher{}); ; {
			page, err := v.Rewards.Codes(v.ctx, v.shop.ID, b.ID, at, exportedAtOnce)
			if err != nil {
				return err
			}
			for _, x := range page {
				if err := row(written(x), v.t("admin.card.voucher_state."+voucherState(&x.Voucher, now)), x.Used, x.StartsAt, x.ExpiresAt); err != nil {
					return err
				}
				at = x.ID
			}
			if len(page) < exportedAtOnce {
				return nil
			}
		}
	}}, f.get("format"))
}

// written is a code as it was written where it was issued.
func written(x *rewards.IssuedVoucher) string {
	if x.Written != "" {
		return x.Written
	}
	return x.Code
}

// codeShown is a code for who may give value; others see its end.
func (v *visit) codeShown(x *rewards.IssuedVoucher) string {
	code := []rune(written(x))
	if v.can("value") || len(code) < 4 {
		return string(code)
	}
	return strings.Repeat("•", len(code)-4) + string(code[len(code)-4:])
}

// found is one voucher, whose it is, and why it cannot be used now.
type foundVoucher struct {
	*rewards.Voucher
	who   crowd
	batch *rewards.VoucherBatch
	why   string   // it cannot be used by anybody now; empty: it can
	when  []string // what has to be so when it is used
}

// voucherPage shows one voucher by its code.
func (v *visit) voucherPage() error {
	return v.showVoucher(http.StatusOK, v.blank("code", v.asked("code")))
}

func (v *visit) showVoucher(status int, f *form) error {
	typed := strings.TrimSpace(f.get("code"))
	if typed == "" {
		return v.show(status, voucherView(v, f, nil))
	}
	x, err := v.Rewards.Voucher(v.ctx, v.shop.ID, typed)
	if notFound(err) {
		f.problem("code", "voucher_unknown")
		return v.show(http.StatusNotFound, voucherView(v, f, nil))
	}
	if err != nil {
		return err
	}
	out := &foundVoucher{Voucher: x}
	ids := []id.Member{x.Member}
	if x.IssuedVoucher.Member != x.Member {
		ids = append(ids, x.IssuedVoucher.Member)
	}
	for _, u := range x.Uses {
		ids = append(ids, u.Member)
	}
	for _, u := range x.Carts {
		ids = append(ids, u.Member)
	}
	if out.who, err = v.crowd(ids); err != nil {
		return err
	}
	if !x.Batch.IsZero() {
		b, err := v.Rewards.Batch(v.ctx, v.shop.ID, x.Batch)
		if err != nil {
			return err
		}
		out.batch = b.VoucherBatch
	}
	if out.why, err = v.whyNot(x); err != nil {
		return err
	}
	out.when = v.usableWhen(x)
	return v.show(status, voucherView(v, f, out))
}

// whyNot says why a voucher cannot be used now by its owner; empty: it can.
func (v *visit) whyNot(x *rewards.Voucher) (string, error) {
	fact := v.deskFact(loyalty.VoucherRedeemed, "question")
	fact.Use, fact.OccurredAt = &loyalty.Use{Code: x.Code}, v.now()
	if !x.Bearer() {
		fact.Member = loyalty.Who{ID: x.IssuedVoucher.Member}
	}
	asked, err := v.Rewards.Validate(v.ctx, v.shop.ID, fact)
	if err != nil || asked == nil || asked.Why == nil {
		return "", err
	}
	if x.Bearer() && asked.Why.Code == string(loyalty.ConditionNotMet) {
		return "", nil // who uses it has to be named: usableWhen says so
	}
	return v.say.Reason(loyalty.Reason(asked.Why.Code)), nil
}

// usableWhen says what a use has to bring along: a code that is valid is refused without it.
func (v *visit) usableWhen(x *rewards.Voucher) (out []string) {
	if x.Terms == nil {
		return nil
	}
	if n := x.Terms.PerMember; n > 0 {
		out = append(out, v.say.Count("admin.vouchers.when.member", n))
	}
	if x.Terms.Minimum > 0 {
		out = append(out, v.t("admin.vouchers.when.minimum", "Amount", v.money(x.Terms.Minimum)))
	}
	return out
}

// withdrawCode lets nobody use one code of a batch any more.
func (v *visit) withdrawCode() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	code, ok, err := v.Rewards.Code(v.ctx, v.shop.ID, f.get("code"))
	if err != nil {
		return err
	}
	if !ok {
		return loyalty.NotFound("code", "voucher_unknown")
	}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	again := func() error { return v.showVoucher(http.StatusUnprocessableEntity, f) }
	if !f.ok() {
		return again()
	}
	fact := v.deskFact(loyalty.StaffVoucher, f.once())
	fact.Staff, fact.Use = v.staffWord(f.get("reason")), &loyalty.Use{Code: code}
	_, err = v.deskRecord(fact)
	if f.blame(err, "use.code=code", "staff.reason=reason") {
		return again()
	}
	if err != nil {
		return err
	}
	v.note("", "reason", f.get("reason"))
	v.tell("admin.vouchers.said.code", "")
	return v.redirectTo(v.with("/vouchers/code", "code", code))
}

func originOptions(v *visit) (out []option) {
	for _, x := range codeOrigins {
		out = append(out, option{x, v.t("admin.vouchers.origin." + x)})
	}
	return out
}

// attempt is a line of what happened with a voucher, whichever way it was used or refused.
type attempt struct {
	At     moment.Time
	Path   string // what more there is to see; empty: nothing
	Order  string
	Member id.Member
	Where  string
	Tag    string
	Said   string
}

// attempts is everything that is known of a voucher's uses, the last first.
func (v *visit) attempts(x *rewards.Voucher) (out []attempt) {
	for _, u := range x.Uses {
		a := attempt{At: u.UsedAt, Path: "/journal/" + u.Event.String(), Member: u.Member, Tag: "tag good", Said: v.t("admin.vouchers.counted")}
		if u.Undone {
			a.Tag, a.Said = "tag warn", v.t("admin.vouchers.given_back")
		}
		out = append(out, a)
	}
	for _, u := range x.Carts {
		a := attempt{At: u.At, Path: "/journal/" + u.Event.String(), Order: u.Ref, Member: u.Member, Where: u.Series, Tag: "tag good", Said: v.t("admin.vouchers.in_cart", "Amount", v.money(u.Amount))}
		if u.Back > 0 && u.Back == u.Amount {
			a.Tag, a.Said = "tag warn", v.t("admin.vouchers.given_back")
		}
		out = append(out, a)
	}
	for _, u := range x.Failed {
		out = append(out, attempt{At: u.At, Where: u.Feed, Tag: "tag bad", Said: v.say.Reason(loyalty.Reason(u.Reason))})
	}
	slices.SortStableFunc(out, func(a, b attempt) int { return cmp.Compare(b.At, a.At) })
	return out
}
