package admin

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rewards"
	"cagnotte/internal/rules"
)

// maxCodeFile is how large a file of codes may be: 100,000 of them fit.
const maxCodeFile = 8 << 20

// poolsPage lists the pools of partners' codes. The codes themselves are never shown here.
func (v *visit) poolsPage() error {
	return v.showPools(http.StatusOK, v.blank("pool", v.asked("pool")))
}

func (v *visit) showPools(status int, f *form) error {
	list, err := v.Gifts.Pools(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	return v.show(status, poolsView(v, f, list))
}

// fillPool adds codes that were pasted or came as a file. Adding the same ones again adds
// nothing: those that are there are told.
func (v *visit) fillPool() error {
	f, codes, err := v.codesSent()
	if err != nil {
		return err
	}
	if f.get("pool") == "" {
		f.problem("pool", "required")
	}
	if len(codes) == 0 && f.ok() {
		f.problem("codes", "required")
	}
	again := func() error { return v.showPools(http.StatusUnprocessableEntity, f) }
	if !f.ok() {
		return again()
	}
	added, err := v.Gifts.AddCodes(v.ctx, v.shop.ID, f.get("pool"), codes)
	if f.blame(inCodes(err)) {
		return again()
	}
	if err != nil {
		return err
	}
	v.same = added.Added == 0
	v.note("", "pool", f.get("pool"), "codes", strconv.Itoa(added.Added))
	v.tell("admin.gifts.said.codes", "", "N", v.say.Number(int64(added.Added)), "Twice", v.say.Number(int64(len(added.Twice))))
	return v.redirect("/gifts/pools")
}

// inCodes puts a problem of one code of a list on the list.
func inCodes(err error) error {
	p, ok := err.(*loyalty.Problem)
	if !ok || !strings.HasPrefix(p.Field, "codes[") {
		return err
	}
	q := *p
	q.Field = "codes"
	return &q
}

// codesSent reads a form whose codes were pasted or are a file.
func (v *visit) codesSent() (*form, []string, error) {
	var f *form
	var file []byte
	var err error
	if kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		f, file, err = v.upload("file", maxCodeFile)
		if f != nil && f.wrong["file"] != "" && f.get("codes") != "" { // there need not be a file
			delete(f.wrong, "file")
			f.order = nil
		}
	} else {
		f, err = v.read()
	}
	if err != nil {
		return nil, nil, err
	}
	if len(file) == 0 {
		file = []byte(f.get("codes"))
	}
	list, err := rewards.ReadList(bytes.NewReader(file))
	if err != nil && !f.blame(inCodes(err)) {
		f.problem("codes", "unreadable_list")
	}
	codes := make([]string, len(list))
	for i, x := range list {
		codes[i] = x.Code
	}
	return f, codes, nil
}

// dueDesk is who has reached something and has no gift yet.
type dueDesk struct {
	units   []option
	unit    string
	reached int64
	rows    []gifts.Reached
	who     crowd
	gifts   []option
	next    string
	failed  []string // to whom it could not be given, one by one
}

// duePage lists who has earned so much and was never given anything.
func (v *visit) duePage() error {
	return v.showDue(http.StatusOK, v.blank("unit", v.asked("unit"), "reached", v.asked("reached"), "after", v.asked("after")))
}

func (v *visit) showDue(status int, f *form, failed ...string) (err error) {
	d := &dueDesk{failed: failed}
	if d.units, err = v.dueUnits(); err != nil {
		return err
	}
	if d.unit = f.get("unit"); d.unit == "" {
		d.unit = inPoints
	}
	if f.get("reached") != "" {
		d.reached = v.figure(f, "reached", v.decimals(ledger.Unit(d.unit)))
	}
	if d.reached > 0 {
		if err := v.readDue(f, d); err != nil {
			return err
		}
	}
	if !f.ok() {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, dueView(v, f, d))
}

func (v *visit) readDue(f *form, d *dueDesk) (err error) {
	var after id.Member
	if m, err := id.Parse[id.MemberKind](f.get("after")); err == nil {
		after = m
	}
	if d.rows, err = v.Gifts.Due(v.ctx, v.shop.ID, d.unit, d.reached, after, perPage+1); err != nil {
		return err
	}
	if len(d.rows) > perPage {
		d.rows = d.rows[:perPage]
		d.next = d.rows[perPage-1].Member.String()
	}
	var ids []id.Member
	for _, x := range d.rows {
		ids = append(ids, x.Member)
	}
	if d.who, err = v.crowd(ids); err != nil {
		return err
	}
	d.gifts, err = v.giftOptions()
	return err
}

