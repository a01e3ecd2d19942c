package admin

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
)

// auditKinds are what the record can be narrowed to, by how the routes of their deeds begin.
var auditKinds = []struct {
	name  string
	paths []string
}{
	{"members", []string{"/members", "/bulk", "/bulks", "/referrals", "/journal"}},
	{"programs", []string{"/programs"}},
	{"gifts", []string{"/gifts", "/vouchers"}},
	{"pages", []string{"/pages"}},
	{"settings", []string{"/settings", "/setup", "/target", "/first", "/tracker"}},
	{"imports", []string{"/imports"}},
	{"exports", []string{"/members/export", "/members/{id}/export", "/referrals/export", "/gifts/claims/export", "/vouchers/export", "/imports/{id}/refused", "/audit/export"}},
	{"access", []string{"/people", "/account", "/sign-in", "/sign-out", "/second", "/factor", "/enter", "/join", "/start"}},
}

// looksKind is the kind of what was seen, which is no deed.
const looksKind = "looks"

// auditPage is a page of what the staff did, or of whose cards it opened.
type auditPage struct {
	only  string // "done" or "refused"; empty: both
	kind  string
	who   id.Staff
	team  []staff.Account
	list  []staff.Done
	looks []staff.Look
	named map[id.Member]*people.Member
	next  string
}

// auditFilter is what a query asks for.
type auditFilter struct {
	about  staff.About
	before id.Audit
	until  moment.Time
	only   string
	kind   string
}

// auditFilter reads it. What is not known is not asked for.
func (v *visit) auditFilter(q url.Values) auditFilter {
	f := auditFilter{about: staff.About{Object: q.Get("object")}, kind: q.Get("kind")}
	if outcome, known := outcomes[q.Get("only")]; known {
		f.only, f.about.Outcome = q.Get("only"), outcome
	}
	for _, k := range auditKinds {
		if k.name == f.kind {
			f.about.Actions = k.paths
		}
	}
	if f.about.Actions == nil && f.kind != looksKind {
		f.kind = ""
	}
	f.about.Who, _ = id.Parse[id.StaffKind](q.Get("who"))
	day := func(name string) moment.Time {
		t, whole, err := moment.ParseLocal(q.Get(name), v.shop.Zone)
		if err != nil || !whole {
			return 0
		}
		return t
	}
	f.about.Since = day("since")
	if until := day("until"); until != 0 {
		f.until = until.NextDay(v.shop.Zone)
		f.before = id.Mint[id.AuditKind](int64(f.until), [8]byte{})
	}
	return f
}

// audit lists what the staff did in this shop, and was refused, the newest first; or whose cards it
// opened.
func (v *visit) audit() error {
	f := v.auditFilter(v.r.URL.Query())
	p := &auditPage{only: f.only, kind: f.kind, who: f.about.Who}
	var err error
	if p.team, err = v.Staff.List(v.ctx, v.live.ID); err != nil {
		return err
	}
	if p.kind == looksKind {
		return v.auditLooks(p, &f)
	}
	if after, err := id.Parse[id.AuditKind](v.asked("after")); err == nil {
		f.before = after
	}
	var next id.Audit
	if p.list, next, err = v.Staff.Search(v.ctx, v.live.ID, v.shop.ID, f.about, f.before, perPage); err != nil {
		return err
	}
	if !next.IsZero() {
		p.next = next.String()
	}
	var ids []id.Member
	for _, d := range p.list {
		if m, err := id.Parse[id.MemberKind](d.Object); err == nil {
			ids = append(ids, m)
		}
	}
	if p.named, err = v.People.Named(v.ctx, v.shop.ID, ids...); err != nil {
		return err
	}
	return v.show(http.StatusOK, auditView(v, p))
}

