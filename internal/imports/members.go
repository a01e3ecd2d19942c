package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// memberChunk is how many rows of members are looked up and recorded together; each makes
// up to three facts.
const memberChunk = 1_000

// memberRow is a row of a file of members: the facts that it makes.
type memberRow struct {
	line   int64
	fact   *loyalty.Fact   // joined, or updated where he has joined already
	labels []*loyalty.Fact // group, tags
}

// Members imports members with their persons, which are sealed. They are history unless
// the import is with reward: nobody is given anything for joining. Who has joined already
// is updated by what a row says that was never imported before.
func (d *Desk) Members(ctx context.Context, shop *loyalty.Shop, src io.Reader, m Mapping, o Options) (Totals, error) {
	t, err := begin(&m, ReadsMembers, shop, o)
	if err != nil {
		return t, err
	}
	x := &members{desk: d, shop: shop, mapping: &m, options: o, totals: &t, seen: map[loyalty.Key]once{}, now: d.Intake.Now(shop)}
	if x.fields, err = d.Store.CustomFields(ctx, shop.ID); err != nil {
		return t, err
	}
	if err = t.rows(src, x.begin); err == nil {
		err = x.wrong
	}
	if err == nil {
		t.Facts = int64(len(x.rows))
		done := int64(0)
		for part := range slices.Chunk(x.rows, memberChunk) {
			if err = x.record(ctx, part); err != nil {
				break
			}
			done += int64(len(part))
			o.progress(done, t.Facts)
		}
	}
	if err != nil {
		return t, fmt.Errorf("import members: %w", err)
	}
	return t, d.due(ctx, shop, &t)
}

// members is a file of members under way.
type members struct {
	desk    *Desk
	shop    *loyalty.Shop
	mapping *Mapping
	options Options
	totals  *Totals
	now     moment.Time
	rows    []*memberRow
	seen    map[loyalty.Key]once // who has a key in this file

	table   *table
	figures figures
	people  []personColumn
	fields  []loyalty.CustomField
	own     []ownColumn
	wrong   error // why the file cannot be read

	first, last, locale, birthday, group, tags, joined int
}

func (x *members) begin(tab *table) func() {
	x.table, x.figures, x.people = tab, newFigures(x.mapping, x.shop.Zone), tab.peopleColumns("")
	x.first, x.last, x.locale = tab.at("first name"), tab.at("last name"), tab.at("locale")
	x.birthday, x.group, x.tags, x.joined = tab.at("birthday"), tab.at("group"), tab.at("tags"), tab.at("joined")
	if x.own, x.wrong = tab.ownColumns(x.fields); x.wrong != nil {
		return func() {}
	}
	return x.row
}

// row takes in one row.
func (x *members) row() {
	r, err := x.read()
	if err != nil {
		x.totals.refused(x.table.line, "row", err)
		return
	}
	for _, k := range r.fact.Member.Keys {
		was, ok := x.seen[k]
		switch {
		case !ok:
			continue
		case was.says == r.fact.ExternalID:
			x.totals.Skipped[SkippedRepeated]++
		default: // families share an address; one key still means one member
			x.totals.fail(r.line, "member."+k.Kind, SharedKey, "line", fmt.Sprint(was.line))
		}
		return
	}
	for _, k := range r.fact.Member.Keys {
		x.seen[k] = once{r.line, r.fact.ExternalID}
	}
	x.rows = append(x.rows, r)
}

