package staff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Done is something that somebody of the staff did, or that he wanted to do and was refused.
type Done struct {
	ID      id.Audit
	At      moment.Time
	Who     id.Staff
	Name    string            // empty: somebody who is gone
	Action  string            // method and path of the route
	Object  string            // the id of what it was about; empty: the shop
	Detail  map[string]string // what was said; names no person
	Network string
	Refused string // the code of why it was refused; empty: it was done

	Changes []Change  // field by field
	Member  id.Member // whose values the changes have; zero: nobody's
	Gone    bool      // the values are not kept any more: they were of a member who was erased
}

// Change is one field that a deed changed, as it was before and after.
type Change struct {
	Field  string `json:"field"` // the key of its words
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// bare are changes without their values.
func bare(list []Change) []Change {
	out := make([]Change, len(list))
	for i, c := range list {
		out[i].Field = c.Field
	}
	return out
}

// maxValue is how much of a value is kept, in characters.
const maxValue = 2_000

func cut(s string) string {
	if r := []rune(s); len(r) > maxValue {
		return string(r[:maxValue-1]) + "…"
	}
	return s
}

// changes writes what a deed changed into its record. Values of a member are sealed under his key;
// where he has none, only the names of the fields stay.
func (s *Staff) changes(ctx context.Context, shop loyalty.ShopID, d *Done, a *store.Audit) error {
	list := make([]Change, len(d.Changes))
	for i, c := range d.Changes {
		list[i] = Change{c.Field, cut(c.Before), cut(c.After)}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	if a.Changes = string(text); d.Member.IsZero() || len(list) == 0 {
		return nil
	}
	names, err := json.Marshal(bare(list))
	if err != nil {
		return err
	}
	a.Changes = string(names)
	row, err := s.st.Member(ctx, shop, d.Member)
	if err != nil || row.Wrapped == nil {
		return err
	}
	a.Member = d.Member
	a.Sealed, err = s.box.Seal(row.Wrapped, text)
	return err
}

// changed reads them back.
func (s *Staff) changed(a *store.Audit, d *Done) error {
	text := []byte(a.Changes)
	if a.Sealed != nil {
		if a.Wrapped == nil {
			d.Gone = true
		} else {
			var err error
			if text, err = s.box.Open(a.Wrapped, a.Sealed); err != nil {
				return err
			}
		}
	}
	return json.Unmarshal(text, &d.Changes)
}

// mostRefused is how many refusals of one person are recorded in an hour: whoever sends forms
// again and again fills no table.
const mostRefused = 60

// Refuse records what somebody wanted to do and was refused, by the code of why. What he sent is
// not kept.
func (s *Staff) Refuse(ctx context.Context, shop loyalty.ShopID, d Done) error {
	return s.st.Write(ctx, func(tx *store.Tx) error {
		return tx.PutRefused(ctx, shop, &store.Audit{
			ID: id.Mint[id.AuditKind](int64(tx.Now), random()), At: tx.Now, Staff: d.Who, Action: d.Action, Object: d.Object, Detail: "{}", Network: d.Network, Refused: d.Refused,
		}, id.Mint[id.AuditKind](int64(tx.Now-moment.Hour), [8]byte{}), mostRefused)
	})
}

// Note records what somebody did. It belongs after the deed: what failed is no deed.
func (s *Staff) Note(ctx context.Context, shop loyalty.ShopID, d Done) error {
	if d.Detail == nil {
		d.Detail = map[string]string{}
	}
	text, err := json.Marshal(d.Detail)
	if err != nil {
		return err
	}
	a := &store.Audit{Staff: d.Who, Action: d.Action, Object: d.Object, Detail: string(text), Network: d.Network}
	if err := s.changes(ctx, shop, &d, a); err != nil {
		return err
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		a.ID, a.At = id.Mint[id.AuditKind](int64(tx.Now), random()), tx.Now
		return tx.PutAudit(ctx, shop, a)
	})
}

// Outcome says which deeds are meant.
type Outcome = store.Audited

// Deeds of all outcomes, those that were done, those that were refused.
const (
	All     = store.AuditedAll
	Granted = store.AuditedDone
	Refused = store.AuditedRefused
)

// About says which deeds are asked for.
type About struct {
	Object  string // one alone; empty: of all
	Outcome Outcome
	Who     id.Staff // zero: of everybody
	Actions []string // how their routes begin, after the method; empty: all
	Since   moment.Time
}

// mostRead is how many records one page looks through: a filter that few pass goes on from there.
const (
	mostRead = 5_000
	readEach = 500
)

// passes tells whether a record is asked for.
func (b *About) passes(a *store.Audit) bool {
	if !b.Who.IsZero() && a.Staff != b.Who {
		return false
	}
	_, path, _ := strings.Cut(a.Action, " ")
	return len(b.Actions) == 0 || slices.ContainsFunc(b.Actions, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}

// Search is a page of Deeds by more than an object: it looks through a bounded number of records,
// and next is where the following page begins (zero: there is none).
func (s *Staff) Search(ctx context.Context, live, shop loyalty.ShopID, about About, before id.Audit, limit int) (list []Done, next id.Audit, err error) {
	first := id.Mint[id.AuditKind](int64(max(about.Since, 0)), [8]byte{})
	var found []*store.Audit
	for read := 0; read < mostRead; {
		rows, err := s.st.Audits(ctx, shop, about.Object, about.Outcome, before, readEach)
		if err != nil {
			return nil, next, err
		}
		for _, a := range rows {
			if about.Since != 0 && slices.Compare(a.ID[:], first[:]) < 0 {
				list, err := s.shownDeeds(ctx, live, found)
				return list, id.Audit{}, err
			}
			if before = a.ID; about.passes(a) {
				found = append(found, a)
			}
			if len(found) == limit {
				list, err := s.shownDeeds(ctx, live, found)
				return list, a.ID, err
			}
		}
		if read += len(rows); len(rows) < readEach {
			list, err := s.shownDeeds(ctx, live, found)
			return list, id.Audit{}, err
		}
	}
	list, err = s.shownDeeds(ctx, live, found)
	return list, before, err
}

// Deeds lists what was done or refused in a shop, newest first, before one. Names are those of
// the live shop's staff.
func (s *Staff) Deeds(ctx context.Context, live, shop loyalty.ShopID, about About, before id.Audit, limit int) ([]Done, error) {
	rows, err := s.st.Audits(ctx, shop, about.Object, about.Outcome, before, limit)
	if err != nil {
		return nil, err
	}
	return s.shownDeeds(ctx, live, rows)
}

func (s *Staff) shownDeeds(ctx context.Context, live loyalty.ShopID, rows []*store.Audit) ([]Done, error) {
	all, err := s.List(ctx, live)
	if err != nil {
		return nil, err
	}
	names := map[id.Staff]string{}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	out := make([]Done, len(rows))
	for i, a := range rows {
		out[i] = Done{ID: a.ID, At: a.At, Who: a.Staff, Name: names[a.Staff], Action: a.Action, Object: a.Object, Network: a.Network, Refused: a.Refused}
		if err := json.Unmarshal([]byte(a.Detail), &out[i].Detail); err != nil {
			return nil, err
		}
		if err := s.changed(a, &out[i]); err != nil {
			return nil, fmt.Errorf("record %s: %w", a.ID, err)
		}
	}
	return out, nil
}

// View is a filter of a list, with a name.
type View struct {
	ID    id.View
	Name  string
	Query string // of the list's address, without ?
	Own   bool   // only who made it sees it
}

const (
	maxViews = 50
	maxQuery = 2_000
)

// Views lists the saved filters of a list that somebody sees: everybody's and his own.
func (s *Staff) Views(ctx context.Context, x *Session, list string) ([]View, error) {
	rows, err := s.st.SavedViews(ctx, x.Shop, list)
	if err != nil {
		return nil, err
	}
	var out []View
	for _, r := range rows {
		if r.Staff.IsZero() || r.Staff == x.ID {
			out = append(out, View{r.ID, r.Name, r.Query, !r.Staff.IsZero()})
		}
	}
	return out, nil
}

// SaveView keeps a filter.
func (s *Staff) SaveView(ctx context.Context, x *Session, list string, v View) (View, error) {
	v.Name = strings.TrimSpace(v.Name)
	if v.Name == "" {
		return v, loyalty.Invalid("name", "required")
	}
	if len(v.Name) > loyalty.MaxText || len(v.Query) > maxQuery {
		return v, loyalty.Invalid("name", "too_long", "max", strconv.Itoa(loyalty.MaxText))
	}
	had, err := s.st.SavedViews(ctx, x.Shop, list)
	if err != nil {
		return v, err
	}
	if len(had) >= maxViews {
		return v, loyalty.Invalid("name", "too_many", "max", strconv.Itoa(maxViews))
	}
	row := &store.SavedView{List: list, Name: v.Name, Query: v.Query}
	if v.Own {
		row.Staff = x.ID
	}
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		row.ID = id.Mint[id.ViewKind](int64(tx.Now), random())
		return tx.PutSavedView(ctx, x.Shop, row)
	})
	v.ID = row.ID
	return v, err
}

// DropView forgets a filter that somebody sees.
func (s *Staff) DropView(ctx context.Context, x *Session, list string, which id.View) error {
	seen, err := s.Views(ctx, x, list)
	if err != nil {
		return err
	}
	for _, v := range seen {
		if v.ID == which {
			return s.st.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.DropSavedView(ctx, x.Shop, which)
				return err
			})
		}
	}
	return loyalty.NotFound("", "view_unknown")
}
