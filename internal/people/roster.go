package people

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Orders of a roster.
const (
	ByMaking = store.ByMaking // as they became known
	ByJoined = store.ByJoined // who has joined
	ByName   = store.ByName   // who has a name
	ByNumber = store.ByNumber // who has a number
)

// Roster says which members the shop's people look at, and in which order. What is empty
// asks for nothing.
type Roster struct {
	Q        string // how names or a number begin; or a whole e-mail, phone, number or personal code
	Country  string // "FR": whose phone numbers may come without their country
	State    string // one of loyalty's; empty: all but who is somebody else by now
	Group    string
	Tag      string
	Referred string // "yes", "no"
	Since    moment.Time
	Until    moment.Time
	Holds    bool
	Review   bool
	Field    string // a term of loyalty.FieldTerm: a value in one of the shop's own fields
	Purpose  string // of Agrees: one of loyalty's
	Way      string // of Agrees: one of loyalty's
	Agrees   string // "yes": agrees, as of what was said last, to be reached so; "no": does not, or never said so
	Order    string // of words looked for there is one order alone
	Down     bool
}

// RosterPlace is a place in a roster. Zero is the start.
type RosterPlace = store.RosterPlace

// Listed is a member of a roster with what a list shows of him.
type Listed struct {
	*Member
	Place        RosterPlace
	Units        map[ledger.Unit]Balance
	Friends      store.FriendTally
	Review       bool   // a referral of his waits for staff
	ReferrerName string // empty: nobody, or somebody without a name
}

// Roster is a page of members behind a place; back gives the page before it. Nothing of a
// page is read row by row. Its problems are those of Search.
func (p *People) Roster(ctx context.Context, shop loyalty.ShopID, r Roster, at RosterPlace, back bool, limit int) ([]*Listed, error) {
	of, err := p.roster(ctx, shop, r)
	if err != nil {
		return nil, err
	}
	places, err := p.st.RosterPage(ctx, shop, of, at, back, limit)
	if err != nil {
		return nil, err
	}
	return p.listed(ctx, shop, places)
}

// RosterLook is Roster for a screen: of words looked for it does bounded work. Where the page is
// not full after that, stopped is the place at which it goes on; otherwise zero.
func (p *People) RosterLook(ctx context.Context, shop loyalty.ShopID, r Roster, at RosterPlace, back bool, limit int) (list []*Listed, stopped RosterPlace, err error) {
	of, err := p.roster(ctx, shop, r)
	if err != nil {
		return nil, stopped, err
	}
	places, stopped, err := p.st.RosterLook(ctx, shop, of, at, back, limit)
	if err != nil {
		return nil, stopped, err
	}
	list, err = p.listed(ctx, shop, places)
	return list, stopped, err
}

// RosterCount counts a roster, up to a limit.
func (p *People) RosterCount(ctx context.Context, shop loyalty.ShopID, r Roster, limit int) (int, error) {
	of, err := p.roster(ctx, shop, r)
	if err != nil {
		return 0, err
	}
	return p.st.RosterCount(ctx, shop, of, limit)
}

// States counts the members of each state, all who are not somebody else by now (as ""), each up
// to a limit.
func (p *People) States(ctx context.Context, shop loyalty.ShopID, limit int) (states map[string]int, err error) {
	return p.st.MemberStates(ctx, shop, limit)
}

// roster turns what was typed into what the database is asked for: whoever is named whole by
// an address, phone, number or code is meant alone.
func (p *People) roster(ctx context.Context, shop loyalty.ShopID, r Roster) (store.Roster, error) {
	of := store.Roster{
		State: r.State, Group: r.Group, Tag: r.Tag, Since: r.Since, Until: r.Until, Holds: r.Holds, Review: r.Review, Field: r.Field, Order: r.Order, Down: r.Down,
	}
	switch r.Referred {
	case "yes":
		of.Referred = 1
	case "no":
		of.Referred = -1
	}
	switch r.Agrees {
	case "yes":
		of.Purpose, of.Way, of.Agrees = r.Purpose, r.Way, 1
	case "no":
		of.Purpose, of.Way, of.Agrees = r.Purpose, r.Way, -1
	}
	if r.Q = strings.TrimSpace(r.Q); r.Q == "" {
		return of, nil
	}
	if err := words("q", r.Q); err != nil {
		return of, err
	}
	exact, whole := p.exactly(r.Q, r.Country)
	if len(exact) > 0 {
		found, err := p.st.MembersByKeys(ctx, shop, exact)
		if err != nil {
			return of, err
		}
		ids := map[id.Member]bool{}
		for k, m := range found {
			if m != nil && slices.Contains(exact, k) {
				ids[m.ID] = true
			}
		}
		if len(ids) > 0 || whole {
			of.IDs = [][]byte{}
			for _, m := range slices.SortedFunc(maps.Keys(ids), func(a, b id.Member) int { return slices.Compare(a[:], b[:]) }) {
				of.IDs = append(of.IDs, m.Bytes())
			}
			return of, nil
		}
	}
	of.Words = searchWords(r.Q)
	of.Order = ByMaking
	switch {
	case len(of.Words) == 0:
		return of, loyalty.Invalid("q", "search_without_letters")
	case len(of.Words) > store.MaxSearchWords:
		return of, loyalty.Invalid("q", "too_many", "max", fmt.Sprint(store.MaxSearchWords))
	}
	return of, nil
}