// read makes the facts of a row.
func (x *members) read() (*memberRow, error) {
	tab, m := x.table, x.mapping
	cell := func(at int) string { return strings.Clone(tab.cell(at)) }
	n := Named{FirstName: cell(x.first), LastName: cell(x.last), Locale: cell(x.locale)}
	for _, c := range x.people {
		text := cell(c.at)
		if c.what == "number" || c.what == "external id" {
			text = m.number(text)
		}
		n.set(m, c.what, text)
	}
	var err error
	if n.Fields, err = tab.ownOf(x.own); err != nil {
		return nil, err
	}
	who, person, err := x.desk.People.Who(n, "member")
	if err != nil {
		return nil, err
	}
	if !who.Named() {
		return nil, loyalty.Invalid("member", "required")
	}
	at, _, ok := x.figures.when(tab.cell(x.joined))
	if !ok {
		return nil, loyalty.Invalid("joined", "not_a_time")
	}
	f := m.fact(loyalty.MemberJoined, "", at)
	f.Member, f.Person, f.Birthday = who, person, x.birthdayOf(tab.cell(x.birthday))
	if x.options.Reward {
		f.Origin = loyalty.FromLive
	}
	group, tags := cell(x.group), labels(tab.cell(x.tags))
	// A row that says something new is another fact. What it says of the person is in its
	// name as a keyed hash: events hold nothing that can be read back.
	says := []string{
		n.Number, n.ExternalID, n.Email, n.Phone, n.FirstName, n.LastName, n.Locale, f.Birthday, group, strings.Join(tags, between), at.String(),
	}
	if n.Fields != "" {
		says = append(says, string(n.Fields))
	}
	hash := x.desk.Box.Match("import", strings.Join(says, between))[:16]
	f.ExternalID = x.desk.name("member", keyText(who.Keys[0]), hash)
	r := &memberRow{line: tab.line, fact: f}
	if group != "" {
		r.labels = append(r.labels, x.label(r, loyalty.StaffGroup, "group", &loyalty.Staff{Group: group}))
	}
	if len(tags) > 0 {
		r.labels = append(r.labels, x.label(r, loyalty.StaffTag, "tags", &loyalty.Staff{Add: tags}))
	}
	for _, f := range append(r.labels, f) {
		if err := possible(f, x.shop, x.now); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// label is a fact about a member's group or tags, dated as his joining is.
func (x *members) label(r *memberRow, kind, what string, s *loyalty.Staff) *loyalty.Fact {
	key, hash := keyText(r.fact.Member.Keys[0]), r.fact.ExternalID[strings.LastIndexByte(r.fact.ExternalID, '/')+1:]
	f := x.mapping.fact(kind, x.desk.name("member", key, hash, what), r.fact.OccurredAt)
	f.Member, f.Staff = r.fact.Member, s
	s.Actor = x.mapping.actor()
	return f
}

// birthdayOf reads month and day, alone or from a whole date; what cannot be read is left
// as it is, and refused by the fact.
func (x *members) birthdayOf(cell string) string {
	if _, err := time.Parse("01-02", cell); err == nil || cell == "" || cell == "02-29" {
		return cell
	}
	at, _, ok := x.figures.time(cell)
	if !ok {
		return strings.Clone(cell)
	}
	return at.Std().In(x.figures.zone).Format("01-02")
}

// labels are the tags of a cell, each once: what stands between commas, semicolons or bars.
func labels(cell string) []string {
	var out []string
	for s := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(",;|", r) }) {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, strings.Clone(s))
		}
	}
	slices.Sort(out)
	return out
}

// record records some rows: first who they are, then what staff notes about those who are
// there.
func (x *members) record(ctx context.Context, part []*memberRow) error {
	d, t := x.desk, x.totals
	var names []string
	var keys []loyalty.Key
	for _, r := range part {
		names, keys = append(names, r.fact.ExternalID), append(keys, r.fact.Member.Keys...)
		for _, l := range r.labels {
			names = append(names, l.ExternalID)
		}
	}
	known, err := d.Store.EventsNamed(ctx, x.shop.ID, x.mapping.Feed, names)
	if err != nil {
		return err
	}
	there, err := d.Store.MembersByKeys(ctx, x.shop.ID, keys)
	if err != nil {
		return err
	}
	brought, err := x.options.watch.brought(ctx, names)
	if err != nil {
		return err
	}
	x.count(brought)
	var people, staff []pending
	for _, r := range part {
		label := func() {
			for _, l := range r.labels {
				if !known[l.ExternalID] {
					staff = append(staff, pending{r, l})
				}
			}
		}
		if known[r.fact.ExternalID] {
			if brought[r.fact.ExternalID] == "" {
				t.Duplicates++
			}
			label()
			continue
		}
		if kind := x.foreign(r, there); kind != "" {
			t.fail(r.line, "member."+kind, OtherMembersKey)
			continue
		}
		if m := owner(r, there); m != nil && m.RegisteredAt != 0 {
			r.update()
		}
		people = append(people, pending{r, r.fact})
		label()
	}
	if x.options.DryRun { // who is only judged is not there for what comes next
		return x.judge(ctx, append(people, staff...), map[*memberRow]bool{})
	}
	refused := map[*memberRow]bool{}
	if err := x.judge(ctx, people, refused); err != nil {
		return err
	}
	staff = slices.DeleteFunc(staff, func(p pending) bool { return refused[p.row] })
	return x.judge(ctx, staff, refused)
}

