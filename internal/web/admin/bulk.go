package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
)

// Deeds about many members: whom they are about comes from the list, as ticks or as the
// whole of its filter. A screen says how many they are before anything is done.

// typedAbove is above how many members somebody has to type their number.
const typedAbove = 1_000

// everybody is how far members are counted whom a deed is about.
const everybody = 100_000_000

// bulkPage is a deed that is being thought over.
type bulkPage struct {
	What   string
	List   *roster
	Ticked []id.Member // nil: all of the list
	N      int
	Some   []*people.Listed // the first of them
	Groups []office.Entry
}

// fields are what the form has to carry on of whom it is about.
func (b *bulkPage) fields() (out []option) {
	out = append(out, option{"what", b.What}, option{"of", b.List.Query.Encode()}, option{"count", strconv.Itoa(b.N)})
	if b.Ticked == nil {
		return append(out, option{"all", "1"})
	}
	for _, m := range b.Ticked {
		out = append(out, option{"m", m.String()})
	}
	return out
}

// bulkOf reads whom a deed is about.
func (v *visit) bulkOf(what string, of url.Values, ticks []string, all bool) (*bulkPage, error) {
	if !slices.Contains(people.BulkDeeds, what) || what == people.BulkCredit && !v.can(staff.Value) {
		return nil, loyalty.NotFound("", "unknown_deed")
	}
	list, err := v.rosterOf(of)
	if err != nil {
		return nil, err
	}
	b := &bulkPage{What: what, List: list}
	if b.Groups, err = v.groups(); err != nil {
		return nil, err
	}
	if all {
		b.N, err = v.People.RosterCount(v.ctx, v.shop.ID, list.Of, everybody)
		if err == nil {
			b.Some, err = v.People.Roster(v.ctx, v.shop.ID, list.Of, people.RosterPlace{}, false, 5)
		}
		return b, err
	}
	b.Ticked = []id.Member{}
	for _, t := range ticks[:min(len(ticks), 200)] {
		if m, err := id.Parse[id.MemberKind](t); err == nil && !slices.Contains(b.Ticked, m) {
			b.Ticked = append(b.Ticked, m)
		}
	}
	if b.Some, err = v.People.These(v.ctx, v.shop.ID, b.Ticked); err != nil {
		return nil, err
	}
	b.Ticked = b.Ticked[:0:0] // who is not there is not meant
	for _, m := range b.Some {
		b.Ticked = append(b.Ticked, m.ID)
	}
	b.N, b.Some = len(b.Some), b.Some[:min(5, len(b.Some))]
	return b, nil
}

// askBulk shows how many a deed is about, and asks how it is to be done.
func (v *visit) askBulk() error {
	q := v.r.URL.Query()
	b, err := v.bulkOf(q.Get("what"), q, q["m"], q.Get("all") != "")
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && errors.Is(p.Kind, loyalty.ErrInvalid) {
		return v.redirect("/members" + suffix(q)) // the list says what is wrong with it
	}
	if err != nil {
		return err
	}
	if b.N == 0 {
		v.tell("admin.bulk.said.nobody", "")
		return v.redirect("/members" + suffix(b.List.Query))
	}
	return v.show(http.StatusOK, bulkView(v, b, v.blank("unit", "points")))
}

// beginBulk begins a deed.
func (v *visit) beginBulk() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	of, err := url.ParseQuery(f.get("of"))
	if err != nil {
		return unread()
	}
	b, err := v.bulkOf(f.get("what"), of, f.lists["m"], f.get("all") != "")
	if err != nil {
		return err
	}
	how := people.BulkHow{Unit: f.get("unit"), Tag: f.get("tag"), Group: f.get("group"), Reason: f.get("reason")}
	if b.What == people.BulkCredit {
		amount, ok := amountOf(f.get("amount"), v.decimals(ledger.Unit(how.Unit)))
		if !ok {
			f.problem("amount", "amount_unreadable")
		}
		how.Amount = amount
	}
	was, _ := strconv.Atoi(f.get("count"))
	switch {
	case b.N == 0:
		f.problem("", "nobody_chosen")
	case b.N > typedAbove && b.N > was+was/100:
		f.values["typed"] = ""
		f.problem("typed", "more_than_before", "n", v.say.Number(int64(b.N)))
	case b.N > typedAbove && digits(f.get("typed")) != strconv.Itoa(was):
		f.problem("typed", "type_the_number", "n", v.say.Number(int64(was)))
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, bulkView(v, b, f))
	}
	which, err := v.People.BeginBulk(v.ctx, v.shop.ID, people.BulkOrder{
		Once: v.me.ID.String() + " " + f.once(), Staff: v.me.ID, Actor: v.me.Name, What: b.What, How: how, IDs: b.Ticked, Of: b.List.Of,
	})
	if f.blame(err) {
		return v.show(http.StatusUnprocessableEntity, bulkView(v, b, f))
	}
	if err != nil {
		return err
	}
	v.note(which.String(), "what", b.What, "members", strconv.Itoa(b.N), "reason", how.Reason)
	return v.redirect("/bulks/" + which.String())
}