// exactly lists the keys that a text may be; whole tells that it can be nothing else.
func (p *People) exactly(q, country string) (keys []loyalty.Key, whole bool) {
	if form, ok := EmailForm(q); ok {
		return []loyalty.Key{{Kind: loyalty.ByEmail, Key: p.box.Match(loyalty.ByEmail, form)}}, true
	}
	locale := ""
	if country != "" {
		locale = "und-" + country
	}
	if form, ok := PhoneForm(q, locale); ok {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByPhone, Key: p.box.Match(loyalty.ByPhone, form)})
	}
	if code, ok := loyalty.CanonicalCode(q); ok {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByCode, Key: code})
	}
	return keys, false
}

// listed reads members with what stands beside them, each thing for all of them at once.
func (p *People) listed(ctx context.Context, shop loyalty.ShopID, places []RosterPlace) ([]*Listed, error) {
	if len(places) == 0 {
		return nil, nil
	}
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	ids := make([]id.Member, len(places))
	for i, x := range places {
		ids[i] = x.Member
	}
	members, err := p.membersByIDs(ctx, shop, ids)
	if err != nil {
		return nil, err
	}
	at := p.in.Now(s)
	accounts, err := p.st.WalletsAt(ctx, shop, ids, at)
	if err != nil {
		return nil, err
	}
	friends, err := p.st.FriendTallies(ctx, shop, ids)
	if err != nil {
		return nil, err
	}
	review, err := p.st.UnderReview(ctx, shop, ids)
	if err != nil {
		return nil, err
	}
	var by []id.Member
	for _, m := range members {
		if !m.ReferredBy.IsZero() && !slices.Contains(by, m.ReferredBy) {
			by = append(by, m.ReferredBy)
		}
	}
	referrers, err := p.membersByIDs(ctx, shop, by)
	if err != nil {
		return nil, err
	}
	out := make([]*Listed, 0, len(places))
	for _, x := range places {
		m := members[x.Member]
		if m == nil {
			continue
		}
		row := &Listed{Member: m, Place: x, Units: map[ledger.Unit]Balance{}, Friends: friends[m.ID], Review: review[m.ID]}
		for _, a := range accounts[m.ID] {
			row.Units[a.Unit] = balance(a, at)
		}
		if r := referrers[m.ReferredBy]; r != nil {
			row.ReferrerName = r.Name()
		}
		out = append(out, row)
	}
	return out, nil
}

func (p *People) membersByIDs(ctx context.Context, shop loyalty.ShopID, ids []id.Member) (map[id.Member]*Member, error) {
	rows, err := p.st.MembersByIDs(ctx, shop, ids)
	out := make(map[id.Member]*Member, len(rows))
	for _, row := range rows {
		if out[row.ID], err = p.open(row); err != nil {
			return nil, err
		}
	}
	return out, err
}

// Name is how somebody is called in a list: his name, else what else is known of him; empty
// when nothing is.
func (m *Member) Name() string {
	switch name := strings.TrimSpace(m.FirstName + " " + m.LastName); {
	case name != "":
		return name
	case m.Email != "":
		return m.Email
	case len(m.Numbers) > 0:
		return m.Numbers[0]
	case m.Phone != "":
		return m.Phone
	case len(m.ExternalIDs) > 0:
		return m.ExternalIDs[0]
	}
	return ""
}

// Known finds who has one of the keys of a person that is about to be added, each with the
// field that says so: "number", "email" or "phone". Somebody who is known by two is listed
// once.
func (p *People) Known(ctx context.Context, shop loyalty.ShopID, n Naming) (map[string]*Member, error) {
	w, _, err := p.Who(n, "member")
	if err != nil || len(w.Keys) == 0 {
		return nil, err
	}
	found, err := p.st.MembersByKeys(ctx, shop, w.Keys)
	if err != nil {
		return nil, err
	}
	out, seen := map[string]*Member{}, map[id.Member]bool{}
	for _, k := range w.Keys {
		row := found[k]
		if row == nil || seen[row.ID] {
			continue
		}
		seen[row.ID] = true
		if out[k.Kind], err = p.open(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RecordedOf tells whose fact was recorded under a name; zero when none was.
func (p *People) RecordedOf(ctx context.Context, shop loyalty.ShopID, feed, external string) (id.Member, error) {
	e, err := p.st.EventByName(ctx, shop, feed, external)
	if errors.Is(err, loyalty.ErrNotFound) {
		return id.Member{}, nil
	}
	if err != nil {
		return id.Member{}, err
	}
	return e.MemberID, nil
}

// These are some members, as lists show them, in the order of their ids as given; whoever is
// not there, or is somebody else by now, is missing.
func (p *People) These(ctx context.Context, shop loyalty.ShopID, ids []id.Member) ([]*Listed, error) {
	places := make([]RosterPlace, len(ids))
	for i, m := range ids {
		places[i].Member = m
	}
	list, err := p.listed(ctx, shop, places)
	return slices.DeleteFunc(list, func(m *Listed) bool { return m.State == loyalty.Merged }), err
}

// Now is the time of the real world, by which what the shop's people do is dated.
func (p *People) Now() moment.Time { return p.st.Clock() }