// pending is a fact of a row that waits for its answer.
type pending struct {
	row  *memberRow
	fact *loyalty.Fact
}

// update makes a row a change of somebody who has joined: it happens when it is recorded.
func (r *memberRow) update() {
	r.fact.Kind, r.fact.OccurredAt = loyalty.MemberUpdated, 0
	for _, l := range r.labels {
		l.OccurredAt = 0
	}
}

// judge records facts and counts what came of them; a row is refused once.
func (x *members) judge(ctx context.Context, list []pending, refused map[*memberRow]bool) error {
	if len(list) == 0 {
		return nil
	}
	t := x.totals
	facts := make([]*loyalty.Fact, len(list))
	for i, p := range list {
		facts[i] = p.fact
	}
	answers, err := x.desk.door(x.mapping, x.options)(ctx, x.shop.ID, facts...)
	if err != nil {
		return err
	}
	for i, a := range answers {
		p := list[i]
		switch {
		case errors.Is(a.Err, loyalty.ErrUnavailable):
			return a.Err
		case a.Err != nil:
			if !refused[p.row] {
				t.refused(p.row.line, "row", a.Err)
			}
			refused[p.row] = true
			continue
		case a.Status == intake.Duplicate: // another import was faster
			continue
		}
		x.count(map[string]string{"": p.fact.Kind})
		if !x.options.DryRun {
			t.value(a.Lines)
		}
	}
	return nil
}

// count counts recorded facts by their kinds.
func (x *members) count(kinds map[string]string) {
	for _, kind := range kinds {
		x.totals.Recorded++
		switch kind {
		case loyalty.MemberJoined:
			x.totals.Joined++
		case loyalty.MemberUpdated:
			x.totals.Updated++
		default:
			x.totals.Labels++
		}
	}
}

// owner is the member whom a row names: whoever has the first of its keys that anybody has.
func owner(r *memberRow, there map[loyalty.Key]*store.MemberRow) *store.MemberRow {
	for _, k := range r.fact.Member.Keys {
		if m := there[k]; m != nil {
			return m
		}
	}
	return nil
}

// foreign finds a key of a row by which it would become somebody else: its keys belong to
// two members, or to one who is numbered otherwise. An address that was only invited is
// nobody yet.
func (x *members) foreign(r *memberRow, there map[loyalty.Key]*store.MemberRow) (kind string) {
	var who id.Member
	for _, k := range r.fact.Member.Keys {
		m := there[k]
		switch {
		case m == nil || m.State == loyalty.Prospect:
			continue
		case who.IsZero():
			who = m.ID
		case m.ID != who:
			return k.Kind
		}
		for _, own := range r.fact.Member.Keys {
			if x.numbered(own, m) {
				return k.Kind
			}
		}
	}
	return ""
}

// numbered tells whether a member has another number, or another id of the same system,
// than a key says.
func (x *members) numbered(own loyalty.Key, m *store.MemberRow) bool {
	if own.Kind != loyalty.ByNumber && (own.Kind != loyalty.ByExternal || x.mapping.Prefix == "") {
		return false
	}
	other := false
	for _, has := range m.Keys {
		switch {
		case has == own:
			return false
		case has.Kind == own.Kind && (own.Kind == loyalty.ByNumber || strings.HasPrefix(has.Key, x.mapping.Prefix)):
			other = true
		}
	}
	return other
}