// giftOptions are what the team may give of the catalogue, variant by variant.
func (v *visit) giftOptions() ([]option, error) {
	list, err := v.catalogue()
	if err != nil {
		return nil, err
	}
	var out []option
	for _, g := range list {
		name := giftTitle(&g.Gift, v.say.Tag())
		switch {
		case g.Gift.Archived:
		case len(g.Gift.Variants) == 0:
			out = append(out, option{g.Gift.Code, name})
		default:
			for _, x := range stocks(g) {
				out = append(out, option{g.Gift.Code + "/" + x.Variant, name + " – " + x.Name})
			}
		}
	}
	return out, nil
}

// giftNamed is what an entry is called; its code where there is none.
func (v *visit) giftNamed(code string) string {
	g, err := v.Gifts.Gift(v.ctx, v.shop.ID, code)
	if err != nil {
		return code
	}
	return giftTitle(&g.Gift, v.say.Tag())
}

// dueUnits are what can be reached: points, money, and the friends and stamps of each program.
func (v *visit) dueUnits() ([]option, error) {
	out := []option{{inPoints, v.t("admin.card.unit.points")}, {v.shop.Currency, v.say.Currency(v.shop.Currency)}}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	for _, p := range list {
		out = append(out, option{rules.Referrals + ":" + p.ID.String(), v.t("admin.card.unit.referrals", "Program", p.Name)},
			option{rules.Stamps + ":" + p.ID.String(), v.t("admin.card.unit.stamps", "Program", p.Name)})
	}
	return out, err
}

// earnedSaid is what a member has earned in all.
func (v *visit) earnedSaid(unit string, n int64) string { return v.say.Units(ledger.Unit(unit), n) }

// giveDue gives those who are ticked a gift of the catalogue.
func (v *visit) giveDue() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	entry, variant, _ := strings.Cut(f.get("gift"), "/")
	chosen := f.lists["m"]
	if entry == "" {
		f.problem("gift", "required")
	}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	if len(chosen) == 0 || len(chosen) > perPage {
		f.problem("m", "none_ticked")
	}
	var failed []string
	again := func() error { return v.showDue(http.StatusUnprocessableEntity, f, failed...) }
	if !f.ok() {
		return again()
	}
	done, same := 0, 0
	for _, x := range chosen {
		m, err := id.Parse[id.MemberKind](x)
		if err != nil {
			return loyalty.NotFound("m", "member_unknown")
		}
		fact := v.officeFact(loyalty.GiftClaimed, m, f.once()+"-"+x)
		fact.Staff = v.staffWord(f.get("reason"))
		fact.Claim = &loyalty.GiftClaim{Items: []loyalty.GiftItem{{Gift: entry, Variant: variant, Quantity: 1}}}
		_, _, err = v.recordOne(fact)
		switch {
		case err == nil:
			done++
			if v.same {
				same++
			}
		default:
			p, ok := errors.AsType[*loyalty.Problem](err)
			if !ok || !errors.Is(err, loyalty.ErrConflict) && !errors.Is(err, loyalty.ErrInvalid) {
				return err
			}
			why, err := v.failedOne(v.giftNamed(entry), m, p)
			if err != nil {
				return err
			}
			failed = append(failed, why)
		}
	}
	v.same = done > 0 && same == done
	if done > 0 {
		v.note("", "gift", entry, "members", strconv.Itoa(done), "reason", f.get("reason"))
	}
	if len(failed) > 0 {
		if done > 0 {
			failed = append([]string{v.t("admin.gifts.said.given", "N", v.say.Number(int64(done)), "All", v.say.Number(int64(len(chosen))))}, failed...)
		}
		f.values["once"], f.lists["m"] = "", nil
		return again()
	}
	v.tell("admin.gifts.said.given", "", "N", v.say.Number(int64(done)), "All", v.say.Number(int64(len(chosen))))
	return v.redirectTo(v.with("/gifts/due", "unit", f.get("unit"), "reached", f.get("reached")))
}