// auditLooks lists whose cards were opened.
func (v *visit) auditLooks(p *auditPage, f *auditFilter) error {
	before := f.until
	if n, err := strconv.ParseInt(v.asked("after"), 10, 64); err == nil && n > 0 {
		before = moment.Time(n)
	}
	list, next, err := v.Staff.Looks(v.ctx, v.live.ID, v.shop.ID, p.who, before, f.about.Since, perPage)
	if err != nil {
		return err
	}
	p.looks = list
	if next != 0 {
		p.next = strconv.FormatInt(int64(next), 10)
	}
	var ids []id.Member
	for _, l := range list {
		ids = append(ids, l.Member)
	}
	if p.named, err = v.People.Named(v.ctx, v.shop.ID, ids...); err != nil {
		return err
	}
	return v.show(http.StatusOK, auditView(v, p))
}

// exportAudit sends what the team did, as the filter says, with what stood before and after.
func (v *visit) exportAudit() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.get("of"))
	if err != nil {
		return unread()
	}
	filter := v.auditFilter(q)
	var heads []string
	for _, h := range []string{"when", "who", "what", "refused", "object", "field", "before", "after", "detail", "network"} {
		heads = append(heads, v.t("admin.audit.column."+h))
	}
	return v.export(sheet{Name: "audit", Heads: heads, Rows: func(row func(...any) error) error {
		for at := filter.before; ; {
			list, next, err := v.Staff.Search(v.ctx, v.live.ID, v.shop.ID, filter.about, at, exportedAtOnce)
			if err != nil {
				return err
			}
			for _, d := range list {
				if err := v.auditRows(d, row); err != nil {
					return err
				}
			}
			if next.IsZero() {
				return nil
			}
			at = next
		}
	}}, f.get("format"))
}

// auditRows are the rows of one deed: one for each field that it changed.
func (v *visit) auditRows(d staff.Done, row func(...any) error) error {
	refused := ""
	if d.Refused != "" {
		refused = v.refusal(d.Refused)
	}
	changes := d.Changes
	if len(changes) == 0 {
		changes = []staff.Change{{}}
	}
	for _, c := range changes {
		before, after := c.Before, c.After
		field := ""
		if c.Field != "" {
			field, before, after = v.fieldName(c.Field), v.valueName(c.Field, c.Before), v.valueName(c.Field, c.After)
			if d.Gone {
				before, after = v.t("admin.audit.forgotten"), v.t("admin.audit.forgotten")
			}
		}
		err := row(d.At, cmp.Or(d.Name, v.t("admin.deeds.gone")), v.deed(d), refused, d.Object, field, before, after, strings.Join(v.details(d), " · "), d.Network)
		if err != nil {
			return err
		}
	}
	return nil
}

// details is what was said with a deed.
func (v *visit) details(d staff.Done) (out []string) {
	for k, said := range d.Detail {
		out = append(out, k+": "+said)
	}
	slices.Sort(out)
	return out
}

// fieldName is what a field is called where it is changed.
func (v *visit) fieldName(key string) string {
	if v.say.Has(key) {
		return v.say.Say(key)
	}
	last := key[strings.LastIndex(key, ".")+1:]
	if own := "admin.audit.field." + last; v.say.Has(own) {
		return v.say.Say(own)
	}
	parts := strings.Split(key, ".")
	return strings.Join(parts[max(0, len(parts)-2):], ".")
}

// valueName is a value in words, where it has some.
func (v *visit) valueName(field, value string) string {
	switch {
	case value == "":
		return "–"
	case value == "yes" && !v.say.Has(field+".yes"):
		return v.t("admin.audit.yes")
	case !strings.ContainsAny(value, " \n") && v.say.Has(field+"."+value):
		return v.say.Say(field + "." + value)
	}
	return value
}

// tickOf is a tick of a form.
func tickOf(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// changedVersion says that a version took the place of the one before it.
func (v *visit) changedVersion(n int) {
	before := ""
	if n > 1 {
		before = strconv.Itoa(n - 1)
	}
	v.change("admin.audit.field.version", before, strconv.Itoa(n))
}