// amountOf reads what somebody typed, with a comma or a point and any spaces.
func amountOf(s string, decimals int) (int64, bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u00a0', r == '\u202f':
			return -1
		case r == ',':
			return '.'
		}
		return r
	}, s)
	n, err := money.Parse(s, decimals)
	return n, err == nil && n > 0
}

// digits are those of a text.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// bulkDeed says what a bulk deed does, in words.
func (v *visit) bulkDeed(b *people.Bulk) string {
	text := ""
	switch b.What {
	case people.BulkCredit:
		text = v.t("admin.bulk.deed.credit", "Amount", v.say.Units(ledger.Unit(b.How.Unit), b.How.Amount))
	case people.BulkGroup:
		text = v.t("admin.bulk.deed.group", "Name", b.How.Group)
		if b.How.Group == "" {
			text = v.t("admin.bulk.deed.no_group")
		}
	default:
		text = v.t("admin.bulk.deed."+b.What, "Name", b.How.Tag)
	}
	if !b.Undoes.IsZero() {
		return v.t("admin.bulk.deed.undo", "What", text)
	}
	return text
}

// bulks lists what was done to many members.
func (v *visit) bulks() error {
	list, err := v.People.Bulks(v.ctx, v.shop.ID, 50)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, bulksView(v, list))
}

func (v *visit) bulkAsked() (*people.Bulk, error) {
	which, err := id.Parse[id.BulkKind](v.r.PathValue("id"))
	if err != nil {
		return nil, loyalty.NotFound("", "bulk_unknown")
	}
	return v.People.Bulk(v.ctx, v.shop.ID, which)
}

// bulk shows how far a deed has come.
func (v *visit) bulk() error {
	b, err := v.bulkAsked()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, bulkProgressView(v, b))
}

// stopBulk ends a deed before its end.
func (v *visit) stopBulk() error {
	b, err := v.bulkAsked()
	if err != nil {
		return err
	}
	if err := v.People.StopBulk(v.ctx, v.shop.ID, b.ID); err != nil && !errors.Is(err, loyalty.ErrConflict) {
		return err
	}
	v.note(b.ID.String())
	return v.redirect("/bulks/" + b.ID.String())
}

// undoBulk takes a deed back.
func (v *visit) undoBulk() error {
	b, err := v.bulkAsked()
	if err != nil {
		return err
	}
	if b.What == people.BulkCredit && !v.can(staff.Value) {
		return loyalty.NotFound("", "bulk_unknown")
	}
	undo, err := v.People.UndoBulk(v.ctx, v.shop.ID, b.ID, v.me.ID, v.me.Name)
	if err != nil {
		return err
	}
	v.note(b.ID.String(), "by", undo.String())
	return v.redirect("/bulks/" + undo.String())
}

// States of a deed that its screen draws differently.
const (
	bulkRuns  = "runs"
	bulkStops = "stops"
)

// bulkTag is the colour of a deed's state.
func bulkTag(b *people.Bulk) string {
	switch {
	case b.State == "done" && b.UndoneBy.IsZero():
		return "tag good"
	case b.Ended():
		return "tag"
	case b.State == bulkStops:
		return "tag warn"
	}
	return "tag info"
}

func groupOptions(v *visit, list []office.Entry) []option {
	out := []option{{"", v.t("admin.members.no_group")}}
	for _, e := range list {
		out = append(out, option{e.Code, e.Name})
	}
	return out
}
